"""What differs between two texts, line by line."""

from difflib import SequenceMatcher
from typing import Final, Literal

from pydantic import BaseModel

# Pairs of lines that are compared at most: the time grows with them, and a server waits for it.
_MOST_PAIRS: Final = 4_000_000


class LineOut(BaseModel):
    """One line of two texts: kept, removed or added, with its numbers from 1."""

    kind: Literal["same", "removed", "added"]
    text: str
    before: int | None
    after: int | None


def lines_between(before: str, after: str) -> list[LineOut]:
    """Return the lines of both texts in one order; none when they are the same.

    Where very much differs, it is shown as removed and added in one piece.
    """
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    lines: list[LineOut] = []
    for kind, i1, i2, j1, j2 in _changes(old, new):
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


def _changes(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return what became of which lines, as `difflib` tells it."""
    first = _alike(old, new)
    last = min(_alike(old[::-1], new[::-1]), min(len(old), len(new)) - first)
    left, right = len(old) - last, len(new) - last
    if (left - first) * (right - first) > _MOST_PAIRS:
        inside = [("replace", first, left, first, right)]
    else:
        matcher = SequenceMatcher(None, old[first:left], new[first:right])
        inside = [
            (kind, i1 + first, i2 + first, j1 + first, j2 + first)
            for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    return [
        ("equal", 0, first, 0, first),
        *inside,
        ("equal", left, len(old), right, len(new)),
    ]


def _alike(old: list[str], new: list[str]) -> int:
    """Return with how many equal lines both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (one, other) in pairs if one != other), min(len(old), len(new)))
