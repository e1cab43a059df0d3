"""The contract's lines that this version keeps, in our own words, by id.

A test that proves one carries ``@pytest.mark.contract("Q13")``. `test_trace.py` fails when an id
here has no test, or a test names an id that is not here.
"""

REQUIREMENTS: dict[str, str] = {}
