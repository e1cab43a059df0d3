"""Who watches which run: replay from rows, then live, exactly once and in order."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from uuid import UUID

import psycopg

from datelier.kit.log import get_logger
from datelier.runs.bus import EVENTS, Bus, run_id_of
from datelier.runs.pool import EnginePool

log = get_logger(__name__)

Entry = tuple[int, bytes]

PAGE = 1000  # parts read at once, if they are small
PAGE_BYTES = 48 * 1024  # a viewer that does not read holds on to a page
MOST_WAITING = 1 << 20  # bytes a viewer may lag behind before it is cut
_POLL = 2.0
_TERMINAL = (b'{"type":"finish"', b'{"type":"error"', b'{"type":"abort"')

# One part after the other, because only a part that is read says how large it is: stored ones are
# compressed. Numbers have no gaps.
_REPLAY = """
with recursive page as (
    select e.seq, t.part, octet_length(t.part) as size
    from run_event e cross join lateral (select e.part::text as part) t
    where e.run_id = %(run)s and e.seq = %(after)s + 1
    union all
    select e.seq, t.part, p.size + octet_length(t.part)
    from page p join run_event e on e.run_id = %(run)s and e.seq = p.seq + 1
    cross join lateral (select e.part::text as part) t
    where p.size < %(bytes)s and p.seq < %(after)s + %(page)s
)
select seq, part, size >= %(bytes)s or seq = %(after)s + %(page)s as more from page order by seq
"""
_SEEN = "select e.part::text as part from run_event e where e.run_id = %s and e.seq = %s"


class TooSlow(Exception):
    """The viewer lagged too far behind and was cut; it can resume after its last seq."""


def is_terminal(part: bytes) -> bool:
    """Whether an encoded part ends its run's log."""
    return part.startswith(_TERMINAL) and not part.startswith(b'{"type":"finish-')


class _Viewer:
    """One subscription: what it has been given, and what waits for it."""

    __slots__ = ("after", "behind", "cut", "over", "resumed", "size", "waiting", "wake")

    def __init__(self, after: int, *, behind: bool) -> None:
        self.after = after
        self.behind = behind  # rows must be read before live parts fit on
        self.resumed = behind and after > 0  # the last part it has may be the log's last
        self.over = False
        self.waiting: deque[tuple[int, Sequence[bytes]]] = deque()
        self.size = 0
        self.cut = False
        self.wake = asyncio.Event()

    def offer(self, first: int, parts: Sequence[bytes]) -> None:
        if not self.cut:
            self.size += sum(map(len, parts))
            if self.size > MOST_WAITING:
                self.cut = True
                self.waiting.clear()
            else:
                self.waiting.append((first, parts))
        self.wake.set()

    async def woken(self, patience: float | None) -> bool:
        """Wait for news; return whether there is any after `patience` seconds."""
        if patience is None:
            return await self.wake.wait()
        # A timer that wakes the waiter costs less than a task or a timeout scope per batch.
        timer = asyncio.get_running_loop().call_later(patience, self.wake.set)
        await self.wake.wait()
        timer.cancel()
        return bool(self.waiting) or self.behind or self.cut

    def take(self) -> list[Entry]:
        """Return live entries that follow `after` without a gap."""
        entries: list[Entry] = []
        while self.waiting:
            first, parts = self.waiting.popleft()
            self.size -= sum(map(len, parts))
            if first + len(parts) - 1 <= self.after:
                continue
            if first > self.after + 1:
                self.behind = True  # a batch between was not seen here: the rows have it
                break
            skip = self.after + 1 - first
            entries.extend(enumerate(parts[skip:], self.after + 1))
            self.after += len(parts) - skip
        return entries


class RunHub:
    """Delivers committed parts to the viewers of this process.

    Args:
        pool: Connections of the run engine.
        bus: Tells which runs grew in other processes.
    """

    def __init__(self, pool: EnginePool, bus: Bus) -> None:
        self._pool = pool
        self._bus = bus
        self._viewers: dict[UUID, set[_Viewer]] = {}
        self._poller: asyncio.Task[None] | None = None
        bus.on(EVENTS, self._grown)
        bus.on_gap.append(self._all_behind)

    async def close(self) -> None:
        """Stop looking for missed parts; viewers end with their connections."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def publish(self, run_id: UUID, first: int, parts: Sequence[bytes]) -> None:
        """Hand a committed batch to local viewers and tell other processes."""
        for viewer in self._viewers.get(run_id, ()):
            viewer.offer(first, parts)
        self._bus.tell(EVENTS, (run_id.hex,))

    def subscribe(self, run_id: UUID, after: int = 0, *, fresh: bool = False) -> "Subscription":
        """Return the batches of (seq, JSON) after `after`, until the run's last part.

        Live parts count from this call on; whoever does not iterate must close it.

        Args:
            run_id: The run; the caller has checked that it may be seen.
            after: Last seq the viewer has; 0 for none.
            fresh: The run is about to be started, so there are no rows to replay.
        """
        viewer = _Viewer(after, behind=not fresh)
        self._viewers.setdefault(run_id, set()).add(viewer)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="hub-poll")
        return Subscription(self, run_id, viewer)

    def forget(self, run_id: UUID, viewer: "_Viewer") -> None:
        """Deliver nothing more to a viewer."""
        viewers = self._viewers.get(run_id)
        if viewers is not None:
            viewers.discard(viewer)
            if not viewers:
                del self._viewers[run_id]

    async def replay(self, run_id: UUID, viewer: "_Viewer") -> list[Entry]:
        viewer.behind = False
        try:
            async with self._pool.connection() as connection:
                values = {"run": run_id, "after": viewer.after, "page": PAGE, "bytes": PAGE_BYTES}
                cursor = await connection.execute(_REPLAY, values)
                rows = await cursor.fetchall()
                if viewer.resumed and not rows:
                    # Cut between the last part and the stream's end: nothing more will come.
                    cursor = await connection.execute(_SEEN, (run_id, viewer.after))
                    viewer.over = any(
                        is_terminal(row["part"].encode()) for row in await cursor.fetchall()
                    )
                viewer.resumed = False
        except psycopg.OperationalError as error:
            log.warning("replay_waits_for_database", error=str(error))
            viewer.behind = True
            await asyncio.sleep(0.2)
            return []
        if rows:
            viewer.after = rows[-1]["seq"]
            viewer.behind = viewer.behind or rows[-1]["more"]
        return [(row["seq"], row["part"].encode()) for row in rows]

    def _grown(self, word: str) -> None:
        run_id = run_id_of(word)
        for viewer in self._viewers.get(run_id, ()) if run_id else ():
            viewer.behind = True
            viewer.wake.set()

    def _all_behind(self) -> None:
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.behind = True
                viewer.wake.set()

    async def _poll(self) -> None:
        # A process may die between its last commit and the notification; this finds the rest.
        while self._viewers:
            await asyncio.sleep(_POLL)
            quiet = {
                run_id: min(viewer.after for viewer in viewers)
                for run_id, viewers in self._viewers.items()
            }
            with contextlib.suppress(psycopg.OperationalError):
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(
                        "select b.id from unnest(%s::uuid[], %s::int[]) as b (id, seq) where exists "
                        "(select 1 from run_event e where e.run_id = b.id and e.seq > b.seq)",
                        (list(quiet), list(quiet.values())),
                    )
                    for row in await cursor.fetchall():
                        self._grown(row["id"].hex)


class Subscription:
    """One viewer's batches, in order and exactly once; iterate, or close."""

    def __init__(self, hub: RunHub, run_id: UUID, viewer: _Viewer) -> None:
        self._hub = hub
        self._run_id = run_id
        self._viewer = viewer
        self._over = False

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> list[Entry]:
        """Return the next batch; see :meth:`next`."""
        while True:
            entries = await self.next(None)
            if entries:
                return entries

    async def next(self, patience: float | None) -> list[Entry]:
        """Return the next batch, or an empty one when none came for `patience` seconds.

        Raises:
            TooSlow: The viewer lagged too far behind.
            StopAsyncIteration: The viewer has the run's last part.
        """
        viewer = self._viewer
        while not self._over:
            if viewer.cut:
                self.close()
                raise TooSlow
            viewer.wake.clear()
            behind = viewer.behind
            entries = await self._hub.replay(self._run_id, viewer) if behind else viewer.take()
            if viewer.over:
                self.close()
            if entries:
                if is_terminal(entries[-1][1]):
                    self.close()
                return entries
            if not self._over and not viewer.behind and not await viewer.woken(patience):
                return []
        raise StopAsyncIteration

    def close(self) -> None:
        """Receive nothing more."""
        self._over = True
        self._hub.forget(self._run_id, self._viewer)
