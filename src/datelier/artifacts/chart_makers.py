"""The Vega-Lite of each kind of chart, over columns that play their parts."""

from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from datelier.artifacts.chart_columns import ColumnShape, Rows

Spec = dict[str, Any]
Kind = Literal[
    "bar", "line", "area", "scatter", "stacked", "grouped", "pie", "heatmap", "histogram"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COLORS: Final = 8  # series that the palette keeps apart


@dataclass(frozen=True, slots=True)
class Parts:
    """Which columns play which part."""

    time: ColumnShape | None
    names: tuple[ColumnShape, ...]
    amounts: tuple[ColumnShape, ...]
    facet: ColumnShape | None
    rows: int

    @property
    def amount(self) -> ColumnShape | None:
        return self.amounts[0] if self.amounts else None

    @property
    def name(self) -> ColumnShape | None:
        return self.names[0] if self.names else None

    @property
    def axis(self) -> ColumnShape | None:
        """What the amounts are told apart by."""
        return self.time or self.name

    @property
    def series(self) -> ColumnShape | None:
        """What makes several series, if it has few values."""
        others = [one for one in self.names if one is not self.axis]
        return next((one for one in others if one.distinct <= COLORS), None)


def spec_of(kind: Kind, parts: Parts, rows: Rows) -> Spec:
    """Return the spec of a kind that the columns can be drawn as."""
    spec = _added_up(_MAKERS[kind](parts), parts, rows)
    return spec if parts.facet is None else _facetted(spec, parts.facet)


def _measured(shape: ColumnShape) -> Spec:
    channel: Spec = {"field": shape.field, "type": "quantitative", "title": shape.title}
    if shape.format is not None:
        channel["axis"] = {"format": shape.format}
    return channel


def _told(shape: ColumnShape) -> Spec:
    """A channel of moments or names."""
    if shape.role == "year":
        axis = {"format": "d", "tickMinStep": 1}
        scale = {"zero": False, "nice": False}
        return {"field": shape.field, "type": "quantitative", "title": shape.title,
                "axis": axis, "scale": scale}  # fmt: skip
    kind = "temporal" if shape.role == "time" else "nominal"
    return {"field": shape.field, "type": kind, "title": shape.title}


def _named(shape: ColumnShape) -> Spec:
    return {"field": shape.field, "type": "nominal", "title": shape.title}


def _mark(kind: str, **more: Any) -> Spec:
    return {"type": kind, "tooltip": True, **more}


def _first(parts: Parts) -> tuple[ColumnShape, ColumnShape]:
    axis, amount = parts.axis, parts.amount
    assert axis is not None
    assert amount is not None
    return axis, amount


def _line(parts: Parts) -> Spec:
    axis, amount = _first(parts)
    encoding = {"x": _told(axis), "y": _measured(amount)}
    if parts.series is not None:
        encoding["color"] = _named(parts.series)
    return {"mark": _mark("line", point=True), "encoding": encoding}


def _area(parts: Parts) -> Spec:
    return {**_line(parts), "mark": _mark("area")}


def _bar(parts: Parts) -> Spec:
    axis, amount = _first(parts)
    if axis.role == "year":
        x = {"field": axis.field, "type": "ordinal", "title": axis.title}
        encoding = {"x": x, "y": _measured(amount)}
    elif axis.role == "time":
        encoding = {"x": _told(axis), "y": _measured(amount)}
    else:
        encoding = {"y": {**_named(axis), "sort": "-x"}, "x": _measured(amount)}
    if parts.series is not None:
        encoding["color"] = _named(parts.series)
    return {"mark": _mark("bar"), "encoding": encoding}


def _stacked(parts: Parts) -> Spec:
    if parts.series is None:
        # One whole: a single bar of its parts.
        axis, amount = _first(parts)
        order = {"field": amount.field, "type": "quantitative", "sort": "descending"}
        encoding = {
            "x": {**_measured(amount), "stack": "zero"},
            "color": _named(axis),
            "order": order,
        }
        return {"mark": _mark("bar"), "encoding": encoding, "height": 90}
    made = _bar(parts)
    measure = "x" if "sort" in made["encoding"].get("y", {}) else "y"
    made["encoding"][measure]["stack"] = "zero"
    return made


def _grouped(parts: Parts) -> Spec:
    made = _bar(parts)
    assert parts.series is not None
    encoding = made["encoding"]
    offset = "yOffset" if "sort" in encoding.get("y", {}) else "xOffset"
    if offset == "xOffset":
        # Bars stand beside each other only on an axis with bands.
        encoding["x"] = {**_told(_first(parts)[0]), "type": "ordinal"}
        encoding["x"].pop("scale", None)
        encoding["x"].pop("axis", None)
        if parts.time is not None and parts.time.role == "time":
            encoding["x"]["timeUnit"] = "yearmonthdate"
    encoding[offset] = {"field": parts.series.field, "type": "nominal"}
    return made


def _pie(parts: Parts) -> Spec:
    axis, amount = _first(parts)
    theta = {"field": amount.field, "type": "quantitative", "title": amount.title, "stack": True}
    return {"mark": _mark("arc"), "encoding": {"theta": theta, "color": _named(axis)}}


def _heatmap(parts: Parts) -> Spec:
    axis, amount = _first(parts)
    other = next(name for name in parts.names if name is not axis)
    color = {"field": amount.field, "type": "quantitative", "title": amount.title}
    encoding = {"x": _named(axis), "y": _named(other), "color": color}
    return {"mark": _mark("rect"), "encoding": encoding}


def _histogram(parts: Parts) -> Spec:
    amount = parts.amount
    assert amount is not None
    x = {
        "field": amount.field,
        "type": "quantitative",
        "title": amount.title,
        "bin": {"maxbins": 20},
    }
    y = {"aggregate": "count", "type": "quantitative", "title": "Rows"}
    return {"mark": _mark("bar"), "encoding": {"x": x, "y": y}}


def _scatter(parts: Parts) -> Spec:
    first, second = parts.amounts[:2]
    encoding: Spec = {"x": _measured(first), "y": _measured(second)}
    for axis in encoding.values():
        axis["scale"] = {"zero": False}
    told = [part for part in (parts.name, parts.time) if part is not None]
    encoding["tooltip"] = [
        {"field": part.field, "title": part.title} for part in (*told, first, second)
    ]
    if parts.name is not None and parts.name.distinct <= COLORS:
        encoding["color"] = _named(parts.name)
    return {"mark": {"type": "point"}, "encoding": encoding}


def _added_up(spec: Spec, parts: Parts, rows: Rows) -> Spec:
    """Several rows at one place are added up, or averaged where a sum means nothing."""
    encoding = spec["encoding"]
    measures = [part for part in encoding.values() if "bin" not in part and _measures(part, parts)]
    told = [part for part in (*parts.names, parts.time, parts.facet) if part is not None]
    drawn = [part.name for part in told if part is parts.facet or part.field in _fields(encoding)]
    places = {tuple(str(row.get(name)) for name in drawn) for row in rows}
    if len(measures) != 1 or len(places) == len(rows) or parts.amount is None:
        return spec
    operation = "sum" if parts.amount.adds_up else "mean"
    measures[0]["aggregate"] = operation
    measures[0]["title"] = f"{operation.capitalize()} of {parts.amount.title}"
    return spec


def _measures(channel: object, parts: Parts) -> bool:
    body = cast("Spec", channel) if isinstance(channel, dict) else {}
    return (
        parts.amount is not None and body.get("field") == parts.amount.field and "sort" not in body
    )


def _fields(encoding: Spec) -> set[str]:
    parts = (cast("Spec", part) for part in encoding.values() if isinstance(part, dict))
    return {part["field"] for part in parts if "field" in part}


def _facetted(spec: Spec, by: ColumnShape) -> Spec:
    """Small multiples: one chart for each value, on the same axes."""
    return {**spec, "encoding": {**spec["encoding"], "facet": {**_named(by), "columns": 3}}}


_MAKERS: Final = {
    "bar": _bar, "line": _line, "area": _area, "scatter": _scatter, "stacked": _stacked,
    "grouped": _grouped, "pie": _pie, "heatmap": _heatmap, "histogram": _histogram,
}  # fmt: skip
