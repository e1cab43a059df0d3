"""HTTP of queries and results."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query as Parameter, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.queries.results import (
    PAGE_DEFAULT,
    Format,
    cancel_query,
    get_query,
    open_download,
    open_result,
)
from datelier.queries.schemas import QueryIn, QueryOut, QueryVersionOut, ResultOut
from datelier.queries.service import run_query
from datelier.sources.schemas import Rows

router = APIRouter(tags=["queries"])

_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "jsonl": "application/jsonl",
}


class _StoredFile(FileResponse):
    """A blob as it lies on the disk, read in pieces that are worth a trip to a thread."""

    chunk_size = 1024 * 1024


@router.post("/queries")
async def create_query(
    data: QueryIn, request: Request, ctx: Annotated[Context, needs("query:run", session=False)]
) -> QueryVersionOut:
    """Run a statement and keep its rows. A caller who goes away stops it."""
    work = asyncio.create_task(run_query(ctx, data))
    gone = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
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
    sort: Annotated[str | None, Parameter(max_length=300)] = None,
) -> Response:
    """Return a page of rows, column by column; `sort` is `column:asc` or `column:desc`."""
    async with ctx.begin() as tx:
        result = await open_result(tx, result_id)
    body = await asyncio.to_thread(lambda: result.rows(offset, limit, sort).to_json())
    return Response(body, media_type="application/json")


@router.get("/results/{result_id}/download", response_class=Response)
async def download(
    result_id: UUID,
    ctx: Annotated[Context, needs("query:get", session=False)],
    form: Annotated[Format, Parameter(alias="format")] = "csv",
    protect: bool = True,
) -> Response:
    """Stream a whole result as a file; `protect` disarms texts a spreadsheet would execute."""
    async with ctx.begin() as tx:
        result, name = await open_download(tx, result_id, form)
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
    }
    if not result.path.is_file():  # one stat of a local file
        raise NotFound("result")
    if form == "arrow":
        return _StoredFile(result.path, media_type=_TYPES[form], headers=headers)
    chunks = iterate_in_threadpool(result.chunks(form, protect=protect))
    return StreamingResponse(chunks, media_type=_TYPES[form], headers=headers)
