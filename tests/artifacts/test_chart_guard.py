"""The chart allow-list: what may be drawn, and everything that may not."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from datelier.artifacts.chart_data import describe, short
from datelier.artifacts.chart_guard import checked_spec
from datelier.artifacts.errors import ChartRefused

FIELDS = ["month", "revenue", "region", "a.b"]
BAR: dict[str, Any] = {
    "mark": "bar",
    "encoding": {
        "x": {"field": "month", "type": "temporal", "timeUnit": "yearmonth"},
        "y": {"field": "revenue", "type": "quantitative", "aggregate": "sum"},
    },
}


def with_part(**part: Any) -> dict[str, Any]:
    return {**BAR, **part}


GOOD: list[dict[str, Any]] = [
    BAR,
    with_part(mark={"type": "line", "point": True}, title="Revenue"),
    with_part(transform=[{"filter": {"field": "region", "equal": "North"}}]),
    with_part(
        transform=[
            {"filter": {"and": [{"field": "revenue", "gt": 1}, {"field": "region", "valid": True}]}}
        ]
    ),
    with_part(
        transform=[
            {
                "aggregate": [{"op": "sum", "field": "revenue", "as": "total"}],
                "groupby": ["region"],
            }
        ],
        encoding={
            "x": {"field": "region", "type": "nominal", "sort": "-y"},
            "y": {"field": "total", "type": "quantitative"},
        },
    ),
    with_part(
        transform=[{"fold": ["revenue"], "as": ["what", "much"]}],
        encoding={
            "x": {"field": "what", "type": "nominal"},
            "y": {"field": "much", "type": "quantitative"},
        },
    ),
    {"layer": [BAR, {**BAR, "mark": "rule"}]},
    {"hconcat": [BAR, BAR]},
    {"facet": {"field": "region", "type": "nominal"}, "spec": BAR},
    {
        "repeat": ["revenue"],
        "spec": {
            "mark": "bar",
            "encoding": {"x": {"field": {"repeat": "repeat"}, "type": "quantitative", "bin": True}},
        },
    },
    {
        "mark": "arc",
        "encoding": {
            "theta": {"field": "revenue", "type": "quantitative"},
            "color": {"field": "region", "type": "nominal"},
        },
    },
    {"mark": "point", "encoding": {"x": {"field": r"a\.b", "type": "quantitative"}}},
    with_part(
        data={"ref": "Q1.v1"}, **{"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}
    ),
]

BAD: list[tuple[dict[str, Any], str]] = [
    (with_part(data={"url": "http://evil.example/x.csv"}), "data"),
    (with_part(data={"values": [{"a": 1}]}), "data"),
    (with_part(data=[1]), "data"),
    (with_part(datasets={"x": []}), "datasets"),
    (with_part(params=[{"name": "p", "value": 1}]), "params"),
    (with_part(mark="image"), "mark"),
    (with_part(mark={"type": "image", "url": "x"}), "mark.type"),
    (with_part(mark={"type": "bar", "href": "javascript:alert(1)"}), "mark.href"),
    (with_part(mark={"type": "bar", "tooltip": {"signal": "x"}}), "mark.tooltip.signal"),
    (with_part(mark="geoshape", projection={"type": "mercator"}), "mark"),
    (with_part(transform=[{"calculate": "datum.x", "as": "y"}]), "transform[0]"),
    (with_part(transform=[{"lookup": "a", "from": {"data": {"url": "x"}}}]), "transform[0]"),
    (with_part(transform=[{"filter": "datum.revenue > 1"}]), "transform[0].filter"),
    (with_part(transform=[{"filter": {"param": "p"}}]), "transform[0].filter.param"),
    (with_part(transform=[{"filter": {"not": "datum.x"}}]), "transform[0].filter.not"),
    (with_part(transform="x"), "transform"),
    (with_part(encoding={"x": {"field": "nope", "type": "nominal"}}), "encoding.x.field"),
    (with_part(encoding={"x": {"field": "a.b", "type": "nominal"}}), "encoding.x.field"),
    (with_part(encoding={"href": {"field": "region"}}), "encoding.href"),
    (with_part(encoding={"url": {"value": "x"}}), "encoding.url"),
    (
        with_part(encoding={"x": {"field": "month", "axis": {"labelExpr": "datum.x"}}}),
        "encoding.x.axis.labelExpr",
    ),
    (
        with_part(encoding={"color": {"condition": {"test": "datum.x", "value": "red"}}}),
        "encoding.color.condition.test",
    ),
    (with_part(encoding={"x": {"field": "month", "type": "nominalx"}}), "encoding.x.type"),
    (with_part(encoding={"x": {"datum": {"expr": "1"}}}), "encoding.x.datum.expr"),
    (with_part(usermeta={"embedOptions": {"loader": {}}}), "usermeta"),
    ({"layer": [{**BAR, "data": {"url": "x"}}]}, "layer[0].data"),
    ({"layer": "x"}, "layer"),
    ({"layer": [BAR] * 30}, "layer[19]"),
    (with_part(width="wide"), "width"),
    ({}, "spec"),
]


@pytest.mark.parametrize("spec", GOOD)
def test_ordinary_charts_pass_and_bring_no_data(spec: dict[str, Any]) -> None:
    kept = checked_spec(spec, FIELDS)
    assert "data" not in kept
    assert "$schema" not in kept


@pytest.mark.parametrize(("spec", "path"), BAD)
@pytest.mark.contract("W4")
def test_whatever_could_fetch_link_or_compute_is_refused_by_path(
    spec: dict[str, Any], path: str
) -> None:
    with pytest.raises(ChartRefused) as caught:
        checked_spec(spec, FIELDS)
    paths = [error["path"] for error in caught.value.errors or ()]
    assert path in paths, paths


@pytest.mark.parametrize("spec", [None, [], "x", 3])
def test_only_an_object_is_a_chart(spec: object) -> None:
    with pytest.raises(ChartRefused):
        checked_spec(spec, FIELDS)


def test_depth_and_size_are_bounded() -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"spec": deep}
    with pytest.raises(ChartRefused, match="nested"):
        checked_spec(deep, FIELDS)
    with pytest.raises(ChartRefused, match="64 KB"):
        checked_spec(with_part(title="x" * 70_000), FIELDS)


ACTIVE = ["url", "href", "expr", "signal", "params", "param", "datasets", "loader", "labelExpr"]
_places = st.lists(
    st.sampled_from(["layer", "encoding", "x", "axis", "mark", "transform", "scale", "legend"]),
    min_size=0,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(places=_places, key=st.sampled_from(ACTIVE), value=st.sampled_from(["x", {"a": 1}, [1]]))
def test_an_active_key_is_refused_wherever_it_hides(
    places: list[str], key: str, value: object
) -> None:
    node: Any = {key: value}
    for place in reversed(places):
        node = {place: [node] if place in {"layer", "transform"} else node}
    with pytest.raises(ChartRefused):
        checked_spec({**BAR, **node}, FIELDS)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["mark", "encoding", "layer", "transform", "filter", "field", "type", "data"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(spec=_json)
def test_any_json_is_either_a_clean_chart_or_refused_with_a_path(spec: object) -> None:
    kept, problems = _outcome(spec)
    assert all(entry["path"] and entry["message"] for entry in problems)
    assert problems or "data" not in kept


def _outcome(spec: object) -> tuple[dict[str, Any], list[Any]]:
    try:
        return checked_spec(spec, FIELDS), []
    except ChartRefused as error:
        return {}, list(error.errors or ())


def test_the_description_tells_what_is_drawn() -> None:
    rows = [
        {"month": f"2025-{month:02}-01T00:00:00", "revenue": 1e6 * month, "region": "North"}
        for month in range(1, 13)
    ]
    assert describe(BAR, "Revenue", rows) == (
        "Bar chart, sum of revenue by month, 12 values, lowest Jan 2025 1 M, highest Dec 2025 12 M, "
        "last Dec 2025 12 M"
    )
    assert describe({"hconcat": []}, "Empty", rows) == "Chart: Empty, 12 rows"
    assert describe(BAR, "None", []) == "Bar chart, sum of revenue by month, 0 values"
    assert [short(value) for value in (3, 12.5, 34_000, 1.25e6, 2e9)] == [
        "3",
        "12.50",
        "34 k",
        "1.25 M",
        "2 bn",
    ]
