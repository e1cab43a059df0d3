"""Everything a run of the chat graph needs to know, read once per claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, SystemMessage
from sqlalchemy import text

from datelier.chat.history import history
from datelier.chat.prompts import system_prompt
from datelier.kit.clock import now
from datelier.kit.errors import NotFound
from datelier.kit.tools import Tool
from datelier.llms.clients import build_chat_model
from datelier.llms.config import ModelConfig
from datelier.llms.service import resolve
from datelier.runs.execution import ActiveRun
from datelier.sources.grounding import grounding

_THREAD = text(
    "select t.source_ids, t.model_id, a.instructions, a.model_id as agent_model_id "
    "from thread t join agent a on a.org_id = t.org_id and a.id = t.agent_id "
    "where t.org_id = :org and t.id = :thread"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a thread.

    Attributes:
        before: System prompt and earlier messages, the question last.
        tools: What the caller's scopes allow, by name.
        caller: The model with its tools bound.
    """

    config: ModelConfig
    model: BaseChatModel
    before: Sequence[BaseMessage]
    tools: dict[str, Tool]
    source_ids: tuple[UUID, ...]
    caller: Any


async def turn_of(run: ActiveRun) -> Turn:
    """Return the turn of a run, reading it at the first call.

    Raises:
        NoModel: No model is configured.
        NotFound: The thread is gone.
    """
    turn = run.cache.get("turn")
    if turn is None:
        turn = run.cache["turn"] = await _read(run)
    return turn


async def _read(run: ActiveRun) -> Turn:
    claim = run.claim
    if claim.thread_id is None or claim.user_message_id is None:
        raise NotFound("thread")
    async with run.ctx.begin() as ctx:
        values = {"org": ctx.org_id, "thread": claim.thread_id}
        row = (await ctx.session.execute(_THREAD, values)).one_or_none()
        if row is None:
            raise NotFound("thread")
        config = await resolve(ctx, claim.model_id, row.model_id, row.agent_model_id)
        said, results = await history(ctx, claim.thread_id, claim.user_message_id)
        source_ids = tuple(UUID(str(i)) for i in row.source_ids)
        markdown, facts = await grounding(ctx, source_ids)
    model = await build_chat_model(run.ctx, config)
    prompt = system_prompt(
        instructions=row.instructions, grounding=markdown, results=results, at=now()
    )
    # The demo model reads the same facts as data instead of Markdown.
    system = SystemMessage(prompt, additional_kwargs={"datelier": facts})
    tools = {tool.name: tool for tool in run.tools if tool.scope in run.ctx.scopes}
    return Turn(config, model, (system, *said), tools, source_ids, bind(model, tools.values()))


def bind(model: BaseChatModel, tools: Any) -> Any:
    """Return the model with the tools it may call; without any, the model itself."""
    described = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.schema,
            },
        }
        for tool in tools
    ]
    return model.bind_tools(described) if described else model
