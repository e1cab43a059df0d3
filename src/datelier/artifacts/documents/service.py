"""Write documents: every change is a version of its own, and no version is ever changed."""

from uuid import UUID

from sqlalchemy import select

from datelier.artifacts.documents.errors import WrongKind
from datelier.artifacts.documents.figures import Account, Earlier, Written
from datelier.artifacts.documents.models import Document, DocumentVersion
from datelier.artifacts.documents.schemas import DocumentDetail, DocumentDraft, DocumentEdit, Kind
from datelier.artifacts.documents.showing import own_document, show_row, stored_version
from datelier.artifacts.documents.versions import (
    Body,
    Change,
    Made,
    Writing,
    keep,
    kind_of,
    make,
    require_room,
)
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.queries.service import Author


async def create_document(ctx: Context, kind: Kind, body: Body, writing: Writing) -> DocumentDetail:
    """Begin a document; no transaction may be open.

    Raises:
        Invalid: The content is empty or cannot be stored; ContentRefused and WrongKind say why.
        DocumentTooLarge: It is larger than a document may be.
        NotFound: There is no such result.
    """
    made = await make(ctx, kind, body, writing.account, Earlier())
    async with ctx.begin() as tx:
        again = await _written_before(tx, writing)
        if again is not None:
            return again
        thread_id = writing.account.thread_id
        row = await add_owned(
            tx,
            Document(
                id=uuid7(),
                owner_id=tx.actor.id,
                thread_id=thread_id,
                handle=await next_number(
                    tx, "document" if thread_id is None else f"document:{thread_id}"
                ),
                kind=kind,
                version=1,
            ),
        )
        return await keep(tx, row, made, writing, Change("document.created"))


async def draft_document(ctx: Context, draft: DocumentDraft) -> DocumentDetail:
    """Begin a document for a person; no transaction may be open.

    Raises:
        As in :func:`create_document`.
    """
    body = Body(draft.title, draft.content or "", draft.language, draft.result_id)
    return await create_document(ctx, draft.kind, body, _by_person(ctx, None))


def _by_person(ctx: Context, thread_id: UUID | None) -> Writing:
    author = Author("user", ctx.actor.name, ctx.actor.id)
    return Writing(author, Account(thread_id, by_person=True))


async def edit_document(
    ctx: Context, document_id: UUID, edit: DocumentEdit, revision: int
) -> DocumentDetail:
    """Make the next version of a document that is still as its editor saw it.

    An edit that changes nothing makes no version. No transaction may be open.

    Raises:
        NotFound: No such document.
        DocumentChanged: It has a newer version than `revision`.
        DocumentArchived: It was archived.
        WrongKind: A sheet that shows a result has no content of its own.
    """
    async with ctx.begin() as tx:
        row = await own_document(tx, document_id)
        require_room(row, revision)
        now_said = await stored_version(tx, row.id, row.version)
        body = Body(
            edit.title or now_said.title,
            now_said.content if edit.content is None else edit.content,
            now_said.language if edit.language is None else edit.language,
            now_said.result_id,
        )
        thread_id = row.thread_id
    if body.result_id is not None and edit.content is not None:
        raise WrongKind(
            "This sheet shows a stored result and has no content of its own.",
            hint="Change the query, or begin another sheet.",
        )
    return await write_version(ctx, document_id, body, revision, _by_person(ctx, thread_id))


async def write_version(
    ctx: Context, document_id: UUID, body: Body, revision: int, writing: Writing
) -> DocumentDetail:
    """Make the next version of a document that is at `revision`; no transaction may be open.

    Raises:
        As in :func:`edit_document` and :func:`create_document`.
    """
    async with ctx.begin() as tx:
        again = await _written_before(tx, writing)
        if again is not None:
            return again
        row = await own_document(tx, document_id)
        require_room(row, revision)
        kind = kind_of(row)
        was = await stored_version(tx, row.id, row.version)
        earlier = Earlier(was.content, was.figures)
        same = _said(was) == (body.title, body.content, body.language, body.result_id)
        if same:
            return await show_row(tx, row, was)
    made = await make(ctx, kind, body, writing.account, earlier)
    async with ctx.begin() as tx:
        row = await own_document(tx, document_id, for_update=True)
        require_room(row, revision)
        row.version += 1
        return await keep(tx, row, made, writing, Change("document.updated"))


def _said(row: DocumentVersion) -> tuple[str, str, str | None, UUID | None]:
    return row.title, row.content, row.language, row.result_id


async def restore_document(ctx: Context, document_id: UUID, version: int) -> DocumentDetail:
    """Make the next version say what an earlier one said, in the open transaction.

    Raises:
        NotFound: No such document or version.
        DocumentArchived, DocumentFull: It takes no version.
    """
    row = await own_document(ctx, document_id, for_update=True)
    require_room(row, row.version)
    earlier = await stored_version(ctx, row.id, version)
    newest = await stored_version(ctx, row.id, row.version)
    if _said(earlier) == _said(newest):
        return await show_row(ctx, row, newest)
    row.version += 1
    body = Body(earlier.title, earlier.content, earlier.language, earlier.result_id)
    made = Made(body, Written(earlier.content, earlier.figures))
    writing = _by_person(ctx, row.thread_id)
    change = Change("document.restored", restored_from=version)
    return await keep(ctx, row, made, writing, change)


async def archive_document(ctx: Context, document_id: UUID) -> None:
    """Archive a document: it leaves the list and takes no version; what it said stays.

    Raises:
        NotFound: No such document.
    """
    row = await own_document(ctx, document_id, for_update=True)
    if row.archived_at is None:
        row.archived_at = now()
        await record(ctx, action="document.archived", target=("document", row.id))


async def bring_back(ctx: Context, document_id: UUID) -> DocumentDetail:
    """Bring an archived document back.

    Raises:
        NotFound: No such document.
    """
    row = await own_document(ctx, document_id, for_update=True)
    if row.archived_at is not None:
        row.archived_at = None
        await record(ctx, action="document.brought_back", target=("document", row.id))
    return await show_row(ctx, row, await stored_version(ctx, row.id, row.version))


async def _written_before(ctx: Context, writing: Writing) -> DocumentDetail | None:
    """Return what this very tool call has written already."""
    if writing.call_id is None:
        return None
    statement = select(DocumentVersion).where(
        DocumentVersion.org_id == ctx.org_id, DocumentVersion.call_id == writing.call_id
    )
    found = (await ctx.session.execute(statement)).scalar_one_or_none()
    if found is None:
        return None
    return await show_row(ctx, await own_document(ctx, found.document_id), found)
