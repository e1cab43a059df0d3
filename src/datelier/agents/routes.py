"""The agents API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from starlette.responses import PlainTextResponse

from datelier.agents import drafts, notes, service
from datelier.agents.definition import AgentDefinition
from datelier.agents.errors import RevisionNeeded
from datelier.agents.granting import list_tools
from datelier.agents.schemas import (
    AgentDetail,
    AgentIn,
    AgentOut,
    AgentPatch,
    DiffOut,
    DraftOut,
    NoteIn,
    NoteOut,
    PublishIn,
    RestoreIn,
    ToolOut,
    VersionDetail,
    VersionOut,
)
from datelier.agents.showing import show_agent, show_agents
from datelier.agents.yaml_form import to_yaml
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import Page
from datelier.kit.revisions import named_revision

router = APIRouter(prefix="/agents", tags=["agents"])

Side = Annotated[
    str, Query(pattern="^(draft|[1-9][0-9]{0,8})$", description="A version, or `draft`.")
]


@router.get("")
async def list_agents(
    ctx: Annotated[Context, needs("agent:get")], archived: bool = False
) -> Page[AgentOut]:
    """List the agents you may use: those of the organization, and your private ones."""
    return Page(data=await show_agents(ctx, await service.list_agents(ctx, archived=archived)))


@router.post("", status_code=201)
async def create_agent(
    ctx: Annotated[Context, needs("agent:manage")], body: AgentIn
) -> AgentDetail:
    """Create an agent as a draft; it answers once it is published."""
    return await show_agent(ctx, await service.create_agent(ctx, body))


@router.get("/tools")
async def list_agent_tools(ctx: Annotated[Context, needs("agent:get")]) -> Page[ToolOut]:
    """List the tools that an agent may be given, with what they do and who is asked."""
    return Page(data=list_tools(ctx))


@router.get("/{agent_id}")
async def get_agent(
    ctx: Annotated[Context, needs("agent:get")], agent_id: UUID, response: Response
) -> AgentDetail:
    """Return one agent with its draft; the `ETag` is the draft's revision."""
    shown = await show_agent(ctx, await service.get_agent(ctx, agent_id))
    response.headers["ETag"] = f'"{shown.draft_revision}"'
    return shown


@router.patch("/{agent_id}")
async def update_agent(
    ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID, body: AgentPatch
) -> AgentDetail:
    """Change an agent's name, description or sharing at once, or bring it back."""
    return await show_agent(ctx, await service.update_agent(ctx, agent_id, body))


@router.delete("/{agent_id}", status_code=204)
async def archive_agent(ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID) -> None:
    """Archive an agent: it leaves every list and answers no more; what it did stays."""
    await service.archive_agent(ctx, agent_id)


@router.put("/{agent_id}/draft")
async def save_draft(
    ctx: Annotated[Context, needs("agent:manage")],
    agent_id: UUID,
    body: AgentDefinition,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The revision that the edit was made from.")
    ] = None,
) -> DraftOut:
    """Replace the draft, if it is still at the revision that `If-Match` names."""
    saved = await drafts.save_draft(ctx, agent_id, body, _revision(if_match))
    response.headers["ETag"] = f'"{saved.revision}"'
    return saved


def _revision(if_match: str | None) -> int:
    missing = RevisionNeeded(
        "An edit names the draft's revision in If-Match.", hint="GET the agent first."
    )
    return named_revision(if_match, missing, "a revision of the draft")


@router.delete("/{agent_id}/draft")
async def discard_draft(ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID) -> DraftOut:
    """Make the draft what is published again."""
    return await drafts.discard_draft(ctx, agent_id)


@router.post("/{agent_id}/publish", status_code=201)
async def publish_agent(
    ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID, body: PublishIn
) -> VersionDetail:
    """Publish the draft as the next version; runs that begin from now on use it."""
    return await drafts.publish(ctx, agent_id, body.note, body.revision)


@router.get("/{agent_id}/versions")
async def list_agent_versions(
    ctx: Annotated[Context, needs("agent:get")], agent_id: UUID
) -> Page[VersionOut]:
    """List an agent's versions, newest first."""
    return Page(data=await drafts.list_versions(ctx, agent_id))


@router.get("/{agent_id}/versions/{version}")
async def get_agent_version(
    ctx: Annotated[Context, needs("agent:get")], agent_id: UUID, version: int
) -> VersionDetail:
    """Return what an agent was in one version."""
    return await drafts.get_version(ctx, agent_id, version)


@router.get("/{agent_id}/diff")
async def diff_agent(
    ctx: Annotated[Context, needs("agent:get")],
    agent_id: UUID,
    from_: Annotated[str, Query(alias="from", pattern="^(draft|[1-9][0-9]{0,8})$")],
    to: Side = "draft",
) -> DiffOut:
    """Compare two versions, or a version and the draft: by field, and line by line."""
    return await drafts.diff(ctx, agent_id, _side(from_), _side(to))


def _side(said: str) -> drafts.Side:
    return "draft" if said == "draft" else int(said)


@router.get("/{agent_id}/export", response_class=PlainTextResponse)
async def export_agent(
    ctx: Annotated[Context, needs("agent:get")], agent_id: UUID
) -> PlainTextResponse:
    """Give an agent's name and draft as YAML, as `datelier agent edit` takes it."""
    said = to_yaml(await service.get_agent(ctx, agent_id))
    return PlainTextResponse(said, media_type="application/yaml; charset=utf-8")


@router.post("/{agent_id}/restore")
async def restore_agent(
    ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID, body: RestoreIn
) -> DraftOut:
    """Make the draft what a version was; publish it to use it."""
    return await drafts.restore(ctx, agent_id, body.version)


@router.get("/{agent_id}/notes")
async def list_agent_notes(
    ctx: Annotated[Context, needs("agent:get")], agent_id: UUID
) -> Page[NoteOut]:
    """List what an agent remembers for you, oldest first; nobody else's notes are shown."""
    return Page(data=await notes.list_notes(ctx, agent_id))


@router.post("/{agent_id}/notes", status_code=201)
async def create_agent_note(
    ctx: Annotated[Context, needs("thread:update")], agent_id: UUID, body: NoteIn
) -> NoteOut:
    """Give an agent something to remember for you; 409 `notes_full` when it keeps 40."""
    return await notes.add_note(ctx, agent_id, body.content)


@router.patch("/{agent_id}/notes/{note_id}")
async def update_agent_note(
    ctx: Annotated[Context, needs("thread:update")], agent_id: UUID, note_id: UUID, body: NoteIn
) -> NoteOut:
    """Change what an agent remembers for you."""
    return await notes.change_note(ctx, agent_id, note_id, body.content)


@router.delete("/{agent_id}/notes/{note_id}", status_code=204)
async def delete_agent_note(
    ctx: Annotated[Context, needs("thread:update")], agent_id: UUID, note_id: UUID
) -> None:
    """Make an agent forget something for good."""
    await notes.forget_note(ctx, agent_id, note_id)
