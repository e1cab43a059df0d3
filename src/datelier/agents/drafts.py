"""Editing a draft, publishing it as an immutable version, and going back."""

from typing import Literal
from uuid import UUID

from datelier.agents.checking import check
from datelier.agents.definition import AgentDefinition, read_definition
from datelier.agents.diff import changes_between
from datelier.agents.errors import DraftChanged, NeverPublished, NothingToPublish
from datelier.agents.models import Agent, AgentVersion
from datelier.agents.schemas import DiffOut, DraftOut, VersionDetail, VersionOut
from datelier.agents.service import get_agent, newest_version, stored_version
from datelier.agents.showing import people
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.lines import lines_between

Side = int | Literal["draft"]


async def save_draft(
    ctx: Context, agent_id: UUID, definition: AgentDefinition, revision: int
) -> DraftOut:
    """Replace a draft that is still as its editor saw it.

    Raises:
        NotFound: No such agent.
        DraftChanged: Somebody has changed it since `revision`.
        Invalid: The definition names what is not there.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    _require_revision(row, revision)
    await check(ctx, definition)
    before = read_definition(row.draft)
    fields = [change.path for change in changes_between(before, definition)]
    if before.instructions != definition.instructions:
        fields.insert(0, "instructions")
    if fields:
        await _change(ctx, row, definition)
        await record(
            ctx, action="agent.draft_saved", target=("agent", row.id), detail={"fields": fields}
        )
    return await _draft_out(ctx, row)


def _require_revision(row: Agent, revision: int) -> None:
    if row.draft_revision != revision:
        raise DraftChanged(
            f"The draft is at revision {row.draft_revision}; this edit was made from {revision}.",
            hint="Load the draft again and repeat the edit.",
        )


async def _change(ctx: Context, row: Agent, definition: AgentDefinition) -> None:
    row.draft = definition.stored()
    row.draft_revision += 1
    await ctx.session.flush()
    await ctx.session.refresh(row)


async def _draft_out(ctx: Context, row: Agent) -> DraftOut:
    definition = read_definition(row.draft)
    current = await published(ctx, row)
    return DraftOut(
        revision=row.draft_revision, has_changes=current != definition, definition=definition
    )


async def published(ctx: Context, row: Agent) -> AgentDefinition | None:
    """Return what is published of an agent, or None."""
    if row.published_version is None:
        return None
    return read_definition((await stored_version(ctx, row.id, row.published_version)).definition)


async def discard_draft(ctx: Context, agent_id: UUID) -> DraftOut:
    """Make the draft what is published again.

    Raises:
        NotFound: No such agent.
        NeverPublished: There is nothing to go back to.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    current = await published(ctx, row)
    if current is None:
        raise NeverPublished("Nothing of this agent is published yet.")
    if current != read_definition(row.draft):
        await _change(ctx, row, current)
        await record(ctx, action="agent.draft_discarded", target=("agent", row.id))
    return await _draft_out(ctx, row)


async def publish(
    ctx: Context, agent_id: UUID, note: str = "", revision: int | None = None
) -> VersionDetail:
    """Publish the draft as the next version; runs that begin from now on use it.

    Raises:
        NotFound: No such agent.
        DraftChanged: The draft is not at `revision`.
        NothingToPublish: The draft is what is published already.
        Invalid: The draft names what is no longer there.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    if revision is not None:
        _require_revision(row, revision)
    definition = read_definition(row.draft)
    if await published(ctx, row) == definition:
        raise NothingToPublish("The draft is what is published already.")
    await check(ctx, definition)
    made = await add_owned(
        ctx,
        AgentVersion(
            agent_id=row.id,
            version=await newest_version(ctx, row.id) + 1,
            definition=definition.stored(),
            note=note,
            published_by=ctx.actor.id if ctx.actor.kind == "user" else None,
            published_by_name=ctx.actor.name,
        ),
    )
    row.published_version = made.version
    await ctx.session.flush()
    detail = {"version": made.version, "note": note}
    await record(ctx, action="agent.published", target=("agent", row.id), detail=detail)
    return (await _versions_out(ctx, row, [made]))[0]


async def list_versions(ctx: Context, agent_id: UUID) -> list[VersionOut]:
    """Return an agent's versions, newest first.

    Raises:
        NotFound: No such agent.
    """
    row = await get_agent(ctx, agent_id)
    statement = (
        owned(ctx, AgentVersion)
        .where(AgentVersion.agent_id == agent_id)
        .order_by(AgentVersion.version.desc())
    )
    found = list((await ctx.session.execute(statement)).scalars())
    detailed = await _versions_out(ctx, row, found)
    return [VersionOut.model_validate(one.model_dump(exclude={"definition"})) for one in detailed]


async def get_version(ctx: Context, agent_id: UUID, version: int) -> VersionDetail:
    """Return one published version.

    Raises:
        NotFound: No such agent or version.
    """
    row = await get_agent(ctx, agent_id)
    return (await _versions_out(ctx, row, [await stored_version(ctx, agent_id, version)]))[0]


async def _versions_out(
    ctx: Context, row: Agent, versions: list[AgentVersion]
) -> list[VersionDetail]:
    known = await people(ctx, {one.published_by for one in versions})
    return [
        VersionDetail(
            version=one.version,
            note=one.note,
            published_by=known.get(one.published_by) if one.published_by else None,
            created_at=one.created_at,
            current=one.version == row.published_version,
            definition=read_definition(one.definition),
        )
        for one in versions
    ]


async def diff(ctx: Context, agent_id: UUID, before: Side, after: Side) -> DiffOut:
    """Return what differs between two versions, or a version and the draft.

    Raises:
        NotFound: No such agent or version.
    """
    row = await get_agent(ctx, agent_id)
    old, new = await _side(ctx, row, before), await _side(ctx, row, after)
    return DiffOut.model_validate(
        {
            "from": str(before),
            "to": str(after),
            "changes": changes_between(old, new),
            "lines": lines_between(old.instructions, new.instructions),
        }
    )


async def _side(ctx: Context, row: Agent, side: Side) -> AgentDefinition:
    if side == "draft":
        return read_definition(row.draft)
    return read_definition((await stored_version(ctx, row.id, side)).definition)


async def restore(ctx: Context, agent_id: UUID, version: int) -> DraftOut:
    """Make the draft what a version was; publishing it again is the next step.

    Raises:
        NotFound: No such agent or version.
    """
    row = await get_agent(ctx, agent_id, for_update=True)
    earlier = read_definition((await stored_version(ctx, agent_id, version)).definition)
    if earlier != read_definition(row.draft):
        await _change(ctx, row, earlier)
    detail = {"version": version}
    await record(ctx, action="agent.restored", target=("agent", row.id), detail=detail)
    return await _draft_out(ctx, row)
