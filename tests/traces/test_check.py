"""The classes of figures, one phenomenon at a time."""

from collections.abc import Sequence

import pytest

from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.evaluate import UsedCell
from datelier.queries.trace.locales import locale_of
from datelier.queries.trace.receipts import cell_receipt
from datelier.queries.trace.tables import Table
from tests.traces.corpus import answer

REGIONS = Table(
    1,
    1,
    ("region", "orders", "revenue_eur", "share_percent", "change"),
    ("string", "int64", "decimal", "decimal", "int64"),
    [
        ["North", "South", "North East"],
        ["120", "95", "87"],
        ["12345.60", "9876.54", "8000.05"],
        ["40.8", "32.7", "26.5"],
        ["-12", "7", "31"],
    ],
)
MONTHS = Table(
    2,
    1,
    ("month", "visits"),
    ("date", "int64"),
    [["2025-01-01", "2025-02-01", "2025-03-01"], ["4411", "5522", "6633"]],
)
TOTAL = Table(5, 1, ("order_count",), ("int64",), [["302"]])


def classes(
    text: str,
    *,
    question: str = "",
    locale: str = "en",
    tables: Sequence[Table] = (REGIONS, MONTHS),
) -> list[tuple[str, str]]:
    shown, fills = answer(text, tables, locale)
    found = check(shown, fills, Checked(tables, question, locale_of(locale)))
    return [(shown[c.start : c.end], c.kind) for c in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("North had 120 orders.", [("120", "matched")]),
        ("South had 120 orders.", [("120", "untraced")]),
        ("North East had 87 orders.", [("87", "matched")]),
        ("North had 87 orders.", [("87", "untraced")]),
        ("There were 120 orders.", [("120", "untraced")]),
        ("North made €12,346.", [("€12,346", "matched")]),
        ("North made $12,346.", [("$12,346", "untraced")]),
        ("North made 12.3k.", [("12.3k", "matched")]),
        ("North made 12,345.6 orders.", [("12,345.6", "untraced")]),
        ("North had a share of 40.8 %.", [("40.8 %", "matched")]),
        ("North fell by 12.", [("12", "matched")]),
        ("North rose by 12.", [("12", "untraced")]),
        ("South fell by 7.", [("7", "untraced")]),
        ("From 4,411 in January 2025 to 5,522 in February 2025.",
         [("4,411", "matched"), ("January 2025", "matched"), ("5,522", "matched"), ("February 2025", "matched")]),
        ("From 5,522 in January 2025 to 4,411 in February 2025.",
         [("5,522", "untraced"), ("January 2025", "matched"), ("4,411", "untraced"), ("February 2025", "matched")]),
        ("In April 2025 nothing.", [("April 2025", "untraced")]),
        ("{{Q1[0].region}} had {{Q1[0].orders}}.", [("North", "exact"), ("120", "exact")]),
        ("South had {{Q1[0].orders}}.", [("120", "untraced")]),
        ("North made {{Q1[0].revenue_eur}}k.", [("12,345.6k", "untraced")]),
        ("North has {{Q1[0].share_percent}} %.", [("40.8", "exact")]),
        ("North has {{Q1[0].orders}} %.", [("120 %", "untraced")]),
        ("Together {{= sum(Q1.orders)}}.", [("302", "derived")]),
        ("A 4x rise, twice as high, 1/3 of all.", [("4x", "untraced"), ("twice", "untraced"), ("1/3", "untraced")]),
        ("North ranks 1st, South 3rd.", [("1st", "untraced"), ("3rd", "untraced")]),
        ("North ranks 1st by orders.", [("1st", "matched")]),
        ("North ranks 1st.", [("1st", "untraced")]),
        ("South ranks 2nd by its change.", [("2nd", "untraced")]),
        ("South ranks 2nd lowest by orders.", [("2nd", "untraced")]),
        ("One of the regions; the one that leads.", []),
        ("1. North\n2. South\n\n## 3. More\nSee step 4, `limit 5`, [6] and Q1.v1.", []),
        ("North made `120 orders`, `12,345.60 EUR` of revenue and `$ 99`.",
         [("120", "matched"), ("12,345.60 EUR", "matched"), ("$ 99", "untraced")]),
        ("Set `x = 5`, `v2`, `2xx`, `a1`, `1 + 1`.", []),
        ("```\n42\n```\n", []),
        ("{{card Q1}}", []),
        ("There are 3 regions.", [("3", "matched")]),
        ("There are 4 regions.", [("4", "untraced")]),
    ],
)  # fmt: skip
def test_a_figure_gets_its_class(text: str, expected: list[tuple[str, str]]) -> None:
    assert classes(text) == expected


YEARS = Table(
    4,
    1,
    ("year", "region", "units"),
    ("int32", "string", "int64"),
    [[2023, 2024, 2025], ["North", "North", "South"], ["500", "700", "900"]],
    facts={"sql": "SELECT year, region, units FROM t WHERE year BETWEEN 2023 AND 2025"},
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("Units were highest in 2025.", "matched"), ("The best year was 2024.", "matched")),
        *(("2024 was the best of them.", "matched"), ("Units by region, 2025", "matched")),
        *(("Our 2024 units grew.", "matched"), ("Compared with 2023 it grew.", "matched")),
        *(("Im Jahr 2024 war es mehr.", "matched"), ("Depuis 2023 cela augmente.", "matched")),
        *(("North sold 2024 units.", "untraced"), ("The units of North were 2024.", "untraced")),
        *(("North had 2024.", "untraced"), ("North: 2024", "untraced"), ("North (2024) leads.", "untraced")),
        *(("2024 units came from North.", "untraced"), ("North rose to 2025 units.", "untraced")),
        ("| region | units |\n|---|---|\n| North | 2024 |", "untraced"),
        ("North had units of 2024 here.", "untraced"),
    ],
)  # fmt: skip
def test_four_digits_are_a_year_only_where_a_year_stands(text: str, kind: str) -> None:
    assert [found for _, found in classes(text, tables=[YEARS])] == [kind]


def test_a_name_that_several_rows_have_is_not_enough() -> None:
    assert classes("North had 500 units.", tables=[YEARS]) == [("500", "untraced")]
    assert classes("North had 500 units in 2023.", tables=[YEARS])[0] == ("500", "matched")


def test_a_value_that_two_cells_have_is_untraced() -> None:
    twice = Table(1, 1, ("region", "n"), ("string", "int64"), [["North", "South"], ["120", "120"]])
    assert classes("North had 120.", tables=[twice]) == [("120", "untraced")]


def test_the_same_fact_in_two_results_is_one_fact() -> None:
    again = Table(7, 1, REGIONS.columns, REGIONS.types, REGIONS.data)
    assert classes("North had 120 orders.", tables=[REGIONS, again]) == [("120", "matched")]


def test_figures_of_the_question_are_asked_where_they_mean_the_same() -> None:
    question = "Top 5 regions with more than 100 orders in 2024?"
    text = "The top 5 in 2024 have more than 100 orders; North had 5 vans."
    assert classes(text, question=question) == [
        ("5", "asked"),
        ("2024", "asked"),
        ("100", "asked"),
        ("5", "untraced"),
    ]


def test_one_row_needs_a_word_for_what_it_is() -> None:
    assert classes("There are 302 orders.", tables=[TOTAL]) == [("302", "matched")]
    assert classes("We spent 302 last week.", tables=[TOTAL]) == [("302", "untraced")]


def test_figures_of_a_table_that_is_only_its_header_are_judged() -> None:
    assert classes("| place | 17 |") == [("17", "untraced")]


def test_private_values_are_never_matched() -> None:
    private = Table(1, 1, ("name", "pay"), ("string", "int64"), [["Ada"], ["5100"]],
                    withheld=frozenset({"pay"}))  # fmt: skip
    assert classes("Ada has 5,100.", tables=[private]) == [("5,100", "untraced")]


@pytest.mark.parametrize(
    ("locale", "text", "kind"),
    [
        ("de", "North hatte im Mai 12.345,60 €.", "matched"),
        ("de", "North hatte im Mai 12,345 €.", "untraced"),
        ("fr", "North a fait 12\u202f346 € en tout.", "matched"),
        ("en", "North hatte im März 12.346 €.", "matched"),
    ],
)
def test_separators_are_read_in_the_language_of_the_text(locale: str, text: str, kind: str) -> None:
    assert {k for _, k in classes(text, locale=locale)} - {"untraced"} <= {"matched"}
    assert next(k for shown, k in classes(text, locale=locale) if "€" in shown) == kind


def test_a_long_text_over_a_long_result_is_checked_in_time() -> None:
    rows = 10_000
    wide = Table(
        1, 1, ("name", *(f"m{i}" for i in range(5))), ("string", *["int64"] * 5),
        [[f"Item {i}" for i in range(rows)], *([str(i * 7 + c) for i in range(rows)] for c in range(5))],
    )  # fmt: skip
    text = " ".join(f"Item {i} had {i * 7 + 1} in total." for i in range(200))
    assert len(classes(text, tables=[wide])) == 200


def test_a_receipt_names_its_row_shortly_whatever_the_labels_hold() -> None:
    table = Table(3, 1, ("note", "n"), ("string", "int64"), [["x" * 100_000], ["17"]])
    receipt = cell_receipt(UsedCell(table, 0, "n", "17"))
    assert receipt["key"] == {"note": "x" * 300}
