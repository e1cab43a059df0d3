"""Limits held while a run works: steps, seconds, length and money. Rows are the tools'."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from datelier.chat.errors import AnswerTooLong, CostLimit, StepLimit, TimeLimit
from datelier.chat.turn import Turn
from datelier.kit.clock import now
from datelier.llms.usage import run_usage
from datelier.runs.execution import ActiveRun


def most_calls(run: ActiveRun, turn: Turn) -> int:
    """Return how many model calls a run may make."""
    own = turn.definition.limits.max_steps
    installed = run.ctx.resources.settings.max_steps
    return installed if own is None else min(own, installed)


async def admit_call(run: ActiveRun, turn: Turn, number: int) -> None:
    """Refuse one more model call when the run has used up its steps or its money.

    Args:
        run: The run.
        turn: Its turn, with the agent's limits.
        number: How many calls it has made.

    Raises:
        StepLimit: It has made as many calls as it may.
        CostLimit: It has spent what it may, or nobody knows what it spends.
    """
    limit = most_calls(run, turn)
    if number >= limit:
        raise StepLimit(
            f"The answer was not finished after {limit} steps.",
            hint="Ask for less at once, or continue from what was found.",
        )
    await check_cost(run, turn)


async def check_cost(run: ActiveRun, turn: Turn) -> None:
    """Refuse one more model call when the run has used up its money, if it has a limit.

    Args:
        run: The run.
        turn: Its turn, with the agent's limits.

    Raises:
        CostLimit: It has spent what it may, or nobody knows what it spends.
    """
    most = turn.definition.limits.max_cost_usd
    if most is None:
        return
    config = turn.config
    if config.price_input is None or config.price_output is None:
        raise CostLimit(
            f"{turn.agent} may spend ${most.normalize():f} on an answer, and the price of "
            f"{config.name} is not known.",
            hint="Enter the model's price, or take the cost limit off the agent.",
        )
    async with run.ctx.begin() as ctx:
        spent = (await run_usage(ctx, [run.id])).get(run.id)
    if spent is None:
        return
    if spent.cost is None or spent.cost >= most:
        known = "an unknown amount" if spent.cost is None else f"${spent.cost.normalize():f}"
        raise CostLimit(
            f"The answer was not finished within its cost limit of ${most.normalize():f}: "
            f"{known} was spent.",
            hint="Ask for less at once, or raise the agent's cost limit.",
        )


@asynccontextmanager
async def within_time(run: ActiveRun, turn: Turn) -> AsyncGenerator[None]:
    """Cancel the block when the run has worked longer than its agent, or any agent, may.

    The time in the queue and the time spent waiting for a person do not count.

    Raises:
        TimeLimit: The time is over.
    """
    own = turn.definition.limits.max_seconds
    most = run.ctx.resources.settings.max_seconds if own is None else own
    worked = (now() - run.claim.started_at).total_seconds() - run.claim.waited
    scope = asyncio.timeout(max(0.0, most - worked))
    try:
        async with scope:
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise TimeLimit(
            f"The answer was not finished after {most} seconds.",
            hint="Ask for less at once, or raise the agent's time limit.",
        ) from None


def check_length(run: ActiveRun, turn: Turn, characters: int) -> None:
    """Refuse more of a model call that has gone on for too long.

    A model that repeats itself for ever would fill the memory of a process that others use too.

    Args:
        run: The run.
        turn: Its turn, with the model's name.
        characters: What the call has said, thought and written into tool calls so far.

    Raises:
        AnswerTooLong: That is more than one call may.
    """
    most = run.ctx.resources.settings.answer_max_chars
    if characters > most:
        raise AnswerTooLong(
            f"{turn.config.name} did not stop after {most:,} characters.",
            hint="What it said is kept. Ask for less at once, or use another model.",
        )
