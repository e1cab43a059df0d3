"""HTTP of sources."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import TooLarge
from datelier.kit.pagination import MAX_LIMIT, Page
from datelier.sources import catalog, check, manage, profiles
from datelier.sources.multipart import read_multipart
from datelier.sources.preview import preview
from datelier.sources.profile_schemas import ProfileIn, ProfileOut
from datelier.sources.sample import add_sample
from datelier.sources.schemas import (
    CatalogOut,
    DraftIn,
    Rows,
    SourceIn,
    SourceOut,
    SourcePatch,
    Starters,
    TestReport,
)
from datelier.sources.uploads import FILES_MAX, remove_source, upload_source

router = APIRouter(prefix="/sources", tags=["sources"])

_FORM_ROOM: Final = 1024 * 1024


@router.get("")
async def list_sources(
    ctx: Annotated[Context, needs("source:get")],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> Page[SourceOut]:
    """List the organization's sources."""
    return await manage.list_sources(ctx, cursor=cursor, limit=limit)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_source(
    data: SourceIn, ctx: Annotated[Context, needs("source:create", session=False)]
) -> SourceOut:
    """Store a source and look at its contents, if a worker is there."""
    async with ctx.begin() as tx:
        source = await manage.create_source(tx, data)
    return await check.first_look(ctx, source)


@router.post("/sample", status_code=status.HTTP_201_CREATED)
async def create_sample(
    response: Response,
    ctx: Annotated[Context, needs("source:create", session=False)],
    writable: Annotated[
        bool, Query(description="The practice copy, which approved writes may change.")
    ] = False,
) -> SourceOut:
    """Add the sample source, or its practice copy; once it exists, return it.

    The practice copy needs the right to say what can be written to (`write_connection:manage`).
    """
    source, made = await add_sample(ctx, writable=writable)
    response.status_code = status.HTTP_201_CREATED if made else status.HTTP_200_OK
    return source


@router.post(
    "/upload",
    status_code=status.HTTP_201_CREATED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["files"],
                        "properties": {
                            "files": {
                                "type": "array",
                                "items": {"type": "string", "format": "binary"},
                            },
                            "name": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
async def upload(
    request: Request, ctx: Annotated[Context, needs("source:create", session=False, costly=True)]
) -> SourceOut:
    """Make a source of uploaded files: CSV, Parquet, JSON or XLSX, or of one SQLite database."""
    most = ctx.resources.settings.upload_max_bytes * FILES_MAX + _FORM_ROOM
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise TooLarge("The upload is larger than allowed.")
    events = read_multipart(request.headers.get("content-type", ""), request.stream())
    return await upload_source(ctx, events)


@router.post("/test")
async def test_draft(
    data: DraftIn, ctx: Annotated[Context, needs("source:create", session=False, costly=True)]
) -> TestReport:
    """Test a connection before it is saved."""
    return await check.try_draft(ctx, data)


@router.get("/{source_id}")
async def get_source(source_id: UUID, ctx: Annotated[Context, needs("source:get")]) -> SourceOut:
    """Return one source."""
    return await manage.show_source(ctx, source_id)


@router.patch("/{source_id}")
async def update_source(
    source_id: UUID, data: SourcePatch, ctx: Annotated[Context, needs("source:update")]
) -> SourceOut:
    """Change a source."""
    return await manage.update_source(ctx, source_id, data)


@router.delete("/{source_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_source(
    source_id: UUID, ctx: Annotated[Context, needs("source:delete", session=False)]
) -> None:
    """Remove a source, its password and its files."""
    await remove_source(ctx, source_id)


@router.post("/{source_id}/test")
async def test_source(
    source_id: UUID, ctx: Annotated[Context, needs("source:update", session=False, costly=True)]
) -> TestReport:
    """Test a stored source's connection."""
    return await check.try_source(ctx, source_id)


@router.get("/{source_id}/catalog")
async def get_catalog(source_id: UUID, ctx: Annotated[Context, needs("source:get")]) -> CatalogOut:
    """Return what is known of a source's contents."""
    return await catalog.get_catalog(ctx, source_id)


@router.post("/{source_id}/refresh")
async def refresh_catalog(
    source_id: UUID, ctx: Annotated[Context, needs("source:update", session=False, costly=True)]
) -> CatalogOut:
    """Look at a source's contents anew."""
    return await catalog.refresh_catalog(ctx, source_id)


@router.get("/{source_id}/starters")
async def get_starters(source_id: UUID, ctx: Annotated[Context, needs("source:get")]) -> Starters:
    """Return questions to begin with."""
    return Starters(questions=await catalog.starters(ctx, source_id))


@router.get("/{source_id}/profile")
async def get_profile(
    source_id: UUID,
    table: Annotated[str, Query(min_length=1, max_length=300)],
    ctx: Annotated[Context, needs("source:get")],
) -> ProfileOut:
    """Return a table's newest profile, or how far it is; `status` is `none` before the first."""
    return await profiles.get_profile(ctx, source_id, table)


@router.post("/{source_id}/profile", status_code=status.HTTP_202_ACCEPTED)
async def start_profile(
    source_id: UUID,
    data: ProfileIn,
    ctx: Annotated[Context, needs("query:run", session=False, costly=True)],
) -> ProfileOut:
    """Start to profile a table and return at once; read how far it is with GET."""
    return await profiles.start_profile(ctx, source_id, data.table)


@router.post("/{source_id}/profile/stop")
async def stop_profile(
    source_id: UUID,
    data: ProfileIn,
    ctx: Annotated[Context, needs("query:run", session=False)],
) -> ProfileOut:
    """Stop a table's profile, its statement at the source included."""
    return await profiles.stop_profile(ctx, source_id, data.table)


@router.get("/{source_id}/preview", response_model=Rows)
async def preview_table(
    source_id: UUID,
    table: Annotated[str, Query(min_length=1, max_length=300)],
    ctx: Annotated[Context, needs("source:get", session=False)],
    limit: int | None = None,
    offset: int = 0,
) -> Response:
    """Return a page of a table's rows."""
    rows = await preview(ctx, source_id, table, limit=limit, offset=offset)
    return Response(rows.to_json(), media_type="application/json")
