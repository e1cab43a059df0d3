"""Verbs over agents. Every one needs an open transaction."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError

from datelier.agents.checking import check
from datelier.agents.definition import AgentDefinition, Workflow, read_definition
from datelier.agents.errors import AgentUnavailable, BuiltinAgent
from datelier.agents.models import Agent, AgentVersion
from datelier.agents.prompts import ANALYST_SLUG
from datelier.agents.schemas import AgentIn, AgentPatch
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Forbidden, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number

_MOST_SLUG = 60


def visible(ctx: Context) -> Any:
    """Return a SELECT of the agents that the caller may see: shared ones and their own."""
    return owned(ctx, Agent).where(
        or_(Agent.visibility == "organization", Agent.owner_id == ctx.actor.id)
    )


async def list_agents(ctx: Context, *, archived: bool = False) -> list[Agent]:
    """Return the agents that the caller may see, oldest first; archived ones apart."""
    state = Agent.archived_at.is_not(None) if archived else Agent.archived_at.is_(None)
    statement = visible(ctx).where(state).order_by(Agent.number)
    return list((await ctx.session.execute(statement)).scalars())


async def get_agent(
    ctx: Context, agent_id: UUID | None = None, *, for_update: bool = False
) -> Agent:
    """Return one agent, or the built-in analyst when no id is given.

    Raises:
        NotFound: Unknown, foreign, or private to somebody else.
    """
    wanted = Agent.slug == ANALYST_SLUG if agent_id is None else Agent.id == agent_id
    statement = visible(ctx).where(wanted)
    if for_update:
        statement = statement.with_for_update()
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("agent", agent_id)
    return row


async def usable_agent(ctx: Context, agent_id: UUID | None = None) -> Agent:
    """Return an agent that can answer now.

    Raises:
        NotFound: As :func:`get_agent`.
        AgentUnavailable: It is archived, or was never published.
    """
    row = await get_agent(ctx, agent_id)
    if row.archived_at is not None:
        raise AgentUnavailable("This agent was archived.", hint="Choose another agent.")
    if row.published_version is None:
        raise AgentUnavailable(
            "This agent has not been published yet.", hint="Publish it, or try its draft."
        )
    return row


async def published_workflow(ctx: Context, agent_id: UUID) -> tuple[int | None, Workflow]:
    """Return the version with which an agent answers now, and how; None when it cannot be used."""
    same = and_(
        AgentVersion.org_id == Agent.org_id,
        AgentVersion.agent_id == Agent.id,
        AgentVersion.version == Agent.published_version,
    )
    statement = (
        visible(ctx)
        .join(AgentVersion, same)
        .where(Agent.id == agent_id, Agent.archived_at.is_(None))
        .with_only_columns(AgentVersion.version, AgentVersion.definition)
    )
    row = (await ctx.session.execute(statement)).one_or_none()
    return (
        (None, "plain") if row is None else (row.version, read_definition(row.definition).workflow)
    )


async def definition_for(
    ctx: Context, agent_id: UUID, version: int | None = None
) -> AgentDefinition:
    """Return what an agent is in a version, or in the published one when none is named.

    Raises:
        NotFound: No such agent or version.
        AgentUnavailable: No version is named, and none can be used.
    """
    if version is None:
        version = (await usable_agent(ctx, agent_id)).published_version or 0
    return read_definition((await stored_version(ctx, agent_id, version)).definition)


async def stored_version(ctx: Context, agent_id: UUID, version: int) -> AgentVersion:
    """Return a published version.

    Raises:
        NotFound: No such version.
    """
    statement = owned(ctx, AgentVersion).where(
        AgentVersion.agent_id == agent_id, AgentVersion.version == version
    )
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("version", version)
    return row


async def create_agent(ctx: Context, body: AgentIn) -> Agent:
    """Create an agent as a draft that belongs to the caller.

    Raises:
        Invalid: The definition names what is not there.
        NotFound: The agent to copy is unknown or not visible.
    """
    definition = body.definition
    if definition is not None:
        await check(ctx, definition)
    elif body.copy_of_agent_id is not None:
        definition = read_definition((await get_agent(ctx, body.copy_of_agent_id)).draft)
    draft = (definition or AgentDefinition()).stored()
    row = await add_agent(
        ctx,
        Agent(
            id=uuid7(),
            name=body.name,
            description=body.description,
            visibility=body.visibility,
            owner_id=ctx.actor.id,
            draft=draft,
        ),
    )
    copied = {"copy_of": str(body.copy_of_agent_id)} if body.copy_of_agent_id else {}
    detail = {"name": row.name, "visibility": row.visibility, **copied}
    await record(ctx, action="agent.created", target=("agent", row.id), detail=detail)
    return row


async def add_agent(ctx: Context, row: Agent, slug: str | None = None) -> Agent:
    """Store a new agent with its number, and a slug that is free."""
    base = slug or _slug(row.name)
    row.number = await next_number(ctx, "agent")
    row.slug, place = base, 1
    while True:
        try:
            async with ctx.session.begin_nested():
                return await add_owned(ctx, row)
        except IntegrityError as error:
            if slug is not None or "slug" not in str(error.orig):
                raise
            # The name is taken, perhaps by an agent that the caller cannot see.
            place += 1
            row.slug = f"{base}-{place}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MOST_SLUG].strip("-") or "agent"


async def update_agent(ctx: Context, agent_id: UUID, patch: AgentPatch) -> Agent:
    """Change an agent's name, description or sharing, or bring it back from the archive.

    Raises:
        NotFound: Unknown, foreign, or private to somebody else.
        BuiltinAgent: A built-in agent would no longer be there for everybody.
        Forbidden: Only its owner makes an agent private.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    given = patch.model_fields_set
    if patch.visibility == "private" and row.visibility != "private":
        _require_own(ctx, row)
    if patch.archived is True:
        _require_removable(row)
    if patch.name is not None:
        row.name = patch.name
    if patch.description is not None:
        row.description = patch.description
    if patch.visibility is not None:
        row.visibility = patch.visibility
    if patch.archived is not None:
        row.archived_at = (row.archived_at or now()) if patch.archived else None
    await ctx.session.flush()
    await ctx.session.refresh(row)
    detail = {name: getattr(patch, name) for name in sorted(given)}
    await record(ctx, action="agent.updated", target=("agent", row.id), detail=detail)
    return row


def _require_own(ctx: Context, row: Agent) -> None:
    if row.builtin:
        raise BuiltinAgent("A built-in agent is there for everybody.", hint="Make a copy of it.")
    if row.owner_id is None or row.owner_id != ctx.actor.id:
        raise Forbidden("Only its owner can make an agent private.", hint="Make a copy of it.")


def _require_removable(row: Agent) -> None:
    if row.builtin:
        raise BuiltinAgent("A built-in agent cannot be archived.", hint="Make a copy of it.")


async def archive_agent(ctx: Context, agent_id: UUID) -> None:
    """Take an agent out of every list; its versions and runs stay, and it answers no more.

    Raises:
        NotFound: Unknown, foreign, or private to somebody else.
        BuiltinAgent: Built-in agents stay.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    _require_removable(row)
    if row.archived_at is None:
        row.archived_at = now()
        await ctx.session.flush()
        await record(
            ctx, action="agent.archived", target=("agent", row.id), detail={"name": row.name}
        )


async def newest_version(ctx: Context, agent_id: UUID) -> int:
    """Return the number of an agent's newest version; 0 when it was never published."""
    statement = select(func.max(AgentVersion.version)).where(
        AgentVersion.org_id == ctx.org_id, AgentVersion.agent_id == agent_id
    )
    return (await ctx.session.execute(statement)).scalar_one() or 0
