"""Tools that stand where the data tools do: they count, they fail, they wait."""

import asyncio

from pydantic import BaseModel

from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.start_tool import START_BACKGROUND_RUN
from datelier.kit.errors import Conflict
from datelier.kit.tools import Effect, Preview, Tool, ToolContext, ToolResult


class CountInput(BaseModel):
    """What to count."""

    table: str


class Nothing(BaseModel):
    """No arguments."""


calls: list[str] = []
waiting = asyncio.Event()
cancelled = asyncio.Event()


async def _count(at: ToolContext, given: CountInput) -> ToolResult:
    calls.append(at.tool_call_id)
    data = {"query_id": at.tool_call_id, "handle": "Q1", "version": 1, "status": "done"}
    await at.emit({"type": "data-query", "id": f"{at.tool_call_id}:1", "data": data})
    return ToolResult(f"{given.table}: 42 rows", {"table": given.table, "rows": 42})


async def _refuse(_at: ToolContext, _given: Nothing) -> ToolResult:
    raise Conflict("The table is locked.", hint="Try later.")


async def _break(_at: ToolContext, _given: Nothing) -> ToolResult:
    raise LookupError("internal detail")


async def _wait(_at: ToolContext, _given: Nothing) -> ToolResult:
    waiting.set()
    try:
        await asyncio.Event().wait()
    finally:
        cancelled.set()
    raise AssertionError


cleaned: list[dict[str, object]] = []
cleaned_by: list[str] = []


class CleanInput(BaseModel):
    """What to clean."""

    table: str
    limit: int = 10


async def _clean(at: ToolContext, given: CleanInput) -> ToolResult:
    cleaned.append(given.model_dump())
    cleaned_by.append(at.tool_call_id)
    return ToolResult(f"{given.table} is clean", {"cleaned": given.limit})


async def _preview(_at: ToolContext, given: CleanInput) -> Preview:
    if given.table == "locked":
        raise Conflict("The table is locked.")
    risk: Effect = "destructive" if given.table == "everything" else "write"
    return Preview(f"wants to clean {given.table}", {"rows": given.limit}, risk)


CLEAN = Tool(
    "clean", "Clean", "Cleans.", CleanInput, "query:run", _clean, "write", preview=_preview
)

TOOLS = (
    CLEAN,
    REQUEST_HUMAN,
    START_BACKGROUND_RUN,
    Tool("count_rows", "Count rows", "Counts rows.", CountInput, "query:run", _count),
    Tool("refuse", "Refuse", "Refuses.", Nothing, "query:run", _refuse),
    Tool("break", "Break", "Breaks.", Nothing, "query:run", _break),
    Tool("wait", "Wait", "Waits.", Nothing, "query:run", _wait),
    Tool("admin_only", "Admin", "Never offered.", Nothing, "not:held", _count),
    Tool("change", "Change", "Never offered.", Nothing, "not:held", _count, effect="write"),
)
