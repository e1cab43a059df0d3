"""The agent's tools for documents; an agent has them only where its policy says so."""

import re
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field

from datelier.artifacts.documents.errors import ContentRefused, WrongKind
from datelier.artifacts.documents.figures import Account
from datelier.artifacts.documents.schemas import DocumentDetail, Kind, Language, Title
from datelier.artifacts.documents.service import create_document, write_version
from datelier.artifacts.documents.showing import document_of_thread, own_document, show
from datelier.artifacts.documents.versions import Body, Writing
from datelier.artifacts.errors import Problem
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, Invalid
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.queries.results import find_reference
from datelier.queries.service import Author
from datelier.queries.trace.locales import locale_of

_RESULT: Final = re.compile(r"Q(\d{1,9})(?:[. ]?v(\d{1,9}))?", re.IGNORECASE)
_HANDLE: Final = re.compile(r"D(\d{1,9})", re.IGNORECASE)
_PAGE: Final = 24_000  # characters of a document that a model reads at once
_LISTED: Final = 5

_FIGURES: Final = (
    "Figures in a text or sheet are placeholders, such as {{Q1[0].revenue | eur 0}} or "
    "{{= sum(Q1.revenue) | eur 0}}."
)
ResultName = Annotated[
    str, Field(max_length=60, description="Only for a sheet: the stored result it shows, as Q1.v1.")
]
DocumentName = Annotated[str, Field(max_length=60, description="The document, such as D1.")]


class CreateDocument(BaseModel):
    """Write a document."""

    kind: Annotated[
        Kind,
        Field(description="text: Markdown. code: a program or query. sheet: a table of cells."),
    ]
    title: Title
    content: Annotated[
        str | None,
        Field(description=f"Markdown, source code, or CSV with a header line. {_FIGURES}"),
    ] = None
    language: Annotated[Language | None, Field(description="Of code, such as python.")] = None
    result: ResultName | None = None


class Edit(BaseModel):
    """One passage that changes."""

    find: Annotated[str, Field(min_length=1, description="Words that occur exactly once.")]
    replace: str


class UpdateDocument(BaseModel):
    """Write the next version of a document."""

    document: DocumentName
    version: Annotated[int, Field(ge=1, description="The version that you have seen.")]
    title: Title | None = None
    content: Annotated[
        str | None, Field(description=f"All of the new content, in place of edits. {_FIGURES}")
    ] = None
    edits: Annotated[
        list[Edit] | None, Field(max_length=50, description="Changes of passages, in order.")
    ] = None
    result: ResultName | None = None


class ReadDocument(BaseModel):
    """Read a document."""

    document: DocumentName
    offset: Annotated[int, Field(ge=0, description="Where to go on in a long one.")] = 0


async def _create(tool: ToolContext, data: CreateDocument) -> ToolResult:
    try:
        async with tool.ctx.begin() as tx:
            result_id = await _result(tx, tool, data.result)
        body = Body(data.title, data.content or "", data.language, result_id)
        made = await create_document(tool.ctx, data.kind, body, _writing(tool))
    except DatelierError as error:
        return _failed(error)
    return await _written(tool, made)


async def _update(tool: ToolContext, data: UpdateDocument) -> ToolResult:
    try:
        async with tool.ctx.begin() as tx:
            known = await _document(tx, tool, data.document)
            result_id = await _result(tx, tool, data.result)
        body = _changed(known, data, result_id)
        made = await write_version(tool.ctx, known.id, body, data.version, _writing(tool))
    except DatelierError as error:
        return _failed(error)
    return await _written(tool, made)


def _changed(known: DocumentDetail, data: UpdateDocument, result_id: UUID | None) -> Body:
    """Return what the next version is to say.

    Raises:
        Invalid: There is nothing to change, or two ways to do it.
        WrongKind: A sheet that shows a result has no passages.
    """
    given = [data.content is not None, bool(data.edits), result_id is not None]
    if sum(given) > 1 or not (any(given) or data.title):
        raise Invalid.field("content", "give a title, and one of content, edits and result")
    title = data.title or known.title
    if result_id is not None:
        return Body(title, result_id=result_id)
    if data.content is not None:
        return Body(title, data.content, known.language)
    bound = known.result.id if known.result is not None else None
    if data.edits and bound is not None:
        raise WrongKind("This sheet shows a stored result: give another result, or content.")
    content = known.content
    for number, edit in enumerate(data.edits or ()):
        count = content.count(edit.find)
        if count != 1:
            said = "does not occur" if count == 0 else f"occurs {count} times; add words around it"
            raise ContentRefused(
                [Problem(f"edits.{number}.find", said)], hint="Read the document first."
            )
        content = content.replace(edit.find, edit.replace)
    return Body(title, content, known.language, bound)


async def _read(tool: ToolContext, data: ReadDocument) -> ToolResult:
    try:
        async with tool.ctx.begin() as tx:
            known = await _document(tx, tool, data.document)
    except DatelierError as error:
        return _failed(error)
    head = f"{known.handle} version {known.version}, {known.kind}: {known.title}"
    if known.result is not None:
        text = f"{head}\nIt shows {known.result.reference} ({known.result.row_count} rows)."
        return ToolResult(text, known.reference())
    page = known.content[data.offset : data.offset + _PAGE]
    after = data.offset + len(page)
    left = len(known.content) - after
    more = f"\n({left:,} characters follow; go on at offset {after}.)" if left > 0 else ""
    return ToolResult(f"{head}\n\n{page}{more}", known.reference())


async def _document(tx: Context, tool: ToolContext, name: str) -> DocumentDetail:
    """Return the document that is meant: `D1` in this thread, or the id of one of the thread's."""
    match = _HANDLE.fullmatch(name.strip())
    if match is not None:
        row = await document_of_thread(tx, tool.thread_id, int(match[1]))
    else:
        try:
            row = await own_document(tx, UUID(name.strip()))
        except ValueError:
            raise Invalid.field("document", "must be a name such as D1") from None
        if row.thread_id != tool.thread_id:
            raise Invalid.field("document", "must be a document of this chat, such as D1")
    return await show(tx, row.id)


async def _result(tx: Context, tool: ToolContext, name: str | None) -> UUID | None:
    if name is None:
        return None
    match = _RESULT.fullmatch(name.strip())
    if match is None:
        raise Invalid.field("result", "must be a reference such as Q1.v1")
    version = int(match[2]) if match[2] else None
    return await find_reference(tx, tool.thread_id, int(match[1]), version)


def _writing(tool: ToolContext) -> Writing:
    account = Account(tool.thread_id, tool.question, locale_of(tool.locale), tool.numbers)
    author = Author("agent", tool.agent, None, tool.run_id)
    return Writing(author, account, f"{tool.run_id}:{tool.tool_call_id}", tool.fence)


async def _written(tool: ToolContext, made: DocumentDetail) -> ToolResult:
    await tool.emit(made.to_part())
    text = f"{made.handle} was written as version {made.version}."
    numbers = made.numbers
    if numbers.total:
        text += f" {numbers.traced} of {numbers.total} figures have a receipt"
        loose = [str(cite["shown"]) for cite in made.figures if cite["kind"] == "untraced"]
        text += f"; without one: {', '.join(loose[:_LISTED])}." if loose else "."
    text += f" Show it with {{{{card {made.handle}}}}}; do not repeat what it says."
    output = {**made.reference(), "numbers": numbers.model_dump(mode="json")}
    return ToolResult(text, output)


def _failed(error: DatelierError) -> ToolResult:
    lines = [f"- {item['path']}: {item['message']}" for item in error.errors or ()]
    said = "\n".join([error.detail, *(lines if len(lines) > 1 else ())])
    hint = f" {error.hint}" if error.hint else ""
    body = {"code": error.code, "message": error.detail, "errors": list(error.errors or ())}
    return ToolResult(f"{said}{hint}", {"error": body}, is_error=True)


# What they write is the person's own, visible to them alone, and undone by one click: nobody is
# asked first. An agent has them only where its definition names them.
DOCUMENT_TOOLS: Final[tuple[Tool, ...]] = (
    Tool(
        "create_document",
        "Write a document",
        "Write a document that the person keeps beside the chat: a text, code or a sheet. Only "
        "when they ask for one (a report, a memo, a file, a table to keep), never as the answer "
        "to a question.",
        CreateDocument,
        "document:update",
        _create,
        partition="documents",
        repeatable=True,
    ),
    Tool(
        "update_document",
        "Change a document",
        "Write the next version of a document of this chat, when the person asks for a change: "
        "either edits of passages, or all of its content. Lines that stay keep their receipts.",
        UpdateDocument,
        "document:update",
        _update,
        partition="documents",
        repeatable=True,
    ),
    Tool(
        "read_document",
        "Read a document",
        "Read a document of this chat as it is now: people edit them too.",
        ReadDocument,
        "document:get",
        _read,
        partition="documents",
    ),
)
