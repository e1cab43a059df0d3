"""Tools that stand where the data tools do: they count, they fail, they wait."""

import asyncio
from typing import Any

from pydantic import BaseModel

from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.refusal_tool import CANNOT_ANSWER
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

REGIONS: dict[str, Any] = {
    "handle": "Q1",
    "version": 1,
    "query_id": "0197a000-0000-7000-8000-000000000001",
    "result_id": "0197a000-0000-7000-8000-000000000002",
    "columns": [
        {"name": "region", "type": "string"},
        {"name": "revenue_eur", "type": "decimal"},
        {"name": "orders", "type": "int64"},
    ],
    "row_count": 2,
    "truncated": False,
}


async def _regions(at: ToolContext, _given: Nothing) -> ToolResult:
    version = REGIONS | {
        "status": "done",
        "sql": "SELECT region,\n  sum(paid) AS revenue_eur,\n  count(*) AS orders\nFROM sales",
        "source_id": "0197a000-0000-7000-8000-000000000003",
        "source_name": "Shop",
        "title": "Regions",
        "ran_at": "2026-01-02T03:04:05Z",
    }
    await at.emit({"type": "data-query", "id": "Q1:1", "data": version})
    rows = [["North", "12345.60", "120"], ["South", "9876.54", "95"]]
    return ToolResult("two rows", REGIONS | {"rows": rows})


TOOLS = (
    CLEAN,
    Tool("regions", "Regions", "Revenue by region.", Nothing, "query:run", _regions),
    REQUEST_HUMAN,
    CANNOT_ANSWER,
    START_BACKGROUND_RUN,
    Tool("count_rows", "Count rows", "Counts rows.", CountInput, "query:run", _count),
    Tool("refuse", "Refuse", "Refuses.", Nothing, "query:run", _refuse),
    Tool("break", "Break", "Breaks.", Nothing, "query:run", _break),
    Tool("wait", "Wait", "Waits.", Nothing, "query:run", _wait),
    Tool("admin_only", "Admin", "Never offered.", Nothing, "not:held", _count),
    Tool("change", "Change", "Never offered.", Nothing, "not:held", _count, effect="write"),
)
