"""Two result sets are the same when they hold the same, however they are laid out."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, strategies as st

from datelier.evals.compare import ResultSet, Rules, difference, stored_set, written_set
from datelier.evals.values import NULL, Cell, Tolerance, expected_cell, stored_cell

NEAR = Rules(tolerance=Tolerance(Decimal("0.5"), Decimal(0)))
_CELLS = st.one_of(
    st.just(NULL),
    st.sampled_from(["a", "b", "1"]).map(lambda text: Cell("text", text)),
    st.integers(-3, 3).map(lambda number: Cell("number", number=Decimal(number) / 4)),
    st.sampled_from(["NaN", "Infinity"]).map(lambda text: Cell("number", number=Decimal(text))),
)


@st.composite
def _sets(draw: st.DrawFn, *, width: int | None = None, rows: int | None = None) -> ResultSet:
    width = draw(st.integers(1, 3)) if width is None else width
    count = draw(st.integers(0, 4)) if rows is None else rows
    cells = [tuple(draw(_CELLS) for _ in range(width)) for _ in range(count)]
    return ResultSet(tuple(f"c{n}" for n in range(width)), ("",) * width, tuple(cells))


def page(types: Sequence[str], *rows: Sequence[Any], truncated: bool = False) -> dict[str, Any]:
    columns = [{"name": f"c{place}", "type": kind} for place, kind in enumerate(types)]
    data = [[row[place] for row in rows] for place in range(len(types))]
    return {"columns": columns, "data": data, "truncated": truncated}


def same(left: ResultSet, right: ResultSet, rules: Rules) -> bool:
    """The definition, tried out: some order of columns and of rows makes them equal."""
    if len(left.rows) != len(right.rows) or left.width != right.width:
        return False
    if not left.rows:
        return True
    for columns in permutations(range(right.width)):
        turned = [tuple(row[place] for place in columns) for row in right.rows]
        for rows in [turned] if rules.ordered else permutations(turned):
            pairs = zip(left.rows, rows, strict=True)
            if all(
                a.equals(b, rules.tolerance)
                for one, two in pairs
                for a, b in zip(one, two, strict=True)
            ):
                return True
    return False


@given(
    st.integers(1, 3).flatmap(lambda w: st.tuples(_sets(width=w), _sets(width=w))),
    st.booleans(),
    st.sampled_from([Rules(), NEAR]),
)
def test_it_says_what_trying_every_order_says(
    sets: tuple[ResultSet, ResultSet], ordered: bool, rules: Rules
) -> None:
    rules = replace(rules, ordered=ordered)
    assert (difference(*sets, rules) is None) == same(*sets, rules)


@given(_sets(rows=4), st.randoms(use_true_random=False), st.booleans())
def test_another_order_of_rows_and_columns_changes_nothing(
    left: ResultSet, rnd: Any, ordered: bool
) -> None:
    columns = list(range(left.width))
    rnd.shuffle(columns)
    rows = [tuple(row[place] for place in columns) for row in left.rows]
    if not ordered:
        rnd.shuffle(rows)
    right = ResultSet(tuple(f"other {n}" for n in columns), left.types, tuple(rows))
    assert difference(left, right, Rules(ordered=ordered)) is None


@given(_sets(rows=3), st.data())
def test_one_other_cell_is_always_noticed(left: ResultSet, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, 2))
    column = data.draw(st.integers(0, left.width - 1))
    cells = list(left.rows[row])
    cells[column] = Cell("number", number=Decimal(99))
    rows = [*left.rows[:row], tuple(cells), *left.rows[row + 1 :]]
    assert difference(left, replace(left, rows=tuple(rows)), Rules()) is not None


@given(_sets(rows=3), st.data())
def test_further_columns_count_only_when_they_may_not_be_there(
    left: ResultSet, data: st.DataObject
) -> None:
    rows = tuple((data.draw(_CELLS), *row) for row in left.rows)
    right = ResultSet(("more", *left.columns), ("", *left.types), rows)
    assert difference(left, right, Rules(extra_columns=True)) is None
    assert difference(left, right, Rules()) is not None
    assert difference(right, left, Rules(extra_columns=True)) is not None


@given(st.decimals(-1000, 1000, places=3), st.decimals(-2, 2, places=3))
def test_numbers_are_the_same_within_the_tolerance_and_not_beyond(
    value: Decimal, offset: Decimal
) -> None:
    left, right = (Cell("number", number=number) for number in (value, value + offset))
    assert left.equals(right, Tolerance(Decimal(1), Decimal(0))) == (abs(offset) <= 1)


def test_rows_that_occur_twice_have_to_be_there_twice() -> None:
    left = stored_set(page(["string"], ["a"], ["a"], ["b"]))
    right = stored_set(page(["string"], ["a"], ["b"], ["b"]))
    assert difference(left, right, Rules()) is not None


def test_a_result_that_was_cut_is_never_right() -> None:
    left = stored_set(page(["int64"], ["1"]))
    found = stored_set(page(["int64"], ["1"], truncated=True))
    assert difference(left, found, Rules()) == "The result was cut at 1 rows."


@pytest.mark.parametrize(
    ("written", "value", "type_", "equal"),
    [
        (5, "5", "int64", True),
        (5.0, 5, "int32", True),
        (0.1, "0.10", "decimal", True),
        ("5", "5", "int64", False),
        (5, "5", "string", False),
        (True, True, "boolean", True),
        (1, True, "boolean", False),
        (None, None, "int64", True),
        (None, "", "string", False),
        ("2026-03-01", "2026-03-01T00:00:00", "timestamp", True),
        ("2026-03-01", "2026-03-01", "date", True),
        ("2026-03-01", "2026-03-02", "date", False),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z", "timestamptz", True),
        ("2026-03-01", "2026-03-01", "string", True),
        (float("nan"), "NaN", "float64", True),
    ],
)
def test_values_are_compared_with_their_types(
    written: Any, value: Any, type_: str, equal: bool
) -> None:
    found = stored_set(page([type_], [value]))
    assert (difference(written_set([[written]], [], like=found), found, Rules()) is None) == equal


def test_loose_types_read_texts_that_are_numbers() -> None:
    found = stored_set(page(["string"], ["5.0"]), loose=True)
    rules = Rules(loose=True)
    assert difference(written_set([[5]], [], like=found, loose=True), found, rules) is None


def test_a_large_set_with_near_numbers_is_compared_quickly() -> None:
    numbers = [Decimal(n % 97) / 7 for n in range(5000)]
    left = stored_set(page(["decimal", "string"], *([str(n), "x"] for n in numbers)))
    nudged = reversed([n + Decimal("1e-12") for n in numbers])
    right = stored_set(page(["string", "decimal"], *(["x", str(n)] for n in nudged)))
    assert difference(left, right, Rules()) is None


def test_what_differs_is_said() -> None:
    left = stored_set(page(["string", "int64"], ["North", "10"], ["South", "20"]))
    right = stored_set(page(["string", "int64"], ["North", "10"], ["South", "21"]))
    assert difference(left, right, Rules()) == "No column holds c1 (10, 20); c1 holds 10, 21."
    swapped = stored_set(page(["string", "int64"], ["North", "20"], ["South", "10"]))
    assert difference(left, swapped, Rules()) == "No row is (North, 10)."
    assert difference(left, stored_set(page(["string"], ["North"])), Rules()) == (
        "2 columns expected, found 1."
    )


def test_a_cell_shows_what_it_is() -> None:
    assert expected_cell(1200.50).shown == "1200.5"
    assert stored_cell(None, "int64").shown == "NULL"
    assert stored_cell({"bytes": 3}, "binary").shown == '{"bytes": 3}'
