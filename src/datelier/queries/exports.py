"""All rows of a query as a file, however many, in constant memory.

The statement runs again, and its rows stream from the worker to disk and from there into the file.
The one who asks holds the request open and sees the progress in it; going away stops everything,
the statement in the database too. The file is kept for a day, for the one who asked.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from datelier.identity import audit
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, NotFound, TooMany
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.queries.arrow_store import Spool, StoredRows
from datelier.queries.export import chunks_of
from datelier.queries.file_names import download_name
from datelier.queries.parquet import write_parquet
from datelier.queries.results import version_of_result
from datelier.queries.schemas import (
    ExportIn,
    ExportOut,
    Format,
    QueryError,
    QueryVersionOut,
)
from datelier.queries.service import notes_of
from datelier.queries.sheet import require_sheet
from datelier.queries.stopping import Stop
from datelier.queries.stored import in_thread
from datelier.sources.errors import ActionFailed, LimitExceeded
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.preview import result_columns
from datelier.sources.target import open_target

log = get_logger(__name__)

AT_ONCE: Final = 3  # of one organization in one process
KEPT_SECONDS: Final = 24 * 3600
REPORT_SECONDS: Final = 0.5
_FREE_BYTES: Final = 512 * 1024**2
_running: Final[dict[UUID, int]] = {}


@dataclass(slots=True)
class _Work:
    """One export under way: where it is written, and how far it is."""

    ctx: Context
    version: QueryVersionOut
    request: ExportIn
    spool: Path
    target: Path
    out: ExportOut
    stop: Stop = field(default_factory=Stop)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A finished export."""

    path: Path
    name: str
    form: Format


async def export_all(
    ctx: Context, result_id: UUID, request: ExportIn, *, gone: Callable[[], Awaitable[None]]
) -> AsyncGenerator[ExportOut]:
    """Run the statement of a result again and write all its rows to a file; no transaction is open.

    Args:
        ctx: The caller.
        result_id: A result of the statement, usually one that was cut.
        request: The format.
        gone: Returns once nobody waits any more.

    Yields:
        How far it is, at least every `REPORT_SECONDS`; last the end: done, failed or cancelled.

    Raises:
        NotFound: No such result.
        TooMany: The organization has `AT_ONCE` exports under way.
    """
    if _running.get(ctx.org_id, 0) >= AT_ONCE:
        raise TooMany(
            f"{AT_ONCE} downloads of all rows are under way.", hint="Wait for one to end."
        )
    _running[ctx.org_id] = _running.get(ctx.org_id, 0) + 1
    try:
        async with ctx.begin() as tx:
            version = await version_of_result(tx, result_id)
            detail = {"format": request.format, "query": version.reference}
            await audit.record(
                tx, action="result.exported", target=("result", result_id), detail=detail
            )
        async for out in _followed(await asyncio.to_thread(_begin, ctx, version, request), gone):
            yield out
    finally:
        _running[ctx.org_id] -= 1


def _begin(ctx: Context, version: QueryVersionOut, request: ExportIn) -> _Work:
    """Make room for an export; what is older than a day goes."""
    folder = ctx.resources.blobs.path(f"{ctx.org_id}/exports")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        with suppress(FileNotFoundError):  # its own export took it away meanwhile
            if _is_old(old):
                old.unlink()
    key = uuid7()
    form = request.format
    out = ExportOut(
        id=key,
        status="running",
        stage="rows",
        format=form,
        name=download_name(version.handle, version.title, version.version, form),
    )
    return _Work(ctx, version, request, folder / f".{key}.arrow", folder / f"{key}.{form}", out)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > KEPT_SECONDS


async def _followed(work: _Work, gone: Callable[[], Awaitable[None]]) -> AsyncGenerator[ExportOut]:
    task = asyncio.create_task(_export(work))
    left = asyncio.ensure_future(gone())
    try:
        while True:
            yield work.out.model_copy()
            await asyncio.wait(
                {task, left}, timeout=REPORT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if task.done():
                break
            if left.done():
                task.cancel()
                await asyncio.wait({task})
                break
        yield _ended(work, task)
    finally:
        left.cancel()
        task.cancel()
        await asyncio.gather(task, left, return_exceptions=True)


def _ended(work: _Work, task: "asyncio.Task[None]") -> ExportOut:
    """How an export came to its end."""
    if task.cancelled():
        return work.out.model_copy(update={"status": "cancelled"})
    failure = task.exception()
    if failure is None:
        return work.out.model_copy(update={"status": "done"})
    if isinstance(failure, ActionFailed):
        error = QueryError.model_validate(failure.as_error())
    elif isinstance(failure, DatelierError):
        error = QueryError(code=failure.code, message=failure.detail, hint=failure.hint)
    else:
        raise failure
    return work.out.model_copy(update={"status": "failed", "error": error})


async def _export(work: _Work) -> None:
    try:
        stored = await _fetch(work)
        work.out.stage = "file"
        await _in_stoppable_thread(work, partial(_write, work, stored))
        work.out.bytes = work.target.stat().st_size
        facts = {
            "name": work.out.name,
            "format": work.out.format,
            "actor": str(work.ctx.actor.id),
        }
        work.target.with_suffix(".json").write_bytes(orjson.dumps(facts))
    except BaseException:
        work.target.unlink(missing_ok=True)
        raise
    finally:
        work.spool.unlink(missing_ok=True)


async def _fetch(work: _Work) -> StoredRows:
    """Run the statement and append its rows to the spool as they come."""
    ctx, settings, blobs = work.ctx, work.ctx.resources.settings, work.ctx.resources.blobs
    spool = Spool(work.spool)

    async def take(data: bytes, rows: int) -> None:
        await asyncio.to_thread(spool.append, data, rows)
        work.out.rows += rows
        work.out.bytes = spool.size
        if spool.size > settings.export_bytes_max:
            most = settings.export_bytes_max // 1024**2
            raise LimitExceeded(f"A download may hold {most:,} MB.", hint="Ask for less.")
        if blobs.free_bytes() < _FREE_BYTES:
            raise LimitExceeded("The server's disk is almost full.", hint="Ask for less.")

    most = settings.export_rows_max
    limits = {"row_limit": most, "max_bytes": settings.export_bytes_max}
    order = Order(
        "execute",
        {"sql": work.version.sql, "row_limit": most},
        settings.export_timeout_s,
        limits,
    )
    log.info("exporting", source_id=str(work.version.source_id), format=work.out.format)
    try:
        target = await open_target(ctx, work.version.source_id)
        gateway = ctx.resources.get(WorkerGateway)
        answer = await gateway.perform_on(ctx, target, order, on_batch=take)
        if answer.result.get("row_count") not in {None, spool.rows}:
            raise ActionFailed("The data worker's rows did not all arrive.", hint="Try again.")
        work.out.truncated = bool(answer.result.get("truncated"))
        work.out.notes = notes_of(answer.result)
        return await asyncio.to_thread(spool.finish, result_columns(answer.result))
    finally:
        spool.close()


async def _in_stoppable_thread(work: _Work, write: Callable[[], None]) -> None:
    """Run blocking work; when cancelled, tell it to stop and wait until it has."""
    task = asyncio.ensure_future(in_thread(write))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        work.stop.set()
        await asyncio.wait({task})
        task.exception()
        raise


def _write(work: _Work, stored: StoredRows) -> None:
    work.stop.check()
    if work.request.format == "parquet":
        write_parquet(stored.path, stored.columns, stored.rows, work.target, work.stop)
        return
    if work.request.format == "xlsx":
        require_sheet(stored)
    with work.target.open("wb") as file:
        for chunk in chunks_of(stored, work.request.format, protect=work.request.protect):
            work.stop.check()
            file.write(chunk)


def find_export(ctx: Context, export_id: UUID) -> ExportedFile:
    """Return a finished export of the caller's.

    Raises:
        NotFound: Unknown, unfinished, older than a day, or somebody else's.
    """
    path = ctx.resources.blobs.path(f"{ctx.org_id}/exports/{export_id}.json")
    try:
        facts: dict[str, str] = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound("export", export_id) from None
    form: Format = facts["format"]  # pyright: ignore[reportAssignmentType]  # written above
    target = path.with_suffix(f".{form}")
    if facts["actor"] != str(ctx.actor.id) or not target.is_file() or _is_old(path):
        raise NotFound("export", export_id)
    return ExportedFile(target, facts["name"], form)
