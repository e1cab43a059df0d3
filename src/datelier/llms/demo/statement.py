"""The statement for a measure, from the parts of a question that were found in a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from datelier.llms.demo import sql
from datelier.llms.demo.question import Ask, Grain
from datelier.llms.demo.resolve import Measure, Ref
from datelier.llms.demo.schema import Column, quoted
from datelier.llms.demo.sql import Scope

Telling = Literal[
    "scalar",
    "series",
    "groups",
    "rank",
    "compare",
    "nulls",
    "duplicates",
    "rows",
    "distinct",
    "why",
]
MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """A question's words, found in one table."""

    measure: Measure
    groups: tuple[Ref, ...]
    time: Column | None
    scope: Scope
    used: tuple[str, ...]
    conditions: tuple[str, ...]
    defaulted: bool


def statement_of(ask: Ask, parts: Parts) -> tuple[str, Telling]:
    """Return the statement and how its result is told."""
    if ask.shape == "compare":
        return _comparison(ask, parts), "compare"
    scope = parts.scope
    value = f"{sql.aggregate(scope, parts.measure)} AS {sql.measure_alias(parts.measure)}"
    conditions = list(parts.conditions)
    selected: list[str] = []
    if ask.grain and parts.time is not None:
        time = scope.own(parts.time)
        selected.append(f"{sql.bucket(time, ask.grain)} AS {_grain_alias(ask.grain)}")
        conditions.append(f"{time} IS NOT NULL")
    selected += _group_columns(ask, parts)
    tail = f"\n{scope.source()}{sql.where(conditions)}"
    if not selected:
        return f"SELECT {value}{tail}", "scalar"
    by = [str(index + 1) for index in range(len(selected))]
    # Two customers of the same name stay two: the key groups as well.
    by += [scope.own(g.foreign_key) for g in parts.groups if g.is_entity and g.foreign_key]
    share = (
        ", " + _share(parts) if ask.share and parts.measure.aggregate in {"sum", "count"} else ""
    )
    statement = f"SELECT {', '.join(selected)}, {value}{share}{tail}\nGROUP BY {', '.join(by)}"
    place = len(selected) + 1
    if ask.grain:
        return f"{statement}\nORDER BY {', '.join(map(str, range(1, place)))}", "series"
    order = f"\nORDER BY {place} {'ASC' if ask.ascending else 'DESC'} NULLS LAST, 1"
    if ask.shape == "rank":
        return f"{statement}{order}\nLIMIT {min(ask.limit or 10, MOST_ROWS)}", "rank"
    return statement + order, "groups"


def _group_columns(ask: Ask, parts: Parts) -> Iterator[str]:
    """Yield the columns that are grouped by, each with a name of its own."""
    names = {sql.measure_alias(parts.measure), *([_grain_alias(ask.grain)] if ask.grain else [])}
    for group in parts.groups:
        name = sql.alias(group.column.name)
        if group.table is not None and name in {"name", "title", "label"}:
            # Of a table that is joined, its name says more: customer.
            name = sql.alias("_".join(group.table.stems))
        if name in names:
            name += "_group"
        names.add(name)
        yield output_as(parts.scope.ref(group), name)


def _share(parts: Parts) -> str:
    value = sql.aggregate(parts.scope, parts.measure)
    whole = f"SUM({value}) OVER ()"
    return f"CAST(100.0 * {value} / NULLIF({whole}, 0) AS DECIMAL(18, 1)) AS share_percent"


def _grain_alias(grain: Grain) -> str:
    return sql.alias(grain) if quoted(grain) != grain else grain


def _comparison(ask: Ask, parts: Parts) -> str:
    scope, time = parts.scope, parts.time
    assert time is not None
    monthly = not ask.periods or any(period.month for period in ask.periods)
    grain: Grain = ask.grain or ("month" if monthly else "year")
    name, value = "period", sql.measure_alias(parts.measure)
    column = scope.own(time)
    conditions = [*parts.conditions, f"{column} IS NOT NULL"]
    if ask.periods:
        conditions.append(" OR ".join(f"({sql.in_period(column, p)})" for p in ask.periods))
    inner = (
        f"SELECT {sql.bucket(column, grain)} AS {name}, {sql.aggregate(scope, parts.measure)} AS "
        f"{value}\n{scope.source()}{sql.where(conditions)}\nGROUP BY 1"
    )
    if not ask.periods:
        inner += "\nORDER BY 1 DESC\nLIMIT 2"
    return sql.with_change(inner, name, value)


def output_as(expression: str, name: str) -> str:
    """Return an output column, with its name only when it differs."""
    return expression if expression == name else f"{expression} AS {name}"
