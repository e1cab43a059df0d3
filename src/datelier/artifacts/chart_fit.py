"""Whether a chart of certain rows can be drawn: how many panels, bins, ticks and marks it makes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final, cast

from datelier.artifacts.chart_limits import join
from datelier.artifacts.errors import Problem

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]
PANELS_MAX: Final = 60
BINS_MAX: Final = 1000
MARKS_MAX: Final = 100_000
_SECONDS: Final = {
    "millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "date": 86_400,
    "week": 604_800, "month": 2_592_000, "quarter": 7_776_000, "year": 31_536_000,
}  # fmt: skip
_CHILDREN: Final = ("layer", "hconcat", "vconcat", "concat")
_FINE: Final = ("hours", "minutes", "seconds", "milliseconds")


def fit_problems(spec: Spec, rows: Rows) -> Iterator[Problem]:
    """Yield what a spec would make too many of, drawn over these rows.

    Args:
        spec: A spec that the allow-list and the schema accepted.
        rows: The rows that it is drawn from.
    """
    yield from _Fit(rows).view(spec, "", panels=1, marks=len(rows))


class _Fit:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._spans: dict[str, tuple[float, float]] = {}

    def view(self, view: Spec, path: str, *, panels: int, marks: int) -> Iterator[Problem]:
        """Yield the problems of a view and of those inside of it.

        `panels` and `marks` are what is drawn of everything around it, and so of it.
        """
        for position, step in enumerate(view.get("transform") or ()):
            here = join(join(path, "transform"), position)
            marks *= max(1, len(step.get("fold") or ()))
            if "bin" in step:
                yield from self._bins(step["bin"], step.get("field"), join(here, "bin"))
        for where, field in _splits(view, path):
            panels *= max(1, self._count(field))
            if panels > PANELS_MAX:
                yield Problem(
                    where, f"would make {panels} small charts; at most {PANELS_MAX} are drawn"
                )
                return
        if marks > MARKS_MAX:
            yield Problem(
                path or "transform", f"would draw {marks:,} marks; aggregate in SQL instead"
            )
            return
        yield from self._channels(view.get("encoding") or {}, join(path, "encoding"))
        yield from _clashes(view, path)
        yield from self._inside(view, path, panels, marks)

    def _inside(self, view: Spec, path: str, panels: int, marks: int) -> Iterator[Problem]:
        for key in _CHILDREN:
            for position, child in enumerate(view.get(key) or ()):
                here = join(join(path, key), position)
                yield from self.view(child, here, panels=panels, marks=marks)
        if not isinstance(view.get("spec"), dict):
            return
        panels *= _repeats(view.get("repeat"))
        if panels > PANELS_MAX:
            yield Problem(join(path, "repeat"), f"would make {panels} small charts")
            return
        yield from self.view(view["spec"], join(path, "spec"), panels=panels, marks=marks)

    def _channels(self, encoding: Spec, path: str) -> Iterator[Problem]:
        for name, channels in encoding.items():
            several = cast("list[Any]", channels) if isinstance(channels, list) else [channels]
            for channel in several:
                if isinstance(channel, dict):
                    yield from self._channel(cast("Spec", channel), join(path, name))

    def _channel(self, channel: Spec, path: str) -> Iterator[Problem]:
        field = channel.get("field")
        yield from self._bins(channel.get("bin"), field, join(path, "bin"))
        unit: Any = channel.get("timeUnit")
        if isinstance(unit, dict) and not _is_step(cast("Spec", unit).get("step", 1)):
            yield Problem(
                join(join(path, "timeUnit"), "step"), "must be a whole number from 1 to 1,000"
            )
        for part in ("axis", "legend"):
            inner: Any = channel.get(part)
            ticks: Any = cast("Spec", inner).get("tickCount") if isinstance(inner, dict) else None
            yield from self._ticks(ticks, field, join(join(path, part), "tickCount"))

    def _bins(self, bins: object, field: object, path: str) -> Iterator[Problem]:
        if not isinstance(bins, dict):
            return
        body = cast("Spec", bins)
        for key in sorted(set(body) - {"maxbins", "step", "nice", "extent", "anchor", "binned"}):
            yield Problem(join(path, key), f"{key} is not allowed in a bin")
        step: Any = body.get("step")
        if step is None:
            return
        low, high = self._span(field)
        if isinstance(body.get("extent"), list):
            low, high = cast("list[float]", body["extent"])
        if low == high == 0:
            yield Problem(join(path, "step"), "needs a column of numbers; use maxbins")
        elif step <= 0 or (high - low) / step > BINS_MAX:
            yield Problem(join(path, "step"), f"would make more than {BINS_MAX:,} bins")

    def _ticks(self, ticks: object, field: object, path: str) -> Iterator[Problem]:
        if isinstance(ticks, dict):
            interval, step = cast("Spec", ticks).get("interval"), cast("Spec", ticks).get("step", 1)
        else:
            interval, step = ticks, 1
        if not isinstance(interval, str):
            return
        low, high = self._span(field)
        each = _SECONDS.get(interval, 0.001) * (step if _is_step(step) else 0.001)
        if (high - low) / each > BINS_MAX or interval in {"millisecond", "second"}:
            yield Problem(path, f"would make more than {BINS_MAX:,} ticks")

    def _span(self, field: object) -> tuple[float, float]:
        """Return the least and the largest value of a column, moments in seconds."""
        name = _plain(field)
        if name not in self._spans:
            numbers = [n for row in self._rows if (n := _amount(row.get(name))) is not None]
            self._spans[name] = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
        return self._spans[name]

    def _count(self, field: object) -> int:
        name = _plain(field)
        return len({str(row.get(name)) for row in self._rows})


def _splits(view: Spec, path: str) -> Iterator[tuple[str, object]]:
    """Yield the columns by whose values a view is split into small charts, and where each stands."""
    encoding: Spec = view.get("encoding") or {}
    facet: Spec = view.get("facet") or {}
    if facet and not {"row", "column"} & set(facet):
        yield join(join(path, "facet"), "field"), facet.get("field")
        facet = {}
    for name in (*facet, *(name for name in ("row", "column", "facet") if name not in facet)):
        if name in encoding:  # where both name it, the encoding is what is drawn
            yield join(join(path, "encoding"), name), encoding[name].get("field")
        elif name in facet:
            yield join(join(path, "facet"), name), facet[name].get("field")


def _clashes(view: Spec, path: str) -> Iterator[Problem]:
    """Layers share their axes: one cannot name what another measures."""
    shared: Spec = view.get("encoding") or {}
    resolve: Spec = view.get("resolve") or {}
    alone: Spec = resolve.get("scale") or {}
    for axis in ("x", "y"):
        seen: dict[str, int] = {}
        for position, layer in enumerate(view.get("layer") or ()):
            own: Spec = layer.get("encoding") or {}
            channel: Any = own.get(axis) or shared.get(axis)
            kind = _kind(cast("Spec", channel)) if isinstance(channel, dict) else None
            if kind is not None:
                seen.setdefault(kind, position)
        if len(seen) > 1 and alone.get(axis) != "independent":
            told = ", ".join(f"{kind} in layer[{position}]" for kind, position in seen.items())
            yield Problem(join(path, f"layer[{max(seen.values())}].encoding.{axis}"), f"is {told}")


def _kind(channel: Spec) -> str | None:
    kind = channel.get("type")
    if kind is None:
        if isinstance(channel.get("datum"), int | float) or channel.get("bin"):
            return "quantitative"
        if "field" not in channel:
            return "quantitative" if channel.get("aggregate") else None
        if "timeUnit" in channel:
            return "temporal"
        return "quantitative" if isinstance(channel.get("aggregate"), str) else "named"
    return kind if kind in {"quantitative", "temporal"} else "named"


def _plain(field: object) -> str:
    return field.replace("\\", "") if isinstance(field, str) else ""


def _is_step(step: object) -> bool:
    return isinstance(step, int | float) and float(step).is_integer() and 1 <= step <= BINS_MAX


def _repeats(repeat: object) -> int:
    if isinstance(repeat, list):
        return max(1, len(cast("list[object]", repeat)))
    count = 1
    for key, names in cast("Spec", repeat or {}).items():
        count *= max(1, len(names)) if key != "layer" else 1
    return count


def _amount(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if isfinite(value) else None
    text = str(value)
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
