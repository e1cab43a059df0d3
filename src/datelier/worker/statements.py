"""The SELECTs that actions build. All of them go through the guard like any other."""

from collections.abc import Sequence
from typing import Any, Final, cast

from datelier.worker.engines.base import TableInfo
from datelier.worker.engines.names import identifier, split_name
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect

_RANDOM: Final[dict[Dialect, str]] = {
    "mysql": "rand()",
    "clickhouse": "rand()",
    "bigquery": "rand()",
    "tsql": "newid()",
}


def table(name: str, dialect: Dialect) -> str:
    """A table name of a request as SQL; files have no schemas."""
    schema, bare = split_name(name.strip())
    bare = bare or ""
    if dialect == "duckdb" or schema is None:
        return identifier(bare, dialect)
    return f"{identifier(schema, dialect)}.{identifier(bare, dialect)}"


def table_of(info: TableInfo, dialect: Dialect) -> str:
    """A table of the catalog as SQL."""
    if dialect == "duckdb":
        return identifier(info.name, dialect)
    return f"{identifier(info.schema, dialect)}.{identifier(info.name, dialect)}"


def where(condition: object) -> str:
    """A WHERE clause for a condition written by a person or a model."""
    text = str(condition or "").strip()
    return f" WHERE ({text}\n)" if text else ""


def random(dialect: Dialect) -> str:
    """A random number for each row."""
    return _RANDOM.get(dialect, "random()")


def columns(names: object, dialect: Dialect) -> str:
    """A select list of column names; all columns when there are none."""
    chosen = _texts(names)
    return ", ".join(identifier(name, dialect) for name in chosen) if chosen else "*"


def aggregate(source: str, group_by: object, functions: object, dialect: Dialect) -> str:
    """`SELECT group, function … GROUP BY`, the first function descending."""
    groups = [identifier(name, dialect) for name in _texts(group_by)]
    calls = _texts(functions) or ["count(*)"]
    selected = ", ".join([*groups, *(f"{call}\n" for call in calls)])
    sql = f"SELECT {selected} FROM {source}"  # noqa: S608 - guarded before it runs
    if groups:
        sql += f" GROUP BY {', '.join(groups)} ORDER BY {len(groups) + 1} DESC"
    return sql


def _texts(value: object) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence):
        return [str(item) for item in cast("Sequence[Any]", value)]
    raise WorkerError("sql_failed", "Column names must be a list of texts.")
