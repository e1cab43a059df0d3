"""Taking runs from the queue: by lease and epoch, fair across organizations.

This file sees every organization (as the system role) and nothing else in the engine decides
who runs next.
"""

from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

from datelier.kit.fail_points import reach
from datelier.runs.pool import EngineConnection, EnginePool

# One claimer at a time: the cap per organization must hold across processes. The transaction is
# one statement long.
TURN_LOCK = 218103809
_TURN = "select pg_advisory_xact_lock(%s)"

MOST_ATTEMPTS = 3
"""Attempts at one step, each of which ended the process it was made in."""
MOST_UNSEEN = 6
"""The same where nobody saw the last of them end, as when a machine loses its power."""

# A run that has ended its process twice in one step may be innocent: whatever else was in those
# processes may have done it, or somebody who killed them. It goes on in a process of its own.
_SUSPECT: LiteralString = """
    (%(apart)s::int is not null and r.stop_requested_at is null
     and r.attempt >= %(most)s - 1 and r.attempt < %(unseen)s)
"""

GONE = "gone"
"""In place of a role: whoever started the run is no longer a member."""

_AS_CLAIM: LiteralString = """
    c.id, c.org_id, c.graph, c.thread_id, c.message_id, c.user_message_id, c.model_id,
    c.actor, c.input, c.kind, c.agent_id, c.agent_version, c.waited_seconds as waited,
    c.attempt, c.epoch, c.started_at, c.stop_requested_at is not null as stop, c.resume,
    case when c.actor->>'id' is not null and c.actor->>'kind' in ('user', 'token') then coalesce(
      (select m.role from membership m join person p on p.id = m.person_id
       where m.org_id = c.org_id and m.person_id = cast(c.actor->>'id' as uuid)
       and p.disabled_at is null), 'gone') else '' end as role
"""

_CLAIM: LiteralString = f"""
with busy as (
    select org_id, count(*) as running from run
    where status = 'running' and lease_until >= now() group by org_id
), waiting as (
    select distinct org_id from run where status = 'queued' and available_at <= now()
), ranked as (
    select h.id, h.created_at, h.apart, coalesce(b.running, 0) + h.place as rank,
           coalesce(o.max_running, %(cap)s) as cap
    from waiting w
    join organization o on o.id = w.org_id
    left join busy b on b.org_id = w.org_id
    cross join lateral (
        select q.id, q.created_at, q.apart,
            row_number() over (order by q.created_at, q.id) as place
        from (
            select r.id, r.created_at, {_SUSPECT} as apart from run r
            where r.org_id = w.org_id and r.status = 'queued' and r.available_at <= now()
              and (not {_SUSPECT} or %(apart)s::int > 0)
              and (r.thread_id is null or not exists (
                select 1 from run a
                where a.org_id = r.org_id and a.thread_id = r.thread_id
                  and (a.status in ('running', 'waiting', 'paused')
                       or (a.status = 'queued' and (a.created_at, a.id) < (r.created_at, r.id)))
              ))
            order by r.created_at, r.id limit %(slots)s
        ) q
    ) h
), lost as (
    select r.id, {_SUSPECT} as apart from run r
    where r.status = 'running' and r.lease_until < now()
      and (not {_SUSPECT} or %(apart)s::int > 0)
    order by r.lease_until limit %(slots)s
), due as (
    (select id, apart, 0 as turn, null::timestamptz as created_at from lost)
    union all
    (select id, apart, rank, created_at from ranked where rank <= cap
     order by rank, created_at limit %(slots)s)
), picked as (
    select id, apart from (
        select *, row_number() over (partition by apart order by turn, created_at) as nth from due
    ) d where not apart or nth <= %(apart)s::int
    order by turn, created_at limit %(slots)s
), mine as (
    select r.id, p.apart from run r join picked p using (id)
    where r.status = 'queued' or (r.status = 'running' and r.lease_until < now())
    order by r.id for update of r skip locked
), claimed as (
    update run r
    set status = 'running', lease_owner = %(owner)s, epoch = r.epoch + 1,
        attempt = r.attempt + case when mine.apart then 0 else 1 end,
        lease_until = now() + make_interval(secs => %(lease)s), updated_at = now(),
        started_at = coalesce(r.started_at, now()), waiting_since = null,
        waited_seconds = r.waited_seconds
            + coalesce(extract(epoch from now() - r.waiting_since), 0)
    from mine where r.id = mine.id
    returning r.*, mine.apart
), said as (
    update message m set status = case when m.role = 'user' then 'complete' else 'running' end
    from claimed c
    where m.org_id = c.org_id and m.id in (c.message_id, c.user_message_id)
)
select {_AS_CLAIM}, c.apart,
    case when c.attempt > case when %(apart)s::int is null then %(most)s else %(unseen)s end
        then c.attempt - 1 else 0 end as crashes
from claimed c order by c.created_at
"""  # noqa: S608  # only constants are interpolated

_TAKE_OVER: LiteralString = f"""
with c as (
    update run
    set epoch = epoch + 1, attempt = attempt + %(more)s, lease_owner = %(owner)s,
        lease_until = now() + make_interval(secs => %(lease)s), updated_at = now()
    where id = %(id)s and epoch = %(epoch)s and status = 'running'
    returning *
)
select {_AS_CLAIM} from c
"""  # noqa: S608  # as above

# Asked once the claim's row is locked: whoever held the run before may have been appending until
# then, which the statement that claims it need not see.
_LAST_SEQ: LiteralString = """
select run_id, max(seq) as last_seq from run_event where run_id = any(%b::uuid[]) group by run_id
"""

_RENEW = """
with held as (
    select r.id, r.stop_requested_at is not null as stop from run r
    join unnest(%(ids)s::uuid[], %(epochs)s::bigint[]) as h (id, epoch)
      on h.id = r.id and h.epoch = r.epoch
    where r.status = 'running' order by r.id for update of r
), renewed as (
    update run r set lease_until = now() + make_interval(secs => %(lease)s)
    from held where r.id = held.id
)
select id, stop from held
"""

_RELEASE = """
with held as (
    update run r
    set status = 'queued', lease_owner = null, lease_until = null,
        attempt = r.attempt - %(counted)s, epoch = r.epoch + 1
    where r.id = %(id)s and r.epoch = %(epoch)s and r.status = 'running'
    returning r.id, r.org_id, r.message_id
)
update message m set status = 'queued' from held h where m.org_id = h.org_id and m.id = h.message_id
"""

_SURVIVED = """
update run set attempt = attempt - 1
where id = %(id)s and epoch > %(epoch)s and status = 'running' and attempt > 1
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this process holds until `epoch` moves on.

    Attributes:
        last_seq: Sequence number of the last part in the log; 0 for an empty log.
        attempt: 1 for the first claim since a step was done; drained claims do not count.
        kind: ``chat``, ``test`` or ``background``.
        agent_version: The version of the agent that the run was pinned to when it was started;
            None for a test of the draft, whose definition stands in `input`.
        role: Of whoever started the run, as it is now; empty where no person did or they did just
            now, and :data:`GONE` where they have left.
        waited: Seconds that the run has waited for a person so far.
        stop: Somebody asked for the run to stop before it was claimed.
        resume: What the graph goes on with, as :mod:`datelier.runs.decide` stored it.
        apart: Two attempts or more have ended their processes, so the next is to be made in a
            process of its own. It counts from when that takes the run over.
        crashes: Processes that one step has ended, once that is too many for another attempt.
    """

    id: UUID
    org_id: UUID
    graph: str
    thread_id: UUID | None
    message_id: UUID | None
    user_message_id: UUID | None
    model_id: UUID | None
    actor: dict[str, Any]
    input: dict[str, Any]
    attempt: int
    epoch: int
    started_at: Any
    kind: str = "chat"
    agent_id: UUID | None = None
    agent_version: int | None = None
    role: str = ""
    waited: float = 0
    stop: bool = False
    last_seq: int = 0
    resume: dict[str, Any] | None = None
    apart: bool = False
    crashes: int = 0

    @property
    def fresh(self) -> bool:
        """Whether nobody has executed the run before: no log, no checkpoint."""
        return self.epoch == 1


class Claims:
    """The queue as one process sees it.

    Args:
        pool: Connections of the run engine.
        owner: Name of this process, for people who look at the table.
        lease: Seconds that a claim lasts without renewal.
        cap: Most runs of one organization at once, where it has no number of its own.
    """

    def __init__(self, pool: EnginePool, *, owner: str, lease: float, cap: int) -> None:
        self._pool = pool
        self._owner = owner
        self.lease = lease
        self._cap = cap

    @property
    def owner(self) -> str:
        """Name under which this process holds runs."""
        return self._owner

    @property
    def cap(self) -> int:
        """Most runs of an organization that has no number of its own."""
        return self._cap

    async def take(self, slots: int, apart: int | None = None) -> list[Claim]:
        """Claim up to `slots` runs: those of dead processes first, then fairly by organization.

        Args:
            slots: How many more this process could execute.
            apart: How many of them may be such as need a process of their own. Without a number,
                this process makes every attempt itself.
        """
        values = {
            "slots": slots,
            "owner": self._owner,
            "lease": self.lease,
            "cap": self._cap,
            "apart": apart,
            "most": MOST_ATTEMPTS,
            "unseen": MOST_UNSEEN,
        }
        async with (
            self._pool.connection() as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            # The commit waits for the disk: a claim that a crash undid would be made again under the
            # same epoch, and then two processes would write under it.
            await connection.execute(_TURN, (TURN_LOCK,))
            cursor = await connection.execute(_CLAIM, values)
            claims = await _with_last_seq(connection, await cursor.fetchall())
            if claims:
                reach("claim.before_commit")
        return claims

    async def renew(self, held: dict[UUID, int]) -> dict[UUID, bool]:
        """Extend the leases of runs by epoch; return those still held: whether to stop each."""
        ids = sorted(held)
        values = {"ids": ids, "epochs": [held[i] for i in ids], "lease": self.lease}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_RENEW, values)
            return {row["id"]: row["stop"] for row in await cursor.fetchall()}

    async def take_over(self, run_id: UUID, epoch: int, *, attempts: int = 1) -> Claim | None:
        """Claim a run from the process that holds it under `epoch`; None when it does not.

        Args:
            run_id: The run.
            epoch: The claim that this one follows.
            attempts: How many attempts that counts as.
        """
        values = {
            "id": run_id,
            "epoch": epoch,
            "more": attempts,
            "owner": self._owner,
            "lease": self.lease,
        }
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(_TAKE_OVER, values)
            claims = await _with_last_seq(connection, await cursor.fetchall())
        return claims[0] if claims else None

    async def release(self, run_id: UUID, epoch: int, *, counted: bool = True) -> None:
        """Give a run back unharmed, so that another process takes it at once.

        Args:
            run_id: The run.
            epoch: The claim.
            counted: Whether the claim was counted as an attempt.
        """
        reach("release.before_commit")
        values = {"id": run_id, "epoch": epoch, "counted": int(counted)}
        async with self._pool.connection() as connection:
            await connection.execute(_RELEASE, values)

    async def survived(self, run_id: UUID, epoch: int) -> None:
        """Count a claim that was lost no longer as an attempt: its process has not ended."""
        async with self._pool.connection() as connection:
            await connection.execute(_SURVIVED, {"id": run_id, "epoch": epoch})


async def _with_last_seq(connection: EngineConnection, rows: list[dict[str, Any]]) -> list[Claim]:
    """Return the claims of rows just claimed in the open transaction, with where their logs end."""
    claims = [Claim(**row) for row in rows]
    again = [claim.id for claim in claims if not claim.fresh]
    if not again:
        return claims
    cursor = await connection.execute(_LAST_SEQ, (again,), binary=True)
    ends = {row["run_id"]: row["last_seq"] for row in await cursor.fetchall()}
    return [replace(claim, last_seq=ends.get(claim.id, 0)) for claim in claims]
