"""Tables, views, columns and counts of a SQLite file."""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from datelier.worker.engines.base import ColumnInfo, TableInfo
from datelier.worker.engines.names import quoted, split_name
from datelier.worker.engines.sqlite_connect import Session, text, texts
from datelier.worker.engines.sqlite_errors import failure
from datelier.worker.errors import WorkerError

TABLES_MAX: Final = 20_000
_COUNTING_S: Final = 3.0
_ONE_COUNT_S: Final = 1.0
_HIDDEN: Final = 1  # a column of a virtual table that SELECT * leaves out
_TABLES_SQL: Final = """
SELECT l.name, l.type FROM pragma_table_list AS l
WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\\_%'
  ESCAPE '\\' ORDER BY l.name
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds, without counts; `declared` by lower-case table and column."""

    tables: tuple[TableInfo, ...]
    declared: dict[tuple[str, str], str]

    @property
    def columns(self) -> frozenset[str]:
        """Lower-case names of all columns."""
        return frozenset(column for _, column in self.declared)


def read_schema(session: Session) -> Schema:
    """Every table and view; one that cannot be read says why."""
    tables: list[TableInfo] = []
    declared: dict[tuple[str, str], str] = {}
    for name, kind in map(texts, session.own(_TABLES_SQL)[:TABLES_MAX]):
        made = _table(session, name, "view" if kind == "view" else "table")
        tables.append(made)
        declared |= {(name.lower(), c.name.lower()): c.type for c in made.columns}
    return Schema(tuple(tables), declared)


def _table(session: Session, name: str, kind: Literal["table", "view"]) -> TableInfo:
    try:
        rows = session.own(
            'SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?)', name
        )
    except WorkerError as error:  # a view over a table that is gone
        return TableInfo("main", name, kind, (), error=error.message)
    columns = tuple(
        ColumnInfo(text(row[0]), text(row[1]) or "ANY", nullable=not row[2], primary_key=row[3] > 0)
        for row in rows
        if row[4] != _HIDDEN
    )
    return TableInfo("main", name, kind, columns)


def count_rows(session: Session, tables: Iterable[TableInfo]) -> list[TableInfo]:
    """The tables with their exact number of rows, or None where counting takes too long."""
    counted: list[TableInfo] = []
    end = time.monotonic() + _COUNTING_S
    for table in tables:
        left = min(_ONE_COUNT_S, end - time.monotonic())
        counted.append(table if table.error or left <= 0 else _counted(session, table, left))
    return counted


def _counted(session: Session, table: TableInfo, seconds: float) -> TableInfo:
    session.begin(seconds)
    try:
        cell = session.run(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0]  # noqa: S608 - quoted
    except (sqlite3.Error, MemoryError) as error:
        failed = failure(error, session)
        return table if failed.code == "timeout" else replace(table, error=failed.message)
    finally:
        session.end()
    return replace(table, rows=int(cell))


def chosen(schema: Schema, table: str | None) -> list[TableInfo]:
    """The tables of a name, with or without `main.`; all of them without a name."""
    if table is None:
        return list(schema.tables)
    _, bare = split_name(table)
    wanted = {table.lower(), (bare or "").lower() if table.lower().startswith("main.") else ""}
    return [one for one in schema.tables if one.name.lower() in wanted]
