"""`start_background_run`: in a chat, an agent proposes a run that goes on without it."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from datelier.chat.run_schemas import MOST_GOAL, RunIn
from datelier.chat.run_start import agent_of, start_background
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.tools import Preview, Tool, ToolContext, ToolResult
from datelier.runs import service
from datelier.runs.schemas import RunOut
from datelier.threads.idempotency import earlier_answer, keep_answer, taking


class StartBackgroundRun(BaseModel):
    """Start a run in the background."""

    goal: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MOST_GOAL,
            description="What the run is to reach, with everything it must know: it sees nothing "
            "of this conversation.",
        ),
    ]
    agent: Annotated[
        str | None, Field(max_length=200, description="Slug of the agent, such as steward.")
    ] = None
    payload: Annotated[
        dict[str, Any] | None, Field(description="JSON that belongs to the goal.")
    ] = None


async def _start(tool: ToolContext, data: StartBackgroundRun) -> ToolResult:
    try:
        async with tool.ctx.begin() as tx:
            run = await _once(tx, tool, data)
    except DatelierError as error:
        return ToolResult(f"{error.detail} {error.hint or ''}".strip(), is_error=True)
    output = {"run_id": str(run.id), "url": f"/runs/{run.id}"}
    return ToolResult("The run was started. Its result will reach the inbox.", output)


async def _once(tx: Context, tool: ToolContext, data: StartBackgroundRun) -> RunOut:
    """Start the run, or return the one that this very call has started before."""
    body = RunIn(
        agent=data.agent,
        goal=data.goal,
        payload=data.payload,
        source_ids=list(tool.source_ids) or None,
    )
    key = f"{tool.run_id}:{tool.tool_call_id}"[:200]
    asked = taking(key, "tool start_background_run", body)
    before = await earlier_answer(tx, asked)
    if before is not None:
        return RunOut.model_validate(before)
    started = await start_background(tx, body, parent_run_id=tool.run_id)
    run = await service.describe(tx, started)
    await keep_answer(tx, asked, run)
    return run


async def _preview(tool: ToolContext, data: StartBackgroundRun) -> Preview:
    async with tool.ctx.begin() as tx:
        agent = await agent_of(tx, data.agent)
    return Preview(f"wants to run {agent.name} in the background", {"goal": data.goal})


START_BACKGROUND_RUN: Final = Tool(
    "start_background_run",
    "Start a run in the background",
    "Propose work that goes on without this conversation: long checks, something to repeat, what "
    "the person will want to see later. The person approves it first.",
    StartBackgroundRun,
    "run:create",
    _start,
    effect="spend",
    partition="metadata",
    contexts=frozenset({"chat"}),
    preview=_preview,
    repeatable=True,
)
