"""One call of a model: streamed into the log, metered, once more from the fallback model."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.messages import AIMessageChunk, AnyMessage

from datelier.chat.assistant import Answer
from datelier.chat.fallback import fall_back
from datelier.chat.limits import check_length
from datelier.chat.metering import metered
from datelier.chat.turn import Turn
from datelier.kit.errors import BadGateway, DatelierError, UpstreamTimeout
from datelier.kit.fail_points import reach
from datelier.llms.breaker import ModelResting
from datelier.llms.errors import ContextTooLong, provider_error
from datelier.runs.drive import LOST_DATABASE
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun

_BREATH = 0.002


async def call_model(
    run: ActiveRun, turn: Turn, messages: list[Any], answer: Answer, *, fallback: bool = True
) -> Turn:
    """Stream the answer; when the model fails before its first word, from the fallback model.

    Args:
        run: The run.
        turn: Its turn.
        messages: What the model is asked.
        answer: Takes what it says.
        fallback: Whether the agent's fallback model may answer in its place.

    Returns:
        The turn with the model that answered.

    Raises:
        DatelierError: What the provider's failure means.
    """
    try:
        await _stream(run, turn, messages, answer)
    except (BadGateway, UpstreamTimeout, ContextTooLong, ModelResting) as error:
        instead = None
        if fallback and not answer.begun:
            instead = await fall_back(run, turn, error)
        if instead is None:
            raise
    else:
        _say_if_cut(run, turn, answer)
        return turn
    # Not while the first failure is handled: it would be taken for the cause of a second one.
    await _stream(run, instead, messages, answer)
    _say_if_cut(run, instead, answer)
    return instead


def _say_if_cut(run: ActiveRun, turn: Turn, answer: Answer) -> None:
    """Half an answer must not pass for a whole one."""
    if answer.finish_reason == "length":
        told = f"{turn.config.name} stopped at its longest answer, so this one is cut short."
        run.log.put({"type": "data-step-note", "data": {"text": told}})


@asynccontextmanager
async def _closing(
    chunks: AsyncIterator[AIMessageChunk],
) -> AsyncGenerator[AsyncIterator[AIMessageChunk]]:
    """Hang up when the block ends: a model that goes on is not listened to until it is forgotten."""
    try:
        yield chunks
    finally:
        close = getattr(chunks, "aclose", None)  # what a library streams is a generator
        if close is not None:
            await close()


async def _stream(
    run: ActiveRun, turn: Turn, messages: list[AnyMessage | Any], answer: Answer
) -> None:
    writing = False
    clock = asyncio.get_running_loop().time
    breath = clock()
    async with metered(run, turn, messages, answer):
        try:
            reach("model.before_request")
            async with _closing(turn.caller(messages)) as chunks:
                async for chunk in chunks:
                    if clock() - breath > _BREATH:
                        # Chunks that arrived together come without a pause: others want a turn.
                        await asyncio.sleep(0)
                        breath = clock()
                    if not writing and chunk.content:
                        reach("model.first_chunk")
                        writing = True
                        if answer.shown:
                            run.stage("writing", "Writing the answer")
                    answer.feed(chunk)
                    check_length(run, turn, answer.length)
                    if answer.figures.waits:
                        await answer.catch_up()
        except (*LOST_DATABASE, DatelierError, Fenced):
            raise
        except Exception as error:
            raise provider_error(error, turn.config) from error
        finally:
            answer.close()
