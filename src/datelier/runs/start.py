"""Starting and stopping runs, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.kit.db import get_owned
from datelier.kit.ids import uuid7
from datelier.runs.bus import QUEUE, STOP, THREAD, Bus
from datelier.runs.claim import TURN_LOCK, Claim
from datelier.runs.encode import encode
from datelier.runs.hub import RunHub
from datelier.runs.local import free_runner
from datelier.runs.models import Run
from datelier.runs.schemas import ENDED
from datelier.runs.thread_viewers import thread_word


@dataclass(frozen=True, slots=True)
class Start:
    """What a run is to do.

    Attributes:
        graph: Name of a registered graph.
        message_id: The answer's message, which the run fills when it ends.
        user_message_id: The message it answers.
        input: Anything the graph wants to know, as JSON.
        run_id: Chosen by callers that subscribe before they start.
    """

    graph: str
    thread_id: UUID | None = None
    message_id: UUID | None = None
    user_message_id: UUID | None = None
    model_id: UUID | None = None
    input: dict[str, Any] | None = None
    run_id: UUID | None = None


_INSERT = text(
    """
    insert into run
        (id, org_id, graph, thread_id, message_id, user_message_id, model_id, actor, input)
    values
        (:id, :org, :graph, :thread, :message, :user_message, :model,
         cast(:actor as jsonb), cast(:input as jsonb))
    """
)

# The same, claimed at once for a runner with a free slot in this very process: the first word
# comes sooner without a round through the queue. Claimers take turns (the lock is only tried),
# the organization's cap holds, and nobody of the organization who waits is overtaken.
_INSERT_CLAIMED = text(
    """
    with turn as (
        select pg_try_advisory_xact_lock(:lock) as mine
    ), room as (
        select turn.mine
            and not exists (select 1 from run q where q.org_id = :org and q.status = 'queued')
            and not exists (
                select 1 from run a where a.org_id = :org and a.thread_id = :thread
                and a.status in ('running', 'waiting', 'paused'))
            and (select count(*) from run b where b.org_id = :org and b.status = 'running')
                < coalesce((select max_running from organization where id = :org), :cap) as free
        from turn
    ), made as (
        insert into run
            (id, org_id, graph, thread_id, message_id, user_message_id, model_id, actor, input,
             status, epoch, attempt, lease_owner, lease_until, started_at)
        select :id, :org, :graph, cast(:thread as uuid), cast(:message as uuid),
            cast(:user_message as uuid), cast(:model as uuid), cast(:actor as jsonb),
            cast(:input as jsonb), case when free then 'running' else 'queued' end,
            case when free then 1 else 0 end, case when free then 1 else 0 end,
            case when free then :owner end,
            case when free then clock_timestamp() + make_interval(secs => :lease) end,
            case when free then clock_timestamp() end
        from room
        returning status, started_at
    ), said as (
        update message m set status = 'running' from made
        where made.status = 'running' and m.org_id = :org and m.id = :message
    )
    select started_at from made
    """
)


async def start_run(ctx: Context, start: Start) -> UUID:
    """Queue a run, as the last thing the open transaction does.

    When it has committed, runners are told, or the runner of this process begins at once. The
    run acts with the rights that the caller has now.
    """
    actor = ctx.actor
    run_id = start.run_id or uuid7()
    rights = {
        "kind": actor.kind,
        "id": str(actor.id) if actor.id else None,
        "name": actor.name,
        "scopes": sorted(ctx.scopes),
        "correlation_id": ctx.correlation_id,
    }
    given = dict(start.input or {})
    values: dict[str, Any] = {
        "id": run_id,
        "org": ctx.org_id,
        "graph": start.graph,
        "thread": start.thread_id,
        "message": start.message_id,
        "user_message": start.user_message_id,
        "model": start.model_id,
        "actor": encode(rights).decode(),
        "input": encode(given).decode(),
    }
    tell_thread(ctx, start.thread_id, "message")
    runner = free_runner(ctx.resources)
    started_at: datetime | None = None
    if runner is None:
        await ctx.session.execute(_INSERT, values)
    else:
        values |= {
            "lock": TURN_LOCK,
            "cap": runner.cap,
            "owner": runner.owner,
            "lease": runner.lease,
        }
        started_at = (await ctx.session.execute(_INSERT_CLAIMED, values)).scalar_one()
    if runner is None or started_at is None:
        bus = ctx.resources.get(Bus)
        ctx.on_commit(lambda: bus.tell_all(QUEUE, (run_id.hex,)))
    else:
        claim = Claim(
            id=run_id,
            org_id=ctx.org_id,
            graph=start.graph,
            thread_id=start.thread_id,
            message_id=start.message_id,
            user_message_id=start.user_message_id,
            model_id=start.model_id,
            actor=rights,
            input=given,
            attempt=1,
            epoch=1,
            started_at=started_at,
        )
        ctx.on_commit(lambda: runner.adopt(claim))
    return run_id


def tell_thread(ctx: Context, thread_id: UUID | None, change: str) -> None:
    """Tell viewers of a thread, once committed, that its messages, title or run changed."""
    if thread_id is not None:
        bus = ctx.resources.get(Bus)
        ctx.on_commit(lambda: bus.tell_all(THREAD, (thread_word(ctx.org_id, thread_id, change),)))


async def stop_run(ctx: Context, run_id: UUID) -> Run:
    """Ask for a run to stop; a queued one ends here, an ended one stays as it is.

    Raises:
        NotFound: No such run.
    """
    run = await get_owned(ctx, Run, run_id, for_update=True)
    if run.status == "queued":
        await _cancel_queued(ctx, run)
    elif run.status not in ENDED:
        await ctx.session.execute(
            text("update run set stop_requested_at = now() where org_id = :org and id = :id"),
            {"org": ctx.org_id, "id": run_id},
        )
        bus = ctx.resources.get(Bus)
        ctx.on_commit(lambda: bus.tell_all(STOP, (run_id.hex,)))
    await ctx.session.refresh(run)
    return run


async def _cancel_queued(ctx: Context, run: Run) -> None:
    start: dict[str, Any] = {"type": "start", "messageId": str(run.message_id)}
    abort: dict[str, Any] = {"type": "abort", "reason": "stopped before it began"}
    parts = [encode(part) for part in ([start, abort] if run.last_seq == 0 else [abort])]
    first = run.last_seq + 1
    values = {
        "org": ctx.org_id,
        "id": run.id,
        "first": first,
        "last": run.last_seq + len(parts),
        "parts": [part.decode() for part in parts],
    }
    await ctx.session.execute(
        text(
            "update run set status = 'cancelled', finished_at = now(), last_seq = :last "
            "where org_id = :org and id = :id"
        ),
        values,
    )
    await ctx.session.execute(
        text(
            "insert into run_event (org_id, run_id, seq, part) select :org, :id, "
            ":first + p.n::int - 1, p.part::json "
            "from unnest(cast(:parts as text[])) with ordinality as p (part, n)"
        ),
        values,
    )
    await ctx.session.execute(
        text(
            "update message set status = case when role = 'user' then 'complete' else 'stopped' "
            "end where org_id = :org and id in (:message, :user_message)"
        ),
        {"org": ctx.org_id, "message": run.message_id, "user_message": run.user_message_id},
    )
    hub, bus, run_id = ctx.resources.get(RunHub), ctx.resources.get(Bus), run.id
    ctx.on_commit(lambda: hub.publish(run_id, first, parts))
    ctx.on_commit(lambda: bus.tell_all(QUEUE, (run_id.hex,)))
    tell_thread(ctx, run.thread_id, "run")
