"""Better titles, once there is something to name: one cheap call, and nobody waits for it."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from sqlalchemy import text

from datelier.chat.errors import CostLimit
from datelier.chat.limits import check_cost
from datelier.chat.metering import spender_of
from datelier.chat.prompts import title_prompt
from datelier.chat.turn import Turn
from datelier.kit.context import Context
from datelier.llms.config import Usage
from datelier.llms.usage import record_usage
from datelier.runs.execution import ActiveRun
from datelier.runs.start import tell_thread
from datelier.threads.titles import provisional_title

_ENOUGH = 2  # messages; one exchange seldom shows what a thread is about
_LONGEST = 2000
_PATIENCE = 20.0

_SAID = text(
    "select m.role, m.text from message m join thread t on t.org_id = m.org_id and t.id = m.thread_id "
    "where m.org_id = :org and m.thread_id = :thread and t.title_origin = 'auto' "
    "and m.role in ('user', 'assistant') order by m.sequence limit 4"
)
_REFINE = text(
    "update thread set title = :title, title_origin = 'refined', updated_at = now() "
    "where org_id = :org and id = :thread and title_origin = 'auto' returning id"
)


async def refine_title(run: ActiveRun) -> None:
    """Replace a provisional title, once, unless a person has named the thread."""
    turn: Turn | None = run.cache.get("turn")
    thread_id = run.claim.thread_id
    if turn is None or thread_id is None or turn.config.is_demo or turn.budgeted:
        return  # under a budget, money is for answers
    if len(turn.facts.told.messages) < _ENOUGH:  # what was said before this answer
        return
    async with run.ctx.begin() as ctx:
        rows = (await ctx.session.execute(_SAID, {"org": ctx.org_id, "thread": thread_id})).all()
    if not rows:
        return
    try:
        await check_cost(run, turn)
    except CostLimit:
        return  # what the agent may spend is for answers
    said = "\n\n".join(f"{row.role}: {row.text[:_LONGEST]}" for row in rows)
    answer = await _named(run, turn, said)
    async with run.ctx.begin() as ctx:
        usage = Usage.of(cast("Mapping[str, Any] | None", answer.usage_metadata))
        await record_usage(ctx, turn.config, usage, node="title", spender=spender_of(run))
        if answer.text.strip():
            await _store(ctx, run, provisional_title(answer.text))


async def _named(run: ActiveRun, turn: Turn, said: str) -> AIMessage:
    """Return what the model calls a conversation; no longer than an answer may take.

    Raises:
        TimeoutError: It has not answered. The call is in the ledger: what it used is not known.
    """
    own = turn.definition.limits.max_seconds
    try:
        async with asyncio.timeout(_PATIENCE if own is None else min(own, _PATIENCE)):
            return await turn.model.ainvoke([SystemMessage(title_prompt()), HumanMessage(said)])
    except TimeoutError:
        await record_usage(run.ctx, turn.config, Usage(), node="title", spender=spender_of(run))
        raise


async def _store(ctx: Context, run: ActiveRun, title: str) -> None:
    values = {"org": ctx.org_id, "thread": run.claim.thread_id, "title": title}
    if (await ctx.session.execute(_REFINE, values)).scalar() is not None:
        tell_thread(ctx, run.claim.thread_id, "title")
