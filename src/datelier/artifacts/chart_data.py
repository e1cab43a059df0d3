"""A result's rows for a chart, and the chart in one sentence for those who cannot see it."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, cast

from datelier.queries.arrow_store import read_slice
from datelier.queries.results import StoredResult
from datelier.wire.arrow import flags_of
from datelier.wire.columnar import column_json
from datelier.wire.types import FIXED, Column

ROWS_MAX: Final = 20_000
_EXACT: Final = 2**53
_NAMES: Final = {
    "arc": "Pie chart",
    "area": "Area chart",
    "bar": "Bar chart",
    "line": "Line chart",
    "point": "Scatter plot",
    "circle": "Scatter plot",
    "rect": "Heat map",
    "boxplot": "Box plot",
}


def chart_rows(result: StoredResult, limit: int = ROWS_MAX) -> list[dict[str, Any]]:
    """Return rows with typed values; call it off the event loop.

    Numbers are numbers, except integers beyond 2^53, which are strings so that no digit is lost;
    dates and times are ISO texts.
    """
    names = [column.name for column in result.out.columns]
    rows: list[dict[str, Any]] = []
    for batch in read_slice(result.stored.path, result.stored.index, 0, limit):
        columns = [_typed(column) for column in batch.columns]
        rows += [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return rows


def _typed(column: Column) -> list[Any]:
    if column.type == "int64":
        numbers = array(FIXED["int64"], column.data)[: column.length]
        values: list[Any] = [n if -_EXACT <= n <= _EXACT else str(n) for n in numbers]
    elif column.type == "decimal":
        return [_number(value) for value in column_json(column)]
    else:
        return column_json(column)
    if column.validity is None:
        return values
    flags = flags_of(column.validity, column.length)
    return [value if ok else None for value, ok in zip(values, flags, strict=True)]


def _number(value: object) -> object:
    try:
        number = float(str(value))
    except ValueError:
        return value
    return number if abs(number) < float("inf") else value


def describe(spec: dict[str, Any], title: str, rows: Sequence[dict[str, Any]]) -> str:
    """Return a sentence such as "Bar chart, revenue by month, 24 values, lowest …, highest …"."""
    unit = next(_units(spec), None)
    if unit is None:
        return f"Chart: {title}, {len(rows)} rows"
    mark: Any = unit["mark"]
    kind = _NAMES.get(mark if isinstance(mark, str) else str(mark["type"]), "Chart")
    encoding: dict[str, Any] = unit.get("encoding") or {}
    measure, dimension = _roles(encoding)
    if measure is None or dimension is None:
        return f"{kind}, {title}, {len(rows)} rows"
    points = _points(rows, encoding[measure], encoding[dimension])
    label = _label(encoding[measure])
    head = f"{kind}, {label} by {encoding[dimension]['field']}, {len(points)} values"
    if not points:
        return head
    low = min(points, key=points.__getitem__)
    high = max(points, key=points.__getitem__)
    told = f"{head}, lowest {low} {short(points[low])}, highest {high} {short(points[high])}"
    if encoding[dimension].get("type") != "temporal":
        return told
    last = list(points)[-1]
    return f"{told}, last {last} {short(points[last])}"


def _units(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "mark" in spec:
        yield spec
    outer: dict[str, Any] = spec.get("encoding") or {}
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for child in spec.get(key) or ():
            for unit in _units(child):
                yield {**unit, "encoding": {**outer, **(unit.get("encoding") or {})}}
    if isinstance(spec.get("spec"), dict):
        yield from _units(spec["spec"])


def _roles(encoding: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the channels of the measured quantity and of what it is measured by."""
    usable = [
        channel
        for channel in ("y", "x", "theta", "color", "size")
        if isinstance(encoding.get(channel), dict)
        and (isinstance(encoding[channel].get("field"), str) or encoding[channel].get("aggregate"))
    ]
    measured = [c for c in usable if _is_measure(encoding[c])]
    measure = measured[0] if measured else None
    dimension = next(
        (c for c in usable if c != measure and isinstance(encoding[c].get("field"), str)), None
    )
    return measure, dimension


def _is_measure(channel: dict[str, Any]) -> bool:
    return bool(channel.get("aggregate")) or (
        channel.get("type") == "quantitative" and not channel.get("bin")
    )


def _label(channel: dict[str, Any]) -> str:
    field = channel.get("field")
    operation = channel.get("aggregate")
    if operation and isinstance(operation, str):
        return f"{operation} of {field}" if field else "count"
    return str(field)


def _points(
    rows: Sequence[dict[str, Any]], measure: dict[str, Any], dimension: dict[str, Any]
) -> dict[str, float]:
    """Return the drawn value per label, aggregated as the chart does."""
    groups: dict[str, list[float]] = {}
    field = measure.get("field")
    for row in rows:
        value = row.get(field) if field else 1
        if isinstance(value, int | float) and not isinstance(value, bool):
            name = _moment(row.get(cast("str", dimension["field"])), dimension)
            groups.setdefault(name, []).append(float(value))
    operation = measure.get("aggregate")
    return {name: _aggregate(values, operation) for name, values in groups.items()}


def _aggregate(values: list[float], operation: object) -> float:
    if operation == "count":
        return float(len(values))
    if operation in {"mean", "average"}:
        return sum(values) / len(values)
    if operation == "min":
        return min(values)
    return max(values) if operation == "max" else sum(values)


def _moment(value: object, dimension: dict[str, Any]) -> str:
    text = "none" if value is None else str(value)
    unit = str(dimension.get("timeUnit") or "")
    temporal = dimension.get("type") == "temporal" or unit
    if not temporal or len(text) < 10:
        return text[:60]
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text[:60]
    whole = text[10:].strip("T") in {"", "00:00:00", "00:00:00Z"}
    if unit.endswith("month") or (not unit and whole and day.day == 1):
        return f"{day:%b %Y}"
    return f"{day:%Y}" if unit == "year" else f"{day.day} {day:%b %Y}"


def short(value: float) -> str:
    """Return a number as people say it: 1.2 M, 3.4 k, 12.5."""
    for size, mark in ((1e9, " bn"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= size:
            return f"{value / (1e3 if size == 1e4 else size):.3g}{mark}"
    return f"{value:,.10g}" if value == int(value) else f"{value:,.2f}"
