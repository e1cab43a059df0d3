"""From a question and a schema to a plan: one statement, what to draw, how to tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from datelier.llms.demo import sql
from datelier.llms.demo.question import MONTHS, Ask, Grain, Mark, Period
from datelier.llms.demo.resolve import (
    Measure,
    Ref,
    default_measure,
    explaining_group,
    find_group,
    find_measure,
    key_column,
    mentions,
    time_column,
)
from datelier.llms.demo.schema import Column, Source, Table, quoted
from datelier.llms.demo.sql import Scope
from datelier.llms.demo.words import contains, meaning, variants

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
_MAX_NULL_COLUMNS: Final = 120
_MAX_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Why:
    """What the second statement of a *why* question needs."""

    scope: Scope
    measure: Measure
    time: Column
    group: Ref
    period: Period | None
    down: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the demo model is about to do.

    Attributes:
        fallback: A simpler statement, tried once when `sql` fails.
        mark: What to draw, or None.
        unused: Words of the question that played no part; the answer says so.
    """

    source_id: str
    sql: str
    title: str
    telling: Telling
    subject: str
    mark: Mark | None = None
    fallback: str | None = None
    why: Why | None = None
    unused: tuple[str, ...] = ()
    score: float = 0


def make_plan(ask: Ask, sources: Sequence[Source]) -> Plan | None:
    """Return the best plan over every table of every source, or None when nothing fits."""
    best: Plan | None = None
    for source in sources:
        if ask.shape == "nulls":
            plans = [_nulls(ask, source)]
        else:
            plans = [_on_table(ask, source, table) for table in source.tables]
        for plan in plans:
            if plan is not None and (best is None or plan.score > best.score):
                best = plan
    return best


def _nulls(ask: Ask, source: Source) -> Plan | None:
    named = [table for table in source.tables if mentions(table, ask.words)]
    chosen: list[Table] = []
    columns = 0
    for table in named or source.tables:
        columns += len(table.columns)
        if columns > _MAX_NULL_COLUMNS and chosen:
            break
        chosen.append(table)
    if not chosen:
        return None
    subject = ", ".join(table.label for table in chosen)
    return Plan(
        source.id,
        sql.missing_values(chosen),
        f"Missing values in {subject}",
        "nulls",
        subject,
        mark="bar" if ask.chart else None,
        fallback=sql.missing_values(chosen[:1]),
        score=1 + len(named),
    )


def _on_table(ask: Ask, source: Source, table: Table) -> Plan | None:
    if ask.shape == "duplicates":
        return _duplicates(ask, source, table)
    if ask.shape == "rows":
        return _rows(ask, source, table)
    if ask.shape == "distinct":
        return _distinct(ask, source, table)
    if ask.shape == "why":
        return _why(ask, source, table)
    return _measured(ask, source, table)


def _size(table: Table) -> float:
    """Return a tie-break below every other score: the larger table."""
    return min(table.rows or 0, 10**9) / 10**10


def _duplicates(ask: Ask, source: Source, table: Table) -> Plan | None:
    named = mentions(table, ask.words)
    words = [word for word in ask.words if word not in table.stems]
    columns = [c for c in table.columns if words and contains(words, c.stems)]
    key = key_column(table)
    chosen = columns or ([key] if key else list(table.columns[:12]))
    score = 3.0 * named + len(columns) + 0.5 * (key is not None) + _size(table)
    what = ", ".join(column.name for column in chosen)
    return Plan(
        source.id,
        sql.duplicates(table, chosen),
        f"Duplicates of {what} in {table.label}"[:120],
        "duplicates",
        f"{table.label} by {what}",
        unused=_unused(ask, [*table.stems, *(part for c in chosen for part in c.stems)]),
        score=score,
    )


def _rows(ask: Ask, source: Source, table: Table) -> Plan | None:
    if not mentions(table, ask.words) and len(source.tables) > 1:
        return _measured(ask, source, table)
    scope = Scope(table)
    conditions, used = _conditions(ask, source, scope)
    limit = min(ask.limit or 10, _MAX_ROWS)
    return Plan(
        source.id,
        f"SELECT *\n{scope.source()}{sql.where(conditions)}\nLIMIT {limit}",
        f"Rows of {table.label}",
        "rows",
        table.label,
        unused=_unused(ask, [*table.stems, *used]),
        score=3 + len(table.stems) + _size(table),
    )


def _distinct(ask: Ask, source: Source, table: Table) -> Plan | None:
    found = find_group(source, table, [w for w in ask.words if w not in table.stems] or ask.words)
    if found is None or found.column.kind == "time":
        return None
    scope = Scope(table, (found,))
    name = sql.alias(found.column.name)
    return Plan(
        source.id,
        f"SELECT {_as(scope.ref(found), name)}, COUNT(*) AS row_count\n{scope.source()}\n"
        f"GROUP BY 1\nORDER BY 2 DESC, 1",
        f"Values of {found.column.name}",
        "distinct",
        found.column.name,
        mark="bar" if ask.chart else None,
        unused=_unused(ask, [*found.column.stems, *table.stems]),
        score=2 + mentions(table, ask.words) + (found.table is None) + _size(table),
    )


def _why(ask: Ask, source: Source, table: Table) -> Plan | None:
    measure = find_measure(ask, table, ask.words) or default_measure(table)
    time = time_column(table, ask.words)
    group = explaining_group(source, table)
    if time is None or group is None:
        return None
    scope = Scope(table)
    value = sql.measure_alias(measure)
    inner = (
        f"SELECT {sql.bucket(scope.own(time), 'month')} AS month, "
        f"{sql.aggregate(scope, measure)} AS {value}\n{scope.source()}\n"
        f"WHERE {scope.own(time)} IS NOT NULL\nGROUP BY 1"
    )
    period = ask.periods[0] if ask.periods else None
    named = f"{MONTHS[period.month - 1].title()}" if period and period.month else "the change"
    return Plan(
        source.id,
        # Newest first: the model is shown the first rows only.
        sql.with_change(inner, "month", value) + " DESC",
        f"{_told_name(value)} by month, around {named}",
        "why",
        value,
        mark=ask.mark or "line",
        why=Why(Scope(table, (group,)), measure, time, group, period, ask.down),
        score=measure.score + mentions(table, ask.words) + _size(table),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """A question's words, found in one table."""

    measure: Measure
    groups: tuple[Ref, ...]
    time: Column | None
    scope: Scope
    used: tuple[str, ...]
    conditions: tuple[str, ...]
    defaulted: bool


def _measured(ask: Ask, source: Source, table: Table) -> Plan | None:
    parts = _find_parts(ask, source, table)
    if parts is None:
        return None
    unused = _unused(ask, parts.used)
    if _would_pretend(unused, len(ask.words), parts, source):
        return None
    statement, telling = _statement(ask, parts)
    value = sql.measure_alias(parts.measure)
    told = _told_name(value)
    by = " and ".join([*([ask.grain] if ask.grain else []), *(g.column.name for g in parts.groups)])
    title = told + (f" by {by}" if by else " compared" if telling == "compare" else "")
    drawn = ask.chart or (telling != "scalar" and len(parts.groups) <= 1)
    natural: Mark = "line" if telling == "series" else "bar"
    fallback = (
        f"SELECT {sql.aggregate(parts.scope, parts.measure)} AS {value}\n{parts.scope.source()}"
    )
    score = parts.measure.score + sum(2 if g.table else 3 for g in parts.groups) + _size(table)
    return Plan(
        source.id,
        statement,
        title[:120],
        telling,
        value,
        mark=(ask.mark or natural) if drawn and telling != "scalar" else None,
        fallback=fallback if telling != "scalar" else None,
        unused=unused,
        score=score - 0.5 * len(unused),
    )


def _place_groups(
    ask: Ask, source: Source, table: Table
) -> tuple[Measure | None, list[Ref]] | None:
    """Return the measure (if the words name one) and the groups; None when a group is missing."""
    groups: list[Ref] = []
    words = list(ask.words)
    for phrase in ask.groups:
        found = find_group(source, table, phrase)
        if ask.shape == "rank" and (found is None or _measures(found)):
            continue  # "top 10 customers by revenue": the phrase names the measure
        if found is None:
            return None
        groups.append(found)
        words = [word for word in words if word not in phrase]
    measure = find_measure(ask, table, words)
    if len(groups) < len(ask.groups) and (measure is None or not measure.columns):
        return None  # what to rank by is not in this table
    if ask.shape != "rank" or groups:
        return measure, groups
    taken = {part for column in measure.columns for part in column.stems} if measure else set[str]()
    left = [w for w in words if w not in taken and not (meaning(w) == "revenue" and measure)]
    found = find_group(source, table, left) if left else None
    if found is None:
        return None
    if measure is not None and not measure.columns and ask.aggregate != "count":
        measure = None  # the table's name was the group
    return measure, [found]


def _measures(ref: Ref) -> bool:
    return ref.column.kind == "number" and not ref.column.is_key


def _would_pretend(unused: Sequence[str], words: int, parts: _Parts, source: Source) -> bool:
    """Return whether an answer would be to another question than the one that was asked."""
    if parts.defaulted and unused:
        return True
    others = [table.stems for table in source.tables]
    return len(unused) * 2 >= max(1, words) or any((word,) in others for word in unused)


def _find_parts(ask: Ask, source: Source, table: Table) -> _Parts | None:
    placed = _place_groups(ask, source, table)
    if placed is None:
        return None
    measure, groups = placed
    defaulted = measure is None
    measure = measure or (default_measure(table) if groups or ask.grain or ask.periods else None)
    if measure is None:
        return None
    time = time_column(table, ask.words)
    if time is None and (ask.grain or ask.periods or ask.shape == "compare"):
        return None
    scope = Scope(table, tuple(groups))
    conditions, used = _conditions(ask, source, scope)
    if time is not None and ask.periods and ask.shape != "compare":
        # Several periods are alternatives: "in March and April".
        alternatives = (f"({sql.in_period(scope.own(time), p)})" for p in ask.periods)
        conditions.append(" OR ".join(alternatives))
    used += [*table.stems, *(part for c in measure.columns for part in c.stems)]
    for group in groups:
        used += [*group.column.stems, *(group.table.stems if group.table else ())]
    used += ["revenue"] if len(measure.columns) == 2 else []
    return _Parts(measure, tuple(groups), time, scope, tuple(used), tuple(conditions), defaulted)


def _statement(ask: Ask, parts: _Parts) -> tuple[str, Telling]:
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
    names = {sql.measure_alias(parts.measure), *([_grain_alias(ask.grain)] if ask.grain else [])}
    for group in parts.groups:
        name = sql.alias(group.column.name)
        if group.table is not None and name in {"name", "title", "label"}:
            name = sql.alias("_".join(group.table.stems))
        if name in names:
            name += "_group"
        names.add(name)
        selected.append(_as(scope.ref(group), name))
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
        return f"{statement}{order}\nLIMIT {min(ask.limit or 10, _MAX_ROWS)}", "rank"
    return statement + order, "groups"


def _share(parts: _Parts) -> str:
    value = sql.aggregate(parts.scope, parts.measure)
    whole = f"SUM({value}) OVER ()"
    return f"CAST(100.0 * {value} / NULLIF({whole}, 0) AS DECIMAL(18, 1)) AS share_percent"


def _grain_alias(grain: Grain) -> str:
    return sql.alias(grain) if quoted(grain) != grain else grain


def _comparison(ask: Ask, parts: _Parts) -> str:
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


def _conditions(ask: Ask, source: Source, scope: Scope) -> tuple[list[str], list[str]]:
    """Return the filters that could be placed on the base table, and the words they used."""
    conditions: list[str] = []
    used: list[str] = []
    for asked in ask.filters:
        found = find_group(Source(source.id, source.name, ()), scope.table, asked.phrase)
        if found is not None:
            expression = scope.own(found.column)
            conditions.append(sql.compare(found.column, expression, asked.operator, asked.value))
            used += asked.phrase
    return conditions, used


def _as(expression: str, name: str) -> str:
    return expression if expression == name else f"{expression} AS {name}"


def _told_name(value: str) -> str:
    told = f"number of {value.removesuffix('_count')}" if value.endswith("_count") else value
    return told.replace("_", " ").capitalize()


def _unused(ask: Ask, used: Sequence[str]) -> tuple[str, ...]:
    """Return the content words that played no part in the plan, filters included."""
    left = [w for w in ask.words if not any(contains(used, v) for v in variants(w))]
    left += [" ".join(f.phrase) for f in ask.filters if not contains(used, f.phrase)]
    return tuple(dict.fromkeys(left))
