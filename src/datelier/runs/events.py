"""The one writer of run events in a process.

Parts of all runs are merged while they wait and committed together: one statement, one commit,
then one notification. A part reaches a viewer only after its batch has committed.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, final
from uuid import UUID

import psycopg

from datelier.kit.fail_points import reach
from datelier.kit.ids import age
from datelier.kit.log import get_logger
from datelier.kit.metrics import stream_first_byte_seconds
from datelier.runs.encode import encode
from datelier.runs.fold import Part
from datelier.runs.pool import EnginePool

log = get_logger(__name__)

INTERVAL = 0.03  # seconds between two batches of one run
MOST_MERGED = 16 * 1024
"""Characters after which waiting text becomes a part; each viewer that lags holds whole parts."""
MOST_AT_ONCE = 64 * 1024
"""Bytes of a run's parts after which the rest waits for the next batch: a batch is copied several
times on its way, and would hold up every other run of the process."""
_RETRY = 0.2
_TOO_MUCH = "54"  # class of errors about one statement, which come again however often it is tried
_SEPARATOR = b"\x1e"  # never occurs in JSON, so a run's parts travel as one value

# Lists that would be quoted piece by piece as text travel in binary (%b).
_APPEND = """
with live as (
    select r.id, r.org_id, b.first, b.parts
    from unnest(%b::uuid[], %s::bigint[], %s::int[], %b::text[]) as b (id, epoch, first, parts)
    join run r on r.id = b.id and r.epoch = b.epoch
    where r.status = 'running'
    order by r.id
    for share of r
), added as (
    insert into run_event (org_id, run_id, seq, part)
    select l.org_id, l.id, l.first + p.n::int - 1, p.part::json
    from live l
    cross join lateral string_to_table(l.parts, E'\\x1e') with ordinality as p (part, n)
    on conflict do nothing
)
select id from live
"""

# Part type of a delta -> (key of its id, key of its text)
_DELTA_KEYS = {
    "text-delta": ("id", "delta"),
    "reasoning-delta": ("id", "delta"),
    "tool-input-delta": ("toolCallId", "inputTextDelta"),
}


class Fenced(Exception):
    """Another process holds the run now; this one may write nothing more."""


class Publish(Protocol):
    """Receives what has committed: encoded parts, the first of which has seq `first`."""

    def __call__(self, run_id: UUID, first: int, parts: Sequence[bytes], /) -> None: ...


@final
class _Delta:
    """A delta that still grows while it waits."""

    __slots__ = ("key", "kind", "size", "texts")

    def __init__(self, kind: str, key: str, text: str) -> None:
        self.kind = kind
        self.key = key
        self.texts = [text]
        self.size = len(text)

    def takes(self, kind: str, key: str, text: str) -> bool:
        """Add a text if it belongs here and there is room for it; return whether it was added."""
        size = self.size + len(text)
        if kind != self.kind or key != self.key or size > MOST_MERGED:
            return False
        self.texts.append(text)
        self.size = size
        return True

    def part(self) -> Part:
        key, text = _DELTA_KEYS[self.kind]
        return {"type": self.kind, key: self.key, text: "".join(self.texts)}


def _finished(item: Part | _Delta) -> Part:
    return item.part() if type(item) is _Delta else item


class RunLog:
    """The end of one run's log, held by the claim `epoch`.

    Attributes:
        committed: Sequence number of the last part that has committed.
        parts: What this claim has committed, merged as stored.
        fenced: The claim was lost; whatever is put now is dropped.
        flushed_at: When this run's last batch was taken, in the loop's time.
        left: The last batch had no room for all that waited.
    """

    def __init__(self, writer: "EventWriter", run_id: UUID, epoch: int, last_seq: int) -> None:
        self.run_id = run_id
        self.epoch = epoch
        self.committed = last_seq
        self.parts: list[Part] = []
        self.fenced = False
        self.closed = False
        self.flushed_at = 0.0
        self.left = False
        self.on_fenced: Callable[[], None] | None = None
        self._writer = writer
        self._pending: list[Part | _Delta] = []
        self._batch: list[Part] = []
        self._encoded: list[bytes] = []
        self._put = self._taken = self._done = 0  # parts ever put, taken, committed
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    def put(self, part: Part, *, at_once: bool = False) -> None:
        """Add a part; it commits within :data:`INTERVAL`, or with the next batch if `at_once`."""
        if self.fenced or self.closed:
            return
        self._put += 1
        self._pending.append(part)
        self._writer.mark(self, at_once=at_once)

    def delta(self, kind: str, key: str, text: str) -> None:
        """Add text to the open part `key`; `kind` is the delta's part type."""
        if self.fenced or self.closed:
            return
        pending = self._pending
        if pending:
            last = pending[-1]
            if type(last) is _Delta and last.takes(kind, key, text):
                return
        self._put += 1
        pending.append(_Delta(kind, key, text))
        self._writer.mark(self)

    async def flush(self) -> None:
        """Wait until everything put so far has committed.

        Raises:
            Fenced: Another process holds the run.
        """
        if self.fenced:
            raise Fenced
        if self._done == self._put:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._put, future))
        if self._pending:
            self._writer.mark(self, at_once=True)
        await future

    async def close(self) -> list[Part]:
        """Take no more parts and wait for the batch being written; return what is in none.

        Raises:
            Fenced: Another process holds the run.
        """
        self.closed = True
        rest, self._pending = [_finished(item) for item in self._pending], []
        if self._batch:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((self._taken, future))
            await future
        if self.fenced:
            raise Fenced
        return rest

    def forget(self) -> None:
        """The run is over here: hold no part of it, whoever still holds this.

        A run ends in rings of objects, which the collector may leave for a long time.
        """
        self.parts = []
        self.on_fenced = None

    # What follows is for the writer alone.

    def take(self) -> tuple[int, bytes] | None:
        """Move what waits into the batch being written: (first seq, joined JSON)."""
        if not self._batch:
            size = 0
            for item in self._pending:
                part = _finished(item)
                self._batch.append(part)
                self._encoded.append(encode(part))
                size += len(self._encoded[-1])
                if size >= MOST_AT_ONCE:
                    break
            del self._pending[: len(self._batch)]
            self._taken += len(self._batch)
            self.left = bool(self._pending)
        return (self.committed + 1, _SEPARATOR.join(self._encoded)) if self._batch else None

    def commit(self) -> tuple[int, list[bytes]]:
        """The batch has committed: (first seq, encoded parts)."""
        first, encoded = self.committed + 1, self._encoded
        self.committed += len(encoded)
        self.parts.extend(self._batch)
        self._batch, self._encoded = [], []
        self._done = self._taken
        if self._waiters:
            waiting, self._waiters = self._waiters, []
            for target, future in waiting:
                if target > self._done:
                    self._waiters.append((target, future))
                elif not future.done():
                    future.set_result(None)
        return first, encoded

    def fence(self) -> None:
        """The claim is lost: drop everything and say so."""
        if self.fenced:
            return
        self.fenced = True
        self._pending, self._batch, self._encoded = [], [], []
        waiting, self._waiters = self._waiters, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(Fenced())
        if self.on_fenced is not None:
            self.on_fenced()


class EventWriter:
    """Commits the parts of all runs of this process.

    Args:
        pool: Connections of the run engine.
        publish: Called with each run's batch once it has committed.
    """

    def __init__(self, pool: EnginePool, publish: Publish) -> None:
        self._pool = pool
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._now: set[RunLog] = set()
        self._later: set[RunLog] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._last_tick = 0.0
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="event-writer")
        self._closing = False

    def open(self, run_id: UUID, epoch: int, last_seq: int) -> RunLog:
        """Return the log of a run that this process has just claimed."""
        log = RunLog(self, run_id, epoch, last_seq)
        # What a run says before its first word may wait and share that word's commit.
        log.flushed_at = self._loop.time()
        return log

    def mark(self, run: RunLog, *, at_once: bool = False) -> None:
        """Note that `run` has parts to write."""
        if at_once or self._loop.time() - run.flushed_at >= INTERVAL:
            self._now.add(run)
            self._wake.set()
        elif run not in self._now:
            self._later.add(run)
            if self._timer is None:
                due = max(self._loop.time(), self._last_tick + INTERVAL)
                self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        # One beat for all runs, so that their batches share a commit.
        self._timer = None
        self._last_tick = self._loop.time()
        self._now |= self._later
        self._later.clear()
        self._wake.set()

    async def close(self) -> None:
        """Write what is left and stop."""
        self._closing = True
        self._tick()
        await self._task
        if self._timer is not None:
            self._timer.cancel()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._now = self._now, set()
            if batch:
                await self._write(sorted(batch, key=lambda run: run.run_id))
                batch.clear()  # the log of a run that has ended shall not live until the next one
            if self._closing and not self._now and not self._later:
                return

    async def _write(self, runs: list[RunLog]) -> None:
        taken = [(run, entry) for run in runs if not run.fenced and (entry := run.take())]
        if not taken:
            return
        now = self._loop.time()
        for run, _ in taken:
            run.flushed_at = now
        live = await self._stored(taken)
        for run, _ in taken:
            if run.run_id in live:
                first, parts = run.commit()
                if first == 1:
                    stream_first_byte_seconds.observe(age(run.run_id))
                self._publish(run.run_id, first, parts)
                if run.left:
                    self.mark(run, at_once=True)
            else:
                run.fence()

    async def _stored(self, taken: list[tuple[RunLog, tuple[int, bytes]]]) -> set[UUID]:
        """Commit a batch; return the runs still held.

        A run whose parts PostgreSQL will not have is given up by this process. It holds up no
        other one, as it would if the whole batch were tried for ever.
        """
        try:
            return await self._append(taken)
        except psycopg.Error as error:
            if _lost(error):
                raise
            if len(taken) == 1:
                log.exception("events_refused", run_id=str(taken[0][0].run_id))
                return set()
        return set[UUID]().union(*[await self._stored([one]) for one in taken])

    async def _append(self, taken: list[tuple[RunLog, tuple[int, bytes]]]) -> set[UUID]:
        """Commit a batch, however long PostgreSQL is away; return the runs still held."""
        values = (
            [run.run_id for run, _ in taken],
            [run.epoch for run, _ in taken],
            [first for _, (first, _) in taken],
            [parts.decode() for _, (_, parts) in taken],
        )
        while True:
            try:
                async with self._pool.connection() as connection:
                    reach("events.before_commit")
                    cursor = await connection.execute(_APPEND, values, binary=True)
                    reach("events.after_commit")
                    return {row["id"] for row in await cursor.fetchall()}
            except psycopg.OperationalError as error:
                # Written twice does no harm: the same seq is skipped, and a process that lost
                # its lease meanwhile is refused by the epoch.
                if self._closing or not _lost(error):
                    raise
                log.warning("events_wait_for_database", error=str(error))
                await asyncio.sleep(_RETRY)


def _lost(error: psycopg.Error) -> bool:
    """Whether PostgreSQL is away or ends, and not merely unwilling."""
    known = isinstance(error, psycopg.OperationalError)
    return known and not (error.sqlstate or "").startswith(_TOO_MUCH)
