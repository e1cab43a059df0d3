"""The seven data tools of an agent (contract Q28-Q35): read-only, on attached sources only."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from datelier.kit.errors import DatelierError, Invalid, NotFound
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.queries.disclosure import Disclosure, disclosure_of, model_error
from datelier.queries.results import open_result
from datelier.queries.schemas import SQL_MAX, QueryIn, QueryVersionOut
from datelier.queries.service import Author, make_plan, perform
from datelier.queries.text import cell_text, error_text, result_text, rows_of_columns
from datelier.sources.catalog import refresh_catalog
from datelier.sources.errors import ActionFailed
from datelier.sources.grounding import grounding, table_values
from datelier.sources.schemas import ColumnOut
from datelier.sources.sql_names import quote

_HINTS: Final = {
    "sql_refused": "Send one read-only SELECT statement over the listed tables.",
    "sql_failed": "Check table and column names against the described source, then try again.",
    "timeout": "Ask for less: filter, aggregate, or limit the rows.",
    "limit_exceeded": "Ask for less: filter, aggregate, or select fewer columns.",
}

_NO_RESULT: Final = {"code": "internal", "message": "The query gave no result."}

SourceRef = Annotated[
    str | None,
    Field(
        default=None,
        max_length=200,
        description="Id of an attached source; may be left out when only one is attached.",
    ),
]
Table = Annotated[
    str, Field(min_length=1, max_length=300, description="Table as listed, e.g. orders")
]
Condition = Annotated[
    str, Field(min_length=1, max_length=10_000, description="SQL condition: region = 'North'")
]
Limit = Annotated[int | None, Field(default=None, ge=1, description="Most rows to fetch.")]
Title = Annotated[
    str | None, Field(default=None, max_length=200, description="Short title of the result.")
]


class ExecuteSql(BaseModel):
    """Run SQL."""

    source_id: SourceRef
    sql: Annotated[
        str, Field(min_length=1, max_length=SQL_MAX, description="One SELECT statement.")
    ]
    limit: Limit
    title: Title


class ReadData(BaseModel):
    """Read a table."""

    source_id: SourceRef
    table: Table
    columns: Annotated[list[str] | None, Field(default=None, max_length=200)]
    limit: Limit


class DescribeSource(BaseModel):
    """Describe a source."""

    source_id: SourceRef
    table: Annotated[str | None, Field(default=None, max_length=300)]


class SampleData(BaseModel):
    """Sample a table."""

    source_id: SourceRef
    table: Table
    n: Annotated[int, Field(default=5, ge=1, le=1000)]


class CountRows(BaseModel):
    """Count rows."""

    source_id: SourceRef
    table: Table
    condition: Annotated[str | None, Field(default=None, max_length=10_000)]


class FilterData(BaseModel):
    """Filter a table."""

    source_id: SourceRef
    table: Table
    condition: Condition
    limit: Limit


class AggregateData(BaseModel):
    """Aggregate a table."""

    source_id: SourceRef
    table: Table
    group_by: Annotated[list[str], Field(default_factory=list, max_length=20)]
    agg_func: Annotated[
        str, Field(min_length=1, max_length=500, description="For example sum(revenue) or count(*)")
    ]


async def _execute_sql(tool: ToolContext, data: ExecuteSql) -> ToolResult:
    request = {"sql": data.sql, "limit": data.limit, "title": data.title}
    return await _tabular(tool, data.source_id, "execute", request, {"sql": data.sql})


async def _read_data(tool: ToolContext, data: ReadData) -> ToolResult:
    columns = ", ".join(map(quote, data.columns)) if data.columns else "*"
    shown = {"sql": f"-- read {columns} of {data.table}", "limit": data.limit}
    return await _tabular(
        tool, data.source_id, "read", shown, {"table": data.table, "columns": data.columns}
    )


async def _sample_data(tool: ToolContext, data: SampleData) -> ToolResult:
    shown = {"sql": f"-- {data.n} random rows of {data.table}", "limit": data.n}
    return await _tabular(tool, data.source_id, "sample", shown, {"table": data.table, "n": data.n})


async def _count_rows(tool: ToolContext, data: CountRows) -> ToolResult:
    where = f" where {data.condition}" if data.condition else ""
    shown = {"sql": f"-- count rows of {data.table}{where}"}
    params = {"table": data.table, "condition": data.condition}
    return await _tabular(tool, data.source_id, "count", shown, params)


async def _filter_data(tool: ToolContext, data: FilterData) -> ToolResult:
    shown = {"sql": f"-- rows of {data.table} where {data.condition}", "limit": data.limit}
    params = {"table": data.table, "condition": data.condition}
    return await _tabular(tool, data.source_id, "filter", shown, params)


async def _aggregate_data(tool: ToolContext, data: AggregateData) -> ToolResult:
    keys = ", ".join(data.group_by) or "nothing"
    shown = {"sql": f"-- {data.agg_func} of {data.table} grouped by {keys}"}
    params = {"table": data.table, "group_by": data.group_by, "agg_func": data.agg_func}
    return await _tabular(tool, data.source_id, "aggregate", shown, params)


async def _describe(tool: ToolContext, data: DescribeSource) -> ToolResult:
    try:
        source_id = await attached(tool, data.source_id)
        await _known_catalog(tool, source_id)
        text, structured = await grounding(tool.ctx, [source_id], tool.schemas)
    except DatelierError as error:
        return failed(error)
    source = structured["sources"][0]
    if data.table is not None:
        wanted = data.table.replace('"', "").lower()
        found = [
            table
            for table in source["tables"]
            if wanted in {table["name"].replace('"', "").lower(), _bare(table["name"])}
        ]
        if not found:
            return failed(_no_table(data.table, source["tables"]))
        source = source | {"tables": found}
        values = await table_values(tool.ctx, source_id)
        text = "\n".join(_table_lines(table, values.get(table["name"], {})) for table in found)
    return ToolResult(text, {"source": source})


def _bare(name: str) -> str:
    return name.rpartition(".")[2].replace('"', "").lower()


def _no_table(table: str, tables: list[dict[str, Any]]) -> Invalid:
    names = ", ".join(entry["name"] for entry in tables[:50])
    return Invalid(f"There is no table {cell_text(table)}.", hint=f"Tables: {names}")


def _table_lines(table: dict[str, Any], values: dict[str, list[str]]) -> str:
    rows = "" if table["rows"] is None else f" ({table['rows']} rows)"
    columns = [f"- {column['name']}: {column['type']}" for column in table["columns"]]
    columns += [
        f"All values of {name}: {'; '.join(cell_text(value, 120) for value in known)}"
        for name, known in values.items()
    ]
    return "\n".join([f"### {table['name']}{rows}", *columns])


async def _known_catalog(tool: ToolContext, source_id: UUID) -> None:
    _, structured = await grounding(tool.ctx, [source_id])
    if not structured["sources"][0]["tables"]:
        await refresh_catalog(tool.ctx, source_id)


async def attached(tool: ToolContext, wanted: str | None) -> UUID:
    """Return the attached source that is meant.

    Raises:
        Invalid: None or several could be meant.
        NotFound: It is not attached, or has been removed.
    """
    _, structured = await grounding(tool.ctx, tool.source_ids)
    known = {UUID(source["id"]): str(source["name"]) for source in structured["sources"]}
    if not known:
        raise Invalid("No source is attached to this chat.", hint="Ask the user to attach one.")
    names = "; ".join(f"{name}: {key}" for key, name in known.items())
    if wanted is None:
        if len(known) == 1:
            return next(iter(known))
        raise Invalid("Several sources are attached: source_id is needed.", hint=names)
    matches = [
        key
        for key, name in known.items()
        if str(key) == wanted.lower() or name.lower() == wanted.lower()
    ]
    if len(matches) != 1:
        error = NotFound("source")
        error.hint = f"Attached sources: {names}"
        raise error
    return matches[0]


async def _tabular(
    tool: ToolContext,
    wanted: str | None,
    action: str,
    shown: dict[str, Any],
    params: dict[str, Any],
) -> ToolResult:
    """Perform a tabular action; `shown["sql"]` stands in until the worker says what it ran."""
    try:
        source_id = await attached(tool, wanted)
        ctx = tool.ctx
        most = ctx.resources.settings.fetch_max
        if tool.max_rows is not None:
            most = min(most, tool.max_rows)
        request = QueryIn(
            source_id=source_id,
            sql=shown["sql"],
            title=shown.get("title"),
            limit=min(shown.get("limit") or most, most),
            thread_id=tool.thread_id,
        )
        if "n" in params:
            params = params | {"n": min(params["n"], most)}
        limits = {"row_limit": request.limit} if action == "execute" else {"limit": request.limit}
        author = Author("agent", tool.agent, None, tool.run_id)
        schemas = tool.schemas.get(source_id)
        plan = make_plan(ctx, request, action, params | limits, author=author, schemas=schemas)

        async def started(version: QueryVersionOut) -> None:
            await tool.emit(version.to_part())

        version = await perform(ctx, plan, started)
        seen = await disclosure_of(ctx, version)
        names = [column.name for column in version.columns]
        version.withheld = [n for n, ok in zip(names, seen.shown, strict=True) if not ok]
        await tool.emit(version.to_part())
        return await _answer(tool, version, seen)
    except DatelierError as error:
        return failed(error)


async def _answer(tool: ToolContext, version: QueryVersionOut, seen: Disclosure) -> ToolResult:
    output: dict[str, Any] = {
        "handle": version.handle,
        "version": version.version,
        "query_id": str(version.query_id),
    }
    if version.error is not None or version.result_id is None:
        failure = version.error.model_dump() if version.error else dict(_NO_RESULT)
        error = await model_error(tool.ctx, version.source_id, failure)
        code, message = str(error["code"]), str(error["message"])
        hint = error.get("hint") or _HINTS.get(code)
        text = error_text(code, message, hint, error.get("position"))
        details = {"error": {"code": code, "message": message, "hint": hint}}
        return ToolResult(f"Query {version.reference} failed.\n{text}", output | details, True)
    async with tool.ctx.begin() as tx:
        result = await open_result(tx, version.result_id)
    rows_shown = tool.ctx.resources.settings.rows_shown
    first = await asyncio.to_thread(result.rows, 0, rows_shown)
    rows = seen.rows(rows_of_columns(first.data))
    columns = [
        ColumnOut(name=name, type=column.type)
        for name, column in zip(seen.names, version.columns, strict=True)
    ]
    output |= {
        "result_id": str(version.result_id),
        "columns": [{"name": c.name, "type": c.type} for c in columns],
        "rows": [[None if cell is None else cell_text(cell, 500) for cell in row] for row in rows],
        "row_count": version.row_count,
        "total": version.total,
        "truncated": version.truncated,
    }
    text = result_text(version.model_copy(update={"columns": columns}), rows)
    if not seen.complete:
        output["withheld"] = seen.withheld
        text = f"{text}\n{seen.note(version.row_count)}"
    return ToolResult(text, output)


def failed(error: DatelierError) -> ToolResult:
    """Return an expected failure as a result that the model can act on."""
    position = error.position if isinstance(error, ActionFailed) else None
    hint = error.hint or _HINTS.get(error.code)
    body = {"code": error.code, "message": error.detail, "hint": hint}
    return ToolResult(
        error_text(error.code, error.detail, hint, position), {"error": body}, is_error=True
    )


DATA_TOOLS: Final[tuple[Tool, ...]] = (
    Tool(
        "execute_sql_query",
        "Run SQL",
        "Run one read-only SQL statement on an attached source, in the source's dialect. The rows "
        "are kept as a numbered result such as Q1.v1.",
        ExecuteSql,
        "query:run",
        _execute_sql,
    ),
    Tool(
        "read_source_data",
        "Read a table",
        "Read rows of a table of an attached source.",
        ReadData,
        "query:run",
        _read_data,
    ),
    Tool(
        "describe_source",
        "Describe a source",
        "List the tables and columns of an attached source, or of one table.",
        DescribeSource,
        "source:get",
        _describe,
        partition="metadata",
    ),
    Tool(
        "sample_source_data",
        "Sample rows",
        "Read a few random rows of a table of an attached source.",
        SampleData,
        "query:run",
        _sample_data,
    ),
    Tool(
        "count_rows",
        "Count rows",
        "Count the rows of a table of an attached source, all or those a condition holds for.",
        CountRows,
        "query:run",
        _count_rows,
    ),
    Tool(
        "filter_data",
        "Filter rows",
        "Read the rows of a table of an attached source that a condition holds for.",
        FilterData,
        "query:run",
        _filter_data,
    ),
    Tool(
        "aggregate_data",
        "Aggregate rows",
        "Group a table of an attached source and compute one aggregate per group.",
        AggregateData,
        "query:run",
        _aggregate_data,
    ),
)
