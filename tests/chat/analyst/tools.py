"""Tools of every partition, which count their calls."""

from typing import Any

from pydantic import BaseModel

from datelier.chat.human import REQUEST_HUMAN
from datelier.kit.tools import Effect, OutcomeUnknown, Partition, Tool, ToolContext, ToolResult
from tests.chat.tools import REGIONS, CleanInput, Nothing


class Sketch(BaseModel):
    """What to draw."""

    title: str = "Chart"


called: list[str] = []


async def _regions(at: ToolContext, _given: Nothing) -> ToolResult:
    called.append("regions")
    version = REGIONS | {
        "status": "done",
        "sql": "SELECT region, sum(paid) AS revenue_eur, count(*) AS orders FROM sales",
        "source_id": "0197a000-0000-7000-8000-000000000003",
        "source_name": "Shop",
        "title": "Regions",
        "ran_at": "2026-01-02T03:04:05Z",
    }
    await at.emit({"type": "data-query", "id": "Q1:1", "data": version})
    rows = [["North", "12345.60", "120"], ["South", "9876.54", "95"]]
    return ToolResult("Q1 v1: North 12345.60 120; South 9876.54 95", REGIONS | {"rows": rows})


async def _fails(_at: ToolContext, _given: Nothing) -> ToolResult:
    called.append("fails")
    return ToolResult("There is no table named weather.", is_error=True)


async def _describe(_at: ToolContext, _given: Nothing) -> ToolResult:
    called.append("describe")
    return ToolResult("orders: one row per order", {"tables": ["orders"]})


async def _long(_at: ToolContext, _given: Nothing) -> ToolResult:
    called.append("long")
    return ToolResult("North 12345.60 120; " * 12_000, REGIONS)


async def _lost(_at: ToolContext, _given: Nothing) -> ToolResult:
    called.append("lost")
    raise OutcomeUnknown("Nobody knows whether it happened.")


async def _draw(at: ToolContext, given: Sketch) -> ToolResult:
    called.append("draw")
    data = {"handle": "C1", "version": 1, "title": given.title, "query_handle": "Q1"}
    await at.emit({"type": "data-chart", "id": "C1:1", "data": data})
    return ToolResult(f"C1 v1: {given.title}", {"handle": "C1", "version": 1})


async def _write(_at: ToolContext, given: CleanInput) -> ToolResult:
    called.append("write")
    return ToolResult(f"{given.table} is clean", {"cleaned": given.limit})


def _tool(
    name: str, input_model: type[BaseModel], run: Any, partition: Partition, effect: Effect = "read"
) -> Tool:
    title = name.capitalize()
    return Tool(name, title, f"{title}.", input_model, "query:run", run, effect, partition)


TOOLS = (
    _tool("regions", Nothing, _regions, "data"),
    _tool("fails", Nothing, _fails, "data"),
    _tool("long", Nothing, _long, "data"),
    _tool("long_names", Nothing, _long, "metadata"),
    _tool("lost", Nothing, _lost, "data"),
    _tool("lost_names", Nothing, _lost, "metadata"),
    _tool("lost_document", Nothing, _lost, "documents"),
    _tool("clean", CleanInput, _write, "data", "write"),
    _tool("describe", Nothing, _describe, "metadata"),
    _tool("notify", Nothing, _describe, "metadata", "spend"),
    _tool("draw", Sketch, _draw, "viz"),
    _tool("write_document", Nothing, _describe, "documents"),
    REQUEST_HUMAN,
)
