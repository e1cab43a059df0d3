"""Reading documents: each belongs to the person in whose chat, or by whom, it was written."""

from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import load_only

from datelier.artifacts.documents.models import Document, DocumentVersion
from datelier.artifacts.documents.schemas import (
    BoundResult,
    DocumentDetail,
    DocumentDiff,
    DocumentOut,
    DocumentVersionOut,
    Wanted,
)
from datelier.artifacts.documents.sheets import read_csv, sheet_rows
from datelier.identity.listing import page_of
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.kit.lines import lines_between
from datelier.kit.pagination import Page
from datelier.queries.results import version_of_result

# What a version says may be large, and lists do without it.
_WITHOUT_CONTENT = load_only(
    DocumentVersion.version,
    DocumentVersion.title,
    DocumentVersion.language,
    DocumentVersion.restored_from,
    DocumentVersion.renewed_from,
    DocumentVersion.numbers,
    DocumentVersion.author_kind,
    DocumentVersion.author_name,
    DocumentVersion.created_at,
    raiseload=True,
)


def _own(ctx: Context) -> Select[Document]:
    return owned(ctx, Document).where(Document.owner_id.is_not_distinct_from(ctx.actor.id))


async def own_document(ctx: Context, document_id: UUID, *, for_update: bool = False) -> Document:
    """Return one of the caller's documents, archived or not.

    Raises:
        NotFound: Unknown, somebody else's, or of another organization.
    """
    statement = _own(ctx).where(Document.id == document_id)
    return await _only(ctx, statement, for_update=for_update)


async def document_of_thread(ctx: Context, thread_id: UUID, handle: int) -> Document:
    """Return what `D1` names in a thread of the caller's.

    Raises:
        NotFound: There is no such document.
    """
    statement = _own(ctx).where(Document.thread_id == thread_id, Document.handle == handle)
    return await _only(ctx, statement)


async def _only(ctx: Context, statement: Select[Document], *, for_update: bool = False) -> Document:
    if for_update:
        statement = statement.with_for_update()
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("document")
    return row


async def stored_version(ctx: Context, document_id: UUID, version: int) -> DocumentVersion:
    """Return a version of a document, or raise NotFound."""
    statement = owned(ctx, DocumentVersion).where(
        DocumentVersion.document_id == document_id, DocumentVersion.version == version
    )
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("version")
    return row


async def list_documents(ctx: Context, wanted: Wanted) -> Page[DocumentOut]:
    """Return a page of the caller's documents, newest first."""
    gone = Document.archived_at
    statement = (
        _own(ctx)
        .add_columns(DocumentVersion)
        .join(
            DocumentVersion,
            (DocumentVersion.org_id == Document.org_id)
            & (DocumentVersion.document_id == Document.id)
            & (DocumentVersion.version == Document.version),
        )
        .where(gone.is_not(None) if wanted.archived else gone.is_(None))
        .options(_WITHOUT_CONTENT)
    )
    if wanted.kind is not None:
        statement = statement.where(Document.kind == wanted.kind)
    rows, following = await page_of(
        ctx, statement, Document.id, cursor=wanted.cursor, limit=wanted.limit
    )
    data = [DocumentOut.model_validate(_head(row, version)) for row, version in rows]
    return Page[DocumentOut](data=data, next=following)


def _head(row: Document, version: DocumentVersion) -> dict[str, object]:
    return {
        "id": row.id,
        "handle": f"D{row.handle}",
        "kind": row.kind,
        "title": version.title,
        "language": version.language,
        "version": version.version,
        "thread_id": row.thread_id,
        "author": _author(version),
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": version.created_at,
    }


def _author(version: DocumentVersion) -> dict[str, str]:
    return {"kind": version.author_kind, "name": version.author_name}


async def show(ctx: Context, document_id: UUID, version: int | None = None) -> DocumentDetail:
    """Return a document as its newest version, or another, says it.

    Raises:
        NotFound: No such document or version.
    """
    row = await own_document(ctx, document_id)
    return await show_row(ctx, row, await stored_version(ctx, row.id, version or row.version))


async def show_row(ctx: Context, row: Document, version: DocumentVersion) -> DocumentDetail:
    """Return a document as one of its versions says it."""
    result = None if version.result_id is None else await _result(ctx, version.result_id)
    is_sheet = row.kind == "sheet" and result is None
    return DocumentDetail.model_validate(
        _head(row, version)
        | {
            "newest": row.version,
            "restored_from": version.restored_from,
            "renewed_from": version.renewed_from,
            "outdated": row.left_behind == version.version,
            "content": version.content,
            "figures": version.figures,
            "numbers": version.numbers,
            "rows": sheet_rows(read_csv(version.content)) if is_sheet else None,
            "result": result,
        }
    )


async def _result(ctx: Context, result_id: UUID) -> BoundResult:
    found = await version_of_result(ctx, result_id)
    return BoundResult(
        id=result_id,
        reference=found.reference,
        query_id=found.query_id,
        title=found.title,
        source_name=found.source_name,
        row_count=found.row_count or 0,
        truncated=found.truncated,
    )


async def list_versions(ctx: Context, document_id: UUID) -> list[DocumentVersionOut]:
    """Return a document's versions, newest first, without what they say.

    Raises:
        NotFound: No such document.
    """
    row = await own_document(ctx, document_id)
    statement = (
        owned(ctx, DocumentVersion)
        .where(DocumentVersion.document_id == row.id)
        .order_by(DocumentVersion.version.desc())
        .options(_WITHOUT_CONTENT)
    )
    found = (await ctx.session.execute(statement)).scalars()
    return [
        DocumentVersionOut.model_validate(
            {
                "version": one.version,
                "title": one.title,
                "language": one.language,
                "author": _author(one),
                "restored_from": one.restored_from,
                "renewed_from": one.renewed_from,
                "numbers": one.numbers,
                "created_at": one.created_at,
            }
        )
        for one in found
    ]


async def diff(ctx: Context, document_id: UUID, before: int, after: int) -> DocumentDiff:
    """Return what differs between two versions.

    Raises:
        NotFound: No such document or version.
    """
    row = await own_document(ctx, document_id)
    old = await stored_version(ctx, row.id, before)
    new = await stored_version(ctx, row.id, after)
    return DocumentDiff.model_validate(
        {
            "from": before,
            "to": after,
            "title": None if old.title == new.title else (old.title, new.title),
            "lines": lines_between(await _told(ctx, old), await _told(ctx, new)),
        }
    )


async def _told(ctx: Context, version: DocumentVersion) -> str:
    """Return what a version says; what a sheet shows of a result is named, not listed."""
    if version.result_id is None:
        return version.content
    return f"{{{{{(await _result(ctx, version.result_id)).reference}}}}}"
