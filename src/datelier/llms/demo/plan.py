"""From a question and a schema to a plan: one statement, what to draw, how to tell it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from datelier.llms.demo import sql
from datelier.llms.demo.dialects import translated
from datelier.llms.demo.question import MONTHS, Ask, Mark, Period
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
from datelier.llms.demo.schema import Column, Source, Table
from datelier.llms.demo.sql import Scope
from datelier.llms.demo.statement import MOST_ROWS, Parts, Telling, output_as, statement_of
from datelier.llms.demo.words import contains, meaning, variants

_MAX_NULL_COLUMNS: Final = 120


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
        asked: The kind of chart that was asked for by name.
        unused: Words of the question that played no part; the answer says so.
    """

    source_id: str
    sql: str
    title: str
    telling: Telling
    subject: str
    mark: Mark | None = None
    asked: Mark | None = None
    fallback: str | None = None
    why: Why | None = None
    unused: tuple[str, ...] = ()
    score: float = 0
    dialect: str = ""


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
                best = replace(plan, dialect=source.dialect)
    return best and _translated(best)


def _translated(plan: Plan) -> Plan:
    """The plan with its statements in the dialect of its source."""
    fallback = plan.fallback and translated(plan.fallback, plan.dialect)
    return replace(plan, sql=translated(plan.sql, plan.dialect), fallback=fallback)


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
    limit = min(ask.limit or 10, MOST_ROWS)
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
        f"SELECT {output_as(scope.ref(found), name)}, COUNT(*) AS row_count\n{scope.source()}\n"
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
        asked=ask.mark,
        why=Why(Scope(table, (group,)), measure, time, group, period, ask.down),
        score=measure.score + mentions(table, ask.words) + _size(table),
    )


def _measured(ask: Ask, source: Source, table: Table) -> Plan | None:
    parts = _find_parts(ask, source, table)
    if parts is None:
        return None
    unused = _unused(ask, parts.used)
    if _would_pretend(unused, len(ask.words), parts, source):
        return None
    statement, telling = statement_of(ask, parts)
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
        asked=ask.mark,
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


def _would_pretend(unused: Sequence[str], words: int, parts: Parts, source: Source) -> bool:
    """Return whether an answer would be to another question than the one that was asked."""
    if parts.defaulted and unused:
        return True
    others = [table.stems for table in source.tables]
    return len(unused) * 2 >= max(1, words) or any((word,) in others for word in unused)


def _find_parts(ask: Ask, source: Source, table: Table) -> Parts | None:
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
    return Parts(measure, tuple(groups), time, scope, tuple(used), tuple(conditions), defaulted)


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


def _told_name(value: str) -> str:
    told = f"number of {value.removesuffix('_count')}" if value.endswith("_count") else value
    return told.replace("_", " ").capitalize()


def _unused(ask: Ask, used: Sequence[str]) -> tuple[str, ...]:
    """Return the content words that played no part in the plan, filters included."""
    left = [w for w in ask.words if not any(contains(used, v) for v in variants(w))]
    left += [" ".join(f.phrase) for f in ask.filters if not contains(used, f.phrase)]
    return tuple(dict.fromkeys(left))
