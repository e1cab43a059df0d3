"""Run a query: a version row, an action on a worker, an immutable result.

Two short transactions lie around the action; none is open while a worker works.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.errors import DatelierError, Invalid
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.queries.access import own_query, require_own_thread
from datelier.queries.arrow_store import Joined, join
from datelier.queries.models import Query, QueryVersion, Result
from datelier.queries.schemas import AuthorOut, QueryError, QueryIn, QueryVersionOut
from datelier.queries.store import keep_result, open_query
from datelier.queries.watching import status_of, watch_for_end
from datelier.sources.errors import ActionFailed, Cancelled, NoWorker
from datelier.sources.gateway import ActionResult, Order, WorkerGateway
from datelier.sources.preview import result_columns
from datelier.sources.schemas import ColumnOut
from datelier.sources.target import Target, TargetRow, get_source, read_target, target_row

log = get_logger(__name__)

_NOTES_MAX: Final = 20
_NOTE_LENGTH: Final = 300
OnStart = Callable[[QueryVersionOut], Awaitable[None]]
OnKept = Callable[[Joined], None]
_running: Final[dict[UUID, "asyncio.Task[ActionResult]"]] = {}


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks: a person through the API, or an agent in a run."""

    kind: str
    name: str
    id: UUID | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A tabular action whose rows become a result; `request.sql` is what people are shown.

    `schemas` are the only ones it may name, where not all of the source's are allowed.
    """

    request: QueryIn
    action: str
    params: dict[str, Any]
    author: Author
    row_limit: int
    version_id: UUID
    schemas: tuple[str, ...] | None = None


async def run_query(
    ctx: Context,
    request: QueryIn,
    *,
    author: Author | None = None,
    on_start: OnStart | None = None,
    on_kept: OnKept | None = None,
) -> QueryVersionOut:
    """Run a read-only statement and keep its rows; no transaction may be open.

    Args:
        ctx: The caller.
        request: The statement, its source and its limits.
        author: Who asks; the caller by default.
        on_start: Told of the version while it is running.
        on_kept: Given the rows once they are stored for good, as they are stored.

    Returns:
        The version: done with a result, or failed or cancelled with an error.

    Raises:
        Invalid: The limit is out of range, or the query is of another source.
        NotFound: No such source, or no such query or thread of the caller's.
        NoWorker: Nobody is connected who holds the source; the version is kept as failed.
    """
    limit = row_limit(ctx, request.limit)
    if request.thread_id is not None:
        async with ctx.begin() as tx:
            await require_own_thread(tx, request.thread_id)
    params = {"sql": request.sql, "row_limit": limit}
    plan = make_plan(ctx, request, "execute", params, author=author)
    version = await perform(ctx, plan, on_start, on_kept)
    if version.error is not None and version.error.code == NoWorker.code:
        raise NoWorker
    return version


def make_plan(
    ctx: Context,
    request: QueryIn,
    action: str,
    params: dict[str, Any],
    *,
    author: Author | None = None,
    schemas: Sequence[str] | None = None,
) -> Plan:
    """Return the plan of an action; see :func:`perform`."""
    who = author or Author("user", ctx.actor.name, ctx.actor.id)
    only = None if schemas is None else tuple(schemas)
    return Plan(request, action, params, who, row_limit(ctx, request.limit), uuid7(), only)


def row_limit(ctx: Context, wanted: int | None) -> int:
    """Return how many rows may be stored; Invalid when more are wanted than allowed."""
    most = ctx.resources.settings.fetch_max
    if wanted is not None and not 1 <= wanted <= most:
        raise Invalid.field("limit", f"must be between 1 and {most}")
    return wanted or most


async def perform(
    ctx: Context, plan: Plan, on_start: OnStart | None = None, on_kept: OnKept | None = None
) -> QueryVersionOut:
    """Perform a plan and return its version; every expected failure is kept in it."""
    version, source = await _start(ctx, plan)
    if on_start is not None:
        await on_start(version)
    try:
        target = read_target(ctx, plan.request.source_id, source).within(plan.schemas)
        answer, streams = await _act(ctx, plan, target)
        columns = result_columns(answer.result)
        joined = join(streams, columns)
        _complete(answer, joined)
        done = await _done(ctx, plan, version, (answer, joined, columns))
    except Cancelled as error:
        return await _ended(ctx, plan, version, ("cancelled", error.as_error()))
    except asyncio.CancelledError:
        stopped = Cancelled("Stopped by request.").as_error()
        await asyncio.shield(_ended(ctx, plan, version, ("cancelled", stopped)))
        raise
    except ActionFailed as error:
        return await _ended(ctx, plan, version, ("failed", error.as_error()))
    except DatelierError as error:
        body = {"code": error.code, "message": error.detail, "hint": error.hint}
        return await _ended(ctx, plan, version, ("failed", body))
    except BaseException:
        bug = {"code": "internal", "message": "Something failed inside the product."}
        await asyncio.shield(_ended(ctx, plan, version, ("failed", bug)))
        raise
    if on_kept is not None and done.status == "done":
        on_kept(joined)
    return done


async def _start(ctx: Context, plan: Plan) -> tuple[QueryVersionOut, TargetRow]:
    """Store the version as running; also return its source as it is stored."""
    request = plan.request
    row = QueryVersion(
        id=plan.version_id,
        query_id=request.query_id or uuid7(),
        version=1,
        sql=request.sql,
        requested_sql=request.sql,
        status="running",
        author_kind=plan.author.kind,
        author_id=plan.author.id,
        author_name=plan.author.name,
        run_id=plan.author.run_id,
        row_limit=plan.row_limit,
        ran_at=now(),
    )
    if request.query_id is not None:
        async with ctx.begin() as tx:
            return await _start_again(tx, request, row)
    query = Query(
        id=row.query_id,
        thread_id=request.thread_id,
        title=request.title,
        source_id=request.source_id,
    )
    query.handle, source = await open_query(ctx, query, row)
    return version_out(row, query, source[0], None), source


async def _start_again(
    ctx: Context, request: QueryIn, row: QueryVersion
) -> tuple[QueryVersionOut, TargetRow]:
    """Store the next version of a query."""
    source = await get_source(ctx, request.source_id)
    query = await own_query(ctx, row.query_id, for_update=True)
    if query.thread_id is not None:
        await require_own_thread(ctx, query.thread_id)
    if query.source_id != source.id:
        raise Invalid.field("source_id", "The query is of another source.")
    query.title = request.title or query.title
    highest = select(func.max(QueryVersion.version)).where(
        QueryVersion.org_id == ctx.org_id, QueryVersion.query_id == query.id
    )
    row.version = ((await ctx.session.execute(highest)).scalar_one() or 0) + 1
    await add_owned(ctx, row)
    return version_out(row, query, source.name, None), target_row(source)


def version_out(
    row: QueryVersion, query: Query, source_name: str, result: Result | None
) -> QueryVersionOut:
    """Return a version as the API shows it."""
    return QueryVersionOut(
        query_id=query.id,
        handle=f"Q{query.handle}",
        version=row.version,
        sql=row.sql,
        title=query.title,
        source_id=query.source_id,
        source_name=source_name,
        thread_id=query.thread_id,
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check lists the same
        author=AuthorOut.model_validate({"kind": row.author_kind, "name": row.author_name}),
        result_id=row.result_id,
        columns=[ColumnOut.model_validate(c) for c in result.columns] if result else [],
        row_count=result.row_count if result else None,
        truncated=result.truncated if result else False,
        total=result.total if result else None,
        row_limit=row.row_limit,
        elapsed_ms=row.elapsed_ms,
        database_user=row.database_user,
        ran_at=row.ran_at,
        error=QueryError.model_validate(row.error) if row.error else None,
        notes=row.notes or [],
    )


async def _act(
    ctx: Context, plan: Plan, target: Target
) -> tuple[ActionResult, list[tuple[bytes, int]]]:
    streams: list[tuple[bytes, int]] = []
    rows = 0

    async def take(data: bytes, count: int) -> None:
        nonlocal rows
        rows += count
        if rows > plan.row_limit:
            raise ActionFailed("The data worker sent more rows than were asked for.")
        streams.append((data, count))

    request = plan.request
    log.info("executing_sql", source_id=str(request.source_id), action=plan.action)
    gateway = ctx.resources.get(WorkerGateway)
    limit = ctx.resources.settings.statement_timeout_s
    work = asyncio.create_task(
        gateway.perform_on(
            ctx,
            target,
            Order(plan.action, plan.params, min(request.timeout_seconds or limit, limit)),
            on_batch=take,
        )
    )
    _running[plan.version_id] = work
    watch = asyncio.create_task(watch_for_end(ctx, plan.version_id))
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            watch.result()  # that it broke is nobody's wish to stop
        if not work.done() or work.cancelled():
            raise Cancelled("Stopped by request.")  # ends like a worker's own word
        return work.result(), streams
    finally:
        del _running[plan.version_id]
        watch.cancel()
        work.cancel()
        # The worker confirms a cancel before its task ends, so nothing runs on unseen.
        await asyncio.gather(work, watch, return_exceptions=True)


def stop_here(version_id: UUID) -> None:
    """Cancel a version's action if this process performs it."""
    work = _running.get(version_id)
    if work is not None:
        work.cancel()


def _complete(answer: ActionResult, joined: Joined) -> None:
    """Refuse an answer whose rows did not all arrive."""
    if answer.result.get("row_count") not in {None, joined.rows}:
        raise ActionFailed("The data worker's rows did not all arrive.", hint="Try again.")


async def _done(
    ctx: Context,
    plan: Plan,
    version: QueryVersionOut,
    answer: tuple[ActionResult, Joined, list[ColumnOut]],
) -> QueryVersionOut:
    action, joined, columns = answer
    result = Result(
        id=uuid7(),
        columns=[{"name": c.name, "type": c.type} for c in columns],
        row_count=joined.rows,
        byte_count=len(joined.data),
        truncated=bool(action.result.get("truncated")),
        total=_whole(action.result.get("total")),
        batches=[list(entry) for entry in joined.index],
    )
    result.blob_key = f"{ctx.org_id}/results/{result.id}.arrow"
    await ctx.resources.blobs.put(result.blob_key, joined.data)
    values = {
        "sql": str(action.result.get("sql") or version.sql),
        "result_id": result.id,
        "elapsed_ms": _whole(action.result.get("elapsed_ms")) or action.elapsed_ms,
        "database_user": action.result.get("database_user"),
        "notes": notes_of(action.result),
    }
    if not await keep_result(ctx, result, plan.version_id, values):
        async with ctx.begin() as tx:
            if await status_of(tx, plan.version_id) is None:
                # Nobody waits until a version that has only begun is on disk.
                raise OperationalError("", None, LookupError("the query was lost in a crash"))
        # Cancelled by somebody at the last moment: the cancel stands, the rows are not shown.
        stopped = Cancelled("Stopped by request.").as_error()
        return await _ended(ctx, plan, version, ("cancelled", stopped))
    return version.model_copy(
        update=values
        | {
            "status": "done",
            "columns": columns,
            "row_count": result.row_count,
            "truncated": result.truncated,
            "total": result.total,
        }
    )


def notes_of(result: dict[str, Any]) -> list[str]:
    """Return a worker's sentences about a result, as many and as long as people read."""
    value: object = result.get("notes")
    given: list[object] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  # JSON
    return [note[:_NOTE_LENGTH] for note in given[:_NOTES_MAX] if isinstance(note, str)]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


async def _ended(
    ctx: Context, plan: Plan, version: QueryVersionOut, end: tuple[str, dict[str, Any]]
) -> QueryVersionOut:
    status, error = end
    elapsed = round((now() - version.ran_at).total_seconds() * 1000)
    async with ctx.begin() as tx:
        await _finish(
            tx, plan.version_id, {"status": status, "error": error, "elapsed_ms": elapsed}
        )
    return version.model_copy(
        update={
            "status": status,
            "error": QueryError.model_validate(error),
            "elapsed_ms": elapsed,
        }
    )


async def _finish(ctx: Context, version_id: UUID, values: dict[str, Any]) -> bool:
    """End a version that is still running; False when it had been ended already."""
    end = (
        update(QueryVersion)
        .where(
            QueryVersion.org_id == ctx.org_id,
            QueryVersion.id == version_id,
            QueryVersion.status == "running",
        )
        .values(**values)
        .returning(QueryVersion.id)
    )
    return (await ctx.session.execute(end)).scalar_one_or_none() is not None
