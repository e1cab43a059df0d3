"""Write documents: every change is a version of its own, and no version is ever changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select

from datelier.artifacts.documents.errors import (
    DocumentArchived,
    DocumentChanged,
    DocumentFull,
    DocumentTooLarge,
    WrongKind,
)
from datelier.artifacts.documents.figures import (
    LONGEST,
    Account,
    Earlier,
    Written,
    written_sheet,
    written_text,
)
from datelier.artifacts.documents.models import Document, DocumentVersion
from datelier.artifacts.documents.schemas import DocumentDetail, DocumentDraft, DocumentEdit, Kind
from datelier.artifacts.documents.showing import own_document, show_row, stored_version
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.errors import Invalid
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.queries.results import version_of_result
from datelier.queries.service import Author

MOST_VERSIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Body:
    """What a version is to say: content, or the stored result that a sheet shows."""

    title: str
    content: str = ""
    language: str | None = None
    result_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, and how figures are accounted for.

    Attributes:
        call_id: The tool call that writes; made again, it finds what it wrote.
        fence: Asserts in the transaction that writes that the run is still this process's.
    """

    author: Author
    account: Account
    call_id: str | None = None
    fence: Callable[[Context], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    body: Body
    written: Written = field(default_factory=lambda: Written(""))


async def create_document(ctx: Context, kind: Kind, body: Body, writing: Writing) -> DocumentDetail:
    """Begin a document; no transaction may be open.

    Raises:
        Invalid: The content is empty or cannot be stored; ContentRefused and WrongKind say why.
        DocumentTooLarge: It is larger than a document may be.
        NotFound: There is no such result.
    """
    made = await _made(ctx, kind, body, writing.account, Earlier())
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
        return await _keep(tx, row, made, writing, "document.created")


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
        _require(row, revision)
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
        _require(row, revision)
        kind = _kind(row)
        was = await stored_version(tx, row.id, row.version)
        earlier = Earlier(was.content, was.figures)
        same = _said(was) == (body.title, body.content, body.language, body.result_id)
        if same:
            return await show_row(tx, row, was)
    made = await _made(ctx, kind, body, writing.account, earlier)
    async with ctx.begin() as tx:
        row = await own_document(tx, document_id, for_update=True)
        _require(row, revision)
        row.version += 1
        return await _keep(tx, row, made, writing, "document.updated")


def _said(row: DocumentVersion) -> tuple[str, str, str | None, UUID | None]:
    return row.title, row.content, row.language, row.result_id


def _kind(row: Document) -> Kind:
    return "text" if row.kind == "text" else "code" if row.kind == "code" else "sheet"


def _require(row: Document, revision: int) -> None:
    if row.archived_at is not None:
        raise DocumentArchived("This document was archived.", hint="Bring it back first.")
    if row.version != revision:
        raise DocumentChanged(
            f"The document is at version {row.version}; this edit was made from {revision}.",
            hint="Read the newest version, and make the edit from there.",
        )
    if row.version >= MOST_VERSIONS:
        raise DocumentFull(
            f"A document has at most {MOST_VERSIONS} versions.", hint="Begin another one."
        )


async def restore_document(ctx: Context, document_id: UUID, version: int) -> DocumentDetail:
    """Make the next version say what an earlier one said, in the open transaction.

    Raises:
        NotFound: No such document or version.
        DocumentArchived, DocumentFull: It takes no version.
    """
    row = await own_document(ctx, document_id, for_update=True)
    _require(row, row.version)
    earlier = await stored_version(ctx, row.id, version)
    newest = await stored_version(ctx, row.id, row.version)
    if _said(earlier) == _said(newest):
        return await show_row(ctx, row, newest)
    row.version += 1
    body = Body(earlier.title, earlier.content, earlier.language, earlier.result_id)
    made = _Made(body, Written(earlier.content, earlier.figures))
    writing = _by_person(ctx, row.thread_id)
    return await _keep(ctx, row, made, writing, "document.restored", restored_from=version)


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


async def _made(ctx: Context, kind: Kind, body: Body, account: Account, earlier: Earlier) -> _Made:
    _require_sound(kind, body)
    if body.result_id is not None:
        async with ctx.begin() as tx:
            await version_of_result(tx, body.result_id)
        return _Made(body)
    if kind == "text":
        return _Made(body, await written_text(ctx, body.content, account, earlier))
    if kind == "sheet":
        return _Made(body, await written_sheet(ctx, body.content, account))
    return _Made(body, Written(body.content))


def _require_sound(kind: Kind, body: Body) -> None:
    for name, text in (("title", body.title), ("content", body.content)):
        if "\0" in text:  # PostgreSQL keeps none
            raise Invalid.field(name, "holds a character that no text has")
    if len(body.title) > 200 or not body.title.strip():
        raise Invalid.field("title", "has 1 to 200 characters")
    if len(body.content) > LONGEST:
        raise DocumentTooLarge(
            f"A document holds {LONGEST:,} characters; this is {len(body.content):,}.",
            hint="Split it, or let a sheet show a stored result.",
        )
    if kind != "code" and body.language is not None:
        raise WrongKind("Only code has a language.")
    if kind != "sheet" and body.result_id is not None:
        raise WrongKind("Only a sheet can show a stored result.")
    if bool(body.content.strip()) == (body.result_id is not None):
        what = "content, or the result it shows" if kind == "sheet" else "content"
        raise Invalid.field(
            "content", f"a {kind} needs {what}" + (", not both" * (kind == "sheet"))
        )


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


async def _keep(
    ctx: Context,
    row: Document,
    made: _Made,
    writing: Writing,
    action: str,
    *,
    restored_from: int | None = None,
) -> DocumentDetail:
    body, author = made.body, writing.author
    if writing.fence is not None:
        await writing.fence(ctx)
    version = await add_owned(
        ctx,
        DocumentVersion(
            id=uuid7(),
            document_id=row.id,
            version=row.version,
            title=body.title,
            language=body.language,
            content=made.written.content,
            result_id=body.result_id,
            figures=made.written.figures,
            numbers=made.written.numbers,
            restored_from=restored_from,
            call_id=writing.call_id,
            author_kind=author.kind,
            author_id=author.id,
            author_name=author.name,
        ),
    )
    detail = {"version": row.version, "kind": row.kind, "by": author.kind}
    await record(ctx, action=action, target=("document", row.id), detail=detail)
    return await show_row(ctx, row, version)
