"""Sorting, filtering and profiling a stored result: typed, exact, stable, in bounded memory."""

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from datelier.kit.errors import Invalid
from datelier.queries.column_profile import profile_column
from datelier.queries.filters import parse_filters, parse_order
from datelier.queries.rows import View, view_page
from tests.queries.stored_rows import Table, stored

BIG = 9007199254740993
DECIMALS = ["10.50", "-1", "9.5", None, "123456789012345678901234567890.1234567891", "-0.00"]
TABLE: Table = {
    ("id", "int64"): [BIG, BIG - 1, -(2**63), 2**63 - 1, None, 9],
    ("amount", "decimal"): DECIMALS,
    ("ratio", "float64"): [0.5, float("nan"), float("inf"), float("-inf"), None, -0.0],
    ("name", "string"): ["Zoë", "", None, "50%_off", "zoé", "اسم"],
    ("day", "date"): ["2026-01-31", "0001-01-01", "infinity", "-infinity", None, "9999-12-31"],
    ("at", "timestamptz"): [
        "2026-01-01 00:00:00.000001+00", "infinity", "-infinity", "0044-03-15 00:00:00+00 BC", None,
        "2026-01-01 01:00:00+01",
    ],
    ("ok", "boolean"): [True, False, None, True, False, True],
    ("span", "interval"): ["9 days", "1 mon", "10 days", None, "1 year 2 mons", "-infinity"],
    ("raw", "binary"): [b"\x00\xff", b"", None, b"a", b"b", b"a"],
    ("", "int32"): [1, 2, 3, 4, 5, 6],
}  # fmt: skip
NAMES = [name for name, _ in TABLE]


def looked(
    folder: Path, *sorts: str, table: Table = TABLE, filters: Sequence[Any] = (), limit: int = 100
) -> tuple[list[int], int]:
    """Places of the rows, from 1 on, that a view gives in its order; and how many there are."""
    rows = stored(folder, table)
    names = [column.name for column in rows.columns]
    text = json.dumps(list(filters)) if filters else None
    view = View(parse_filters(text, names), parse_order(sorts, names))
    data, count = view_page(rows.path, rows.types, view, (0, limit))
    return data[-1], count


def where(column: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"column": column, "op": op} | ({} if value is None else {"value": value})


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("id:asc", [3, 6, 2, 1, 4, 5]),
        ("id:desc", [4, 1, 2, 6, 3, 5]),
        ("amount:asc", [2, 6, 3, 1, 5, 4]),
        ("amount:desc", [5, 1, 3, 6, 2, 4]),
        ("ratio:asc", [4, 6, 1, 3, 2, 5]),
        ("ratio:desc", [2, 3, 1, 6, 4, 5]),
        ("name", [2, 4, 1, 5, 6, 3]),
        ("day:asc", [4, 2, 1, 6, 3, 5]),
        ("at:desc", [2, 1, 6, 4, 3, 5]),
        ("ok:desc", [1, 4, 6, 2, 5, 3]),
        ("span:asc", [6, 1, 3, 2, 5, 4]),
        ("raw:asc", [2, 1, 4, 6, 5, 3]),
        ("#10:desc", [6, 5, 4, 3, 2, 1]),
    ],
)
def test_every_type_sorts_by_its_values_with_null_last(
    tmp_path: Path, sort: str, order: list[int]
) -> None:
    assert looked(tmp_path, sort) == (order, 6)


def test_several_columns_sort_in_turn_and_ties_stay_as_stored(tmp_path: Path) -> None:
    assert looked(tmp_path, "ok:desc", "#10:desc")[0] == [6, 4, 1, 5, 2, 3]
    same: Table = {("k", "int32"): [1, 0] * 50, ("", "int32"): list(range(100))}
    evens, odds = list(range(0, 100, 2)), list(range(1, 100, 2))
    assert looked(tmp_path, "k:desc", table=same)[0] == evens + odds
    assert looked(tmp_path, "k:asc", table=same)[0] == odds + evens


@pytest.mark.parametrize(
    ("column", "op", "value", "found"),
    [
        ("id", "=", str(BIG), [1]),
        ("id", "=", BIG - 1, [2]),
        ("id", "!=", "9", [1, 2, 3, 4]),
        ("id", "<", "9.5", [3, 6]),
        ("id", ">=", "9.5", [1, 2, 4]),
        ("id", "=", "9.5", []),
        ("id", "<", "99999999999999999999", [1, 2, 3, 4, 6]),
        ("id", "in", ["9", "-9223372036854775808", "8.5"], [3, 6]),
        ("id", "in", [], []),
        ("amount", "=", "10.5", [1]),
        ("amount", "=", "0", [6]),
        ("amount", ">", "123456789012345678901234567890.123456789", [5]),
        ("amount", "<=", "9.49", [2, 6]),
        ("amount", "<", "1e1", [2, 3, 6]),
        ("ratio", "=", "NaN", [2]),
        ("ratio", ">", "1e308", [2, 3]),
        ("ratio", "=", 0, [6]),
        ("name", "=", "", [2]),
        ("name", "contains", "ZO", [1, 5]),
        ("name", "contains", "%_", [4]),
        ("name", "starts with", "\u0627\u0633", [6]),
        ("name", "!=", "Zoë", [2, 4, 5, 6]),
        ("name", ">", "Zoë", [5, 6]),
        ("name", "=", "' OR 1=1 --", []),
        ("day", "<", "2026-02-01", [1, 2, 4]),
        ("day", "=", "infinity", [3]),
        ("day", "in", ["-infinity", "9999-12-31"], [4, 6]),
        ("at", "=", "2026-01-01T00:00:00Z", [6]),
        ("at", ">", "2026-01-01T00:00:00", [1, 2]),
        ("at", "<", "0001-01-01", [3, 4]),
        ("ok", "=", False, [2, 5]),
        ("ok", "!=", "true", [2, 5]),
        ("raw", "=", "\\x00ff", [1]),
        ("raw", "=", "", [2]),
        ("span", "=", "1 mon", [2]),
        ("span", "contains", "mon", [2, 5]),
        ("name", "is null", None, [3]),
        ("id", "is not null", None, [1, 2, 3, 4, 6]),
        ("#10", ">", "4", [5, 6]),
    ],
)
def test_filters_compare_exactly_and_null_meets_only_is_null(
    tmp_path: Path, column: str, op: str, value: Any, found: list[int]
) -> None:
    assert looked(tmp_path, filters=[where(column, op, value)]) == (found, len(found))


def test_all_filters_must_be_met_and_the_count_is_of_all_rows_not_of_the_page(
    tmp_path: Path,
) -> None:
    both = [where("ok", "=", True), where("#10", ">", "1")]
    assert looked(tmp_path, "#10:desc", filters=both, limit=1) == ([6], 2)


@pytest.mark.parametrize(
    "filters",
    [
        [where("nothing", "=", "1")],
        [where("#11", "=", "1")],
        [where("#0", "=", "1")],
        [where("id", "like", "1")],
        [where("id", "=", "one")],
        [where("id", "=")],
        [where("id", "=", ["1"])],
        [where("id", "in", "1")],
        [where("id", "is null", "1")],
        [where("id", "=", "1e999999999")],
        [where("day", "=", "2026-02-30")],
        [where("day", "=", "yesterday")],
        [where("day", "contains", "2026")],
        [where("ok", "=", "maybe")],
        [where("raw", "=", "xyz")],
        [where("raw", "<", "\\x00")],
        [where("span", ">", "1 mon")],
        [{"column": "id", "op": "=", "value": {"a": 1}}],
        [{"column": "id", "op": "=", "value": "1", "or": True}],
        [where("id", "=", "1")] * 21,
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_its_field(
    tmp_path: Path, filters: list[Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        looked(tmp_path, filters=filters)
    assert refused.value.errors
    assert refused.value.errors[0]["path"] == "filter"


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', '[{"column":"id"}]'])
def test_a_filter_that_is_no_list_of_conditions_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_filters(text, NAMES)


def test_decimals_of_any_length_order_like_numbers(tmp_path: Path) -> None:
    draw = random.Random(7)
    texts = ["NaN", "Infinity", "-Infinity", "0", "-0", "0.000", "00012.50"]
    for _ in range(400):
        whole = "".join(draw.choices("0123456789", k=draw.choice([1, 2, 3, 40, 120])))
        fraction = "".join(draw.choices("0123456789", k=draw.choice([0, 1, 2, 60])))
        sign = draw.choice(["", "-"])
        texts.append(f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}")
    places = list(range(len(texts)))
    table: Table = {("d", "decimal"): texts, ("place", "int32"): places}

    def key(place: int) -> tuple[bool, Decimal]:
        number = Decimal(texts[place])
        return (True, Decimal(0)) if number.is_nan() else (False, number)

    # sorted() is stable, also when it is reversed: ties stay as stored both ways.
    assert looked(tmp_path, "d:asc", table=table, limit=10_000)[0] == sorted(places, key=key)
    found, _ = looked(tmp_path, "d:desc", table=table, limit=10_000)
    assert found == sorted(places, key=key, reverse=True)
    for bound in texts[::40]:
        less = [place for place in places if key(place) < key(texts.index(bound))]
        found, _ = looked(tmp_path, table=table, filters=[where("d", "<", bound)], limit=10_000)
        assert found == less


def test_a_profile_says_what_a_column_holds(tmp_path: Path) -> None:
    rows = stored(tmp_path, TABLE)
    found = {
        column.name: profile_column(rows.path, rows.columns, position, ())
        for position, column in enumerate(rows.columns)
    }
    assert (found["id"].rows, found["id"].nulls, found["id"].distinct) == (6, 1, 5)
    assert (found["id"].min, found["id"].max) == (str(-(2**63)), str(2**63 - 1))
    assert (found["amount"].min, found["amount"].max) == ("-1", DECIMALS[4])
    assert (found["day"].min, found["day"].max) == ("-infinity", "infinity")
    assert (found["span"].min, found["span"].max) == ("9 days", "1 year 2 mons")
    assert (found["ok"].min, found["ok"].max) == (None, None)
    assert [(top.value, top.count) for top in found["ok"].top] == [(True, 3), (False, 2)]
    assert found["raw"].top[0].value == {"bytes": 1}
    assert found["name"].distinct == 5


def test_a_profile_counts_equal_numbers_as_one_and_meets_the_filter(tmp_path: Path) -> None:
    table: Table = {
        ("d", "decimal"): ["1.0", "1.00", "2", None],
        ("n", "int32"): [1, 2, 3, 4],
        ("none", "string"): [None] * 4,
    }
    rows = stored(tmp_path, table)
    first = profile_column(rows.path, rows.columns, 0, ())
    assert (first.distinct, first.nulls) == (2, 1)
    assert [(top.value, top.count) for top in first.top] == [("1.0", 2), ("2", 1)]
    some = parse_filters('[{"column": "n", "op": ">", "value": 2}]', ["d", "n", "none"])
    assert profile_column(rows.path, rows.columns, 0, some).rows == 2
    nothing = profile_column(rows.path, rows.columns, 2, ())
    assert (nothing.distinct, nothing.min, nothing.top) == (0, None, [])


@pytest.mark.parametrize("column", ["ratio", "amount", "id"])
@pytest.mark.parametrize("nan", ["sNaN", "-nan", "NaN1"])
def test_every_way_to_write_nan_is_one_value(tmp_path: Path, column: str, nan: str) -> None:
    odd: Table = {**TABLE, ("amount", "decimal"): ["1", "NaN", "-2", None, "Infinity", "0.5"]}
    for op in ("=", "!=", "<", ">="):
        assert looked(tmp_path, table=odd, filters=[where(column, op, nan)]) == looked(
            tmp_path, table=odd, filters=[where(column, op, "NaN")]
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-01-01 25:00"),
        ("at", "2026-01-01 10:60"),
        ("at", "2026-01-01 10:00:61"),
        ("at", "2026-01-01 10:00+25"),
        ("at", "12026-13-01"),
        ("at", "12026-02-30"),
        ("day", "12026-04-31"),
        ("clock", "24:00:01"),
        ("clock", "10:75"),
    ],
)
def test_a_moment_that_never_is_is_refused(tmp_path: Path, column: str, value: str) -> None:
    table: Table = {("clock", "time"): ["10:00:00"] * 6, **TABLE}
    with pytest.raises(Invalid):
        looked(tmp_path, table=table, filters=[where(column, "<", value)])


def test_moments_at_the_edges_are_understood(tmp_path: Path) -> None:
    table: Table = {("clock", "time"): ["10:00:00"] * 6, **TABLE}
    for column, value in (
        ("clock", "24:00"),
        ("clock", "23:59:59.999999"),
        ("at", "0001-02-29 BC"),
        ("at", "12026-02-28 23:59:60"),
        ("at", "2026-01-01T00:00:00+15:59"),
        ("day", "12024-02-29"),
    ):
        looked(tmp_path, table=table, filters=[where(column, "<", value)])


def test_a_number_of_many_digits_is_compared_or_refused(tmp_path: Path) -> None:
    digits = "9" * 1900
    assert looked(tmp_path, filters=[where("id", "<", digits)])[1] == 5
    names = [name for name, _ in TABLE]
    with pytest.raises(Invalid):
        parse_filters(f'[{{"column": "id", "op": "<", "value": {"9" * 5000}}}]', names)
