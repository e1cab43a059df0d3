"""Charts that must not be drawn as they are asked for, and harmless ones that look like them.

Every maker takes a valid chart with `mark` and `encoding` and spoils it at one place. Host names end
in ``.example``, so that a request of the browser tells which trick made it.
"""

import random
from collections.abc import Callable
from typing import Any, Final, cast

from tests.charts.valid import Maker, Spec
from tests.charts.worlds import World, escaped

EVIL: Final = "http://evil.example/x.png"
_CODE: Final = "(globalThis.owned = 1)"
Spoil = Callable[[random.Random, Spec], Spec]


def _addresses(rng: random.Random) -> str:
    return rng.choice(
        (EVIL, "//evil.example/x", "https://evil.example/x.csv", "file:///etc/passwd",
         "javascript:globalThis.owned=1", "data:text/html,<script>owned=1</script>",
         "HTTP://evil.example", " \thttps://evil.example", "blob:http://evil.example/1"),
    )  # fmt: skip


def _paints(rng: random.Random) -> str:
    return rng.choice(
        (f"url({EVIL})", f"URL( '{EVIL}' )", f"url({EVIL}), auto", f"x; background: url({EVIL})",
         f"url\\28 {EVIL})", f"image-set('{EVIL}' 1x)", f"/**/url({EVIL})", f"red url({EVIL}#a)"),
    )  # fmt: skip


def _code(rng: random.Random) -> str:
    return rng.choice(
        (_CODE, "datum.constructor.constructor('owned=1')()", "warn(owned=1)", "event.view",
         "data('x')", f"open('{EVIL}')", "'' + {toString: () => (globalThis.owned = 1)}"),
    )  # fmt: skip


def _in_encoding(spec: Spec, **channels: Any) -> Spec:
    return {**spec, "encoding": {**spec["encoding"], **channels}}


def _marked(spec: Spec, **more: Any) -> Spec:
    mark = spec["mark"]
    own = cast("Spec", mark) if isinstance(mark, dict) else {"type": mark}
    return {**spec, "mark": {**own, **more}}


def _axis(spec: Spec, kind: str) -> Spec:
    field = next(part["field"] for part in spec["encoding"].values() if "field" in part)
    return _in_encoding(spec, x={"field": field, "type": kind})


def _first(spec: Spec) -> str:
    return next(name for name in ("x", "y", "theta") if name in spec["encoding"])


def _in_channel(spec: Spec, **more: Any) -> Spec:
    name = _first(spec)
    return _in_encoding(spec, **{name: {**spec["encoding"][name], **more}})


def _data(rng: random.Random, spec: Spec) -> Spec:
    url = _addresses(rng)
    return rng.choice(
        (
            {**spec, "data": {"url": url}},
            {**spec, "data": {"url": url, "format": {"type": "topojson", "feature": "x"}}},
            {**spec, "data": {"ref": "Q1.v1", "url": url}},
            {**spec, "data": {"values": [{"a": 1}]}},
            {**spec, "data": {"sequence": {"start": 0, "stop": 1e9}}},
            {**spec, "data": {"graticule": True}},
            {"layer": [{**spec, "data": {"url": url}}]},
            {"hconcat": [spec, {**spec, "data": {"url": url}}]},
            {**spec, "datasets": {"result": [{"a": 1}]}},
            {**spec, "transform": [{"lookup": "a", "from": {"data": {"url": url}, "key": "a"}}]},
        )
    )


def _links(rng: random.Random, spec: Spec) -> Spec:
    url = _addresses(rng)
    return rng.choice(
        (
            _marked(spec, href=url),
            _in_encoding(spec, href={"value": url}),
            _in_encoding(spec, url={"value": url}),
            {**spec, "mark": {"type": "image", "url": url}},
            {**_in_encoding(spec, url={"value": url}), "mark": "image"},
            {"layer": [spec, {"mark": {"type": "image", "url": url}}]},
            {**spec, "usermeta": {"embedOptions": {"loader": {"baseURL": url}, "actions": True}}},
            {**spec, "projection": {"type": "mercator"}, "mark": "geoshape"},
            _in_encoding(spec, tooltip={"value": "x", "href": url}),
        )
    )


def _painted(rng: random.Random, spec: Spec) -> Spec:
    paint = _paints(rng)
    return rng.choice(
        (
            _marked(spec, cursor=paint),
            _marked(spec, font=paint),
            _marked(spec, fill=paint),
            _marked(spec, color=paint),
            _marked(spec, shape=paint),
            _in_encoding(spec, color={"value": paint}),
            _in_encoding(spec, stroke={"value": paint}),
            _in_channel(spec, axis={"labelFont": paint}),
            _in_channel(spec, axis={"labelColor": paint, "titleFont": paint}),
            {**spec, "title": {"text": "T", "font": paint}},
            {**spec, "title": {"text": "T", "color": paint, "subtitleFont": paint}},
            {**spec, "view": {"fill": paint}},
            {**spec, "view": {"cursor": paint}},
        )
    )


def _expressions(rng: random.Random, spec: Spec) -> Spec:
    code = _code(rng)
    return rng.choice(
        (
            {**spec, "params": [{"name": "p", "expr": code}]},
            {**spec, "params": [{"name": "p", "select": "interval", "bind": "scales"}]},
            {**spec, "params": [{"name": "p", "value": 1, "bind": {"input": "range"}}]},
            {**spec, "transform": [{"calculate": code, "as": "y"}]},
            {**spec, "transform": [{"filter": code}]},
            {**spec, "transform": [{"filter": {"not": {"or": [code]}}}]},
            {**spec, "transform": [{"filter": {"param": "p"}}]},
            _in_channel(spec, axis={"labelExpr": code}),
            _in_channel(spec, axis={"values": {"expr": code}}),
            _in_channel(spec, scale={"domain": {"signal": code}}),
            _in_channel(spec, axis={"labelColor": {"condition": {"test": code, "value": "red"}, "value": "x"}}),
            _in_encoding(spec, color={"condition": {"test": code, "value": "red"}, "value": "x"}),
            _in_encoding(spec, size={"value": {"expr": code}}),
            _in_encoding(spec, y={"datum": {"expr": code}}),
            _in_encoding(spec, opacity={"condition": {"param": "p", "value": 1}, "value": 0}),
            _marked(spec, tooltip={"signal": code}),
            _marked(spec, opacity={"expr": code}),
            {**spec, "title": {"text": {"expr": code}}},
            {**spec, "width": {"signal": code}},
            {**spec, "signals": [{"name": "s", "init": code}]},
            {**spec, "encode": {"update": {"fill": {"signal": code}}}},
            {**spec, "mark": {"type": "custom", "from": {"data": "x"}}},
        )
    )  # fmt: skip


def _enormous(rng: random.Random, spec: Spec) -> Spec:
    """What would keep a browser busy for ever, or fill its memory."""
    lots = rng.choice((1e6, 1e9, 1e15))
    field = next(p["field"] for p in spec["encoding"].values() if "field" in p)
    amount = {"field": field, "type": "quantitative"}
    moment = {"field": field, "type": "temporal"}
    return rng.choice(
        (
            {**spec, "width": lots},
            {**spec, "height": lots, "width": lots},
            {**spec, "height": {"step": lots}},
            _in_encoding(spec, x={**amount, "bin": {"maxbins": lots}}),
            _in_encoding(spec, x={**amount, "bin": {"step": 1 / lots}}),
            {**spec, "transform": [{"bin": {"step": 1 / lots}, "field": field, "as": "b"}]},
            {**spec, "transform": [{"bin": {"maxbins": lots}, "field": field, "as": "b"}]},
            _in_encoding(spec, x={**amount, "axis": {"tickCount": lots}}),
            _in_encoding(spec, x={**moment, "axis": {"tickCount": "millisecond"}}),
            _in_encoding(spec, x={**moment, "axis": {"tickCount": {"interval": "second", "step": 1}}}),
            _in_encoding(spec, x={**moment, "timeUnit": {"unit": "year", "step": 1 / lots}}),
            _in_encoding(spec, x={**amount, "impute": {"value": 0, "keyvals": {"start": 0, "stop": lots}}}),
            _in_encoding(spec, x={**amount, "scale": {"nice": lots}}),
            _in_encoding(spec, color={**amount, "legend": {"tickCount": lots, "symbolLimit": lots}}),
            _in_encoding(spec, color={**amount, "scale": {"scheme": {"name": "blues", "count": lots}}}),
            _marked(spec, size=lots),
            _marked(spec, strokeWidth=lots),
            {**spec, "spacing": lots},
            {**spec, "title": {"text": "T", "fontSize": lots}},
            {**spec, "transform": [{"density": field, "steps": lots}]},
            {**spec, "transform": [{"impute": field, "key": field, "keyvals": {"start": 0, "stop": lots}}]},
            {"hconcat": [spec] * 40},
            {"repeat": {"layer": [field] * 200}, "spec": spec},
            {"repeat": {"row": [field] * 12, "column": [field] * 12}, "spec": spec},
            {**spec, "transform": [{"fold": [field] * 200, "as": ["k", "v"]}]},
            {**spec, "transform": [{"fold": [field, field], "as": ["k", "v"]}] * 24},
            {**spec, "title": "x" * 70_000},
            {**spec, "title": "x" * 3000},
            _marked(spec, shape="M0,0" + "L1,1" * 9000),
            _in_channel(spec, axis={"values": list(range(5000))}),
        )
    )  # fmt: skip


def _nested(rng: random.Random, spec: Spec) -> Spec:
    deep: Any = spec
    for _ in range(rng.choice((25, 200, 900))):
        deep = rng.choice(({"layer": [deep]}, {"hconcat": [deep]}, {"vconcat": [deep]}))
    other: Any = {"field": "x", "equal": 1}
    for _ in range(60):
        other = {"not": other}
    return rng.choice((deep, {**spec, "transform": [{"filter": other}]}))


def _prototypes(rng: random.Random, spec: Spec) -> Spec:
    name = rng.choice(("__proto__", "constructor", "prototype"))
    return rng.choice(
        (
            {**spec, name: {"url": EVIL}},
            _in_encoding(spec, **{name: {"field": "a"}}),
            _in_channel(spec, field=name),
            _in_channel(spec, axis={name: {"labelExpr": _CODE}}),
            {**spec, "transform": [{"fold": ["x"], "as": [name, "v"]}]},
            {**spec, "transform": [{"aggregate": [{"op": "count", "as": name}], "groupby": []}]},
            _in_encoding(spec, detail={"field": f"a.{name}.b", "type": "nominal"}),
            _marked(spec, **{name: {"owned": True}}),
            _in_channel(spec, scale={"scheme": name}),
            _in_channel(spec, timeUnit=name),
            _in_channel(spec, aggregate=name),
            {**spec, "mark": name},
            {**spec, "title": name},
        )
    )  # fmt: skip


def _malformed(rng: random.Random, spec: Spec) -> Spec:
    return rng.choice(
        (
            {**spec, "mark": None},
            {**spec, "mark": []},
            {**spec, "mark": {"type": "bar "}},
            {**spec, "mark": {"type": ["bar", "image"]}},
            {**spec, "encoding": []},
            {"layer": []},
            {"layer": [[spec]]},
            {"layer": [_axis(spec, "temporal"), _axis(spec, "nominal")]},
            {"hconcat": {"0": spec}},
            {**spec, "mark": "bar", "layer": [spec]},
            {"encoding": spec["encoding"]},
            _in_channel(spec, field=["a", "b"]),
            _in_channel(spec, field={"expr": "a"}),
            _in_channel(spec, field="no such column"),
            _in_channel(spec, type="image"),
            _in_channel(spec, aggregate="eval"),
            _in_channel(spec, aggregate={"argmax": "no such column"}),
            _in_channel(spec, axis={"format": "%%%q{}"}),
            _in_channel(spec, axis={"format": "x" * 80}),
            _in_channel(spec, axis={"formatType": "open"}),
            _in_channel(spec, axis={"format": {"url": EVIL}}),
            _in_encoding(spec, color={"scale": {"scheme": "no such scheme"}, "field": "x"}),
            {**spec, "transform": [{"regression": "x", "on": "y"}]},
            {**spec, "transform": [{"sample": 5}]},
            {**spec, "transform": [None]},
            {**spec, "transform": {"0": {"filter": "x"}}},
            {**spec, "vegaSpec": {"marks": []}},
            {"$schema": "https://vega.github.io/schema/vega/v6.json", "marks": [], "signals": []},
            {"repeat": ["no such column"], "spec": spec},
            {"facet": {"field": "no such column"}, "spec": spec},
            {**spec, "facet": {"row": {"url": EVIL}}, "spec": spec},
            _in_encoding(spec, key={"field": "x"}),
            _in_encoding(spec, latitude={"field": "x"}),
            {**spec, "resolve": {"scale": {"x": "evil"}}},
        )
    )


REFUSED: Final[dict[str, Spoil]] = {
    "data of its own": _data,
    "link or image": _links,
    "paint that loads": _painted,
    "expression": _expressions,
    "enormous": _enormous,
    "deep nesting": _nested,
    "prototype name": _prototypes,
    "malformed": _malformed,
}


def _lookalike(rng: random.Random, spec: Spec) -> Spec:
    """Words that look dangerous where they are only words."""
    text = rng.choice((EVIL, "javascript:alert(1)", "<script>owned=1</script>", f"url({EVIL})",
                       "</title><img src=x onerror=owned=1>", "${owned=1}", '" + (owned=1) + "'))  # fmt: skip
    field = next(p["field"] for p in spec["encoding"].values() if "field" in p)
    return rng.choice(
        (
            {**spec, "title": text},
            {**spec, "title": {"text": "T", "subtitle": [text, text]}},
            {**spec, "description": text},
            {**spec, "name": "signal", "title": "data"},
            {**spec, "transform": [{"filter": {"not": {"field": field, "equal": text}}}]},
            {**spec, "transform": [{"filter": {"field": field, "oneOf": [text, "x"]}}]},
            {"layer": [spec, {"mark": {"type": "text", "text": text}, "encoding": {}}]},
            _in_channel(spec, title=text),
            _in_channel(spec, axis={"title": text}),
            {"layer": [spec, {"mark": "text", "encoding": {"text": {"value": text}}}]},
            {**_marked(spec), "config": {"background": f"url({EVIL})"}},
            {**spec, "background": f"url({EVIL})", "$schema": EVIL},
        )
    )


def hostile_spec(rng: random.Random, over: World, number: int) -> tuple[str, Spec]:
    """Return what kind of attack it is, and a spec that must be refused."""
    kind = list(REFUSED)[number % len(REFUSED)]
    return kind, REFUSED[kind](rng, _base(rng, over))


def lookalike_spec(rng: random.Random, over: World) -> tuple[str, Spec]:
    """Return a harmless chart that holds words of attacks."""
    return "lookalike", _lookalike(rng, _base(rng, over))


def _base(rng: random.Random, over: World) -> Spec:
    maker = Maker(rng, over)
    y = {"field": escaped(maker.one(*over.measures)), "type": "quantitative"}
    encoding: Spec = {"x": maker.grouped, "y": y}
    return {"mark": maker.marked("bar", "line", "point"), "encoding": encoding}
