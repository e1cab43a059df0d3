"""Which Vega-Lite a chart may be: an allow-list first, then the schema of the pinned version.

The allow-list is the wall. It lets through views, marks, encodings and a few transforms over the
fields of the result; it refuses whatever could fetch, link, run an expression or bring data of
its own. Every refusal names the place, so that a model can repair it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, cast

import orjson

from datelier.artifacts.chart_fit import Rows, fit_problems
from datelier.artifacts.chart_limits import limit_problems
from datelier.artifacts.errors import ChartRefused, Problem

Spec = dict[str, Any]
_DEPTH_MAX: Final = 24
_BYTES_MAX: Final = 64 * 1024
_VIEWS_MAX: Final = 20

_IGNORED: Final = frozenset({"$schema", "config", "background", "padding", "autosize", "data"})
_FORBIDDEN: Final = frozenset({
    "url", "href", "expr", "signal", "signals", "params", "param", "selection", "select",
    "datasets", "data", "loader", "labelExpr", "projection", "lookup", "from", "usermeta",
    "calculate", "sequence", "sphere", "graticule", "encode", "bind", "impute",
})  # fmt: skip
_VIEW: Final = frozenset({
    "title", "description", "name", "width", "height", "bounds", "center", "spacing", "align",
    "view", "resolve", "mark", "encoding", "transform", "layer", "hconcat", "vconcat",
    "concat", "columns", "facet", "spec", "repeat",
})  # fmt: skip
_MARKS: Final = frozenset({
    "arc", "area", "bar", "line", "point", "rect", "rule", "text", "tick", "trail", "circle",
    "square", "boxplot", "errorbar", "errorband",
})  # fmt: skip
_CHANNELS: Final = frozenset({
    "x", "y", "x2", "y2", "xOffset", "yOffset", "xError", "yError", "xError2", "yError2",
    "theta", "theta2", "radius", "radius2", "color", "fill", "stroke", "opacity",
    "fillOpacity", "strokeOpacity", "size", "shape", "strokeDash", "strokeWidth", "angle",
    "text", "tooltip", "detail", "order", "row", "column", "facet", "description",
})  # fmt: skip
_TRANSFORMS: Final[dict[str, frozenset[str]]] = {
    "aggregate": frozenset({"aggregate", "groupby"}),
    "joinaggregate": frozenset({"joinaggregate", "groupby"}),
    "bin": frozenset({"bin", "field", "as"}),
    "timeUnit": frozenset({"timeUnit", "field", "as"}),
    "filter": frozenset({"filter"}),
    "window": frozenset({"window", "frame", "ignorePeers", "groupby", "sort"}),
    "fold": frozenset({"fold", "as"}),
    "stack": frozenset({"stack", "groupby", "offset", "sort", "as"}),
}
_PREDICATE: Final = frozenset(
    ["equal", "lt", "lte", "gt", "gte", "range", "oneOf", "valid", "field", "timeUnit"]
)
_NESTED: Final = re.compile(r"(?<!\\)[.\[\]]")


def checked_spec(spec: object, fields: Collection[str], rows: Rows = ()) -> Spec:
    """Return an acceptable spec without data and theme.

    Args:
        spec: What was sent; JSON.
        fields: Columns of the result that it is drawn from.
        rows: Its rows: what would make too much of them is refused.

    Raises:
        ChartRefused: With the path of every refusal found.
    """
    whole = check_size(spec)
    problems = list(_outer(whole))
    kept = {key: value for key, value in whole.items() if key not in _IGNORED}
    problems += _Walk(frozenset(fields) | _made(kept)).view(kept, "")
    problems += limit_problems(kept)
    if problems:
        raise ChartRefused(problems)
    from datelier.artifacts.vega_schema import schema_problems  # noqa: PLC0415  # lazy: compiled code and 1 MB of schema

    problems = schema_problems(kept) or list(fit_problems(kept, rows))
    if problems:
        raise ChartRefused(problems)
    return kept


def check_size(spec: object) -> Spec:
    """Return a spec that is an object of bearable size and depth, or raise ChartRefused."""
    whole = _object(spec)
    if whole is None:
        raise ChartRefused([Problem("", "must be a Vega-Lite object")])
    try:
        size = len(orjson.dumps(spec))
    except TypeError as error:  # too deep, a number out of range, a lone surrogate
        raise ChartRefused([Problem("", f"is not plain JSON: {error}")]) from None
    if size > _BYTES_MAX:
        raise ChartRefused([Problem("", "is larger than 64 KB")])
    depth, level = 0, [spec]
    while level:
        depth += 1
        if depth > _DEPTH_MAX:
            raise ChartRefused([Problem("", f"is nested deeper than {_DEPTH_MAX} levels")])
        level = [child for node in level for child in _children(node)]
    return whole


def _children(node: object) -> list[object]:
    body = _object(node)
    return list(_items(node)) if body is None else list(body.values())


def _object(node: object) -> Spec | None:
    return cast("Spec", node) if isinstance(node, dict) else None


def _is_list(node: object) -> bool:
    return isinstance(node, list)


def _items(node: object) -> list[object]:
    return cast("list[object]", node) if isinstance(node, list) else list[object]()


def _outer(spec: Spec) -> Iterator[Problem]:
    data = spec.get("data")
    if data is not None and (
        not isinstance(data, dict) or set(cast("Spec", data)) - {"ref", "name"}
    ):
        yield Problem("data", "must be left out: the stored result is bound by the server")


def _made(spec: Spec) -> frozenset[str]:
    """Fields that transforms of the spec make."""
    made: set[str] = set()

    def visit(node: object) -> None:
        body = _object(node)
        if body is not None:
            named = body.get("as")
            made.update([named] if isinstance(named, str) else _texts(named))
            if "fold" in body and named is None:
                made.update(("key", "value"))
        for child in _children(node):
            visit(child)

    visit(spec)
    return frozenset(made)


def _texts(value: object) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]


def _at(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


class _Walk:
    """One walk over one spec. Every method yields what it refuses."""

    def __init__(self, fields: frozenset[str]) -> None:
        self._fields = fields
        self._views = 0

    def view(self, node: object, path: str) -> Iterator[Problem]:
        body = _object(node)
        if body is None:
            yield Problem(path, "must be a view object")
            return
        self._views += 1
        if self._views > _VIEWS_MAX:
            yield Problem(path, f"the chart has more than {_VIEWS_MAX} views")
            return
        for key, value in body.items():
            here = _at(path, key)
            if key not in _VIEW:
                yield Problem(here, f"{key} is not allowed in a chart")
                continue
            yield from _VIEW_PARTS.get(key, _Walk.plain)(self, value, here)

    def views(self, node: object, path: str) -> Iterator[Problem]:
        if not _items(node):
            yield Problem(path, "must be a list of views")
        for position, child in enumerate(_items(node)):
            yield from self.view(child, _at(path, position))

    def mark(self, node: object, path: str) -> Iterator[Problem]:
        body = _object(node)
        kind: object = node if body is None else body.get("type")
        if not isinstance(kind, str) or kind not in _MARKS:
            where = path if body is None else _at(path, "type")
            yield Problem(where, f"must be one of {', '.join(sorted(_MARKS))}")
        yield from self.plain(node, path)

    def encoding(self, node: object, path: str) -> Iterator[Problem]:
        body = _object(node)
        if body is None:
            yield Problem(path, "must be an object of channels")
            return
        for channel, value in body.items():
            here = _at(path, channel)
            if channel not in _CHANNELS:
                yield Problem(here, f"the channel {channel} is not allowed")
            else:
                yield from self.plain(value, here)

    def repeat(self, node: object, path: str) -> Iterator[Problem]:
        lists = _object(node) or {"": node}
        for key, names in lists.items():
            for position, name in enumerate(_texts(names)):
                yield from self.field(name, _at(_at(path, key) if key else path, position))

    def transforms(self, node: object, path: str) -> Iterator[Problem]:
        if not _is_list(node):
            yield Problem(path, "must be a list")
        for position, child in enumerate(_items(node)):
            yield from self.transform(child, _at(path, position))

    def transform(self, node: object, path: str) -> Iterator[Problem]:
        body = _object(node) or {}
        keys = set(body)
        kind = next((name for name in _TRANSFORMS if name in keys), None)
        if kind is None:
            known = ", ".join(_TRANSFORMS)
            yield Problem(path, f"only {known} may transform; compute anything else in SQL")
            return
        for key in sorted(keys - _TRANSFORMS[kind]):
            yield Problem(_at(path, key), f"{key} is not allowed in a {kind} transform")
        if kind == "filter":
            yield from self.predicate(body["filter"], _at(path, "filter"))
        yield from self.plain(node, path)

    def predicate(self, node: object, path: str) -> Iterator[Problem]:
        if not isinstance(node, dict):
            yield Problem(
                path, "must be an object such as {field, gt}; expressions are not allowed"
            )
            return
        body = cast("Spec", node)
        for logic in ("and", "or"):
            if logic in body:
                for position, part in enumerate(_items(body[logic])):
                    yield from self.predicate(part, _at(_at(path, logic), position))
        if "not" in body:
            yield from self.predicate(body["not"], _at(path, "not"))
        for key in sorted(set(body) - _PREDICATE - {"and", "or", "not"}):
            yield Problem(_at(path, key), f"{key} is not allowed in a filter")

    def plain(self, node: object, path: str) -> Iterator[Problem]:
        """Check a part whose keys the schema knows: nothing active in it, fields exist."""
        for position, child in enumerate(_items(node)):
            yield from self.plain(child, _at(path, position))
        for key, value in (_object(node) or {}).items():
            here = _at(path, key)
            if key in _FORBIDDEN:
                yield Problem(here, f"{key} is not allowed: charts hold no links, data or code")
            elif key == "test":
                yield from self.predicate(value, here)
                yield from self.plain(value, here)
            elif key == "type" and value == "image":
                yield Problem(here, "images are not allowed")
            elif key in {"field", "groupby", "fold", "stack", "argmin", "argmax"}:
                yield from self.names(value, here)
            else:
                yield from self.plain(value, here)

    def names(self, value: object, path: str) -> Iterator[Problem]:
        if isinstance(value, str) and value not in {"zero", "center", "normalize"}:
            yield from self.field(value, path)
        elif isinstance(value, list):
            for position, name in enumerate(_texts(cast("object", value))):
                yield from self.field(name, _at(path, position))
        elif set(_object(value) or ()) - {"repeat"}:
            yield Problem(path, "must be the name of a column")

    def field(self, name: str, path: str) -> Iterator[Problem]:
        plain = re.sub(r"\\([.\[\]'\"\\])", r"\1", name)
        if plain not in self._fields and name not in self._fields:
            known = ", ".join(sorted(self._fields)[:30])
            yield Problem(path, f"the result has no column {name[:60]!r}; it has {known}")
        elif _NESTED.search(name):
            yield Problem(path, r"write dots and brackets in column names as \. \[ \]")


_Part = Callable[[_Walk, object, str], Iterator[Problem]]
_VIEW_PARTS: Final[Mapping[str, _Part]] = {
    "mark": _Walk.mark,
    "encoding": _Walk.encoding,
    "transform": _Walk.transforms,
    "layer": _Walk.views,
    "hconcat": _Walk.views,
    "vconcat": _Walk.views,
    "concat": _Walk.views,
    "spec": _Walk.view,
    "repeat": _Walk.repeat,
}
