"""Writing SQL that DuckDB and PostgreSQL read the same way.

Identifiers come from the catalogue and are quoted; values are literals with their quotes doubled.
The statement then passes the same guard as any other model's.
"""

# ruff: noqa: S608  # writing SQL text is what this module is for; see above

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from datelier.llms.demo.question import Grain, Period
from datelier.llms.demo.resolve import Measure, Ref
from datelier.llms.demo.schema import Column, Table, quoted

_FUNCTIONS: Final = {"sum": "SUM", "avg": "AVG", "min": "MIN", "max": "MAX"}
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Scope:
    """A base table with the tables it is joined to; renders every column reference."""

    table: Table
    refs: tuple[Ref, ...] = ()

    @property
    def joined(self) -> list[Table]:
        """The joined tables, in order."""
        return list(dict.fromkeys(ref.table for ref in self.refs if ref.table is not None))

    def own(self, column: Column) -> str:
        """Return a column of the base table."""
        return f"t.{quoted(column.name)}" if self.joined else quoted(column.name)

    def ref(self, ref: Ref) -> str:
        """Return a referenced column."""
        if ref.table is None:
            return self.own(ref.column)
        return f"j{self.joined.index(ref.table)}.{quoted(ref.column.name)}"

    def source(self) -> str:
        """Return the FROM clause. A joined table gives one row per key, so nothing multiplies."""
        if not self.joined:
            return f"FROM {self.table.name}"
        parts = [f"FROM {self.table.name} AS t"]
        for index, table in enumerate(self.joined):
            refs = [ref for ref in self.refs if ref.table is table]
            key, foreign = refs[0].key, refs[0].foreign_key
            assert key is not None
            assert foreign is not None
            names = dict.fromkeys(quoted(ref.column.name) for ref in refs)
            names.pop(quoted(key.name), None)
            picked = ", ".join(f"MIN({name}) AS {name}" for name in names)
            parts.append(
                f"LEFT JOIN (SELECT {quoted(key.name)}{', ' if picked else ''}{picked} "
                f"FROM {table.name} GROUP BY {quoted(key.name)}) AS j{index} "
                f"ON j{index}.{quoted(key.name)} = t.{quoted(foreign.name)}"
            )
        return "\n".join(parts)


def aggregate(scope: Scope, measure: Measure, condition: str | None = None) -> str:
    """Return the aggregate, over the rows that meet `condition` when there is one."""
    if not measure.columns:
        if condition is None:
            return "COUNT(*)"
        return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"
    value = " * ".join(scope.own(column) for column in measure.columns)
    if measure.aggregate == "count":
        return f"COUNT({'DISTINCT ' if measure.distinct else ''}{value})"
    if condition is not None:
        value = f"CASE WHEN {condition} THEN {value} END"
    return f"{_FUNCTIONS[measure.aggregate]}({value})"


def alias(name: str) -> str:
    """Return an output name that needs no quotes, so that charts can refer to it."""
    plain = re.sub(r"\W+", "_", name.strip().lower(), flags=re.ASCII).strip("_") or "value"
    plain = f"c_{plain}" if plain[0].isdigit() else plain
    return plain if quoted(plain) == plain else f"{plain}_value"


def measure_alias(measure: Measure) -> str:
    """Return the output name of a measure: what it is, and how it was aggregated."""
    prefix = {"avg": "average_", "min": "lowest_", "max": "highest_"}.get(measure.aggregate, "")
    if measure.aggregate == "sum" and measure.name != "revenue":
        prefix = "" if measure.name.lower().startswith("total") else "total_"
    if measure.aggregate == "count" and not measure.distinct:
        return alias(f"{measure.name}_count")
    return alias(prefix + measure.name)


def bucket(column: str, grain: Grain) -> str:
    """Return the first day of the period that a time lies in."""
    return f"CAST(DATE_TRUNC('{grain}', {column}) AS DATE)"


def in_period(column: str, period: Period) -> str:
    """Return the condition that a time lies in a month, a year, or a month of a year."""
    parts: list[str] = []
    if period.year is not None:
        parts.append(f"EXTRACT(YEAR FROM {column}) = {period.year}")
    if period.month is not None:
        parts.append(f"EXTRACT(MONTH FROM {column}) = {period.month}")
    return " AND ".join(parts)


def between(column: str, first: date, after: date) -> str:
    """Return the condition that a time lies in ``[first, after)``."""
    return f"{column} >= DATE '{first}' AND {column} < DATE '{after}'"


def compare(column: Column, expression: str, operator: str, value: str) -> str:
    """Return a filter. Text is compared without regard to case; values are quoted as literals."""
    if column.kind == "number" and _NUMBER.match(value):
        return f"{expression} {operator} {value}"
    literal = "'" + value.lower().replace("'", "''") + "'"
    text = expression if column.kind == "text" else f"CAST({expression} AS VARCHAR)"
    return f"LOWER({text}) {operator} {literal}"


def where(conditions: Sequence[str]) -> str:
    """Return the WHERE clause with a line of its own, or nothing."""
    if not conditions:
        return ""
    return "\nWHERE " + " AND ".join(
        f"({condition})" if " OR " in condition else condition for condition in conditions
    )


def with_change(inner: str, time_name: str, value_name: str) -> str:
    """Return `inner` with the change to the row before, absolute and in percent."""
    before = f"LAG({value_name}) OVER (ORDER BY {time_name})"
    return (
        f"SELECT {time_name}, {value_name},\n"
        f"  {value_name} - {before} AS change,\n"
        f"  CAST(100.0 * ({value_name} - {before}) / NULLIF({before}, 0) AS DECIMAL(18, 1))"
        f" AS change_percent\nFROM (\n{inner}\n) AS series\nORDER BY {time_name}"
    )


def missing_values(tables: Sequence[Table]) -> str:
    """Return one row per column with missing values; each table is read once."""
    counts: list[str] = []
    rows: list[str] = []
    for number, table in enumerate(tables):
        cells = ", ".join(
            f"COUNT(*) - COUNT({quoted(column.name)}) AS m{index}"
            for index, column in enumerate(table.columns)
        )
        counts.append(f"t{number} AS (SELECT COUNT(*) AS row_count, {cells} FROM {table.name})")
        rows += [
            f"SELECT {_text(table.label)} AS table_name, {_text(column.name)} AS column_name, "
            f"m{index} AS missing, row_count FROM t{number}"
            for index, column in enumerate(table.columns)
        ]
    union = "\nUNION ALL ".join(rows)
    return (
        f"WITH {', '.join(counts)}\n"
        "SELECT table_name, column_name, missing, row_count,\n"
        "  CAST(100.0 * missing / NULLIF(row_count, 0) AS DECIMAL(18, 1)) AS missing_percent\n"
        f"FROM (\n{union}\n) AS columns_seen\nWHERE missing > 0\nORDER BY missing DESC, 1, 2"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def duplicates(table: Table, columns: Sequence[Column]) -> str:
    """Return the values of `columns` that occur more than once."""
    names = ", ".join(quoted(column.name) for column in columns)
    return (
        f"SELECT {names}, COUNT(*) AS copies\nFROM {table.name}\nGROUP BY {names}\n"
        f"HAVING COUNT(*) > 1\nORDER BY copies DESC, 1\nLIMIT 100"
    )
