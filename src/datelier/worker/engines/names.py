"""Identifiers: quoting and splitting."""

from datelier.worker.functions import Dialect


def split_name(table: str | None) -> tuple[str | None, str | None]:
    """`schema.name` as (schema, name); a bare name has no schema."""
    if table is None:
        return None, None
    schema, dot, name = table.partition(".")
    return (schema, name) if dot else (None, table)


def identifier(name: str, dialect: Dialect) -> str:
    """An identifier for a statement that the guard of a dialect reads."""
    return backticked(name) if dialect == "mysql" else quoted(name)


def backticked(name: str) -> str:
    """An identifier for MySQL and MariaDB."""
    return "`" + name.replace("`", "``").replace("\0", "") + "`"


def quoted(name: str) -> str:
    """An identifier for SQL."""
    return '"' + name.replace('"', '""').replace("\0", "") + '"'
