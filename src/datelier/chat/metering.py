"""What stands around every model call: the endpoint's breaker, budgets before, the ledger after."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from datelier.chat.assistant import Answer
from datelier.chat.turn import Turn
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.llms.breaker import breakers, counts
from datelier.llms.config import ModelConfig, Spender, Usage
from datelier.llms.reservations import at_most, reserve, settle
from datelier.llms.usage import Spent, record_usage
from datelier.runs.execution import ActiveRun


@asynccontextmanager
async def metered(
    run: ActiveRun, turn: Turn, messages: Iterable[Any], answer: Answer
) -> AsyncGenerator[None]:
    """Let one model call through, and count what it used however it ends.

    Args:
        run: The run.
        turn: Which model is called, and whether any budget applies.
        messages: What it is asked.
        answer: Collects what it says and uses.

    Raises:
        ModelResting: The endpoint failed repeatedly a moment ago.
        BudgetExceeded, PriceUnknown: What :func:`reserve` raises.
    """
    breaker = breakers(run.ctx.resources).admit(turn.config)
    outcome = breaker.dropped
    refused = False
    try:
        if turn.budgeted:
            await _reserve(run, turn, messages, answer)
        try:
            yield
        except DatelierError as error:
            refused = not answer.begun
            if counts(error):
                outcome = breaker.failed
            raise
        else:
            outcome = breaker.succeeded
        finally:
            await _account(run, turn, answer, refused=refused)
    finally:
        outcome()


def spender_of(run: ActiveRun) -> Spender:
    """Return what the models of a run are called for."""
    return Spender(run.id, run.claim.thread_id, run.claim.agent_id)


def _call(run: ActiveRun, config: ModelConfig, answer: Answer) -> str:
    # A call that failed before its first word is made again with the fallback model.
    return f"{run.id}:{run.claim.epoch}:{answer.number}.{config.number}"


async def _reserve(run: ActiveRun, turn: Turn, messages: Iterable[Any], answer: Answer) -> None:
    asked = sum(len(repr(message.content).encode()) for message in messages)
    described = sum(len(repr(tool.schema)) for tool in turn.tools.values())
    call = _call(run, turn.config, answer)
    async with run.ctx.begin() as ctx:
        most = at_most(turn.config, asked + described)
        await reserve(ctx, turn.config, spender_of(run), call, most)


async def _account(run: ActiveRun, turn: Turn, answer: Answer, *, refused: bool) -> None:
    """Write a call into the ledger, also one of which nobody knows what it used: that is not nothing.

    A call that was refused before its first word used nothing.
    """
    usage: Usage = answer.usage
    known = usage.input_tokens is not None or usage.output_tokens is not None
    if not known and refused and not turn.budgeted:
        return
    if turn.budgeted:
        async with run.ctx.begin() as ctx:
            spent = await _record(ctx, run, turn, answer)
            await settle(ctx, _call(run, turn.config, answer), usage, spent.cost)
    else:
        spent = await _record(run.ctx, run, turn, answer)
    run.usage.add(spent.input_tokens, spent.output_tokens, spent.cost, node=answer.node)
    run.say_usage()


async def _record(ctx: Context, run: ActiveRun, turn: Turn, answer: Answer) -> Spent:
    spender = spender_of(run)
    return await record_usage(ctx, turn.config, answer.usage, node=answer.node, spender=spender)
