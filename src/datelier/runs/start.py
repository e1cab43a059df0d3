"""Starting and stopping runs, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString, final
from uuid import UUID

from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.kit.context import Context, Resources
from datelier.kit.db import Statement, get_owned, one_trip
from datelier.kit.fail_points import reach
from datelier.kit.ids import uuid7
from datelier.runs.append import append_parts
from datelier.runs.bus import QUEUE, STOP, THREAD, Bus
from datelier.runs.claim import TURN_LOCK, Claim
from datelier.runs.encode import encode
from datelier.runs.hub import RunHub
from datelier.runs.local import free_runner
from datelier.runs.models import Run
from datelier.runs.request_part import request_part
from datelier.runs.schemas import ENDED
from datelier.runs.thread_viewers import thread_word

Kind = Literal["chat", "background", "test"]


@dataclass(frozen=True, slots=True)
class Start:
    """What a run is to do.

    Attributes:
        graph: Name of a registered graph.
        message_id: The answer's message, which the run fills when it ends.
        user_message_id: The message it answers.
        kind: What it is for; a test of an agent's draft carries the draft in `input`.
        agent_id: The agent that answers.
        agent_version: The version the run is pinned to. Not given, it is the published one at
            the moment the run is stored, if the caller may use the agent then.
        input: Anything the graph wants to know, as JSON.
        run_id: Chosen by callers that subscribe before they start.
    """

    graph: str
    thread_id: UUID | None = None
    message_id: UUID | None = None
    user_message_id: UUID | None = None
    model_id: UUID | None = None
    kind: Kind = "chat"
    agent_id: UUID | None = None
    agent_version: int | None = None
    input: dict[str, Any] | None = None
    run_id: UUID | None = None


_QUEUE_TO_END = text(
    "update run set status = 'queued', available_at = now(), updated_at = now(), "
    "stop_requested_at = case when :failed then null else now() end, "
    "resume = case when :failed then jsonb_build_object('failed', cast(:note as text)) end "
    "where org_id = :org and id = :id and status = 'waiting'"
)

# A run keeps the version that was published when it was stored, whatever is published later.
_PINNED: LiteralString = """
    coalesce(cast(%(agent_version)s as int), (
        select a.published_version from agent a
        where a.org_id = %(org)s and a.id = cast(%(agent)s as uuid) and cast(%(kind)s as text) <> 'test'
        and a.archived_at is null and (a.visibility = 'organization' or a.owner_id = %(person)s)))
"""

_INSERT = f"""
    insert into run
        (id, org_id, graph, thread_id, message_id, user_message_id, model_id, actor, input,
         kind, agent_id, agent_version)
    values
        (%(id)s, %(org)s, %(graph)s, %(thread)s, %(message)s, %(user_message)s, %(model)s,
         cast(%(actor)s as jsonb), cast(%(input)s as jsonb),
         cast(%(kind)s as text), cast(%(agent)s as uuid), {_PINNED})
    returning cast(null as timestamptz) as started_at, agent_version
"""  # noqa: S608  # only a constant is interpolated

# The same, claimed at once for a runner with a free slot in this very process: the first word
# comes sooner without a round through the queue. Claimers take turns (the lock is only tried),
# the organization's cap holds, and nobody of the organization who waits is overtaken.
_INSERT_CLAIMED = f"""
    with turn as (
        select pg_try_advisory_xact_lock(%(lock)s) as mine
    ), room as (
        select turn.mine
            and not exists (select 1 from run q where q.org_id = %(org)s and q.status = 'queued')
            and not exists (
                select 1 from run a where a.org_id = %(org)s and a.thread_id = %(thread)s
                and a.status in ('running', 'waiting', 'paused'))
            and (select count(*) from run b where b.org_id = %(org)s and b.status = 'running')
                < coalesce((select max_running from organization where id = %(org)s), %(cap)s) as free
        from turn
    ), made as (
        insert into run
            (id, org_id, graph, thread_id, message_id, user_message_id, model_id, actor, input,
             kind, agent_id, agent_version, status, epoch, attempt, lease_owner, lease_until,
             started_at)
        select %(id)s, %(org)s, %(graph)s, cast(%(thread)s as uuid), cast(%(message)s as uuid),
            cast(%(user_message)s as uuid), cast(%(model)s as uuid), cast(%(actor)s as jsonb),
            cast(%(input)s as jsonb), cast(%(kind)s as text), cast(%(agent)s as uuid), {_PINNED},
            case when free then 'running' else 'queued' end,
            case when free then 1 else 0 end, case when free then 1 else 0 end,
            case when free then %(owner)s end,
            case when free then clock_timestamp() + make_interval(secs => %(lease)s) end,
            case when free then clock_timestamp() end
        from room
        returning status, started_at, agent_version
    ), said as (
        update message m set status = 'running' from made
        where made.status = 'running' and m.org_id = %(org)s and m.id = %(message)s
    )
    select started_at, agent_version from made
"""  # noqa: S608  # as above


@final
class Starting:
    """A run about to be stored: the statement that stores it, and what follows its commit.

    The run acts with the rights that the caller has now.

    Attributes:
        statement: Gives one row: when the run began, if this process may begin at once, and the
            version of the agent that it is pinned to.
    """

    def __init__(self, ctx: Context, start: Start) -> None:
        actor = ctx.actor
        self.run_id = start.run_id or uuid7()
        self._org_id = ctx.org_id
        self._actor_id = actor.id
        self._start = start
        self._bus = ctx.resources.get(Bus)
        self._runner = free_runner(ctx.resources)
        self._rights: dict[str, Any] = {
            "kind": actor.kind,
            "id": str(actor.id) if actor.id else None,
            "name": actor.name,
            "scopes": sorted(ctx.scopes),
            "correlation_id": ctx.correlation_id,
        }
        self._given = dict(start.input or {})
        reach("run.before_commit")
        self.statement = Statement(
            _INSERT if self._runner is None else _INSERT_CLAIMED, self._values()
        )

    def _values(self) -> dict[str, Any]:
        start, runner = self._start, self._runner
        values: dict[str, Any] = {
            "id": self.run_id,
            "org": self._org_id,
            "graph": start.graph,
            "thread": start.thread_id,
            "message": start.message_id,
            "user_message": start.user_message_id,
            "model": start.model_id,
            "kind": start.kind,
            "agent": start.agent_id,
            "agent_version": start.agent_version,
            "person": self._actor_id,
            "actor": encode(self._rights).decode(),
            "input": encode(self._given).decode(),
        }
        if runner is None:
            return values
        return values | {
            "lock": TURN_LOCK,
            "cap": runner.cap,
            "owner": runner.owner,
            "lease": runner.lease,
        }

    def begin(self, started_at: datetime | None, agent_version: int | None) -> None:
        """Once committed: begin here, or tell runners that something waits."""
        reach("run.after_commit")
        if self._runner is None or started_at is None:
            self._bus.tell_all(QUEUE, (self.run_id.hex,))
            return
        start = self._start
        claim = Claim(
            id=self.run_id,
            org_id=self._org_id,
            graph=start.graph,
            thread_id=start.thread_id,
            message_id=start.message_id,
            user_message_id=start.user_message_id,
            model_id=start.model_id,
            actor=self._rights,
            input=self._given,
            attempt=1,
            epoch=1,
            started_at=started_at,
            kind=start.kind,
            agent_id=start.agent_id,
            agent_version=agent_version,
        )
        self._runner.adopt(claim)


def in_turn(resources: Resources) -> tuple[Statement, ...]:
    """Return what waits for a turn among claimers, for processes that execute runs.

    Runs stored after it in its transaction find the turn theirs. Nothing else may be stored after
    it: whoever has the turn must wait for nobody.
    """
    if free_runner(resources) is None:
        return ()
    return (Statement("select pg_advisory_xact_lock(%(lock)s)", {"lock": TURN_LOCK}),)


async def start_run(ctx: Context, start: Start) -> UUID:
    """Queue a run, as the last thing the open transaction does.

    When it has committed, runners are told, or the runner of this process begins at once.
    """
    starting = Starting(ctx, start)
    tell_thread(ctx, start.thread_id, "message")
    [[(started_at, version)]] = await one_trip(ctx, [starting.statement])
    ctx.on_commit(lambda: starting.begin(started_at, version))
    return starting.run_id


def tell_thread(ctx: Context, thread_id: UUID | None, change: str) -> None:
    """Tell viewers of a thread, once committed, that its messages, title or run changed."""
    if thread_id is not None:
        bus = ctx.resources.get(Bus)
        ctx.on_commit(lambda: bus.tell_all(THREAD, (thread_word(ctx.org_id, thread_id, change),)))


async def stop_run(ctx: Context, run_id: UUID) -> Run:
    """Ask for a run to stop; an ended one stays as it is.

    One that has never begun ends here. One that waits for a person gives its requests up; a
    runner takes it once more, to end it with what it has said.

    Raises:
        NotFound: No such run.
    """
    run = await get_owned(ctx, Run, run_id, for_update=True)
    await ctx.session.refresh(run)
    if run.status == "queued" and run.epoch == 0:
        await _cancel_queued(ctx, run)
    elif run.status == "waiting":
        await stop_waiting(ctx, run, f"Stopped by {ctx.actor.name}.")
    elif run.status not in ENDED:
        await ctx.session.execute(
            text("update run set stop_requested_at = now() where org_id = :org and id = :id"),
            {"org": ctx.org_id, "id": run_id},
        )
        bus = ctx.resources.get(Bus)
        reach("stop.requested")
        ctx.on_commit(lambda: reach("stop.after_commit"))
        ctx.on_commit(lambda: bus.tell_all(STOP, (run_id.hex,)))
        ctx.on_commit(lambda: bus.tell_all(QUEUE, (run_id.hex,)))
    await ctx.session.refresh(run)
    return run


async def stop_waiting(ctx: Context, run: Run, note: str, *, failed: bool = False) -> None:
    """Withdraw what a waiting run asks for, and queue it to end.

    Args:
        ctx: Whoever ends it, in a transaction that has locked the run.
        run: The run.
        note: Why, as a sentence for those who were asked.
        failed: It ends as failed, with the note, and not as stopped.
    """
    withdrawn = await inbox.waiting_of_run(ctx, run.id)
    for request in withdrawn:
        await inbox.end_request(ctx, request, "withdrawn", note)
    if withdrawn:
        await append_parts(ctx, run.id, [request_part(request) for request in withdrawn])
    values = {"org": ctx.org_id, "id": run.id, "failed": failed, "note": note}
    await ctx.session.execute(_QUEUE_TO_END, values)
    reach("stop.waiting")
    bus = ctx.resources.get(Bus)
    ctx.on_commit(lambda: bus.tell_all(QUEUE, (run.id.hex,)))
    tell_thread(ctx, run.thread_id, "run")


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
