"""What differs between two texts."""

import random

import pytest

from datelier.kit.lines import lines_between


def told(before: str, after: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in lines_between(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\nc", "a\nx\nc", [("same", "a"), ("removed", "b"), ("added", "x"), ("same", "c")]),
        ("a", "a\na", [("same", "a"), ("added", "a")]),
        ("a\na", "a", [("same", "a"), ("removed", "a")]),
        ("", "a", [("added", "a")]),
        ("a\nb\nc\nd", "b\nc\nx\nd", [
            ("removed", "a"), ("same", "b"), ("same", "c"), ("added", "x"), ("same", "d"),
        ]),
        ("a", "a", []),
    ],
)  # fmt: skip
def test_lines_are_kept_removed_or_added(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    assert told(before, after) == expected


def test_lines_have_their_numbers_in_both_texts() -> None:
    kept = [(line.before, line.after) for line in lines_between("a\nb\nc", "b\nc\nd")]
    assert kept == [(1, None), (2, 1), (3, 2), (None, 3)]


def test_where_very_much_differs_it_is_told_in_one_piece() -> None:
    lines = [str(number) for number in range(3_000)]
    other = lines.copy()
    random.Random(1).shuffle(other)
    found = told("\n".join(["head", *lines, "tail"]), "\n".join(["head", *other, "tail"]))
    kinds = [kind for kind, _ in found]
    assert kinds == ["same", *["removed"] * 3_000, *["added"] * 3_000, "same"]
