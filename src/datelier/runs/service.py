"""Reading runs."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.kit.db import get_owned
from datelier.kit.errors import NotFound
from datelier.queries.access import SEEN_BY_REQUEST
from datelier.runs.errors import RunIsPersonal, SeqFromTheFuture
from datelier.runs.models import Run
from datelier.runs.schemas import RunError, RunOut, RunUsage

_SEEN = text(
    f"""
    select t.owner_id is not distinct from cast(:owner as uuid) as own, t.owner_name,
        {SEEN_BY_REQUEST} as asked
    from run r
    join lateral (
        select v.owner_id, p.name as owner_name from thread v
        left join person p on p.id = v.owner_id
        where v.org_id = r.org_id and v.id = r.thread_id and v.deleted_at is null) t on true
    where r.org_id = :org and r.id = :run
    """  # noqa: S608  # only a constant is interpolated
)
_ENDS = text(
    "select r.id, coalesce((select max(e.seq) from run_event e where e.org_id = :org "
    "and e.run_id = r.id), 0) as last from unnest(cast(:ids as uuid[])) r (id)"
)
_PLACES = text(
    "select id, place from (select id, row_number() over (order by id) as place from run "
    "where org_id = :org and status = 'queued') queue where id = any(:ids)"
)


async def visible_run(ctx: Context, run_id: UUID) -> Run:
    """Return a run that the caller may see.

    Those of a chat are seen by its owner; those in the background also by whoever sees a request
    of theirs in the inbox.

    Raises:
        NotFound: Unknown, of another organization, or of somebody else's thread.
        RunIsPersonal: Of somebody else's chat, and the caller was asked or told something by it.
    """
    run, seen = await _look(ctx, run_id)
    if seen is None or seen.own:
        return run
    if not seen.asked:
        raise NotFound("run", run_id)
    if run.kind != "background":
        raise RunIsPersonal(
            f"This run belongs to a chat of {seen.owner_name or 'somebody else'}, and only its "
            "owner can open it.",
            hint="What you are asked to decide is in the inbox.",
        )
    return run


async def own_run(ctx: Context, run_id: UUID) -> Run:
    """Return a run that the caller may stop or do again: their own, and those without a thread.

    Raises:
        NotFound: Unknown, of another organization, or not for the caller to see.
        RunIsPersonal: The caller may see it and no more.
    """
    run, seen = await _look(ctx, run_id)
    if seen is None or seen.own:
        return run
    if not seen.asked:
        raise NotFound("run", run_id)
    raise RunIsPersonal(
        f"Only {seen.owner_name or 'whoever started this run'} can stop it or run it again.",
        hint="You can still decide what it asks.",
    )


async def _look(ctx: Context, run_id: UUID) -> tuple[Run, Any]:
    """Return a run, and whose thread it belongs to; None for a run without a thread."""
    run = await get_owned(ctx, Run, run_id)
    if run.thread_id is None:
        return run, None
    values = {"org": ctx.org_id, "run": run_id, "owner": ctx.actor.id}
    seen = (await ctx.session.execute(_SEEN, values)).one_or_none()
    if seen is None:  # its thread was removed
        raise NotFound("run", run_id)
    return run, seen


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
    return (await queue_positions(ctx, [run])).get(run.id)


async def queue_positions(ctx: Context, runs: Iterable[Run]) -> dict[UUID, int]:
    """Return the places of those that wait in their organization's queue, 1 for the next."""
    waiting = [run.id for run in runs if run.status == "queued"]
    if not waiting:
        return {}
    found = await ctx.session.execute(_PLACES, {"org": ctx.org_id, "ids": waiting})
    return {row.id: row.place for row in found}


async def last_seq(ctx: Context, run_id: UUID) -> int:
    """Return the sequence number of the newest part in a run's log; 0 when it is empty."""
    return (await last_seqs(ctx, [run_id]))[run_id]


async def last_seqs(ctx: Context, run_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return :func:`last_seq` of each run; the rows of runs know it once they have ended."""
    if not run_ids:
        return {}
    found = await ctx.session.execute(_ENDS, {"org": ctx.org_id, "ids": list(run_ids)})
    return {row.id: row.last for row in found}


async def check_seq(ctx: Context, run_id: UUID, after: int) -> None:
    """Refuse a viewer that says it has parts which do not exist.

    Raises:
        SeqFromTheFuture: `after` is negative or beyond the log's end.
    """
    if after < 0 or (after > 0 and after > await last_seq(ctx, run_id)):
        raise SeqFromTheFuture("The run has no part with that number.", hint="Start from 0.")
