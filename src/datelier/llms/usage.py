"""The usage ledger: what every model call used and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.metrics import llm_tokens_total
from datelier.llms.config import ModelConfig, Usage, cost
from datelier.llms.models import LlmUsage


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and USD; None is unknown. One call of unknown cost makes the sum unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None


async def record_usage(
    ctx: Context,
    config: ModelConfig,
    usage: Usage,
    *,
    node: str,
    run_id: UUID | None = None,
    thread_id: UUID | None = None,
) -> Spent:
    """Write one model call into the ledger of the open transaction, and count it.

    Args:
        ctx: A context inside a transaction.
        config: The model that answered.
        usage: What it used.
        node: The part of the graph that called.
        run_id: The run, when there is one.
        thread_id: The thread, when there is one.

    Returns:
        What was written, with the cost in USD.
    """
    price = cost(config, usage)
    row = LlmUsage(
        model_id=config.id,
        run_id=run_id,
        thread_id=thread_id,
        node=node,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost=price,
    )
    await add_owned(ctx, row)
    llm_tokens_total.labels("input").inc(usage.input_tokens or 0)
    llm_tokens_total.labels("output").inc(usage.output_tokens or 0)
    return Spent(usage.input_tokens, usage.output_tokens, price)


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
