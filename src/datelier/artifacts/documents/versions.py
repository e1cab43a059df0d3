"""Versions of documents: what each may say, and storing it. None is ever changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

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
from datelier.artifacts.documents.schemas import DocumentDetail, Kind
from datelier.artifacts.documents.showing import show_row
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.errors import Invalid
from datelier.kit.ids import uuid7
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
class Change:
    """How a version came about.

    Attributes:
        action: What the audit log calls it.
        restored_from: The version that it repeats.
        renewed_from: The version whose words it has, with figures of newer results.
    """

    action: str
    restored_from: int | None = None
    renewed_from: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a version says, with the receipts of its figures."""

    body: Body
    written: Written = field(default_factory=lambda: Written(""))


def kind_of(row: Document) -> Kind:
    """Return what kind of document it is."""
    return "text" if row.kind == "text" else "code" if row.kind == "code" else "sheet"


def require_room(row: Document, revision: int) -> None:
    """Require that a document at `revision` takes another version.

    Raises:
        DocumentArchived, DocumentChanged, DocumentFull: It does not.
    """
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


async def make(ctx: Context, kind: Kind, body: Body, account: Account, earlier: Earlier) -> Made:
    """Fill and check what a version is to say; no transaction may be open.

    Raises:
        Invalid: The content is empty or cannot be stored; ContentRefused and WrongKind say why.
        DocumentTooLarge: It is larger than a document may be.
        NotFound: There is no such result.
    """
    _require_sound(kind, body)
    if body.result_id is not None:
        async with ctx.begin() as tx:
            await version_of_result(tx, body.result_id)
        return Made(body)
    if kind == "text":
        return Made(body, await written_text(ctx, body.content, account, earlier))
    if kind == "sheet":
        return Made(body, await written_sheet(ctx, body.content, account, earlier))
    return Made(body, Written(body.content))


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


async def keep(
    ctx: Context,
    row: Document,
    made: Made,
    writing: Writing,
    change: Change,
) -> DocumentDetail:
    """Store a version of a document, in the open transaction.

    Args:
        ctx: Who writes.
        row: The document, at the version that is stored.
        made: What it says.
        writing: Who wrote it.
        change: How it came about.
    """
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
            restored_from=change.restored_from,
            renewed_from=change.renewed_from,
            call_id=writing.call_id,
            author_kind=author.kind,
            author_id=author.id,
            author_name=author.name,
        ),
    )
    detail = {"version": row.version, "kind": row.kind, "by": author.kind}
    await record(ctx, action=change.action, target=("document", row.id), detail=detail)
    return await show_row(ctx, row, version)
