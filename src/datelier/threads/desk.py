"""What a thread is answered with: agent, preferred models, sources. One statement each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.agents.definition import AgentDefinition, Workflow, read_definition
from datelier.agents.errors import AgentUnavailable
from datelier.kit.context import Context
from datelier.kit.errors import NotFound

# Runs of before agents had versions name no agent: they have the thread's, as it is published.
_THREAD = text(
    "select t.source_ids, t.model_id, a.id as agent_id, a.name as agent, v.version, v.definition "
    "from thread t "
    "join agent a on a.org_id = t.org_id and a.id = coalesce(cast(:agent as uuid), t.agent_id) "
    "left join agent_version v on v.org_id = a.org_id and v.agent_id = a.id and v.version = "
    "case when cast(:agent as uuid) is null then a.published_version else :version end "
    "where t.org_id = :org and t.id = :thread"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers a thread, and with what.

    Attributes:
        agent: The agent's name.
        agent_version: The version of `definition`; None for a draft.
        definition: What the agent was told.
        model_id: The thread's own choice of a model.
        source_ids: The thread's sources; `sources` are those the agent uses.
    """

    agent_id: UUID
    agent: str
    agent_version: int | None
    definition: AgentDefinition
    model_id: UUID | None
    source_ids: tuple[UUID, ...]

    @property
    def sources(self) -> tuple[UUID, ...]:
        """The sources that the agent uses: its own where it has some, narrowed by the thread's."""
        own = self.definition.source_ids
        if own is None:
            return self.source_ids
        return tuple(key for key in self.source_ids if key in own) or tuple(own)


@dataclass(frozen=True, slots=True)
class Pin:
    """What a run is pinned to; a draft comes along itself.

    `workflow` is how the agent answers: which graph executes its runs.
    """

    agent_id: UUID | None
    version: int | None
    draft: dict[str, Any] | None = None
    workflow: Workflow = "plain"


async def thread_desk(ctx: Context, thread_id: UUID, pin: Pin) -> Desk:
    """Return a thread's desk with the agent a run is pinned to.

    Raises:
        NotFound: The thread is gone.
        AgentUnavailable: When the run was started, its agent could not be used.
    """
    values = {
        "org": ctx.org_id,
        "thread": thread_id,
        "agent": pin.agent_id,
        "version": pin.version,
    }
    row = (await ctx.session.execute(_THREAD, values)).one_or_none()
    if row is None:
        raise NotFound("thread")
    given = pin.draft if pin.draft is not None else row.definition
    if given is None:
        raise AgentUnavailable(
            f"{row.agent} cannot be used: it was archived, is private, or was not published.",
            hint="Choose another agent for this chat.",
        )
    return Desk(
        agent_id=row.agent_id,
        agent=row.agent,
        agent_version=None if pin.draft is not None else row.version,
        definition=read_definition(given),
        model_id=row.model_id,
        source_ids=tuple(UUID(str(source_id)) for source_id in row.source_ids),
    )
