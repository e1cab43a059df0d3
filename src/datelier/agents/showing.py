"""Agents as people see them: with their owner's name and when they last ran."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from datelier.agents.definition import AgentDefinition, read_definition
from datelier.agents.models import Agent, AgentVersion
from datelier.agents.schemas import AgentDetail, AgentOut, PersonOut
from datelier.kit.context import Context
from datelier.kit.db import owned

_PEOPLE = text("select id, name from person where id = any(:ids)")
# Run is a table of a later slice; that it ran at all is all an agent's page says of it.
_LAST_RUNS = text(
    "select a.id, (select max(r.created_at) from run r where r.org_id = :org and r.agent_id = a.id"
    " and r.kind <> 'test') as at from unnest(cast(:ids as uuid[])) as a (id)"
)


async def people(ctx: Context, ids: Iterable[UUID | None]) -> dict[UUID, PersonOut]:
    """Return the names of people of the organization."""
    wanted = [key for key in ids if key is not None]
    if not wanted:
        return {}
    rows = await ctx.session.execute(_PEOPLE, {"ids": wanted})
    return {row.id: PersonOut(id=row.id, name=row.name) for row in rows}


async def show_agents(ctx: Context, rows: Sequence[Agent]) -> list[AgentOut]:
    """Return agents for a list."""
    shown = await _details(ctx, rows)
    return [
        AgentOut.model_validate(one.model_dump(exclude={"draft", "published"})) for one in shown
    ]


async def show_agent(ctx: Context, row: Agent) -> AgentDetail:
    """Return one agent with its draft and what is published."""
    return (await _details(ctx, [row]))[0]


async def _details(ctx: Context, rows: Sequence[Agent]) -> list[AgentDetail]:
    owners = await people(ctx, {row.owner_id for row in rows})
    current = await _published(ctx, [row.id for row in rows])
    ran = await _last_runs(ctx, [row.id for row in rows])
    return [
        _detail(
            row,
            current.get((row.id, row.published_version)),
            owners.get(row.owner_id) if row.owner_id else None,
            ran.get(row.id),
        )
        for row in rows
    ]


async def _published(
    ctx: Context, ids: list[UUID]
) -> dict[tuple[UUID, int | None], AgentDefinition]:
    statement = owned(ctx, AgentVersion).join(
        Agent,
        (Agent.id == AgentVersion.agent_id) & (Agent.published_version == AgentVersion.version),
    )
    found = (await ctx.session.execute(statement.where(Agent.id.in_(ids)))).scalars()
    return {(one.agent_id, one.version): read_definition(one.definition) for one in found}


async def _last_runs(ctx: Context, ids: list[UUID]) -> dict[UUID, datetime | None]:
    rows = await ctx.session.execute(_LAST_RUNS, {"org": ctx.org_id, "ids": ids})
    return {row.id: row.at for row in rows}


def _detail(
    row: Agent,
    current: AgentDefinition | None,
    owner: PersonOut | None,
    ran: datetime | None,
) -> AgentDetail:
    draft = read_definition(row.draft)
    chosen = current or draft
    return AgentDetail(
        id=row.id,
        number=row.number,
        name=row.name,
        slug=row.slug,
        description=row.description,
        visibility=row.visibility,  # pyright: ignore[reportArgumentType]  # the table's check
        owner=owner,
        builtin=row.builtin,
        published_version=row.published_version,
        draft_revision=row.draft_revision,
        has_changes=current != draft,
        model_id=chosen.model_id,
        source_ids=chosen.source_ids,
        starters=chosen.starters,
        archived_at=row.archived_at,
        last_run_at=ran,
        created_at=row.created_at,
        updated_at=row.updated_at,
        draft=draft,
        published=current,
    )
