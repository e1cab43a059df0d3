"""Running SQL that says which definition it computes: said by the model, borne out by its SQL."""

from dataclasses import replace
from typing import Annotated, Any, Final, cast
from uuid import UUID

from pydantic import BaseModel, Field

from datelier.definitions.grounding import definitions_for
from datelier.definitions.models import Definition
from datelier.definitions.showing import handle_of
from datelier.definitions.standing import check_definition
from datelier.definitions.using import find_named, judge, note_use, part_of
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.queries.results import get_query
from datelier.queries.tools import DATA_TOOLS, ExecuteSql

_EXECUTE: Final = next(tool for tool in DATA_TOOLS if tool.name == "execute_sql_query")
_OWN_FAULT: Final = frozenset({"sql_failed", "sql_refused", "source_missing"})


class ExecuteDefined(ExecuteSql):
    """Run SQL."""

    definition: Annotated[
        str | None,
        Field(
            default=None,
            max_length=200,
            description="Handle of the definition that the SQL computes, such as M4. The SQL then "
            "keeps the definition's tables, conditions and expressions; it may add conditions and "
            "groups.",
        ),
    ]


async def _execute(tool: ToolContext, data: ExecuteDefined) -> ToolResult:
    plain = ExecuteSql.model_validate(data.model_dump(exclude={"definition"}))
    result = await _EXECUTE.run(tool, plain)
    if not data.definition:
        return result
    async with tool.ctx.begin() as tx:
        row = await find_named(tool, tx, data.definition)
    if row is None:
        said = f"There is no definition {data.definition[:80]} to use; the query stands for itself."
        return _saying(result, said)
    if result.is_error:
        return await _failed(tool, row, result)
    return await _judged(tool, row, result, data.sql)


async def _failed(tool: ToolContext, row: Definition, result: ToolResult) -> ToolResult:
    """Perhaps the definition itself is broken: then nobody should use it any more."""
    output = cast("dict[str, Any]", result.output or {})
    code = cast("dict[str, Any]", output.get("error") or {}).get("code")
    if code in _OWN_FAULT and row.status == "certified":
        shown = await check_definition(tool.ctx, row.id)
        if shown.lapsed is not None:
            # What the database said may quote a private value: that is for people.
            return _saying(result, f"{shown.handle} {shown.name} does not hold any more.")
    return result


async def _judged(tool: ToolContext, row: Definition, result: ToolResult, sql: str) -> ToolResult:
    output = cast("dict[str, Any]", result.output)
    query_id, version = UUID(str(output["query_id"])), int(output["version"])
    async with tool.ctx.begin() as tx:
        source_id = (await get_query(tx, query_id)).versions[-1].source_id
        borne_out = await judge(tx, row, source_id, sql)
        if borne_out:
            await note_use(tx, row, query_id, version)
    if not borne_out:
        said = (
            f"The SQL does not compute {handle_of(row)} as it is defined, so the answer is not "
            "shown as using it. Keep its tables, conditions and expressions, or do not name it."
        )
        return _saying(result, said)
    part = part_of(row)
    await tool.emit(part)
    return replace(result, output=output | {"definition": part["data"]})


def _saying(result: ToolResult, said: str) -> ToolResult:
    return replace(result, text=f"{result.text}\nNote: {said}")


class FindDefinitions(BaseModel):
    """Find definitions."""

    about: Annotated[str, Field(min_length=1, max_length=500, description="Words to look for.")]


async def _find(tool: ToolContext, data: FindDefinitions) -> ToolResult:
    async with tool.ctx.begin() as tx:
        found = await definitions_for(tx, data.about, tool.source_ids, tool.schemas)
    return ToolResult(
        found.text or "Nothing that is defined is about this.", {"definitions": found.data}
    )


FIND_DEFINITIONS: Final = Tool(
    "find_definitions",
    "Find definitions",
    "Look up how this organization defines metrics and terms: what they mean, and their SQL.",
    FindDefinitions,
    "definition:get",
    _find,
    partition="metadata",
)

EXECUTE_SQL: Final = replace(_EXECUTE, input_model=ExecuteDefined, run=_execute)

DEFINED_DATA_TOOLS: Final[tuple[Tool, ...]] = (
    EXECUTE_SQL,
    *(tool for tool in DATA_TOOLS if tool is not _EXECUTE),
)
"""The data tools of an agent, with SQL that can name a definition."""
