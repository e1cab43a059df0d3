"""Markdown around what others wrote."""

import pytest

from datelier.kit.markdown import code_block


@pytest.mark.parametrize(
    ("code", "fence"),
    [("SELECT 1", "```"), ("SELECT '`'", "```"), ("x\n```\n# Title", "````"), ("`" * 7, "`" * 8)],
)
def test_nothing_in_a_block_of_code_ends_it(code: str, fence: str) -> None:
    assert code_block(code, "sql") == f"{fence}sql\n{code}\n{fence}"
