"""What placeholders mean, exactly, and what they must not do."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.evaluate import evaluate
from datelier.queries.trace.fills import MISSING, fill, read_hole
from datelier.queries.trace.formula import Reference, parse_placeholder
from datelier.queries.trace.locales import locale_of
from datelier.queries.trace.stream import Hole
from datelier.queries.trace.tables import Table

SALES = Table(
    3,
    2,
    ("region", "month", "revenue", "orders", "share", "Net Sales", "salary", "odd"),
    ("string", "date", "decimal", "int64", "float64", "decimal", "decimal", "float64"),
    [
        ["North", "South", "East"],
        ["2025-01-01", "2025-02-01", "2025-03-01"],
        ["1234567.895", "0.10", "0.20"],
        ["9007199254740993", "0", None],
        [0.25, 0.5, None],
        ["-12.5", "3", "4"],
        ["1", "2", "3"],
        ["NaN", "Infinity", 1.5],
    ],
    withheld=frozenset({"salary"}),
)
CUT = Table(4, 1, ("n",), ("int64",), [["1", "2"]], truncated=True)


def find(reference: Reference) -> Table:
    for table in (SALES, CUT):
        if table.handle == reference.handle and reference.version in {None, table.version}:
            return table
    raise TraceError("no_such_query", f"There is no result Q{reference.handle}.")


def filled(body: str, locale: str = "en") -> str:
    text, note = fill(read_hole(Hole(body)), find, locale_of(locale), 0)
    assert note.error is None, note.error
    return text


@pytest.mark.parametrize(
    ("body", "locale", "text"),
    [
        ("Q3[0].revenue", "en", "1,234,567.90"),
        ("Q3[0].revenue | eur 0", "en", "€1,234,568"),
        ("Q3[0].revenue | eur 2", "de", "1.234.567,90\u00a0€"),
        ("Q3[0].revenue | usd", "fr", "1\u202f234\u202f567,90\u00a0$"),
        ("Q3[0].revenue | compact", "en", "1.2M"),
        ("Q3[0].revenue | compact", "de", "1,2\u00a0Mio."),
        ("Q3[0].revenue | compact 2", "en", "1.23M"),
        ("Q3[0].orders", "en", "9,007,199,254,740,993"),
        ("Q3[0].orders | int", "de-CH", "9\u2019007\u2019199\u2019254\u2019740\u2019993"),
        ("Q3[0].share | pct 1", "en", "25.0%"),
        ("Q3[0].share | pct", "de-AT", "25,0\u00a0%"),
        ('Q3[0]."Net Sales" | % 1', "en", "-12.5%"),
        ('Q3[0]."Net Sales" | eur', "en", "-€12.50"),
        ("Q3[last].`Net Sales` | signed", "en", "+4"),
        ("Q3[0].region", "en", "North"),
        ("Q3[0].month", "en", "January 1, 2025"),
        ("Q3[0].month", "de", "1. Januar 2025"),
        ("Q3[0].month | month", "es", "enero 2025"),
        ("Q3[2].month | quarter", "en", "Q1 2025"),
        ("Q3[0].month | year", "en", "2025"),
        ('Q3["South"].revenue', "en", "0.1"),
        ('Q3[region="east"].revenue | 2', "en", "0.20"),
        ("Q3[month='2025-02'].revenue | 2", "en", "0.10"),
        ("Q3.v2[-2].revenue | 1", "en", "0.1"),
        ("= Q3[1].revenue + Q3[2].revenue", "en", "0.3"),
        ("= Q3[1].revenue / Q3[2].revenue - 1 | pct 1", "en", "-50.0%"),
        ("= -(Q3[1].revenue + Q3[2].revenue) * 100", "en", "-30"),
        ("= sum(Q3.share) | 2", "en", "0.75"),
        ("= avg(Q3.share) | 3", "en", "0.375"),
        ("= max(Q3.revenue) - min(Q3.revenue) | 3", "en", "1,234,567.795"),
        ("count(Q3)", "en", "3"),
        ("= count(Q3.orders)", "en", "2"),
    ],
)
def test_a_placeholder_is_filled(body: str, locale: str, text: str) -> None:
    assert filled(body, locale) == text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Q9[0].revenue", "no_such_query"),
        ("Q3.v7[0].revenue", "no_such_query"),
        ("Q3[3].revenue", "no_such_row"),
        ('Q3["West"].revenue', "no_such_row"),
        ("Q3[0].profit", "no_such_column"),
        ("Q3[0].salary", "private"),
        ("= sum(Q3.salary)", "private"),
        ("Q3[2].orders", "no_value"),
        ("= Q3[2].orders + 1", "no_value"),
        ("Q3[0].odd", "not_a_number"),
        ("= Q3[1].odd * 2", "not_a_number"),
        ("= Q3[0].region + 1", "not_a_number"),
        ("Q3[0].region | eur 0", "not_a_number"),
        ("= sum(Q3.region)", "not_a_number"),
        ("= Q3[0].revenue / Q3[1].orders", "division_by_zero"),
        ("= Q3[0].orders" + " * Q3[0].orders" * 7, "overflow"),
        ("= Q3[0].orders" + " * Q3[0].orders" * 30, "overflow"),
        ("= sum(Q4.n)", "truncated"),
        ("= count(Q4)", "truncated"),
        ("Q4[-1].n", "truncated"),
        ("Q3[0].revenue | banana", "bad_format"),
        ("Q3[0].revenue | eur 99", "bad_format"),
        ("Q3[0].region | month", "bad_format"),
        ("= 42", "constant"),
        ("= Q3[0].revenue * 1.19", "constant"),
        ("= Q3[0].revenue + 1000", "constant"),
        ("= Q3[0].revenue * 0 + 1", "constant"),
        ("= __import__('os').getcwd()", "bad_placeholder"),
        ("= Q3[0].revenue ** 9", "bad_placeholder"),
        ("= Q3[0].revenue.real", "bad_placeholder"),
        ("= median(Q3.revenue)", "bad_placeholder"),
        ("= " + "(" * 200 + "Q3[0].revenue" + ")" * 200, "bad_placeholder"),
        ("= " + "-" * 200 + "Q3[0].revenue", "bad_placeholder"),
        ("Q3[0.5].revenue", "bad_placeholder"),
        ("Q3[0]", "bad_placeholder"),
        ("Q3[].revenue", "bad_placeholder"),
    ],
)
def test_a_placeholder_that_has_no_value_says_why(body: str, code: str) -> None:
    text, note = fill(read_hole(Hole(body)), find, locale_of("en"), 0)
    assert text == MISSING
    assert note.error is not None
    assert note.error.code == code
    assert len(note.error.message) < 400


@given(st.text(max_size=60))
def test_no_text_between_braces_breaks_the_parser(body: str) -> None:
    _, note = fill(read_hole(Hole(body)), find, locale_of("en"), 0)
    assert note.value is not None or note.error is not None


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, max_value=10**12, min_value=-(10**12)
    ),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, max_value=10**12, min_value=-(10**12)
    ),
)
def test_arithmetic_is_exact(one: Decimal, other: Decimal) -> None:
    table = Table(1, 1, ("x",), ("decimal",), [[str(one), str(other)]])
    value = evaluate(parse_placeholder("= Q1[0].x + Q1[1].x - Q1[1].x"), lambda _: table)
    assert value.number == one
    assert evaluate(parse_placeholder("= sum(Q1.x)"), lambda _: table).number == one + other


def test_changing_the_result_changes_the_prose() -> None:
    changed = Table(3, 2, ("revenue",), ("decimal",), [["7"]])
    text, _ = fill(read_hole(Hole("Q3[0].revenue")), lambda _: changed, locale_of("en"), 0)
    assert text == "7"
