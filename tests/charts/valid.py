"""Charts that an honest model might ask for: marks, encodings, transforms, compositions."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.charts.worlds import World, escaped

Spec = dict[str, Any]
_AGGREGATES: Final = ("sum", "mean", "median", "min", "max", "count", "distinct", "stdev")
_UNITS: Final = ("year", "yearmonth", "yearquarter", "month", "yearmonthdate", "day", "hours")


def bare(channel: Spec) -> Spec:
    """A channel without what only axes have."""
    return {key: part for key, part in channel.items() if key not in {"axis", "scale", "sort"}}


class Maker:
    """Makes specs over one result, from one generator of chance."""

    def __init__(self, rng: random.Random, over: World) -> None:
        self.rng = rng
        self.over = over

    def maybe(self, share: float, **part: Any) -> Spec:
        return part if self.rng.random() < share else {}

    def one(self, *among: Any) -> Any:
        return self.rng.choice(among)

    @property
    def measured(self) -> Spec:
        """A channel of amounts."""
        field = {"field": escaped(self.one(*self.over.measures)), "type": "quantitative"}
        made = field | self.maybe(0.35, aggregate=self.one(*_AGGREGATES))
        made |= self.maybe(0.15, title=self.one("Revenue (EUR)", None, 'the "best"', "a\\b"))
        axis = {"format": self.one("~s", ",.0f", ".1%", "$,.2f", "+.3~g"), "tickCount": 5}
        made |= self.maybe(0.2, axis=axis)
        scale = self.one({"zero": False}, {"type": "symlog"}, {"nice": 5}, {"domain": [0, 100]})
        return made | self.maybe(0.2, scale=scale)

    @property
    def grouped(self) -> Spec:
        """A channel of names or moments."""
        fields = [*self.over.times, *self.over.groups, *self.over.names]
        name = self.one(*fields)
        if name in self.over.times and self.rng.random() < 0.8:
            made = {"field": escaped(name), "type": "temporal"}
            made |= self.maybe(0.4, timeUnit=self.one(*_UNITS))
            return made | self.maybe(0.2, axis={"format": self.one("%b %Y", "%Y", "%d.%m.")})
        made = {"field": escaped(name), "type": self.one("nominal", "ordinal")}
        sort = self.one(None, "descending", "-y", "x", {"encoding": "y", "order": "descending"})
        made |= self.maybe(0.3, sort=sort)
        return made | self.maybe(0.2, axis={"labelAngle": -45, "labelLimit": 120, "labels": True})

    @property
    def colored(self) -> Spec:
        if self.rng.random() < 0.2:
            return {"value": self.one("red", "#1f5fbf")}
        made = bare(self.one(self.grouped, self.measured))
        return made | self.maybe(0.3, legend=self.one(None, {"orient": "bottom", "title": "Who"}))

    @property
    def binned(self) -> Spec:
        field = escaped(self.one(*self.over.measures))
        return {"field": field, "type": "quantitative", "bin": self.one(True, {"maxbins": 12})}

    def marked(self, *kinds: str) -> Any:
        kind = self.one(*kinds)
        more = self.maybe(0.4, tooltip=self.one(True, {"content": "data"}))
        more |= self.maybe(0.2, opacity=0.7) | self.maybe(0.1, color="steelblue")
        if kind in {"line", "area"}:
            more |= self.maybe(0.5, interpolate=self.one("monotone", "step-after"))
            more |= self.maybe(0.5, point=True)
        return {"type": kind, **more} if more else kind

    def unit(self) -> Spec:
        return self.one(*_UNIT_MAKERS)(self)

    def bars(self) -> Spec:
        axes = self.one(("x", "y"), ("y", "x"))
        encoding = {axes[0]: self.grouped, axes[1]: self.measured}
        encoding |= self.maybe(0.4, color=self.colored) | self.maybe(0.2, xOffset=self._offset)
        return {"mark": self.marked("bar", "line", "area", "tick", "rect"), "encoding": encoding}

    @property
    def _offset(self) -> Spec:
        return {"field": escaped(self.one(*self.over.groups, *self.over.names))}

    def dots(self) -> Spec:
        encoding = {"x": self.measured, "y": self.measured}
        encoding |= self.maybe(0.4, size=bare(self.measured)) | self.maybe(0.4, color=self.colored)
        encoding |= self.maybe(0.2, shape=self._offset) | self.maybe(
            0.2, tooltip=[bare(self.grouped)]
        )
        encoding |= self.maybe(0.2, fill=self.colored) | self.maybe(0.1, angle={"value": 30})
        kinds = ("point", "circle", "square", "trail", "text")
        made: Spec = {"mark": self.marked(*kinds), "encoding": encoding}
        if "text" in str(made["mark"]):
            encoding["text"] = bare(self.measured) | {"format": ",.0f"}
        return made

    def shares(self) -> Spec:
        theta = {**bare(self.measured), "stack": True}
        mark = {"type": "arc", **self.maybe(0.5, innerRadius=40), "padAngle": 0.01}
        return {"mark": mark, "encoding": {"theta": theta, "color": self._offset}}

    def boxes(self) -> Spec:
        mark = self.one("boxplot", {"type": "boxplot", "extent": "min-max"}, "errorbar")
        y = {"field": escaped(self.one(*self.over.measures)), "type": "quantitative"}
        return {"mark": mark, "encoding": {"x": self._offset, "y": y}}

    def counts(self) -> Spec:
        y = self.one({"aggregate": "count"}, {"aggregate": "count", "type": "quantitative"})
        return {"mark": self.marked("bar", "area"), "encoding": {"x": self.binned, "y": y}}

    def heat(self) -> Spec:
        encoding = {"x": self.binned, "y": self.binned, "color": {"aggregate": "count"}}
        encoding["color"] |= self.maybe(0.4, scale={"scheme": self.one("blues", "viridis")})
        return {"mark": "rect", "encoding": encoding}

    def layered(self) -> Spec:
        x, y = self.grouped, self.measured
        base: Spec = {"mark": self.marked("bar", "line", "area", "point"), "encoding": {"y": y}}
        zero: Spec = {"mark": "rule", "encoding": {"y": {"datum": 0}}}
        mean: Spec = {"mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {}}
        mean["encoding"]["y"] = {"field": y["field"], "type": "quantitative", "aggregate": "mean"}
        text: Spec = {"mark": {"type": "text", "dy": -6}, "encoding": {"y": y, "text": bare(y)}}
        layers = [base, self.one(zero, mean, text)]
        if self.rng.random() < 0.5:
            return {"layer": layers, "encoding": {"x": x}}
        for layer in layers:
            if layer not in (zero, mean):
                layer["encoding"] = {"x": x, **layer["encoding"]}
        return {"layer": layers}

    def many(self) -> Spec:
        """A composition of views."""
        inner = self.one(self.bars, self.dots, self.heat, self.layered)()
        few = self.over.groups or self.over.measures[1:]
        facet = {"field": escaped(self.one(*few)), "type": "nominal"}
        names = [escaped(name) for name in self.over.measures]
        repeated: Spec = {"mark": "bar", "encoding": {"x": self.grouped}}
        repeated["encoding"]["y"] = {"field": {"repeat": "repeat"}, "type": "quantitative"}
        rows: Spec = {"mark": "point", "encoding": {}}
        rows["encoding"] |= {"y": {"field": {"repeat": "row"}, "type": "quantitative"}}
        rows["encoding"] |= {"x": {"field": {"repeat": "column"}, "type": "quantitative"}}
        return self.one(
            {"facet": facet, "columns": 3, "spec": inner},
            {"facet": {"row": facet}, "spec": inner},
            {"hconcat": [inner, self.unit()]},
            {"vconcat": [self.unit(), {"hconcat": [self.unit(), self.unit()]}], "spacing": 12},
            {"concat": [self.unit(), self.unit(), self.unit()], "columns": 2},
            {"repeat": names, "columns": 2, "spec": repeated},
            {"repeat": {"row": names, "column": names}, "spec": rows},
            self._small_multiples(facet),
        )

    def _small_multiples(self, facet: Spec) -> Spec:
        made = self.bars()
        made["encoding"].pop("xOffset", None)
        made["encoding"][self.one("row", "column", "facet")] = facet
        return made | {"resolve": {"scale": {"y": self.one("independent", "shared")}}}

    def transformed(self) -> Spec:
        """A chart over computed fields."""
        value = escaped(self.one(*self.over.measures))
        group = escaped(self.one(*self.over.times, *self.over.groups, *self.over.names))
        y = {"field": "made", "type": "quantitative"}
        made: Spec = {"mark": "bar", "encoding": {"x": {"field": group}, "y": y}}
        steps: Sequence[list[Spec]] = (
            [{"aggregate": [{"op": "sum", "field": value, "as": "made"}], "groupby": [group]}],
            [{"joinaggregate": [{"op": "mean", "field": value, "as": "made"}]}],
            [{"bin": True, "field": value, "as": "made"}],
            [{"window": [{"op": "sum", "field": value, "as": "made"}], "frame": [None, 0]}],
            [{"window": [{"op": "rank", "as": "made"}], "sort": [{"field": value}]}],
            [{"stack": value, "groupby": [group], "as": ["made", "end"], "offset": "normalize"}],
            [{"fold": [value], "as": ["what", "made"]}],
            [
                {"filter": {"field": value, self.one("gt", "lte"): 10}},
                {"filter": {"or": [{"field": group, "valid": True}, {"not": _only(group)}]}},
                {"aggregate": [{"op": "count", "as": "made"}], "groupby": [group]},
            ],
        )
        return made | {"transform": self.one(*steps)}

    def dressed(self, spec: Spec) -> Spec:
        """With what stands around a chart."""
        spec = spec | self.maybe(0.3, title=self.one("Revenue", {"text": "R", "subtitle": "S"}))
        spec = spec | self.maybe(0.2, width=self.one(300, "container"), height=200)
        if {"facet", "repeat", "hconcat", "vconcat", "concat"} & set(spec):
            spec = {key: value for key, value in spec.items() if key not in {"width", "height"}}
        spec = spec | self.maybe(0.3, data={"ref": "Q1.v1"})
        return spec | self.maybe(0.2, **{"$schema": "https://vega.github.io/schema/vega-lite/v6"})


def _only(group: str) -> Spec:
    return {"field": group, "oneOf": ["Bern", "it's", "https://shop.example/?a=1"]}


_UNIT_MAKERS: Final[tuple[Callable[[Maker], Spec], ...]] = (
    Maker.bars, Maker.bars, Maker.dots, Maker.shares, Maker.boxes, Maker.counts, Maker.heat,
)  # fmt: skip
SHAPES: Final[tuple[tuple[str, Callable[[Maker], Spec]], ...]] = (
    ("unit", Maker.unit),
    ("layer", Maker.layered),
    ("composition", Maker.many),
    ("transform", Maker.transformed),
)


def valid_spec(rng: random.Random, over: World, shape: int) -> tuple[str, Spec]:
    """Return the kind of chart and an acceptable spec for a result."""
    maker = Maker(rng, over)
    kind, make = SHAPES[shape % len(SHAPES)]
    return kind, maker.dressed(make(maker))
