"""Starting a run in the background: a thread of its own, a goal, and nobody who watches."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from datelier.agents.definition import Workflow
from datelier.agents.models import Agent
from datelier.agents.service import published_workflow, usable_agent, visible
from datelier.chat.graph_name import ANALYST_NAME, BACKGROUND_NAME
from datelier.chat.prompts import fenced
from datelier.chat.run_schemas import RunIn
from datelier.chat.schemas import MessageIn
from datelier.chat.service import Saying, known_model
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import get_owned, one_trip
from datelier.kit.errors import Invalid, NotFound
from datelier.kit.ids import uuid7
from datelier.llms.config import Spender
from datelier.llms.reservations import budgeted, count_message
from datelier.runs.encode import encode
from datelier.runs.models import Run
from datelier.runs.start import start_run
from datelier.threads.desk import Pin
from datelier.threads.models import Thread
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread

_GRAPHS: Final[dict[Workflow, str]] = {"plain": BACKGROUND_NAME, "analyst": ANALYST_NAME}
_MOST_PAYLOAD = 100_000  # bytes of JSON
_TITLE = 80

_PAYLOAD = text(
    "update run set goal = :goal, payload = cast(:payload as jsonb), "
    "correlation_id = :correlation, parent_run_id = :parent where org_id = :org and id = :run"
)
_SEED = text(
    "update message set parts = cast(:parts as jsonb) where org_id = :org and id = :message"
)


async def start_background(
    ctx: Context,
    body: RunIn,
    *,
    parent_run_id: UUID | None = None,
    given: dict[str, Any] | None = None,
) -> Run:
    """Start a run in the open transaction, with the rights that the caller has now.

    Args:
        ctx: Who starts it.
        body: The agent and its goal.
        parent_run_id: The run that asked for it.
        given: What else the run is to know.

    Raises:
        NotFound: There is no such agent, source or model.
        AgentUnavailable: The agent is archived or was never published.
        Invalid: The payload is too large.
        BudgetExceeded: The quota of messages is used up.
    """
    agent = await _agent(ctx, body)
    payload = orjson.dumps(body.payload).decode() if body.payload is not None else None
    if payload is not None and len(payload) > _MOST_PAYLOAD:
        raise Invalid.field("payload", f"must be at most {_MOST_PAYLOAD:,} bytes of JSON")
    thread = await _thread(ctx, body, agent)
    version, workflow = await published_workflow(ctx, agent.id)
    saying = Saying(
        ctx,
        thread.id,
        MessageIn.model_construct(text=_words(body.goal, payload), model_id=body.model_id),
        question=uuid7(),
        pin=Pin(agent.id, version, workflow=workflow),
    )
    if await budgeted(ctx):
        await count_message(ctx, Spender(saying.run_id, thread.id, agent.id))
    await one_trip(ctx, [saying.statement])
    start = replace(
        saying.start(),
        graph=_GRAPHS[workflow],
        kind="background",
        input={**(given or {}), **({"report": body.report} if body.report is not None else {})},
    )
    with known_model(body.model_id):
        await start_run(ctx, start)
    correlation = body.correlation_id or f"background-{saying.run_id}"
    told = {"goal": body.goal, "payload": payload, "correlation": correlation}
    await ctx.session.execute(
        _PAYLOAD, {"org": ctx.org_id, "run": saying.run_id, "parent": parent_run_id, **told}
    )
    seed = _seed(body, correlation)
    await ctx.session.execute(_SEED, {"org": ctx.org_id, "message": saying.question, "parts": seed})
    await record(
        ctx,
        action="run.started",
        target=("run", saying.run_id),
        detail={"agent": agent.name, "correlation_id": correlation},
    )
    return await get_owned(ctx, Run, saying.run_id)


async def _agent(ctx: Context, body: RunIn) -> Agent:
    if body.agent_id is not None:
        return await usable_agent(ctx, body.agent_id)
    return await agent_of(ctx, body.agent)


async def agent_of(ctx: Context, slug: str | None) -> Agent:
    """Return the agent that a run is started with; without a name, the usual one.

    Raises:
        NotFound: There is no such agent.
        AgentUnavailable: It is archived or was never published.
    """
    if slug is None:
        return await usable_agent(ctx, None)
    named = visible(ctx).where(Agent.slug == slug)
    found: Agent | None = (await ctx.session.execute(named)).scalar_one_or_none()
    if found is None:
        raise NotFound("agent", slug)
    return await usable_agent(ctx, found.id)


async def _thread(ctx: Context, body: RunIn, agent: Agent) -> Thread:
    line = body.goal.strip().partition("\n")[0]
    made = ThreadIn.model_construct(
        kind="background",
        title=line[:_TITLE],
        source_ids=body.source_ids,
        model_id=body.model_id,
        agent_id=agent.id,
    )
    return await create_thread(ctx, made)


def _words(goal: str, payload: str | None) -> str:
    return goal if payload is None else f"{goal}\n\nPayload:\n{fenced(payload)}"


def _seed(body: RunIn, correlation: str) -> str:
    """Return what people see above the run's thread: a card, and the goal."""
    data: dict[str, Any] = {
        "goal": body.goal,
        "payload": body.payload,
        "correlation_id": correlation,
    }
    card = encode({"type": "data-background", "id": "seed", "data": data})
    said = encode({"type": "text", "text": body.goal, "state": "done"})
    return f"[{card.decode()},{said.decode()}]"
