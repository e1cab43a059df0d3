"""Variables that are not ours, or that are needed before settings can be imported.

Importing the settings costs a validation library; the command line's help must not.
"""

import os


def environment(name: str) -> str | None:
    """Return a variable, such as a provider's key offered at first run; empty means unset."""
    return os.environ.get(name) or None
