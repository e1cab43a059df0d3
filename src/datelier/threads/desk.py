"""What a thread is answered with: agent, preferred models, sources. One statement each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.kit.errors import NotFound

_THREAD = text(
    "select t.source_ids, t.model_id, a.id as agent_id, a.name as agent, a.instructions, "
    "a.model_id as agent_model_id "
    "from thread t join agent a on a.org_id = t.org_id and a.id = t.agent_id "
    "where t.org_id = :org and t.id = :thread"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers a thread, and with what.

    Attributes:
        agent: The agent's name.
        model_id: The thread's own choice of a model.
        agent_model_id: The agent's preference.
    """

    agent_id: UUID
    agent: str
    instructions: str
    agent_model_id: UUID | None
    model_id: UUID | None
    source_ids: tuple[UUID, ...]


async def thread_desk(ctx: Context, thread_id: UUID) -> Desk:
    """Return a thread's desk.

    Raises:
        NotFound: The thread is gone.
    """
    values = {"org": ctx.org_id, "thread": thread_id}
    row = (await ctx.session.execute(_THREAD, values)).one_or_none()
    if row is None:
        raise NotFound("thread")
    return _desk(row)


def _desk(row: Any) -> Desk:
    return Desk(
        agent_id=row.agent_id,
        agent=row.agent,
        instructions=row.instructions,
        agent_model_id=row.agent_model_id,
        model_id=row.model_id,
        source_ids=tuple(UUID(str(source_id)) for source_id in row.source_ids),
    )
