"""The words of a chart and the values that annotations stand at, with their places in the spec."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from datelier.artifacts.chart_limits import join

Spec = dict[str, Any]
_WORDS: Final = frozenset({"title", "subtitle", "text", "description"})


@dataclass(slots=True)
class Slot:
    """A text or a value of a chart.

    Attributes:
        path: Where it stands, such as ``layer[1].encoding.y.datum``; empty for the chart's title.
        value: A text, or for a `datum` also a number.
    """

    path: str
    value: Any
    holder: Spec | list[Any]
    key: str | int
    is_datum: bool = False

    @property
    def now(self) -> object:
        """What stands there now."""
        return cast("dict[str | int, Any]", self.holder)[self.key]

    def put(self, value: object) -> None:
        """Replace it in the spec."""
        cast("dict[str | int, Any]", self.holder)[self.key] = value


def with_slots(spec: object) -> tuple[object, list[Slot]]:
    """Return a copy of a spec, and its texts and annotated values, which can be replaced."""
    if not isinstance(spec, dict):
        return spec, []
    try:
        made = copy.deepcopy(cast("Spec", spec))
    except RecursionError:
        return cast("object", spec), []  # the guard says that it is nested too deep
    return made, list(_slots(made, ""))


def _slots(node: object, path: str) -> Iterator[Slot]:
    if isinstance(node, list):
        for position, child in enumerate(cast("list[object]", node)):
            yield from _slots(child, join(path, position))
        return
    if not isinstance(node, dict):
        return
    body = cast("Spec", node)
    for key, value in body.items():
        here = join(path, key)
        if key in _WORDS:
            yield from _words(body, key, value, here)
        elif (
            key == "datum" and isinstance(value, str | int | float) and not isinstance(value, bool)
        ):
            yield Slot(here, value, body, key, is_datum=True)
        elif key not in {"transform", "data", "sort"}:
            yield from _slots(value, here)


def _words(body: Spec, key: str, value: object, path: str) -> Iterator[Slot]:
    if isinstance(value, str):
        yield Slot(path, value, body, key)
    elif isinstance(value, list):
        lines = cast("list[Any]", value)
        for position, line in enumerate(lines):
            if isinstance(line, str):
                yield Slot(join(path, position), line, lines, position)
            else:
                yield from _slots(line, join(path, position))
    elif isinstance(value, dict):
        # A title with a subtitle, or a text channel: {value: …}.
        inner = cast("Spec", value)
        if key == "text" and isinstance(inner.get("value"), str):
            yield Slot(join(path, "value"), inner["value"], inner, "value")
        yield from _slots(inner, path)
