"""How large a chart's numbers, lists and words may be, and which words are colours and formats.

Its schema lets any number and any text stand at places where a browser would draw a million ticks,
or ask another host for a picture: ``color: "url(http://…)"``.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from datelier.artifacts.errors import Problem

Spec = dict[str, Any]
_NUMBER_MAX: Final = 10_000
_ITEMS_MAX: Final = 500
_TEXT_MAX: Final = 1000
_STEPS_MAX: Final = 20
_COUNTS: Final = {
    "maxbins": 500, "tickCount": 100, "nice": 100, "symbolLimit": 200, "count": 100,
    "columns": 50, "width": 4000, "height": 4000, "fontSize": 100, "strokeWidth": 100,
    "spacing": 500, "offset": 1000, "limit": 2000, "labelLimit": 2000,
}  # fmt: skip
_LISTS: Final = {"values": 200, "fold": 20, "repeat": 12, "row": 12, "column": 12, "layer": 20}
_WORDS: Final = {"title": 300, "subtitle": 300, "text": 300, "description": 2000}
# What stands here is compared with data, or is data: any number may be meant.
_DATA: Final = frozenset({
    "domain", "domainMin", "domainMax", "domainMid", "domainRaw", "datum", "equal", "lt",
    "lte", "gt", "gte", "range", "oneOf", "values", "extent", "step", "anchor",
})  # fmt: skip
# What stands here is only shown or compared, never used: any words may be meant.
_SPOKEN: Final = frozenset({
    "title", "subtitle", "text", "description", "name", "field", "groupby", "sort", "domain",
    "datum", "equal", "oneOf", "lt", "lte", "gt", "gte", "fold", "as", "op", "aria",
    "ariaRole", "ariaRoleDescription", "values",
})  # fmt: skip
_PAINTED: Final = frozenset({
    "color", "fill", "stroke", "background", "font", "cursor", "shape", "style", "gradient",
    "symbolType", "symbolFillColor", "dash", "lineColor", "scheme",
})  # fmt: skip
_PLAIN: Final = re.compile(
    r"[\w .,'\"-]{0,100}|#[0-9a-fA-F]{3,8}|(?:rgb|hsl)a?\([\d\s.,%/+-]{1,60}\)"
)
_ADDRESS: Final = re.compile(r"url\s*\(|://|^\s*\w+script:", re.IGNORECASE)
_NUMBER_FORMAT: Final = re.compile(
    r"(?:.?[<>=^])?[-+( ]?[$#]?0?\d{0,2},?(?:\.\d{1,2})?~?[bcdefgnoprsxX%]?", re.DOTALL
)
_TIME_FORMAT: Final = re.compile(r"(?:[^%]|%[-_0]?[aAbBcdefgGHIjLmMpqQsSuUVwWxXyYZ%]){0,60}")
_NAMES: Final = frozenset({
    "field", "groupby", "fold", "as", "argmin", "argmax", "stack", "repeat", "row", "column",
})  # fmt: skip
UNSAFE_NAMES: Final = frozenset({"__proto__", "prototype", "constructor"})
# Vega looks texts up among its own names, and finds these in every object of JavaScript.
_OBJECT_NAMES: Final = UNSAFE_NAMES | frozenset({
    "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf",
    "propertyIsEnumerable", "__defineGetter__", "__defineSetter__", "__lookupGetter__",
    "__lookupSetter__",
})  # fmt: skip


def limit_problems(spec: Spec) -> Iterator[Problem]:
    """Yield what is too much, or no plain word, anywhere in a spec."""
    yield from _object(spec, "", spoken=False, painted=False)
    yield from _formats(spec, "")


def join(path: str, key: object) -> str:
    """Return the path of a part."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _any(node: object, path: str, *, spoken: bool, painted: bool) -> Iterator[Problem]:
    if isinstance(node, dict):
        yield from _object(cast("Spec", node), path, spoken=spoken, painted=painted)
    elif isinstance(node, list):
        yield from _list(cast("list[object]", node), path, spoken=spoken, painted=painted)
    elif isinstance(node, str):
        yield from _text(node, path, spoken=spoken, painted=painted)
    elif isinstance(node, int | float):
        yield from _number(node, path)


def _object(node: Spec, path: str, *, spoken: bool, painted: bool) -> Iterator[Problem]:
    for key, value in node.items():
        here = join(path, key)
        if key in UNSAFE_NAMES:
            yield Problem(here, f"{key} is not allowed as a name")
            continue
        paints = key in _PAINTED or key.endswith(("Color", "Font", "Stroke", "Fill"))
        inner = painted and key in {"value", "condition", "range", "scale"}
        yield from _any(
            value, here, spoken=key in _SPOKEN or (spoken and not paints), painted=paints or inner
        )


def _list(node: list[object], path: str, *, spoken: bool, painted: bool) -> Iterator[Problem]:
    key = path.rpartition(".")[2]
    most = _STEPS_MAX if key == "transform" else _LISTS.get(key, _ITEMS_MAX)
    if len(node) > most:
        yield Problem(path, f"has {len(node)} items; at most {most} are drawn")
        return
    for position, child in enumerate(node):
        yield from _any(child, join(path, position), spoken=spoken, painted=painted)


def _text(text: str, path: str, *, spoken: bool, painted: bool) -> Iterator[Problem]:
    key = re.sub(r"(\[\d+\])+$", "", path).rpartition(".")[2]
    most = _WORDS.get(key, _TEXT_MAX)
    if len(text) > most:
        yield Problem(path, f"is longer than {most} characters")
    elif painted and _PLAIN.fullmatch(text) is None:
        yield Problem(path, f"{text[:40]!r} is no plain colour, font or shape")
    elif not spoken and not painted and _ADDRESS.search(text) is not None:
        yield Problem(path, "addresses are not allowed: charts hold no links, data or code")
    if text in (UNSAFE_NAMES if key in _NAMES else _OBJECT_NAMES):
        yield Problem(path, f"the word {text} cannot stand alone in a chart; rename it in SQL")


def _number(number: float, path: str) -> Iterator[Problem]:
    parts = re.sub(r"\[\d+\]", "", path).split(".")
    key = parts[-1]
    most = _COUNTS.get(key, _NUMBER_MAX)
    if key == "step" and len(parts) > 1 and parts[-2] in {"width", "height"}:
        most = 500
    elif key in _DATA:
        return
    if abs(number) > most:
        yield Problem(path, f"is too large: at most {most:,} is drawn")


def _formats(node: object, path: str) -> Iterator[Problem]:
    """Check number and time formats, which would otherwise fail while drawing."""
    if isinstance(node, list):
        for position, child in enumerate(cast("list[object]", node)):
            yield from _formats(child, join(path, position))
        return
    if not isinstance(node, dict):
        return
    body = cast("Spec", node)
    temporal = body.get("type") == "temporal" or "timeUnit" in body
    for part in (path, "axis", "legend", "header"):
        own = body if part is path else body.get(part)
        if isinstance(own, dict):
            yield from _format(
                cast("Spec", own), path if own is body else join(path, part), temporal
            )
    for key, child in body.items():
        if key not in {"axis", "legend", "header"}:
            yield from _formats(child, join(path, key))


def _format(body: Spec, path: str, temporal: bool) -> Iterator[Problem]:
    kind = body.get("formatType")
    if kind is not None and kind not in {"number", "time"}:
        yield Problem(join(path, "formatType"), "must be number or time")
    form = body.get("format")
    if not isinstance(form, str):
        return
    pattern = _TIME_FORMAT if temporal or kind == "time" else _NUMBER_FORMAT
    if pattern.fullmatch(form) is None:
        what = (
            "time format such as %b %Y" if pattern is _TIME_FORMAT else "number format such as ,.0f"
        )
        yield Problem(join(path, "format"), f"{form[:40]!r} is no {what}")
