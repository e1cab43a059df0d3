"""What a model is told about sources: tables, columns, a few rows, within a budget."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from datelier.kit.context import Context
from datelier.sources.manage import attached_sources
from datelier.sources.models import Source
from datelier.sources.mysql_words import MYSQL_RESERVED
from datelier.sources.schemas import CatalogTable

BUDGET: Final = 16_000
_CELL: Final = 40
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

Dialect = Literal["duckdb", "postgres", "mysql", "sqlite"]
_DIALECTS: Final[dict[str, Dialect]] = {"files": "duckdb", "mysql": "mysql"}


@dataclass(frozen=True, slots=True)
class Attached:
    """A source as far as it takes to know whether its catalog was rendered before."""

    id: UUID
    name: str
    catalog_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A source rendered once per catalog."""

    head: str
    tables: tuple[tuple[str, str], ...]  # name, Markdown
    structured: dict[str, Any]


_rendered: OrderedDict[tuple[object, ...], _Piece] = OrderedDict()
_KEPT: Final = 256


def quote(name: str, engine: str = "postgresql") -> str:
    """Return an identifier as SQL needs it: bare when that is safe, else in quotes."""
    if engine == "mysql":
        plain = _PLAIN.fullmatch(name) and name not in MYSQL_RESERVED | _RESERVED
        return name if plain else "`" + name.replace("`", "``") + "`"
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(engine: str, table: CatalogTable) -> str:
    """Return a table's name as a statement must write it."""
    if engine in {"files", "mysql"} or table.schema_name in {None, "", "public", "main"}:
        return quote(table.name, engine)  # a source of MySQL is one database, the current one
    return f"{quote(table.schema_name or '')}.{quote(table.name)}"


async def grounding(
    ctx: Context, source_ids: list[UUID] | tuple[UUID, ...], *, budget: int = BUDGET
) -> tuple[str, dict[str, Any]]:
    """Return Markdown for a model and the same facts for the demo model.

    Args:
        ctx: The caller, with or without an open transaction.
        source_ids: Sources of the thread; removed and foreign ones are left out.
        budget: Most characters of the Markdown. Over it, rows go first, then columns; what is
            left out is said.

    Returns:
        The Markdown, and ``{"sources": [{id, name, engine, dialect, tables: [{name, rows,
        columns: [{name, type}]}]}]}`` with names as SQL must write them.
    """
    if ctx.in_transaction:
        sources = await attached_sources(ctx, list(source_ids))
    else:
        async with ctx.begin() as tx:
            sources = await attached_sources(tx, list(source_ids))
    return _compose([_piece(source) for source in sources], budget)


def known_grounding(
    attached: Sequence[Attached], *, budget: int = BUDGET
) -> tuple[str, dict[str, Any]] | None:
    """Return what :func:`grounding` does for sources that exist, without reading their catalogs.

    None when one of the catalogs has not been rendered yet.
    """
    pieces = [_rendered.get((source.id, source.catalog_at, source.name)) for source in attached]
    known = [piece for piece in pieces if piece is not None]
    return _compose(known, budget) if len(known) == len(pieces) else None


def _compose(pieces: list[_Piece], budget: int) -> tuple[str, dict[str, Any]]:
    markdown = "\n\n".join(_fit(piece, budget // max(1, len(pieces))) for piece in pieces)
    return markdown, {"sources": [piece.structured for piece in pieces]}


def _piece(source: Source) -> _Piece:
    key = (source.id, source.catalog_at, source.name)
    known = _rendered.get(key)
    if known is None:
        known = _rendered[key] = _render(source)
        while len(_rendered) > _KEPT:
            _rendered.popitem(last=False)
    return known


def _render(source: Source) -> _Piece:
    dialect = _DIALECTS.get(source.engine, "postgres")
    tables = [CatalogTable.model_validate(t) for t in (source.catalog or {}).get("tables", ())]
    head = (
        f"## Source {source.name} (id {source.id}, {dialect} SQL)"
        if tables
        else f"## Source {source.name} (id {source.id}): its contents are not known yet"
    )
    return _Piece(
        head,
        tuple((qualified(source.engine, t), _table(source.engine, t)) for t in tables),
        {
            "id": str(source.id),
            "name": source.name,
            "engine": source.engine,
            "dialect": dialect,
            "tables": [
                {
                    "name": qualified(source.engine, table),
                    "rows": table.rows,
                    "columns": [
                        {"name": quote(c.name, source.engine), "type": c.type}
                        for c in table.columns
                    ],
                }
                for table in tables
            ],
        },
    )


def _table(engine: str, table: CatalogTable) -> str:
    rows = "" if table.rows is None else f" ({table.rows} rows)"
    note = f": {_flat(table.comment)}" if table.comment else ""
    lines = [f"### {qualified(engine, table)}{rows}{note}"]
    for column in table.columns:
        marks = [column.type]
        if column.primary_key:
            marks.append("primary key")
        if column.comment:
            marks.append(_flat(column.comment))
        lines.append(f"- {quote(column.name, engine)}: {', '.join(marks)}")
    if table.sample.rows:
        lines.append("")
        lines.append("| " + " | ".join(map(_flat, table.sample.columns)) + " |")
        lines.append("|" + "---|" * len(table.sample.columns))
        lines += ["| " + " | ".join(map(_flat, row)) + " |" for row in table.sample.rows[:3]]
    return "\n".join(lines)


def _flat(cell: str | None) -> str:
    # Cells are data: one line each, short, so that they cannot pose as another part of the text.
    if cell is None:
        return ""
    text = " ".join(cell.replace("|", "/").split())
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _fit(piece: _Piece, budget: int) -> str:
    """Render a source in at most `budget` characters."""
    full = [piece.head, *(text for _, text in piece.tables)]
    if sum(map(len, full)) + 2 * len(full) <= budget:
        return "\n\n".join(full)
    short = [text.partition("\n\n|")[0] for _, text in piece.tables]
    kept, used = [piece.head], len(piece.head)
    for position, text in enumerate(short):
        if used + len(text) > budget - 200:
            names = ", ".join(name for name, _ in piece.tables[position:])
            room = max(0, budget - used - 60)
            more = names if len(names) <= room else names[:room] + "…"
            kept.append(f"Further tables, ask describe_source for columns: {more}")
            break
        kept.append(text)
        used += len(text) + 2
    return "\n\n".join(kept)[:budget]
