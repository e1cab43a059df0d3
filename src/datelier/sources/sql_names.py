"""How names are written in the SQL of each engine."""

import re
from typing import Final

from datelier.sources.mysql_words import MYSQL_RESERVED
from datelier.sources.schemas import CatalogTable

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
# Words that need quotes as a table name in PostgreSQL or DuckDB.
_RESERVED: Final = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "column",
        "constraint",
        "create",
        "cross",
        "current_date",
        "default",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "for",
        "foreign",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "in",
        "inner",
        "intersect",
        "into",
        "is",
        "join",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "natural",
        "not",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "pivot",
        "primary",
        "qualify",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "show",
        "some",
        "summarize",
        "symmetric",
        "table",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "unpivot",
        "user",
        "using",
        "values",
        "variadic",
        "when",
        "where",
        "window",
        "with",
    ]
)

# By engine: how it quotes, and the names that it reads as they stand without quotes.
_QUOTES: Final[dict[str, tuple[str, str]]] = {
    "mysql": ("`{}`", "``"),
    "clickhouse": ("`{}`", "\\`"),
    "bigquery": ("`{}`", "\\`"),
    "sqlserver": ("[{}]", "]]"),
}
_CAPITALS: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
# A source of these is one database, the current one, and its tables need no further name.
_ONE_DATABASE: Final = frozenset({"files", "mysql", "clickhouse"})


def quote(name: str, engine: str = "postgresql") -> str:
    """Return an identifier as SQL needs it: bare when that is safe, else in quotes."""
    reserved = _RESERVED | MYSQL_RESERVED if engine == "mysql" else _RESERVED
    # Snowflake reads a bare name in capitals: one in small letters needs its quotes.
    plain = _CAPITALS if engine == "snowflake" else _PLAIN
    if plain.fullmatch(name) and name.lower() not in reserved:
        return name
    around, escaped = _QUOTES.get(engine, ('"{}"', '""'))
    if escaped.startswith("\\"):
        name = name.replace("\\", "\\\\")
    return around.format(name.replace(around[-1], escaped))


def qualified(engine: str, table: CatalogTable) -> str:
    """Return a table's name as a statement must write it."""
    if engine in _ONE_DATABASE or table.schema_name in {None, "", "public", "main"}:
        return quote(table.name, engine)
    return f"{quote(table.schema_name or '', engine)}.{quote(table.name, engine)}"
