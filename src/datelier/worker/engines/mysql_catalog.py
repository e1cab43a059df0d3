"""Tables and columns of a database, as the server's own catalog describes them."""

from collections.abc import Awaitable, Iterable
from typing import Final, Protocol

from datelier.worker.engines.base import ColumnInfo, TableInfo
from datelier.worker.engines.names import backticked, split_name

# A count over a table of fewer bytes than this is cheap enough to be exact.
_CHEAP_BYTES: Final = 8 * 1024 * 1024
_COUNTED: Final = 200

_TABLES_SQL: Final = """
SELECT CAST(TABLE_NAME AS CHAR), CAST(TABLE_TYPE AS CHAR), CAST(TABLE_ROWS AS CHAR),
       CAST(TABLE_COMMENT AS CHAR), CAST(DATA_LENGTH AS CHAR)
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ? AND (? IS NULL OR TABLE_NAME = ?) AND TABLE_TYPE <> 'SEQUENCE'
ORDER BY TABLE_NAME LIMIT 20000
"""
_COLUMNS_SQL: Final = """
SELECT CAST(TABLE_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), CAST(COLUMN_TYPE AS CHAR),
       CAST(IS_NULLABLE AS CHAR), CAST(COLUMN_KEY AS CHAR), CAST(COLUMN_COMMENT AS CHAR)
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = ? AND (? IS NULL OR TABLE_NAME = ?)
ORDER BY TABLE_NAME, ORDINAL_POSITION
"""


class Querying(Protocol):
    """Runs a constant statement of this package; cells are texts."""

    def __call__(
        self, sql: str, *parameters: str | int | None
    ) -> Awaitable[list[tuple[str | None, ...]]]: ...


async def read_catalog(query: Querying, database: str, table: str | None) -> list[TableInfo]:
    """Tables the user may read; `table` is `name` or `database.name`."""
    schema, name = split_name(table)
    if schema is not None and schema != database:
        name = table  # no schema, but a name with a dot in it
    tables = await query(_TABLES_SQL, database, name, name)
    columns: dict[str, list[ColumnInfo]] = {}
    for owner, column, kind, nullable, key, comment in await query(
        _COLUMNS_SQL, database, name, name
    ):
        info = ColumnInfo(
            column or "", kind or "", nullable == "YES", key == "PRI", comment or None
        )
        columns.setdefault(owner or "", []).append(info)
    counts = await _counts(query, database, tables)
    return [
        _table(database, row, columns[row[0]], counts.get(row[0]))
        for row in tables
        if row[0] is not None and row[0] in columns
    ]


async def _counts(
    query: Querying, database: str, tables: Iterable[tuple[str | None, ...]]
) -> dict[str, int]:
    """Exact counts of small tables, in one statement."""
    small = [
        row[0]
        for row in tables
        if row[0] is not None and "VIEW" not in (row[1] or "") and row[2] is not None
        and int(row[4] or 0) <= _CHEAP_BYTES and int(row[2]) <= 100_000
    ][:_COUNTED]  # fmt: skip
    if not small:
        return {}
    parts = [
        f"SELECT '{position}', CAST(COUNT(*) AS CHAR) FROM {backticked(database)}.{backticked(name)}"  # noqa: S608 - names of the catalog, quoted
        for position, name in enumerate(small)
    ]
    found = await query(" UNION ALL ".join(parts))
    return {small[int(row[0] or 0)]: int(row[1] or 0) for row in found}


def _table(
    database: str, row: tuple[str | None, ...], columns: Iterable[ColumnInfo], count: int | None
) -> TableInfo:
    name, kind, estimate, comment, _ = row
    is_view = "VIEW" in (kind or "")
    rows, estimated = count, False
    if rows is None and estimate is not None and not is_view:
        rows, estimated = int(estimate), True
    return TableInfo(
        schema=database,
        name=name or "",
        kind="view" if is_view else "table",
        columns=tuple(columns),
        rows=rows,
        rows_estimated=estimated,
        comment=None if is_view else comment or None,
    )
