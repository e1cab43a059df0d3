"""Reading runs."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, text

from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import NotFound
from datelier.runs.errors import SeqFromTheFuture
from datelier.runs.models import Run
from datelier.runs.schemas import RunError, RunOut, RunUsage

_VISIBLE = text(
    "select 1 from thread where org_id = :org and id = :thread and deleted_at is null "
    "and (owner_id = :owner or owner_id is null and cast(:owner as uuid) is null)"
)


async def visible_run(ctx: Context, run_id: UUID, *, for_update: bool = False) -> Run:
    """Return a run that the caller may see: those of a thread are seen by its owner only.

    Raises:
        NotFound: Unknown, of another organization, or of somebody else's thread.
    """
    run = await get_owned(ctx, Run, run_id, for_update=for_update)
    if run.thread_id is not None:
        values = {"org": ctx.org_id, "thread": run.thread_id, "owner": ctx.actor.id}
        if (await ctx.session.execute(_VISIBLE, values)).scalar() is None:
            raise NotFound("run", run_id)
    return run


async def describe(ctx: Context, run: Run) -> RunOut:
    """Return a run as clients see it, with its place in the queue."""
    return as_out(run, await queue_position(ctx, run), await last_seq(ctx, run.id))


def as_out(run: Run, position: int | None, seq: int) -> RunOut:
    """Return a run as clients see it, given its place in the queue and the end of its log."""
    usage: dict[str, Any] = run.usage
    return RunOut(
        id=run.id,
        thread_id=run.thread_id,
        message_id=run.message_id,
        status=run.status,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        attempt=run.attempt,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        model=usage.get("model"),
        usage=RunUsage(
            input_tokens=usage.get("input_tokens"), output_tokens=usage.get("output_tokens")
        ),
        cost=usage.get("cost"),
        error=RunError(**run.error) if run.error else None,
        queue_position=position,
        last_seq=seq,
    )


async def queue_position(ctx: Context, run: Run) -> int | None:
    """Return a waiting run's place in its organization's queue, 1 for the next; None otherwise."""
    if run.status != "queued":
        return None
    ahead = owned(ctx, Run).where(Run.status == "queued", Run.id < run.id)
    counted = await ctx.session.execute(ahead.with_only_columns(func.count()))
    return counted.scalar_one() + 1


async def last_seq(ctx: Context, run_id: UUID) -> int:
    """Return the sequence number of the newest part in a run's log; 0 when it is empty."""
    found = await ctx.session.execute(
        text("select coalesce(max(seq), 0) from run_event where org_id = :org and run_id = :run"),
        {"org": ctx.org_id, "run": run_id},
    )
    return int(found.scalar_one())


async def check_seq(ctx: Context, run_id: UUID, after: int) -> None:
    """Refuse a viewer that says it has parts which do not exist.

    Raises:
        SeqFromTheFuture: `after` is negative or beyond the log's end.
    """
    if after < 0 or (after > 0 and after > await last_seq(ctx, run_id)):
        raise SeqFromTheFuture("The run has no part with that number.", hint="Start from 0.")
