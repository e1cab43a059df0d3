"""Placeholders in a text that comes in pieces."""

import pytest
from hypothesis import given, settings, strategies as st

from datelier.queries.trace.stream import LONGEST, Hole, Item, PlaceholderStream

CELL = Hole("Q1[0].x")


def taken_apart(pieces: list[str]) -> list[Item]:
    """What a stream makes of pieces, neighbouring texts joined."""
    stream = PlaceholderStream()
    out: list[Item] = []
    for piece in pieces:
        out += [piece] if stream.passes(piece) else stream.feed(piece)
    joined: list[Item] = []
    for item in [*out, *stream.finish()]:
        if isinstance(item, str) and joined and isinstance(joined[-1], str):
            joined[-1] += item
        elif item:
            joined.append(item)
    return joined


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{Q1[0].x}} b", ["a ", CELL, " b"]),
        ("{{= Q1[0].x / 2 | pct 1}}", [Hole("= Q1[0].x / 2 | pct 1")]),
        ("{{Q1[0].x {{Q1[0].x}}", [Hole("Q1[0].x ", complete=False), CELL]),
        ("{{Q1[0].x\nb", [Hole("Q1[0].x", complete=False), "\nb"]),
        ("{{Q1[0].x}", [Hole("Q1[0].x}", complete=False)]),
        ("{{{Q1[0].x}}}", ["{", CELL, "}"]),
        (r"\{{Q1[0].x}}", [r"\{{Q1[0].x}}"]),
        ("```\n{{Q1[0].x}}\n```\n{{Q1[0].x}}", ["```\n{{Q1[0].x}}\n```\n", CELL]),
        ("~~~~\n```\n{{Q1[0].x}}\n~~~~\n", ["~~~~\n```\n{{Q1[0].x}}\n~~~~\n"]),
        ("`{{Q1[0].x}}`", ["`", CELL, "`"]),
        ("{{card Q1}} {{name}} {{", ["{{card Q1}} {{name}} {{"]),
        ("a { b }} c", ["a { b }} c"]),
    ],
)
def test_text_and_placeholders_are_told_apart(text: str, expected: list[Item]) -> None:
    assert taken_apart([text]) == expected
    assert taken_apart(list(text)) == expected


SNIPPETS = st.sampled_from(
    ["{", "{{", "}}", "}", "`", "```", "~~~", "a", "Q1[0].x", "=", "card Q1", "sum(Q1.x)", "é", "|", "{{Q2[1].y}}", ">",
     "\n", "\\", " "]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(SNIPPETS, max_size=16), st.lists(st.integers(0, 60), max_size=6))
def test_the_outcome_does_not_depend_on_how_a_text_is_cut(
    snippets: list[str], at: list[int]
) -> None:
    text = "".join(snippets)
    cuts = sorted({min(cut, len(text)) for cut in at})
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True) if a < b]
    assert taken_apart(pieces) == taken_apart([text]) == taken_apart(list(text))


@settings(max_examples=200, deadline=None)
@given(st.lists(SNIPPETS, max_size=16))
def test_nothing_is_lost_or_invented(snippets: list[str]) -> None:
    text = "".join(snippets)
    back = "".join(
        item if isinstance(item, str) else "{{" + item.body + ("}}" if item.complete else "")
        for item in taken_apart([text])
    )
    assert back == text


def test_no_more_than_the_placeholder_is_held_back() -> None:
    stream = PlaceholderStream()
    assert stream.feed("Revenue was {{Q1") == ["Revenue was "]
    assert stream.feed("[0].x}} and") == [CELL, " and"]
    assert stream.passes(" more text")
    assert stream.feed("{") == []
    assert stream.feed(" no") == ["{ no"]


def test_what_is_too_long_for_a_placeholder_is_let_go() -> None:
    stream = PlaceholderStream()
    long = "{{Q1[0].x" + "x" * LONGEST
    assert "".join(str(item) for item in stream.feed(long + "yyyyy")) == long + "yyyyy"
