"""What an agent can ask about a source without reading its data: which tables, which columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from datelier.kit.errors import DatelierError, Invalid
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.queries.text import cell_text
from datelier.queries.tools import SourceRef, attached, failed
from datelier.sources.catalog import refresh_catalog
from datelier.sources.grounding import grounding, pieces_of, table_values
from datelier.sources.rendering import Piece
from datelier.sources.search import nearest_tables, search_tables, tables_named

_MOST_COLUMNS: Final = 12
_MOST_DESCRIBED: Final = 300
_PAGE: Final = 20


class DescribeSource(BaseModel):
    """Describe a source."""

    source_id: SourceRef
    table: Annotated[str | None, Field(default=None, max_length=300)]
    columns: Annotated[
        str | None,
        Field(
            default=None,
            max_length=200,
            description="Only the columns of that table with one of these words in their name.",
        ),
    ]


class SearchTables(BaseModel):
    """Search for tables."""

    source_id: SourceRef
    query: Annotated[
        str | None,
        Field(
            default=None,
            max_length=300,
            description="Words of table names, column names, comments or values; may be left out.",
        ),
    ]
    schema_name: Annotated[
        str | None, Field(default=None, max_length=200, description="Only tables of this schema.")
    ]
    offset: Annotated[int, Field(default=0, ge=0, le=1_000_000)]
    limit: Annotated[int, Field(default=_PAGE, ge=1, le=50)]


async def _describe(tool: ToolContext, data: DescribeSource) -> ToolResult:
    try:
        source_id = await attached(tool, data.source_id)
        piece = await _known(tool, source_id)
        if data.table is not None:
            return await _describe_tables(tool, source_id, piece, data)
        text, structured = await grounding(tool.ctx, [source_id], tool.schemas)
    except DatelierError as error:
        return failed(error)
    return ToolResult(text, {"source": structured["sources"][0]})


async def _describe_tables(
    tool: ToolContext, source_id: UUID, piece: Piece, data: DescribeSource
) -> ToolResult:
    assert data.table is not None
    found = tables_named(piece, data.table)
    if not found:
        raise _no_table(data.table, piece)
    values = await table_values(tool.ctx, source_id)
    described = [
        _Described.of(table, values.get(table["name"], {}), data.columns) for table in found
    ]
    source = piece.structured | {"tables": [one.table for one in described]}
    return ToolResult("\n".join(one.text for one in described), {"source": source})


def _no_table(table: str, piece: Piece) -> Invalid:
    names = ", ".join(nearest_tables(piece, table))
    many = len(piece.tables)
    more = f"The nearest of {many:,} tables: " if many > _PAGE else "Tables: "
    return Invalid(f"There is no table {cell_text(table)}.", hint=f"{more}{names}")


@dataclass(frozen=True, slots=True)
class _Described:
    """A table as data and as text, without the columns that were not asked for."""

    table: dict[str, Any]
    text: str

    @classmethod
    def of(
        cls, table: dict[str, Any], values: dict[str, list[str]], wanted: str | None
    ) -> "_Described":
        columns: list[dict[str, Any]] = table["columns"]
        if wanted:
            words = wanted.lower().split()
            columns = [c for c in columns if any(word in c["name"].lower() for word in words)]
        shown = columns[:_MOST_DESCRIBED]
        rows = "" if table["rows"] is None else f" ({table['rows']} rows)"
        lines = [f"### {table['name']}{rows}"]
        lines += [f"- {column['name']}: {column['type']}" for column in shown]
        if len(shown) < len(table["columns"]):
            lines.append(
                f"{len(table['columns']):,} columns, {len(shown):,} shown; name words in "
                '"columns" to see those that have them in their name.'
            )
        names = {column["name"] for column in shown}
        lines += [
            f"All values of {name}: {'; '.join(cell_text(value, 120) for value in known)}"
            for name, known in values.items()
            if name in names
        ]
        return cls(table | {"columns": shown}, "\n".join(lines))


async def _known(tool: ToolContext, source_id: UUID) -> Piece:
    """Return the source as it is known; one that was never looked at is looked at now."""
    [piece] = await pieces_of(tool.ctx, [source_id])
    if not piece.tables:
        await refresh_catalog(tool.ctx, source_id)
    [piece] = await pieces_of(tool.ctx, [source_id], tool.schemas)
    return piece


async def _search(tool: ToolContext, data: SearchTables) -> ToolResult:
    try:
        source_id = await attached(tool, data.source_id)
        piece = await _known(tool, source_id)
    except DatelierError as error:
        return failed(error)
    places = search_tables(piece, data.query, data.schema_name)
    page = places[data.offset : data.offset + data.limit]
    tables = [_listed(piece, place) for place in page]
    output = {
        "source_id": str(source_id),
        "query": data.query,
        "table_count": len(piece.tables),
        "matches": len(places),
        "offset": data.offset,
        "tables": tables,
    }
    return ToolResult(_page_text(piece, data, len(places), tables), output)


def _listed(piece: Piece, place: int) -> dict[str, Any]:
    table = piece.structured["tables"][place]
    columns = [column["name"] for column in table["columns"]]
    return {
        "name": table["name"],
        "rows": table["rows"],
        "comment": piece.catalog[place].comment,
        "columns": columns[:_MOST_COLUMNS],
        "column_count": len(columns),
    }


def _page_text(
    piece: Piece, data: SearchTables, matches: int, tables: Sequence[dict[str, Any]]
) -> str:
    of = f"{len(piece.tables):,} tables"
    if not matches:
        near = ", ".join(nearest_tables(piece, data.query or data.schema_name or ""))
        return f"None of {of} matches. Try another word. Names that look alike: {near or 'none'}"
    if not tables:
        return f"{matches:,} of {of} match; there is none from {data.offset:,} on."
    first, last = data.offset + 1, data.offset + len(tables)
    lines = [f"{matches:,} of {of} match, {first:,} to {last:,} are listed:"]
    lines += [_line(table) for table in tables]
    if last < matches:
        lines.append(f"Go on with offset {last}, or say more words.")
    return "\n".join(lines)


def _line(table: dict[str, Any]) -> str:
    rows = "" if table["rows"] is None else f" ({table['rows']} rows)"
    note = f", {cell_text(table['comment'])}" if table["comment"] else ""
    names = ", ".join(cell_text(name) for name in table["columns"])
    left = table["column_count"] - len(table["columns"])
    more = f" and {left} more" if left else ""
    return f"- {table['name']}{rows}{note}: {names}{more}"


METADATA_TOOLS: Final[tuple[Tool, ...]] = (
    Tool(
        "describe_source",
        "Describe a source",
        "List the tables and columns of an attached source, or of one table. Of a source with very "
        "many tables only some are listed: use search_tables.",
        DescribeSource,
        "source:get",
        _describe,
        partition="metadata",
    ),
    Tool(
        "search_tables",
        "Search for tables",
        "Find tables of an attached source by words of their names, columns, comments or values, "
        "or list all of them page by page.",
        SearchTables,
        "source:get",
        _search,
        partition="metadata",
    ),
)
