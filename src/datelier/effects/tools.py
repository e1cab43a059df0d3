"""The tools that change something outside: always asked for, made exactly once."""

import re
from typing import Annotated, Final, Literal

import httpx
from pydantic import BaseModel, Field, field_validator

from datelier.effects.preview import preview_write
from datelier.effects.requests import (
    SAFE,
    Outgoing,
    preview_request,
    refused_header,
    send,
)
from datelier.effects.terms import request_terms, write_terms
from datelier.effects.writes import Written, write
from datelier.kit.tools import Preview, Terms, Tool, ToolContext, ToolResult
from datelier.queries.disclosure import model_error
from datelier.queries.schemas import SQL_MAX
from datelier.queries.text import error_text
from datelier.queries.tools import SourceRef, attached
from datelier.sources.errors import ActionFailed

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_TEXT: Final = re.compile(r"[\x20-\x7e]{0,1000}")


class WriteSql(BaseModel):
    """Change rows."""

    source_id: SourceRef
    sql: Annotated[
        str,
        Field(
            min_length=1,
            max_length=SQL_MAX,
            description="One INSERT, UPDATE or DELETE statement.",
        ),
    ]


async def _write(at: ToolContext, given: WriteSql) -> ToolResult:
    source_id = await attached(at, given.source_id)
    try:
        written = await write(at, source_id, given.sql)
    except ActionFailed as error:
        body = await model_error(at.ctx, source_id, error.as_error())
        said = error_text(str(body["code"]), str(body["message"]), body.get("hint"), error.position)
        return ToolResult(f"Nothing was changed.\n{said}", {"error": body}, is_error=True)
    return ToolResult(_said(written), _output(written))


def _said(written: Written) -> str:
    rows = "an unknown number of rows" if written.rows is None else f"{written.rows} rows"
    what = f"{written.verb} on {written.table}" if written.verb else "The statement"
    again = " It was made before and was not made again." if written.again else ""
    return f"{what} was committed and changed {rows}.{again}"


def _output(written: Written) -> dict[str, object]:
    return {
        "verb": written.verb,
        "table": written.table,
        "rows": written.rows,
        "statement": written.sql,
    }


async def _preview(at: ToolContext, given: WriteSql) -> Preview:
    return await preview_write(at, await attached(at, given.source_id), given.sql)


async def _terms(at: ToolContext, given: WriteSql) -> Terms:
    return await write_terms(at, await attached(at, given.source_id), given.sql)


class HttpRequest(BaseModel):
    """Send a request."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Annotated[str, Field(min_length=1, max_length=2000, description="http or https.")]
    headers: Annotated[dict[str, str], Field(max_length=20)] = {}
    body: Annotated[
        str | None, Field(max_length=100_000, description="Text, such as JSON; not with GET.")
    ] = None

    @field_validator("url")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            url = httpx.URL(value)
        except httpx.InvalidURL as error:
            raise ValueError("cannot be read as an address") from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("must be an http or https address")
        if url.userinfo:
            raise ValueError("must hold no user and no password")
        return value

    @field_validator("headers")
    @classmethod
    def _harmless(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not _HEADER.fullmatch(name) or not _HEADER_TEXT.fullmatch(text):
                raise ValueError("headers must be plain names with printable texts")
            reason = refused_header(name)
            if reason is not None:
                raise ValueError(f"the header {name} {reason}")
        return value


def _outgoing(given: HttpRequest) -> Outgoing:
    body = None if given.method in SAFE else given.body
    return Outgoing(given.method, given.url, given.headers, body)


async def _preview_request(at: ToolContext, given: HttpRequest) -> Preview:
    return await preview_request(at, _outgoing(given))


async def _request_terms(_at: ToolContext, given: HttpRequest) -> Terms:
    return request_terms(_outgoing(given))


async def _send(at: ToolContext, given: HttpRequest) -> ToolResult:
    reply = await send(at, _outgoing(given))
    lines = [f"HTTP {reply.status} {reply.content_type}".strip()]
    if reply.location is not None:
        lines.append(f"It leads to {reply.location[:2000]}, which was not followed.")
    if reply.again:
        lines.append("This is the answer of before; the request was not sent again.")
    lines.append("The answer is no text." if reply.text is None else reply.text)
    if reply.truncated:
        lines.append("(cut here)")
    output = {
        "status": reply.status,
        "content_type": reply.content_type,
        "text": reply.text,
        "truncated": reply.truncated,
    }
    return ToolResult("\n".join(lines), output)


HTTP_REQUEST: Final = Tool(
    "http_request",
    "Send an HTTP request",
    "Send one request to a public http or https address and get the answer as data, at most 64 KB. "
    "Redirects are not followed. A person may be asked first. Send no secrets.",
    HttpRequest,
    "http:send",
    _send,
    effect="external",
    preview=_preview_request,
    repeatable=True,
    terms=_request_terms,
)

WRITE_SQL: Final = Tool(
    "write_sql",
    "Change rows with SQL",
    "Change rows of an attached source with one INSERT, UPDATE or DELETE, in the source's dialect. "
    "A person is always asked first and sees which rows are affected; the call may come back "
    "edited or rejected. Propose one statement at a time, narrowed down by a WHERE.",
    WriteSql,
    "query:write",
    _write,
    effect="write",
    preview=_preview,
    repeatable=True,
    terms=_terms,
)
