"""Markdown that is put together from what others wrote."""

import re


def code_block(code: str, language: str = "") -> str:
    """Return code as a block that nothing in it can end."""
    runs = re.findall(r"`+", code)
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return f"{fence}{language}\n{code}\n{fence}"
