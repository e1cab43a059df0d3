"""The chart that suits a result: chosen from what its columns are, how many values they have, and wishes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from datelier.artifacts.chart_columns import ColumnShape, Rows, shapes_of
from datelier.artifacts.chart_makers import Kind, Parts, Spec, spec_of
from datelier.artifacts.errors import ChartRefused, Problem
from datelier.queries.trace.tables import NUMBERS

_ON_REQUEST: Final[tuple[Kind, ...]] = ("bar", "line", "area", "pie")
_FACETS: Final = 12
_PARTS: Final = 6
_POINTS: Final = 3  # moments that make a line
_WHOLE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Wish:
    """What a chart should be, as far as somebody said; columns by their names."""

    kind: Kind | None = None
    x: str | None = None
    y: str | None = None
    color: str | None = None
    facet: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A chart for a result.

    Attributes:
        kind: What it is.
        kinds: What else these columns can be, best first.
        title: Made of column names: it holds no figure.
        note: What the chart leaves out, for the model and the reader; empty when nothing.
    """

    kind: Kind
    kinds: tuple[Kind, ...]
    spec: Spec
    title: str
    note: str = ""


def choose(columns: Sequence[tuple[str, str]], rows: Rows, wish: Wish | None = None) -> Choice:
    """Return the chart that suits a result.

    Args:
        columns: Names and types.
        rows: The rows that are drawn.
        wish: What was asked for; what it leaves open is chosen.

    Raises:
        ChartRefused: The result has no shape to look at, or not the columns that were wished for.
    """
    wish = wish or Wish()
    shapes = [
        # A number that names rows elsewhere is the amount when somebody says so.
        replace(shape, role="amount") if shape.name == wish.y and kind in NUMBERS else shape
        for shape, (_, kind) in zip(shapes_of(columns, rows), columns, strict=True)
    ]
    parts = _parts(shapes, wish, len(rows))
    kinds = _possible(parts)
    if not kinds:
        raise ChartRefused([Problem("", _WHY_NOT)])
    if wish.kind is not None and wish.kind not in kinds:
        possible = ", ".join(kinds)
        raise ChartRefused(
            [Problem("kind", f"{wish.kind} does not fit these columns; {possible} do")]
        )
    kind = wish.kind or kinds[0]
    spec = spec_of(kind, parts, rows)
    return Choice(kind, kinds, spec, _title(kind, parts), _note(kind, parts))


_WHY_NOT: Final = "there is no shape to draw: a chart needs a column of numbers and rows to compare"


def _parts(shapes: Sequence[ColumnShape], wish: Wish, rows: int) -> Parts:
    known = {shape.name: shape for shape in shapes}
    wished = {part: getattr(wish, part) for part in ("x", "y", "color", "facet")}
    lost = [Problem(part, f"the result has no column {name!r}; it has {', '.join(known)}")
            for part, name in wished.items() if name is not None and name not in known]  # fmt: skip
    if lost:
        raise ChartRefused(lost)
    facet = known[wish.facet] if wish.facet else None
    if facet is not None and facet.distinct > _FACETS:
        why = (
            f"{wish.facet} has {facet.distinct} values; at most {_FACETS} small charts are legible"
        )
        raise ChartRefused([Problem("facet", why)])
    first = [known[name] for name in (wish.x, wish.y, wish.color) if name]
    ordered = [*first, *(shape for shape in shapes if shape not in first)]
    free = [shape for shape in ordered if shape is not facet]
    times = [shape for shape in free if shape.role in {"time", "year"}]
    names = [shape for shape in free if shape.role == "name" and shape.distinct > 0]
    amounts = [shape for shape in free if shape.role == "amount" and shape.distinct > 0]
    # A rank or a change beside an amount explains it; it is not what is compared.
    amounts.sort(key=lambda shape: shape not in first and (shape.is_ratio or not shape.adds_up))
    time = (
        None
        if wish.x in {n.name for n in names} and wish.color is None
        else next(iter(times), None)
    )
    if facet is None and not wish.color and len(names) > (1 if time is None else 0) + 1:
        # A second dimension with few values becomes small charts, the first keeps its colours.
        few = min(names, key=lambda shape: shape.distinct)
        if 2 <= few.distinct <= _PARTS and few not in first:  # one value splits nothing
            facet, names = few, [name for name in names if name is not few]
    return Parts(time, tuple(names), tuple(amounts), facet, rows)


def _possible(parts: Parts) -> tuple[Kind, ...]:
    """Kinds that the columns can be drawn as, best first."""
    if parts.rows < 2 or parts.amount is None:  # one row is a table
        return ()
    found: list[Kind] = []
    if parts.time is not None:
        found += _over_time(parts)
    elif parts.name is not None:
        found += _by_name(parts)
    elif len(parts.amounts) > 1:
        found.append("scatter")
    found.append("histogram")
    found += _kind("scatter", when=len(parts.amounts) > 1)
    if parts.axis is not None:
        # Seldom the best, and drawn when somebody asks for it.
        found.extend(_ON_REQUEST)
    return tuple(dict.fromkeys(found))


def _over_time(parts: Parts) -> list[Kind]:
    assert parts.time is not None
    adds = parts.amount is not None and parts.amount.adds_up and parts.amount.low >= 0
    several = _kind("grouped", when=parts.series is not None)
    stacked = _kind("stacked", when=adds and parts.series is not None)
    area = _kind("area", when=adds)
    if (
        parts.series is not None
        and parts.amount is not None
        and _is_whole(parts.amount, parts.time)
    ):
        return ["stacked", "line", "grouped", "bar"]
    best: list[Kind] = ["line", "bar"] if parts.time.distinct >= _POINTS else ["bar", "line"]
    return [*best, *stacked, *several, *area]


def _by_name(parts: Parts) -> list[Kind]:
    name, amount, series = parts.name, parts.amount, parts.series
    assert name is not None
    assert amount is not None
    adds = amount.adds_up and amount.low >= 0
    if len(parts.names) > 1 and series is None:
        return ["heatmap", "bar"]
    if series is not None:
        return ["stacked", "grouped", "heatmap", "bar"] if adds else ["grouped", "heatmap", "bar"]
    if amount.is_ratio and name.distinct <= _PARTS and _is_whole(amount, None):
        return ["stacked", "bar", "pie"]
    if len(parts.amounts) > 1 and name.distinct > 2 * _FACETS and name.distinct == parts.rows:
        return ["scatter", "bar"]
    return ["bar", *_kind("pie", when=adds and name.distinct <= _PARTS)]


def _kind(kind: Kind, *, when: bool) -> list[Kind]:
    return [kind] if when else []


def _is_whole(amount: ColumnShape, per: ColumnShape | None) -> bool:
    """Whether amounts are the parts of one whole, or of one per moment."""
    if not amount.is_ratio or amount.low < 0:
        return False
    wholes = per.distinct if per is not None else 1
    return any(abs(amount.total / wholes - whole) <= _WHOLE * whole for whole in (1.0, 100.0))


def _title(kind: Kind, parts: Parts) -> str:
    assert parts.amount is not None
    amount = parts.amount.title
    if kind == "histogram":
        return f"Distribution of {amount[:1].lower()}{amount[1:]}"
    if kind == "scatter":
        second = parts.amounts[1].title
        return f"{second} against {amount[:1].lower()}{amount[1:]}"
    told = [part for part in (parts.axis, parts.series, parts.facet) if part is not None]
    return f"{amount} by {' and '.join(part.name.replace('_', ' ') for part in told)}"


def _note(kind: Kind, parts: Parts) -> str:
    shown = 2 if kind == "scatter" else 1
    left = [amount.name for amount in parts.amounts[shown:]]
    return f"not drawn: {', '.join(left)}" if left else ""
