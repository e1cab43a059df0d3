"""Identifiers: quoting and splitting."""

from collections.abc import Callable
from typing import Final

from datelier.worker.functions import Dialect


def split_name(table: str | None) -> tuple[str | None, str | None]:
    """`schema.name` as (schema, name); a bare name has no schema."""
    if table is None:
        return None, None
    schema, dot, name = table.partition(".")
    return (schema, name) if dot else (None, table)


def identifier(name: str, dialect: Dialect) -> str:
    """An identifier for a statement that the guard of a dialect reads."""
    return quoting(dialect)(name)


def quoting(dialect: Dialect) -> Callable[[str], str]:
    """How a dialect quotes an identifier."""
    return _QUOTING.get(dialect, quoted)


def backticked(name: str) -> str:
    """An identifier for MySQL and MariaDB."""
    return "`" + name.replace("`", "``").replace("\0", "") + "`"


def quoted(name: str) -> str:
    """An identifier for SQL."""
    return '"' + name.replace('"', '""').replace("\0", "") + '"'


def escaped(name: str) -> str:
    """An identifier where a backslash escapes: ClickHouse, BigQuery."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`").replace("\0", "") + "`"


def bracketed(name: str) -> str:
    """An identifier for SQL Server."""
    return "[" + name.replace("]", "]]").replace("\0", "") + "]"


_QUOTING: Final[dict[Dialect, Callable[[str], str]]] = {
    "mysql": backticked,
    "clickhouse": escaped,
    "bigquery": escaped,
    "tsql": bracketed,
}
