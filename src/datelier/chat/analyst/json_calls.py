"""Asking for a JSON object that only the graph reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from langchain_core.messages import AIMessage, AnyMessage

from datelier.chat.analyst.calls import Inward, converse
from datelier.chat.turn import Turn
from datelier.llms.clients import answering_json
from datelier.llms.errors import ModelBadAnswer
from datelier.runs.execution import ActiveRun

# Models whose endpoint has refused to hold itself to JSON in this process, as they are configured.
_without: set[tuple[UUID, datetime]] = set()


async def ask_json(run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], node: str) -> AIMessage:
    """Ask once; once more without insisting, where the endpoint has no mode for JSON.

    The fallback model is for answers: nobody changes to it because something was not sorted.

    Raises:
        DatelierError: What the provider's failure means.
    """
    key = (turn.config.id, turn.config.updated_at)
    strict = answering_json(turn.model, turn.config) if key not in _without else None
    if strict is not None:
        answer = Inward(run, turn, said, node)
        try:
            return await converse(run, replace(turn, caller=strict), answer, fallback=False)
        except ModelBadAnswer:
            if answer.begun:
                raise
    message = await converse(run, turn, Inward(run, turn, said, node), fallback=False)
    if strict is not None:
        _without.add(key)
    return message
