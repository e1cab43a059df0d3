"""What a thread is answered with: agent, preferred models, sources. One statement each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.agents.prompts import ANALYST_SLUG
from datelier.kit.context import Context
from datelier.kit.errors import NotFound

_THREAD = text(
    "select t.source_ids, t.model_id, a.id as agent_id, a.name as agent, a.instructions, "
    "a.model_id as agent_model_id "
    "from thread t join agent a on a.org_id = t.org_id and a.id = t.agent_id "
    "where t.org_id = :org and t.id = :thread"
)
# A new thread may ask every source there is; the composer narrows it.
_NEW = text(
    "select (select coalesce(jsonb_agg(s.id order by s.number), '[]') from source s "
    "where s.org_id = :org and s.deleted_at is null) as source_ids, "
    "cast(null as uuid) as model_id, a.id as agent_id, a.name as agent, a.instructions, "
    "a.model_id as agent_model_id "
    "from agent a where a.org_id = :org and a.slug = :slug"
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


async def new_desk(ctx: Context) -> Desk:
    """Return the desk of a thread that is created now and chooses nothing.

    Raises:
        NotFound: The organization has no built-in agent.
    """
    values = {"org": ctx.org_id, "slug": ANALYST_SLUG}
    row = (await ctx.session.execute(_NEW, values)).one_or_none()
    if row is None:
        raise NotFound("agent")
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
