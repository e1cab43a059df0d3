"""What differs between two texts, line by line."""

from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel


class LineOut(BaseModel):
    """One line of two texts: kept, removed or added, with its numbers from 1."""

    kind: Literal["same", "removed", "added"]
    text: str
    before: int | None
    after: int | None


def lines_between(before: str, after: str) -> list[LineOut]:
    """Return the lines of both texts in one order; none when they are the same."""
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    lines: list[LineOut] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            lines += [
                LineOut(kind="same", text=old[i], before=i + 1, after=j1 + i - i1 + 1)
                for i in range(i1, i2)
            ]
            continue
        lines += [
            LineOut(kind="removed", text=old[i], before=i + 1, after=None) for i in range(i1, i2)
        ]
        lines += [
            LineOut(kind="added", text=new[j], before=None, after=j + 1) for j in range(j1, j2)
        ]
    return lines
