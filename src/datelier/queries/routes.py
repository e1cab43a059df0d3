"""HTTP of queries and results."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query as Parameter, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import StringConstraints
from starlette.concurrency import iterate_in_threadpool

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.queries.export import MEDIA_TYPES, file_chunks
from datelier.queries.exports import export_all, find_export
from datelier.queries.file_names import disposition
from datelier.queries.filters import FILTER_TEXT_MAX, SORTS_MAX
from datelier.queries.results import (
    PAGE_DEFAULT,
    cancel_query,
    get_query,
    open_download,
    open_result,
)
from datelier.queries.schemas import (
    ColumnProfile,
    ExportIn,
    ExportOut,
    Format,
    QueryIn,
    QueryOut,
    QueryVersionOut,
    ResultOut,
)
from datelier.queries.service import OnKept, run_query
from datelier.queries.stored import in_thread
from datelier.sources.errors import Cancelled
from datelier.sources.schemas import Rows

router = APIRouter(tags=["queries"])

_BYTES: Final = {"type": "string", "format": "binary"}
_PROGRESS: Final = {"type": "string", "description": "One `ExportOut` per line."}
FilterText = Annotated[str | None, Parameter(alias="filter", max_length=FILTER_TEXT_MAX)]
SortText = Annotated[str, StringConstraints(max_length=300)]


class _StoredFile(FileResponse):
    """A blob as it lies on the disk, read in pieces that are worth a trip to a thread."""

    chunk_size = 1024 * 1024


@router.post(
    "/queries",
    response_model=QueryVersionOut,
    responses={200: {"content": {MEDIA_TYPES["arrow"]: {"schema": _BYTES}}}},
)
async def create_query(
    data: QueryIn,
    request: Request,
    ctx: Annotated[Context, needs("query:run", session=False)],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> QueryVersionOut | Response:
    """Run a statement and keep its rows. A caller who goes away stops it.

    With `Accept: application/vnd.apache.arrow.stream` the answer is the stored rows themselves: all
    of them as one Arrow stream, `Content-Location` names them, and `Datelier-Query-Version` holds
    query_id, handle, version, result_id, row_count, truncated, total, elapsed_ms and the number of
    notes as JSON. A statement that failed or was cancelled is answered as without.
    """
    wants_rows = MEDIA_TYPES["arrow"] in accept
    if wants_rows:
        ctx.require("query:get")
    kept: list[bytes] = []
    keep: OnKept | None = (lambda rows: kept.append(rows.data)) if wants_rows else None
    version = await _while_awaited(request, run_query(ctx, data, on_kept=keep))
    if not kept:
        return version
    headers = {
        "content-location": f"/api/v1/results/{version.result_id}/download?format=arrow",
        "datelier-query-version": version.head(),
        "x-content-type-options": "nosniff",
    }
    return Response(kept[0], media_type=MEDIA_TYPES["arrow"], headers=headers)


async def _while_awaited(
    request: Request, run: Coroutine[Any, Any, QueryVersionOut]
) -> QueryVersionOut:
    """Run to the end, or cancel and raise Cancelled once the caller goes away."""
    work = asyncio.create_task(run)
    gone = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
            # Nobody hears it any more; the log tells it from a failure.
            raise Cancelled("The caller went away.")
        return await work
    finally:
        gone.cancel()
        work.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.get("/queries/{query_id}")
async def show_query(query_id: UUID, ctx: Annotated[Context, needs("query:get")]) -> QueryOut:
    """Return a query with its versions."""
    return await get_query(ctx, query_id)


@router.post("/queries/{query_id}/cancel")
async def stop_query(query_id: UUID, ctx: Annotated[Context, needs("query:run")]) -> QueryOut:
    """Cancel what runs of a query."""
    return await cancel_query(ctx, query_id)


@router.get("/results/{result_id}")
async def show_result(result_id: UUID, ctx: Annotated[Context, needs("query:get")]) -> ResultOut:
    """Return what a stored result holds."""
    return (await open_result(ctx, result_id)).out


@router.get("/results/{result_id}/rows", response_model=Rows)
async def show_rows(
    result_id: UUID,
    ctx: Annotated[Context, needs("query:get", session=False)],
    offset: int = 0,
    limit: int = PAGE_DEFAULT,
    sort: Annotated[list[SortText] | None, Parameter(max_length=SORTS_MAX)] = None,
    filters: FilterText = None,
) -> Response:
    """Return a page of rows, column by column, of the whole stored result.

    `sort` is `column:asc` or `column:desc`, repeated for several columns, the first one first. NULL
    comes last in both directions, NaN above every number, equal rows as they were stored.
    `filter` is a JSON list of `{column, op, value}`; a row must meet all. Operators: `=` `!=` `<`
    `<=` `>` `>=` `in` (a list), `contains` and `starts with` (without regard to case), `is null`
    and `is not null`. Numbers, dates and times are compared exactly and may be given as text. A
    column is named, or `#3` for the third, whatever its name.
    """
    async with ctx.begin() as tx:
        result = await open_result(tx, result_id)
    view = result.view(sort or [], filters)
    if view.is_plain:
        body = await asyncio.to_thread(lambda: result.rows(offset, limit).to_json())
    else:
        body = await in_thread(lambda: result.rows(offset, limit, view).to_json())
    return Response(body, media_type="application/json")


@router.get("/results/{result_id}/profile")
async def show_profile(
    result_id: UUID,
    ctx: Annotated[Context, needs("query:get", session=False)],
    column: Annotated[str, Parameter(min_length=1, max_length=300)],
    filters: FilterText = None,
) -> ColumnProfile:
    """Return what one column holds: NULLs, distinct values, least, greatest, most frequent.

    `column` and `filter` are as for the rows; the profile is of the rows that meet the filter.
    """
    async with ctx.begin() as tx:
        result = await open_result(tx, result_id)
    return await in_thread(lambda: result.profile(column, filters))


@router.get("/results/{result_id}/download", response_class=Response)
async def download(
    result_id: UUID,
    ctx: Annotated[Context, needs("query:get", session=False)],
    form: Annotated[Format, Parameter(alias="format")] = "csv",
    protect: bool = True,
) -> Response:
    """Stream a whole stored result as a file, in constant memory.

    `protect` puts `'` before CSV texts that a spreadsheet would execute. XLSX holds at most
    1,048,575 rows; a result it cannot hold is the error `xlsx_limit`.
    """
    async with ctx.begin() as tx:
        result, name = await open_download(tx, result_id, form)
    headers = {"content-disposition": disposition(name), "x-content-type-options": "nosniff"}
    if form == "arrow":
        if not result.stored.path.is_file():  # one stat of a local file
            raise NotFound("result")
        return _StoredFile(result.stored.path, media_type=MEDIA_TYPES[form], headers=headers)
    chunks = await file_chunks(result.stored, form, protect=protect)
    return StreamingResponse(
        iterate_in_threadpool(chunks), media_type=MEDIA_TYPES[form], headers=headers
    )


@router.post(
    "/results/{result_id}/exports",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {"schema": _PROGRESS}}}},
)
async def create_export(
    result_id: UUID,
    data: ExportIn,
    request: Request,
    ctx: Annotated[Context, needs("query:run", session=False, costly=True)],
) -> Response:
    """Run the statement of a result again and write all its rows to a file.

    The answer is JSON lines, each saying how far it is (`ExportOut`), at least one every second;
    the last one says `done`, `failed` or `cancelled`. Closing the request stops the export and the
    statement. A finished file is at `/exports/{id}` for a day, for the one who asked.
    """
    exports = export_all(ctx, result_id, data, gone=lambda: _disconnected(request))
    first = await anext(exports)  # what is refused is refused before the answer begins

    async def lines() -> AsyncGenerator[bytes]:
        async with aclosing(exports):
            yield _line(first)
            async for out in exports:
                yield _line(out)

    return StreamingResponse(lines(), media_type="application/jsonl")


def _line(out: ExportOut) -> bytes:
    return out.model_dump_json().encode() + b"\n"


@router.get("/exports/{export_id}", response_class=FileResponse)
async def download_export(
    export_id: UUID, ctx: Annotated[Context, needs("query:get", session=False)]
) -> Response:
    """Download a file of all rows that the caller has made."""
    found = await asyncio.to_thread(find_export, ctx, export_id)
    headers = {
        "content-disposition": disposition(found.name),
        "x-content-type-options": "nosniff",
    }
    return FileResponse(found.path, media_type=MEDIA_TYPES[found.form], headers=headers)
