"""The definitions API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from starlette.responses import PlainTextResponse

from datelier.definitions import history, importing, service, standing
from datelier.definitions.errors import VersionNeeded
from datelier.definitions.schemas import (
    CertifyIn,
    Content,
    DefinitionDetail,
    DefinitionDiff,
    DefinitionIn,
    DefinitionOut,
    DefinitionVersionOut,
    ImportIn,
    LapseIn,
    PlanOut,
    UsesOut,
    Wanted,
)
from datelier.definitions.showing import show_one
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import Page
from datelier.kit.revisions import named_revision

router = APIRouter(prefix="/definitions", tags=["definitions"])

Version = Annotated[int, Query(ge=1, le=999_999_999)]


@router.get("")
async def list_definitions(
    ctx: Annotated[Context, needs("definition:get")], wanted: Annotated[Wanted, Query()]
) -> Page[DefinitionOut]:
    """List the organization's metrics and terms, newest first."""
    return await service.list_definitions(ctx, wanted)


@router.post("", status_code=201)
async def create_definition(
    ctx: Annotated[Context, needs("definition:create", session=False)], body: DefinitionIn
) -> DefinitionDetail:
    """Propose a metric or term; its SQL is checked on the source, read-only."""
    return await service.create_definition(ctx, body)


@router.post("/import")
async def import_definitions(
    ctx: Annotated[Context, needs("definition:create", session=False)], body: ImportIn
) -> PlanOut:
    """Say what YAML files of definitions would change, or do all of it."""
    return await importing.import_definitions(ctx, body)


@router.get("/{definition_id}")
async def get_definition(
    ctx: Annotated[Context, needs("definition:get")], definition_id: UUID, response: Response
) -> DefinitionDetail:
    """Return one definition; the `ETag` is its version."""
    shown = await show_one(ctx, await service.get_definition(ctx, definition_id))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.put("/{definition_id}")
async def edit_definition(
    ctx: Annotated[Context, needs("definition:create", session=False)],
    definition_id: UUID,
    body: Content,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The version that the edit was made from.")
    ] = None,
) -> DefinitionDetail:
    """Replace what a definition says by a new version; one that was certified lapses."""
    shown = await service.edit_definition(ctx, definition_id, body, _version(if_match))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


def _version(if_match: str | None) -> int:
    missing = VersionNeeded(
        "An edit names the definition's version in If-Match.",
        hint="GET the definition first.",
    )
    return named_revision(if_match, missing, "a version of the definition")


@router.delete("/{definition_id}", status_code=204)
async def archive_definition(
    ctx: Annotated[Context, needs("definition:create")], definition_id: UUID
) -> None:
    """Archive a definition: no answer uses it any more; its history stays."""
    await service.archive_definition(ctx, definition_id)


@router.post("/{definition_id}/certify")
async def certify_definition(
    ctx: Annotated[Context, needs("definition:certify", session=False)],
    definition_id: UUID,
    body: CertifyIn,
) -> DefinitionDetail:
    """Certify a version that you have read, once its SQL ran: everybody's answers may use it."""
    return await standing.certify_definition(ctx, definition_id, body.version)


@router.post("/{definition_id}/lapse")
async def lapse_definition(
    ctx: Annotated[Context, needs("definition:certify")], definition_id: UUID, body: LapseIn
) -> DefinitionDetail:
    """Say that a definition no longer holds; answers that used it say so."""
    return await standing.withdraw_definition(ctx, definition_id, body.reason)


@router.post("/{definition_id}/check")
async def check_definition(
    ctx: Annotated[Context, needs("definition:create", session=False)], definition_id: UUID
) -> DefinitionDetail:
    """Run a definition's SQL now; a certified one that fails lapses."""
    return await standing.check_definition(ctx, definition_id)


@router.get("/{definition_id}/versions")
async def list_definition_versions(
    ctx: Annotated[Context, needs("definition:get")], definition_id: UUID
) -> Page[DefinitionVersionOut]:
    """List what a definition has said, newest first."""
    return Page(data=await history.list_versions(ctx, definition_id))


@router.get("/{definition_id}/versions/{version}")
async def get_definition_version(
    ctx: Annotated[Context, needs("definition:get")], definition_id: UUID, version: int
) -> DefinitionVersionOut:
    """Return what a definition said in one version."""
    return await history.get_version(ctx, definition_id, version)


@router.get("/{definition_id}/diff")
async def diff_definition(
    ctx: Annotated[Context, needs("definition:get")],
    definition_id: UUID,
    from_: Annotated[Version, Query(alias="from")],
    to: Version,
) -> DefinitionDiff:
    """Compare two versions: by field, and SQL and note line by line."""
    return await history.diff(ctx, definition_id, from_, to)


@router.get("/{definition_id}/uses")
async def list_definition_uses(
    ctx: Annotated[Context, needs("definition:get")], definition_id: UUID
) -> UsesOut:
    """Say how often answers used a definition, and which of your own chats did."""
    return await history.where_used(ctx, definition_id)


@router.get("/{definition_id}/export", response_class=PlainTextResponse)
async def export_definition(
    ctx: Annotated[Context, needs("definition:get")], definition_id: UUID
) -> PlainTextResponse:
    """Give a definition as YAML, as `datelier definitions import` takes it."""
    said = await importing.export_definition(ctx, definition_id)
    return PlainTextResponse(said, media_type="application/yaml; charset=utf-8")
