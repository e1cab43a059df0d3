"""Cards are made from whole results, and every value of one is a cell of its result."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter

from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import (
    AnyCard,
    Card,
    CardValue,
    Comparison,
    Delta,
    SingleFact,
    Trend,
    card_part,
)
from datelier.queries.trace.evaluate import evaluate
from datelier.queries.trace.formula import Reference, parse_placeholder
from datelier.queries.trace.locales import locale_of
from datelier.queries.trace.tables import Table

FACTS = {
    "query_id": "0190-q",
    "result_id": "0190-r",
    "sql": "SELECT city,\n  SUM(price) AS revenue_eur\nFROM sale",
    "source_id": "0190-s",
    "source_name": "Shop",
    "ran_at": "2026-04-15T10:00:00Z",
}


def made(columns: str, *rows: tuple[Any, ...], **more: Any) -> Table:
    """A result from ``name:type`` columns and rows of JSON values."""
    pairs = [column.rsplit(":", 1) for column in columns.split()]
    others: dict[str, Any] = {"facts": FACTS, **more}
    return Table(
        3,
        2,
        tuple(name for name, _ in pairs),
        tuple(kind for _, kind in pairs),
        [[row[i] for row in rows] for i in range(len(pairs))],
        **others,
    )


def fact(table: Table, question: str = "", locale: str = "en") -> SingleFact:
    card = build_card(table, question, locale_of(locale))
    assert isinstance(card, SingleFact)
    return card


def comparison(table: Table, question: str = "", locale: str = "en") -> Comparison:
    card = build_card(table, question, locale_of(locale))
    assert isinstance(card, Comparison)
    return card


def trend(table: Table, question: str = "", locale: str = "en") -> Trend:
    card = build_card(table, question, locale_of(locale))
    assert isinstance(card, Trend)
    return card


def values(card: Card) -> list[CardValue]:
    """Every value of a card, those of its differences as well."""
    if isinstance(card, SingleFact):
        return [card.value]
    if isinstance(card, Comparison):
        ends = [card.delta.minuend, card.delta.subtrahend] if card.delta else []
        return [entry.value for entry in card.entries] + ends
    changes = [group.change for group in card.groups]
    points = [point.value for group in card.groups for point in group.points]
    return points + [end for change in changes for end in (change.minuend, change.subtrahend)]


def deltas(card: Card) -> list[Delta]:
    if isinstance(card, Comparison):
        return [card.delta] if card.delta else []
    return [group.change for group in card.groups] if isinstance(card, Trend) else []


CITIES = made(
    "city:string revenue_eur:decimal", ("Paris", "1234567.50"), ("Lyon", "230.10"), ("Nice", "0")
)
MONTHS = made(
    "month:date orders:int64",
    ("2025-03-01", "130"),
    ("2025-01-01", "100"),
    ("2025-02-01", "90"),
    ("2025-04-01", "150"),
)


@pytest.mark.contract("D90")
def test_one_value_is_a_single_fact() -> None:
    card = fact(made("city:string month:date revenue_eur:decimal", ("Paris", "2025-03-01", "12.5")))
    assert (card.title, card.value.text, card.subject) == ("Revenue", "€12.50", "Paris")
    assert card.period == "March 1, 2025"
    assert card.source_name == "Shop"
    assert card.query.lines == {"revenue_eur": "SUM(price) AS revenue_eur"}


@pytest.mark.parametrize(
    ("column", "cell", "text", "unit"),
    [
        ("count_star():int64", "9007199254740993", "9,007,199,254,740,993", None),
        ("number:int64", "7", "7", None),
        ("share_pct:float64", 12.34, "12.34%", None),
        ("share_pct:float64", 0.34, "0.34", None),
        ("weight_kg:float64", 1.5, "1.5", "kg"),
        ("delivery_days:int32", 3, "3", "days"),
        ("orders_last_30_days:int32", 3, "3", None),
        ("min_price:decimal", "3", "3", None),
        ("eur_per_kg:decimal", "3.25", "3.25", None),
        ("usd_eur_gap:decimal", "3.25", "3.25", None),
        ("rate:float64", 0.000123, "0.000123", None),
        ("newest:date", "2025-03-04", "March 4, 2025", None),
    ],
)
def test_a_value_is_written_as_its_column_says(
    column: str, cell: Any, text: str, unit: str | None
) -> None:
    card = fact(made(column, (cell,)))
    assert (card.value.text, card.unit) == (text, unit)


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    card = comparison(CITIES, locale="de")
    assert [entry.value.text for entry in card.entries] == [
        "1.234.567,50\u00a0€",
        "230,10\u00a0€",
        "0,00\u00a0€",
    ]
    assert card.delta is not None
    assert card.delta.text == "+1.234.567,50\u00a0€"


@pytest.mark.contract("D90")
def test_a_few_named_values_are_a_comparison_with_a_difference() -> None:
    card = comparison(made("city:string orders:int32", ("Lyon", 80), ("Paris", 100)))
    assert [entry.label for entry in card.entries] == ["Lyon", "Paris"]
    assert card.delta is not None
    assert (card.delta.text, card.delta.percent_text) == ("+20", "+25.0%")
    assert card.dimension == "City"


def test_two_years_differ_in_the_order_of_time() -> None:
    card = comparison(made("year:int32 orders:int32", (2025, 80), (2024, 100)))
    assert card.delta is not None
    assert (card.delta.text, card.delta.percent_text) == ("-20", "-20.0%")


def test_columns_of_one_row_are_compared_when_they_measure_the_same() -> None:
    card = comparison(made("revenue_2024:decimal revenue_2025:decimal", ("100", "150")))
    assert card.title == "Revenue"
    assert [(e.label, e.value.text) for e in card.entries] == [
        ("Revenue 2024", "100"),
        ("Revenue 2025", "150"),
    ]
    assert card.delta is not None
    assert card.delta.percent_text == "+50.0%"


@pytest.mark.parametrize("low", ["0", "-5"])
def test_no_percentage_of_nothing_or_of_a_debt(low: str) -> None:
    card = comparison(made("city:string balance:decimal", ("Lyon", low), ("Paris", "10")))
    assert card.delta is not None
    assert card.delta.percent_text is None


def test_percentages_differ_by_points() -> None:
    card = comparison(made("city:string share_pct:float64", ("Lyon", 10.0), ("Paris", 12.5)))
    assert card.delta is not None
    assert (card.delta.text, card.delta.percent_text) == ("+2.5\u00a0pp", None)


@pytest.mark.contract("D90")
def test_a_measure_over_time_is_a_trend_in_the_order_of_time() -> None:
    card = trend(MONTHS)
    (group,) = card.groups
    assert [point.x for point in group.points] == [
        "January 2025",
        "February 2025",
        "March 2025",
        "April 2025",
    ]
    assert (group.direction, group.change_text, group.partial) == ("up", "+50.0%", False)


@pytest.mark.contract("D90")
def test_a_trend_has_a_line_for_every_group() -> None:
    rows = [(year, city, year - 2000 + n) for year in (2021, 2022, 2023) for n, city in
            enumerate(("Paris", "Lyon"))]  # fmt: skip
    card = trend(made("year:int32 city:string orders:int32", *rows))
    assert [group.label for group in card.groups] == ["Paris", "Lyon"]
    assert {len(group.points) for group in card.groups} == {3}


def test_a_month_that_has_not_ended_does_not_count_as_a_fall() -> None:
    rows = [("2026-01-01", 100), ("2026-02-01", 100), ("2026-03-01", 110), ("2026-04-01", 30)]
    (group,) = trend(made("month:date orders:int32", *rows)).groups
    assert (group.partial, group.direction, group.change_text) == (True, "up", "+10.0%")
    assert len(group.points) == 4


def test_a_change_of_less_than_a_hundredth_is_flat() -> None:
    rows = [(2021, 1000), (2022, 700), (2023, 1005)]
    (group,) = trend(made("year:int32 orders:int32", *rows)).groups
    assert group.direction == "flat"


def test_months_as_numbers_are_sorted_as_numbers() -> None:
    rows = [("10", 3), ("2", 1), ("11", 4)]
    (group,) = trend(made("month:int64 orders:int32", *rows)).groups
    assert [point.x for point in group.points] == ["2", "10", "11"]


def test_the_question_chooses_among_columns() -> None:
    table = made("city:string orders:int32 revenue:decimal", ("Lyon", 2, "9"), ("Nice", 3, "1"))
    assert comparison(table, "How much revenue per city?").title == "Revenue"
    assert comparison(table, "How many orders does each city have?").title == "Orders"
    assert build_card(table, "Orders and revenue?") is None
    assert build_card(table, "How are we doing?") is None


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(made("n:int32", (1,), truncated=True), id="cut"),
        pytest.param(made("n:int32"), id="empty"),
        pytest.param(made("n:int32", (None,)), id="null"),
        pytest.param(made("n:float64", ("NaN",)), id="not a number"),
        pytest.param(made("n:float64", ("Infinity",)), id="infinite"),
        pytest.param(made("n:float64", (1e-20,)), id="too small to be seen"),
        pytest.param(made("n:int32", (1,), facts={}), id="without a query"),
        pytest.param(made("name:string", ("Paris",)), id="a text"),
        pytest.param(made("salary:int32", (1,), withheld=frozenset({"salary"})), id="private"),
        pytest.param(made("n:int32 N:int32", (1, 2)), id="two columns of one name"),
        pytest.param(made("revenue:decimal orders:int32", ("1", 2)), id="different measures"),
        pytest.param(made("price_eur:int32 price_usd:int32", (1, 2)), id="mixed units"),
        pytest.param(made("avg_price:int32 max_price:int32", (1, 2)), id="mixed aggregates"),
        pytest.param(
            made("city:string n:int32", ("Lyon", 1), ("Nice", None)), id="a gap in the values"
        ),
        pytest.param(made("city:string n:int32", ("Lyon", 1), (None, 2)), id="a gap in the names"),
        pytest.param(made("city:string n:int32", ("Lyon", 1), ("Lyon", 2)), id="names twice"),
        pytest.param(made("city:string n:int32", ("Lyon", 1), ("Total", 1)), id="its own total"),
        pytest.param(
            made("city:string n:int32", *[(f"c{i}", i) for i in range(7)]), id="too many names"
        ),
        pytest.param(
            made("day:date n:int32", *[(f"{1000 + i}-01-01", i) for i in range(241)]),
            id="too many rows",
        ),
        pytest.param(
            made("year:int32 city:string n:int32",
                 *[(2020 + y, f"c{g}", y) for y in range(3) for g in range(6)]),
            id="too many lines",
        ),
        pytest.param(
            made("day:date n:int32", *[("2025-01-01", i) for i in range(8)]), id="moments twice"
        ),
        pytest.param(made("n:int32", (1,), (2,)), id="rows without names"),
        pytest.param(
            made("name:string n:int32", ("Ann", 1), ("Ann", 2), withheld=frozenset({"name"})),
            id="private names",
        ),
    ],
)  # fmt: skip
def test_no_card_where_one_would_mislead(table: Table) -> None:
    assert build_card(table, "") is None


def test_a_card_travels_as_a_part_and_back() -> None:
    for table in (CITIES, MONTHS, made("n:int32", (1,))):
        card = build_card(table, "")
        assert card is not None
        part = card_part(card, 2)
        assert (part["type"], part["id"]) == ("data-card", "card:2")
        assert TypeAdapter[Card](AnyCard).validate_python(part["data"]) == card


_LABELS = {
    "city": ("string", st.sampled_from(["Paris", "Lyon", "Nice", "Total", "2025-01", ""])),
    "day": ("date", st.dates().map(str)),
    "year": ("int32", st.integers(1990, 2030)),
    "customer_id": ("int64", st.integers(1, 99).map(str)),
}
_MEASURES = {
    name: (kind, cells)
    for kind, cells in (
        ("int64", st.integers(-(10**18), 10**18).map(str)),
        ("float64", st.floats()),
        ("decimal", st.decimals(-(10**9), 10**9, places=2).map(str)),
    )
    for name in (f"revenue_{kind}", "share_pct", "price_eur", "Net Sales", 'say "hi"', "a'b\"c`d")
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Results as questions make them, now and then with something wrong."""
    names = draw(st.lists(st.sampled_from(sorted(_LABELS)), max_size=2, unique=True))
    names += draw(st.lists(st.sampled_from(sorted(_MEASURES)), min_size=1, max_size=2, unique=True))
    known = {**_LABELS, **_MEASURES}
    count = draw(st.integers(1, 8))
    data: list[list[Any]] = [
        draw(st.lists(known[name][1], min_size=count, max_size=count)) for name in names
    ]
    wrong = draw(st.sampled_from(["", "", "", "", "null", "cut", "private"]))
    if wrong == "null":
        data[draw(st.integers(0, len(names) - 1))][-1] = None
    hidden = frozenset(names[-1:] if wrong == "private" else ())
    kinds = tuple(known[name][0] for name in names)
    return Table(3, 2, tuple(names), kinds, data, wrong == "cut", hidden, FACTS)


@given(tables(), st.sampled_from(["", "revenue by city", "orders", "n per month"]))
def test_every_value_of_every_card_is_a_cell_of_its_result(table: Table, question: str) -> None:
    card = build_card(table, question)
    if card is None:
        return
    assert not table.truncated
    for value in values(card):
        column = table.columns.index(value.ref.column)
        assert table.columns[column] not in table.withheld
        assert value.raw == str(table.data[column][value.ref.row])
        assert (value.ref.query_id, value.ref.version) == ("0190-q", 2)
        assert "NaN" not in value.text
    for delta in deltas(card):
        exact = Decimal(delta.minuend.raw) - Decimal(delta.subtrahend.raw)
        assert delta.text.startswith("-") == (
            exact < 0 and any(c in "123456789" for c in delta.text)
        )
        if delta.formula is not None:
            found = evaluate(parse_placeholder(delta.formula), lambda _: table).number
            assert found == pytest.approx(exact)


@given(tables())
def test_a_formula_names_the_version_that_the_card_shows(table: Table) -> None:
    card = build_card(table, "")
    found = [delta.formula for delta in deltas(card)] if card else []
    for formula in found:
        if formula is not None:
            assert parse_placeholder(formula).references == {Reference(3, 2)}
