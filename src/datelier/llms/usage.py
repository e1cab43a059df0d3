"""The usage ledger: what every model call used and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from datelier.kit.context import Context
from datelier.kit.db import Statement, one_trip
from datelier.kit.ids import uuid7
from datelier.kit.metrics import llm_tokens_total
from datelier.kit.trips import Trips
from datelier.llms.config import ModelConfig, Spender, Usage, cost
from datelier.llms.models import LlmUsage


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and USD; None is unknown. One call of unknown cost makes the sum unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None


_RECORD = """
    insert into llm_usage
        (id, org_id, model_id, run_id, thread_id, agent_id, person_id, node, input_tokens,
        output_tokens, cost)
    values (%(id)s, %(org)s, %(model)s, %(run)s, %(thread)s, %(agent)s, %(person)s, %(node)s,
        %(input)s, %(output)s, cast(%(cost)s as numeric))
    returning id
"""


async def record_usage(
    ctx: Context,
    config: ModelConfig,
    usage: Usage,
    *,
    node: str,
    spender: Spender,
) -> Spent:
    """Write one model call into the ledger, and count it.

    Args:
        ctx: Who called. It is written in the open transaction, or in one of its own.
        config: The model that answered.
        usage: What it used.
        node: The part of the graph that called.
        spender: What it was called for.

    Returns:
        What was written, with the cost in USD.
    """
    price = cost(config, usage)
    values = {
        "id": uuid7(),
        "org": ctx.org_id,
        "model": config.id,
        "run": spender.run_id,
        "thread": spender.thread_id,
        "agent": spender.agent_id,
        "person": person_of(ctx),
        "node": node,
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cost": price,
    }
    recording = [Statement(_RECORD, values)]
    if ctx.in_transaction:
        await one_trip(ctx, recording)
    else:
        async with ctx.resources.get(Trips).begin(ctx.org_id) as trip:
            await trip.send(recording, commit=True)
    llm_tokens_total.labels("input").inc(usage.input_tokens or 0)
    llm_tokens_total.labels("output").inc(usage.output_tokens or 0)
    return Spent(usage.input_tokens, usage.output_tokens, price)


def person_of(ctx: Context) -> UUID | None:
    """Return the person on whose behalf something happens, if it is one."""
    return ctx.actor.id if ctx.actor.kind in {"user", "token"} else None


async def thread_usage(ctx: Context, thread_ids: Sequence[UUID]) -> dict[UUID, Spent]:
    """Return what each thread used so far; threads without a call are absent."""
    return await _usage_by(ctx, "thread_id", thread_ids)


async def run_usage(ctx: Context, run_ids: Sequence[UUID]) -> dict[UUID, Spent]:
    """Return what each run used so far; runs without a call are absent."""
    return await _usage_by(ctx, "run_id", run_ids)


async def known_cost(
    ctx: Context, run_ids: Sequence[UUID], thread_ids: Sequence[UUID]
) -> dict[UUID, Decimal]:
    """Return what is known of each run's cost; runs whose calls all lack a price are absent.

    Args:
        ctx: A context inside a transaction.
        run_ids: The runs.
        thread_ids: Their threads, which find the rows by index.
    """
    statement = (
        select(LlmUsage.run_id, func.sum(LlmUsage.cost))
        .where(
            LlmUsage.run_id.in_(run_ids),
            LlmUsage.cost.is_not(None),
            LlmUsage.thread_id.in_(thread_ids) | LlmUsage.thread_id.is_(None),
        )
        .group_by(LlmUsage.run_id)
    )
    if ctx.db.tenant_filter:
        statement = statement.where(LlmUsage.org_id == ctx.org_id)
    found = await ctx.session.execute(statement)
    return {run_id: cost for run_id, cost in found if run_id is not None and cost is not None}


async def _usage_by(ctx: Context, key: str, ids: Sequence[UUID]) -> dict[UUID, Spent]:
    if not ids:
        return {}
    column = LlmUsage.thread_id if key == "thread_id" else LlmUsage.run_id
    statement = (
        select(
            column,
            func.sum(LlmUsage.input_tokens),
            func.sum(LlmUsage.output_tokens),
            func.sum(LlmUsage.cost),
            func.count() == func.count(LlmUsage.cost),
        )
        .where(column.in_(ids))
        .group_by(column)
    )
    if ctx.db.tenant_filter:
        statement = statement.where(LlmUsage.org_id == ctx.org_id)
    found: dict[UUID, Spent] = {}
    for row_id, tokens_in, tokens_out, spent, complete in await ctx.session.execute(statement):
        if row_id is not None:
            found[row_id] = Spent(_int(tokens_in), _int(tokens_out), spent if complete else None)
    return found


def _int(value: int | Decimal | None) -> int | None:
    return None if value is None else int(value)
