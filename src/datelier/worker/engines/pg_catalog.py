"""Tables and columns of a PostgreSQL database, as its own catalog describes them."""

from collections.abc import Awaitable, Iterable
from typing import Any, Final, Protocol

from datelier.worker.engines.base import ColumnInfo, TableInfo
from datelier.worker.engines.names import quoted, split_name
from datelier.worker.engines.pg_connect import Functions
from datelier.worker.functions import ALLOWED

TABLES_MAX: Final = 20_000
# A count over a table smaller than this many pages (8 KB each) is cheap enough to be exact.
_CHEAP_PAGES: Final = 1000

_TABLES_SQL: Final = """
SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) / 8192 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%%'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
  AND (%s::text[] IS NULL OR n.nspname = ANY(%s::text[]))
  AND (%s::text IS NULL OR c.relname = %s::text) AND (%s::text IS NULL OR n.nspname = %s::text)
ORDER BY n.nspname, c.relname LIMIT %s
"""
_COLUMNS_SQL: Final = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       COALESCE(a.attnum = ANY(i.indkey), false), col_description(a.attrelid, a.attnum)
FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum
"""
# Functions of one row argument: `t.name` calls them though it looks like a column. And functions
# that may do more than compute, which may be named like a harmless one.
_FUNCTIONS_SQL: Final = """
SELECT DISTINCT 'row', p.proname FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0]
WHERE p.pronargs - p.pronargdefaults <= 1 AND p.pronargs >= 1
  AND (t.typtype = 'c' OR t.typname IN ('record', 'any', 'anyelement', 'anycompatible'))
  AND p.pronamespace <> 'pg_catalog'::regnamespace
UNION ALL
SELECT DISTINCT 'own', p.proname FROM pg_proc p
WHERE (p.prosecdef OR p.provolatile = 'v') AND p.pronamespace <> 'pg_catalog'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""


class Querying(Protocol):
    """Runs a constant statement of this package."""

    def __call__(self, sql: str, *parameters: object) -> Awaitable[list[tuple[Any, ...]]]: ...


async def read_catalog(
    query: Querying, schemas: frozenset[str] | None, table: str | None
) -> list[TableInfo]:
    """Tables the role may read; `table` is `name` or `schema.name`."""
    schema, name = split_name(table)
    wanted = sorted(schemas) if schemas else None
    tables = await query(_TABLES_SQL, wanted, wanted, name, name, schema, schema, TABLES_MAX)
    columns: dict[int, list[ColumnInfo]] = {}
    for oid, column, kind, nullable, primary, comment in await query(
        _COLUMNS_SQL, [row[0] for row in tables]
    ):
        info = ColumnInfo(column, kind, bool(nullable), bool(primary), comment)
        columns.setdefault(oid, []).append(info)
    counts = await _counts(query, tables)
    return [_table(row, columns.get(row[0], ()), counts.get(row[0])) for row in tables]


async def _counts(query: Querying, tables: Iterable[tuple[Any, ...]]) -> dict[int, int]:
    """Exact counts of small tables, in one statement."""
    small = [row for row in tables if row[6] is not None and row[6] <= _CHEAP_PAGES][:200]
    if not small:
        return {}
    parts = [
        # Names come from the catalog and are quoted; oids are numbers.
        f"SELECT {int(row[0])}, count(*) FROM {quoted(row[1])}.{quoted(row[2])}"  # noqa: S608 - quoted
        for row in small
    ]
    return {row[0]: row[1] for row in await query(" UNION ALL ".join(parts).replace("%", "%%"))}


def _table(row: tuple[Any, ...], columns: Iterable[ColumnInfo], count: int | None) -> TableInfo:
    _, schema, name, kind, estimate, comment, pages = row
    rows, estimated = count, False
    if rows is None and pages is not None and estimate > 0:
        # Before PostgreSQL 14 a table never analysed says 0, since then -1: both are unknown.
        rows, estimated = int(estimate), True
    return TableInfo(
        schema=schema,
        name=name,
        kind="view" if kind in {"v", b"v"} else "table",
        columns=tuple(columns),
        rows=rows,
        rows_estimated=estimated,
        comment=comment,
    )


async def read_functions(query: Querying) -> Functions:
    """The functions of a database that the guard must know."""
    rows = await query(_FUNCTIONS_SQL)
    by_kind = {kind: frozenset(str(n) for k, n in rows if k == kind) for kind in ("row", "own")}
    return Functions(by_kind["row"], by_kind["own"] & ALLOWED["postgres"])
