"""HTTP of documents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse

from datelier.artifacts.documents import service, showing
from datelier.artifacts.documents.download import download
from datelier.artifacts.documents.errors import DocumentVersionNeeded
from datelier.artifacts.documents.schemas import (
    DocumentDetail,
    DocumentDiff,
    DocumentDraft,
    DocumentEdit,
    DocumentOut,
    DocumentPatch,
    DocumentRestore,
    DocumentVersionOut,
    Format,
    Wanted,
)
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import Page
from datelier.kit.revisions import named_revision
from datelier.queries.file_names import disposition

router = APIRouter(prefix="/documents", tags=["artifacts"])

Version = Annotated[int, Query(ge=1, le=999_999_999)]


@router.get("")
async def list_documents(
    ctx: Annotated[Context, needs("document:get")], wanted: Annotated[Wanted, Query()]
) -> Page[DocumentOut]:
    """List your documents, newest first."""
    return await showing.list_documents(ctx, wanted)


@router.post("", status_code=201)
async def create_document(
    body: DocumentDraft,
    ctx: Annotated[Context, needs("document:update", session=False)],
    response: Response,
) -> DocumentDetail:
    """Begin a document: a text, code, or a sheet with cells of its own or of a stored result."""
    return _tagged(await service.draft_document(ctx, body), response)


@router.get("/{document_id}")
async def get_document(
    document_id: UUID, ctx: Annotated[Context, needs("document:get")], response: Response
) -> DocumentDetail:
    """Return one of your documents in its newest version; the `ETag` is that version."""
    return _tagged(await showing.show(ctx, document_id), response)


@router.put("/{document_id}")
async def edit_document(
    document_id: UUID,
    body: DocumentEdit,
    ctx: Annotated[Context, needs("document:update", session=False)],
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The version that the edit was made from.")
    ] = None,
) -> DocumentDetail:
    """Make the next version, if the newest is still the one that `If-Match` names.

    Lines that stay keep the receipts of their figures. Somebody else's newer version is the error
    409 `document_changed`: read it, and edit from there.
    """
    return _tagged(
        await service.edit_document(ctx, document_id, body, _version(if_match)), response
    )


def _tagged(shown: DocumentDetail, response: Response) -> DocumentDetail:
    response.headers["ETag"] = f'"{shown.newest}"'
    return shown


def _version(if_match: str | None) -> int:
    missing = DocumentVersionNeeded(
        "An edit names the document's version in If-Match.", hint="GET the document first."
    )
    return named_revision(if_match, missing, "a version of the document")


@router.patch("/{document_id}")
async def bring_document_back(
    document_id: UUID, body: DocumentPatch, ctx: Annotated[Context, needs("document:update")]
) -> DocumentDetail:
    """Bring an archived document back."""
    del body  # it says what the operation does
    return await service.bring_back(ctx, document_id)


@router.delete("/{document_id}", status_code=204)
async def archive_document(
    document_id: UUID, ctx: Annotated[Context, needs("document:update")]
) -> None:
    """Archive a document: it leaves the list and takes no more versions; what it said stays."""
    await service.archive_document(ctx, document_id)


@router.get("/{document_id}/versions")
async def list_document_versions(
    document_id: UUID, ctx: Annotated[Context, needs("document:get")]
) -> Page[DocumentVersionOut]:
    """List a document's versions, newest first: who wrote them, and when."""
    return Page(data=await showing.list_versions(ctx, document_id))


@router.get("/{document_id}/versions/{version}")
async def get_document_version(
    document_id: UUID,
    version: Annotated[int, Path(ge=1, le=999_999_999)],
    ctx: Annotated[Context, needs("document:get")],
) -> DocumentDetail:
    """Return what a document said in one version."""
    return await showing.show(ctx, document_id, version)


@router.get("/{document_id}/diff")
async def diff_document(
    document_id: UUID,
    ctx: Annotated[Context, needs("document:get")],
    from_: Annotated[Version, Query(alias="from")],
    to: Version,
) -> DocumentDiff:
    """Compare two versions line by line."""
    return await showing.diff(ctx, document_id, from_, to)


@router.post("/{document_id}/restore")
async def restore_document(
    document_id: UUID,
    body: DocumentRestore,
    ctx: Annotated[Context, needs("document:update")],
    response: Response,
) -> DocumentDetail:
    """Make the next version say what an earlier one said."""
    return _tagged(await service.restore_document(ctx, document_id, body.version), response)


@router.get("/{document_id}/download", response_class=Response)
async def download_document(
    document_id: UUID,
    ctx: Annotated[Context, needs("document:get", session=False)],
    form: Annotated[Format | None, Query(alias="format")] = None,
    version: Version | None = None,
    protect: bool = True,
) -> Response:
    """Download a document: a text as md (with its receipts) or txt, code, a sheet as csv or xlsx.

    `protect` puts `'` before CSV texts that a spreadsheet would execute.
    """
    file = await download(ctx, document_id, version, form, protect=protect)
    headers = {
        "content-disposition": disposition(file.name),
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(
        iterate_in_threadpool(file.pieces), media_type=file.media_type, headers=headers
    )
