"""A part as it is stored and as every viewer gets it: encoded once."""

from typing import Any, cast

import orjson

from datelier.runs.fold import Part

_DEEPEST = 100
_INT64 = 1 << 63


def encode(part: Part) -> bytes:
    """Return a part as JSON that PostgreSQL and browsers can hold.

    Values that JSON or PostgreSQL cannot carry are changed in place of failing the run: NUL and
    lone surrogates become U+FFFD, integers beyond 64 bits become strings, what is nested deeper
    than 100 levels or unknown becomes its text. `part` itself is changed too, so that what is
    folded later is what viewers saw.
    """
    try:
        encoded = orjson.dumps(part, default=str)
    except (TypeError, ValueError, RecursionError):
        encoded = b"\\u0000"
    if b"\\u0000" in encoded:
        part.update(cast("Part", _clean(part, 0)))
        encoded = orjson.dumps(part)
    return encoded


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if depth < _DEEPEST and isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {_clean(str(key), depth): _clean(item, depth + 1) for key, item in items}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_clean(item, depth + 1) for item in cast("list[Any]", value)]
    return _clean(type(value).__name__ if depth >= _DEEPEST else str(value), depth)
