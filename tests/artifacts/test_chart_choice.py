"""The chart that suits a result, from what its columns are."""

from dataclasses import replace
from typing import Any

import pytest

from datelier.artifacts.chart_choice import Choice, Wish, choose
from datelier.artifacts.chart_guard import checked_spec
from datelier.artifacts.chart_makers import KINDS
from datelier.artifacts.errors import ChartRefused

Rows = list[dict[str, Any]]
TIME, NAME, KIND = ("month", "timestamp"), ("region", "string"), ("channel", "string")
MONEY, ORDERS = ("revenue_eur", "decimal"), ("orders", "int64")
MONTHS = [f"2025-{n:02}-01T00:00:00" for n in range(1, 13)]


def rows_of(**columns: list[Any]) -> Rows:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def crossed(first: list[Any], second: list[Any], value: Any = 5) -> Rows:
    return [
        {"region": a, "month": a, "channel": b, "revenue_eur": value, "orders": value}
        for a in first
        for b in second
    ]


def chosen(columns: list[tuple[str, str]], rows: Rows, **wish: Any) -> Choice:
    made = choose(columns, rows, Wish(**wish))
    # Whatever is proposed is acceptable, with every other kind that is offered.
    for kind in made.kinds:
        other = choose(columns, rows, replace(Wish(**wish), kind=kind))
        checked_spec(other.spec, [name for name, _ in columns], rows)
    return made


def test_time_is_a_line_and_two_moments_are_bars() -> None:
    rows = rows_of(month=MONTHS, revenue_eur=list(range(12)))
    made = chosen([TIME, MONEY], rows)
    assert (made.kind, made.title) == ("line", "Revenue (EUR) by month")
    assert made.spec["encoding"]["x"] == {"field": "month", "type": "temporal", "title": "Month"}
    assert chosen([TIME, MONEY], rows[:2]).kind == "bar"


def test_names_are_sorted_bars() -> None:
    made = chosen([NAME, MONEY], rows_of(region=["a", "b"], revenue_eur=[1, 90_000]))
    assert made.kind == "bar"
    assert made.spec["encoding"]["y"]["sort"] == "-x"
    assert made.spec["encoding"]["x"]["axis"] == {"format": "~s"}


def test_two_amounts_are_a_scatter_and_one_a_histogram() -> None:
    rows = rows_of(revenue_eur=[1, 2, 3], orders=[1, 5, 2])
    assert chosen([MONEY, ORDERS], rows).kind == "scatter"
    assert chosen([MONEY], rows).kind == "histogram"
    named = [{"region": str(n), "revenue_eur": n, "orders": n * n} for n in range(40)]
    assert chosen([NAME, MONEY, ORDERS], named).kind == "scatter"
    few = chosen([NAME, MONEY, ORDERS], named[:5])
    assert (few.kind, few.note) == ("bar", "not drawn: orders")


def test_parts_of_a_whole_are_stacked() -> None:
    parts = rows_of(region=["a", "b", "c"], share=[0.5, 0.3, 0.2])
    made = chosen([NAME, ("share", "float64")], parts)
    assert made.kind == "stacked"
    assert made.spec["encoding"]["x"]["axis"] == {"format": ".0%"}
    assert chosen([NAME, KIND, MONEY], crossed(["a", "b"], ["x", "y"])).kind == "stacked"
    part = chosen([NAME, ("share", "float64")], parts[:2])
    assert part.kind == "bar", "0.8 is no whole"


def test_averages_are_not_stacked() -> None:
    rows = [{**row, "avg_price": 3} for row in crossed(["a", "b"], ["x", "y"])]
    made = chosen([NAME, KIND, ("avg_price", "float64")], rows)
    assert made.kind == "grouped"
    assert "stacked" not in made.kinds


def test_series_over_time_have_colours_and_a_third_dimension_makes_small_charts() -> None:
    rows = crossed(MONTHS, ["web", "store"])
    made = chosen([TIME, KIND, MONEY], rows)
    assert made.spec["encoding"]["color"]["field"] == "channel"
    three = [{**row, "region": region} for row in rows for region in ("N", "S", "W")]
    made = chosen([TIME, NAME, KIND, MONEY], three)
    assert made.spec["encoding"]["facet"] | {"title": ""} == {
        "field": "channel", "type": "nominal", "title": "", "columns": 3
    }  # fmt: skip
    assert made.spec["encoding"]["color"]["field"] == "region"


def test_many_series_are_a_heat_map() -> None:
    names = [f"n{i}" for i in range(12)]
    assert chosen([NAME, KIND, MONEY], crossed(names, names)).kind == "heatmap"


def test_years_are_an_axis_and_never_an_amount() -> None:
    rows = rows_of(year=[2022, 2023, 2025], orders=[1, 2, 3])
    made = chosen([("year", "int64"), ORDERS], rows)
    assert made.kind == "line"
    assert made.spec["encoding"]["x"]["axis"]["format"] == "d"
    assert made.spec["encoding"]["y"]["field"] == "orders"


def test_several_rows_at_one_place_are_added_up_or_averaged() -> None:
    rows = crossed(["a", "b"], ["x", "x", "y"])
    made = chosen([NAME, KIND, MONEY], rows)
    assert made.spec["encoding"]["x"]["aggregate"] == "sum"
    assert made.spec["encoding"]["x"]["title"] == "Sum of Revenue (EUR)"
    prices = [{**row, "avg_price": 3} for row in rows]
    mean = chosen([NAME, KIND, ("avg_price", "float64")], prices)
    assert mean.spec["encoding"]["x"]["aggregate"] == "mean"
    assert "aggregate" not in str(chosen([NAME, KIND, MONEY], rows[1:3] + rows[4:6]).spec)


def test_wishes_come_first() -> None:
    rows = rows_of(month=MONTHS, revenue_eur=list(range(12)), orders=list(range(12)))
    made = chosen([TIME, MONEY, ORDERS], rows, kind="area", y="orders")
    assert (made.kind, made.spec["encoding"]["y"]["field"]) == ("area", "orders")
    rows = crossed(MONTHS[:4], ["web", "store"])
    facetted = chosen([TIME, KIND, MONEY], rows, facet="channel")
    assert facetted.spec["encoding"]["facet"]["field"] == "channel"
    assert "color" not in facetted.spec["encoding"]


@pytest.mark.parametrize(
    ("columns", "rows", "wish", "path"),
    [
        ([NAME], [{"region": "a"}, {"region": "b"}], {}, "spec"),
        ([NAME, MONEY], [{"region": "a", "revenue_eur": 1}], {}, "spec"),
        ([NAME, MONEY], [], {}, "spec"),
        ([NAME, MONEY], [{"region": "a", "revenue_eur": 1}] * 3, {"x": "nope"}, "x"),
        ([NAME, MONEY], [{"region": "a", "revenue_eur": 1}] * 3, {"kind": "scatter"}, "kind"),
        ([NAME, MONEY], [{"region": f"{i}", "revenue_eur": 1} for i in range(30)], {"facet": "region"}, "facet"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(
    columns: list[tuple[str, str]], rows: Rows, wish: dict[str, Any], path: str
) -> None:
    with pytest.raises(ChartRefused) as caught:
        choose(columns, rows, Wish(**wish))
    assert [problem["path"] for problem in caught.value.errors or ()] == [path]


def test_every_kind_is_chosen_by_somebody() -> None:
    assert set(KINDS) >= {"bar", "line", "scatter", "stacked", "grouped", "heatmap", "histogram"}
