"""The end of a run: log, run, message and thread in one fenced statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from datelier.effects.service import ENDED_WITH_ITS_RUN
from datelier.kit.fail_points import reach
from datelier.runs.encode import encode
from datelier.runs.events import Fenced, RunLog
from datelier.runs.fold import Fold, Part
from datelier.runs.pool import EngineConnection, EnginePool

# The thread is locked before the run, as those do who ask it something or stop it: the other way
# round each could wait for the other.
_FINISH = f"""
with thread_of as materialized (
    select t.id from run r join thread t on t.org_id = r.org_id and t.id = r.thread_id
    where r.id = %(id)s for no key update of t
), ended as (
    update run r
    set status = %(status)s, error = %(error)s, usage = %(usage)s, finished_at = now(),
        result = case when r.kind = 'background' and %(status)s = 'succeeded'
            then jsonb_build_object('text', cast(%(text)s as text)) else r.result end,
        updated_at = now(), last_seq = %(last_seq)s, lease_owner = null, lease_until = null
    where (select count(*) from thread_of) >= 0
        and r.id = %(id)s and r.epoch = %(epoch)s and r.status = 'running'
    returning r.id, r.org_id, r.thread_id, r.message_id
), logged as (
    insert into run_event (org_id, run_id, seq, part)
    select e.org_id, e.id, %(first)s + p.n::int - 1, p.part::json
    from ended e
    cross join lateral string_to_table(%(parts)s, E'\\x1e') with ordinality as p (part, n)
), answered as (
    update message m
    set parts = %(message_parts)s, text = %(text)s, metadata = %(metadata)s,
        status = %(message_status)s, updated_at = now()
    from ended e where m.org_id = e.org_id and m.id = e.message_id
), moved as (
    update thread t set last_message_at = now(), updated_at = now()
    from ended e where t.org_id = e.org_id and t.id = e.thread_id
), settled as ({ENDED_WITH_ITS_RUN}), abandoned as (
    update query_version v
    set status = 'cancelled', error = %(abandoned)s, updated_at = now()
    from ended e where v.org_id = e.org_id and v.run_id = e.id and v.status = 'running'
), c1 as (
    delete from checkpoints c using ended e where c.thread_id = e.id::text
), c2 as (
    delete from checkpoint_blobs c using ended e where c.thread_id = e.id::text
), c3 as (
    delete from checkpoint_writes c using ended e where c.thread_id = e.id::text
)
select id, exists (select 1 from run q where q.status = 'queued') as more from ended
"""  # noqa: S608  # only a constant is interpolated

RunStatus = Literal["succeeded", "failed", "cancelled"]
_MESSAGE_STATUS = {"succeeded": "complete", "failed": "failed", "cancelled": "stopped"}


@dataclass(slots=True)
class Ending:
    """How a run ended, and what is said about it.

    Attributes:
        parts: The last parts of the log; the very last one is ``finish``, ``error`` or ``abort``.
        usage: ``input_tokens``, ``output_tokens``, ``cost`` (US dollars as text, None unknown).
        error: ``code``, ``message``, ``hint`` of a failure.
    """

    status: RunStatus
    parts: list[Part]
    usage: dict[str, Any]
    error: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Ended:
    """What the last statement of a run wrote: encoded parts from seq `first` on.

    `more` says whether any run waits in the queue.
    """

    first: int
    parts: list[bytes]
    more: bool


async def log_parts(connection: EngineConnection, run_id: UUID, until: int) -> list[Part]:
    """Return a run's committed parts up to seq `until`, in order."""
    cursor = await connection.execute(
        "select part from run_event where run_id = %s and seq <= %s order by seq", (run_id, until)
    )
    return [row["part"] for row in await cursor.fetchall()]


def _why_cut_off(ending: Ending) -> dict[str, Any]:
    stopped = ending.status == "cancelled"
    said = "Stopped by request." if stopped else "The run ended before this finished."
    return {"code": "cancelled", "message": said, "hint": None}


def _cut_off(view: Fold, ending: Ending) -> list[Part]:
    """Return the last state of queries that the run's end has cut off; nobody else will say it.

    Those are queries in the answer. Of the ones that died with an earlier process of the run only
    the table still says that they are running: the run's last statement ends them there.
    """
    error = _why_cut_off(ending)
    return [
        {**part, "data": {**part["data"], "status": "cancelled", "error": error}}
        for part in view.parts
        if part["type"] == "data-query" and part["data"].get("status") == "running"
    ]


async def finish(
    pool: EnginePool, log: RunLog, committed: Sequence[Part], rest: list[Part], ending: Ending
) -> Ended:
    """Write the end of a run.

    Args:
        pool: Connections of the run engine.
        log: The claim's log, closed.
        committed: Every part in the log so far.
        rest: Parts that were put and not committed.
        ending: What happened.

    Raises:
        Fenced: Another process holds the run.
    """
    view = Fold()
    for part in (*committed, *rest):
        view.add(view.seq + 1, part)
    last = [*_cut_off(view, ending), *ending.parts]
    for part in last:
        view.add(view.seq + 1, part)
    last = [*rest, *last]
    encoded = [encode(part) for part in last]
    error = ending.error
    metadata = {k: v for k, v in view.metadata.items() if k not in ("run_id", "thread_id")}
    if error is not None:
        metadata["error"] = error
    values = {
        "id": log.run_id,
        "epoch": log.epoch,
        "status": ending.status,
        "error": Jsonb(error) if error is not None else None,
        "usage": Jsonb(ending.usage),
        "last_seq": log.committed + len(encoded),
        "first": log.committed + 1,
        "parts": b"\x1e".join(encoded).decode(),
        "message_parts": Jsonb(view.parts),
        "text": view.text,
        "metadata": Jsonb(metadata | ending.metadata),
        "message_status": _MESSAGE_STATUS[ending.status],
        "abandoned": Jsonb(_why_cut_off(ending)),
    }
    async with pool.connection() as connection:
        reach("finish.before_commit")
        cursor = await connection.execute(_FINISH, values)
        done = await cursor.fetchone()
        reach("finish.after_commit")
    if done is None:
        raise Fenced
    return Ended(log.committed + 1, encoded, bool(done["more"]))
