"""Who watches which run: replay from rows, then live, exactly once and in order.

Nothing is kept for a viewer that does not read: it holds a page of rows at most, and what is said
meanwhile it reads from the rows as well, whenever it goes on.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from datelier.kit.log import get_logger
from datelier.runs.bus import EVENTS, Bus, run_id_of
from datelier.runs.pool import EnginePool

log = get_logger(__name__)

Entry = tuple[int, bytes]

PAGE = 1000  # parts read at once, if they are small
PAGE_BYTES = 32 * 1024  # a viewer that does not read holds on to a page
MOST_WAITING = 64 * 1024  # bytes of several batches; a viewer that lags more reads the rows
_POLL = 2.0
_AGAIN = 0.2
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


def is_terminal(part: bytes) -> bool:
    """Whether an encoded part ends its run's log."""
    return part.startswith(_TERMINAL) and not part.startswith(b'{"type":"finish-')


class _Viewer:
    """One subscription: what it has been given, and what waits for it."""

    __slots__ = ("after", "behind", "over", "resumed", "size", "waiting", "wake")

    def __init__(self, after: int, *, behind: bool) -> None:
        self.after = after
        self.behind = behind  # rows must be read before live parts fit on
        self.resumed = behind and after > 0  # the last part it has may be the log's last
        self.over = False
        self.waiting: deque[tuple[int, Sequence[bytes], int]] = deque()
        self.size = 0
        self.wake = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether it believes to have all there is."""
        return not self.behind and not self.waiting

    def offer(self, first: int, parts: Sequence[bytes], size: int) -> None:
        """Let a batch of `size` bytes wait, which all viewers share, unless too much waits."""
        if self.waiting and self.size + size > MOST_WAITING:
            self.fall_behind()
        elif not self.behind:
            self.size += size
            self.waiting.append((first, parts, size))
            self.wake.set()

    def fall_behind(self) -> None:
        """Go on with the rows, which have all that waits."""
        self.behind = True
        self.waiting.clear()
        self.size = 0
        self.wake.set()

    async def woken(self, patience: float | None) -> bool:
        """Wait for news; return whether there is any after `patience` seconds."""
        if patience is None:
            return await self.wake.wait()
        # A timer that wakes the waiter costs less than a task or a timeout scope per batch.
        timer = asyncio.get_running_loop().call_later(patience, self.wake.set)
        await self.wake.wait()
        timer.cancel()
        return not self.idle

    def take(self) -> list[Entry]:
        """Return live entries that follow `after` without a gap."""
        entries: list[Entry] = []
        while self.waiting:
            first, parts, size = self.waiting.popleft()
            self.size -= size
            if first + len(parts) - 1 <= self.after:
                continue
            if first > self.after + 1:
                self.fall_behind()  # a batch between was not seen here: the rows have it
                break
            skip = self.after + 1 - first
            entries.extend(enumerate(parts[skip:], self.after + 1))
            self.after += len(parts) - skip
        return entries


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows that follow a seq.

    Attributes:
        more: Further rows follow.
    """

    entries: Sequence[Entry]
    more: bool


@dataclass(slots=True)
class _Watched:
    """A run that somebody watches.

    Attributes:
        grown: How often the log was heard to grow.
        reads: Pages on their way: seq they follow -> (`grown` when asked for, page).
    """

    viewers: set[_Viewer] = field(default_factory=set[_Viewer])
    grown: int = 0
    reads: dict[int, tuple[int, "asyncio.Task[_Page]"]] = field(
        default_factory=dict[int, tuple[int, "asyncio.Task[_Page]"]]
    )


class RunHub:
    """Delivers committed parts to the viewers of this process.

    Args:
        pool: Connections of the run engine.
        bus: Tells which runs grew in other processes.
    """

    def __init__(self, pool: EnginePool, bus: Bus) -> None:
        self._pool = pool
        self._bus = bus
        self._watched: dict[UUID, _Watched] = {}
        self._poller: asyncio.Task[None] | None = None
        self._reading: set[asyncio.Task[_Page]] = set()
        bus.on(EVENTS, self._grown)
        bus.on_gap.append(self._all_behind)

    async def close(self) -> None:
        """Stop looking for missed parts; viewers end with their connections."""
        tasks: list[asyncio.Task[Any]] = [*self._reading]
        if self._poller is not None:
            tasks.append(self._poller)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def publish(self, run_id: UUID, first: int, parts: Sequence[bytes]) -> None:
        """Hand a committed batch to local viewers and tell other processes."""
        if (watched := self._watched.get(run_id)) is not None:
            watched.grown += 1
            size = sum(map(len, parts))
            for viewer in watched.viewers:
                viewer.offer(first, parts, size)
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
        self._watched.setdefault(run_id, _Watched()).viewers.add(viewer)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="hub-poll")
        return Subscription(self, run_id, viewer)

    def forget(self, run_id: UUID, viewer: "_Viewer") -> None:
        """Deliver nothing more to a viewer."""
        watched = self._watched.get(run_id)
        if watched is not None:
            watched.viewers.discard(viewer)
            if not watched.viewers:
                del self._watched[run_id]

    async def replay(self, run_id: UUID, viewer: "_Viewer") -> Sequence[Entry]:
        """Return the rows that follow what a viewer has, a page of them at most."""
        viewer.behind = False
        try:
            page = await self._page(run_id, viewer.after)
            if viewer.resumed and not page.entries:
                # Cut between the last part and the stream's end: nothing more will come.
                viewer.over = await self._has_ended(run_id, viewer.after)
        except psycopg.OperationalError as error:
            log.warning("replay_waits_for_database", error=str(error))
            viewer.behind = True
            await asyncio.sleep(_AGAIN)
            return ()
        viewer.resumed = False
        if page.entries:
            viewer.after = page.entries[-1][0]
        if page.more:
            viewer.fall_behind()
        return page.entries

    async def _page(self, run_id: UUID, after: int) -> _Page:
        """Read a page together with everybody who wants the same.

        Those who come when the log has grown since the page was asked for need a newer one.
        """
        watched = self._watched[run_id]
        asked, task = watched.reads.get(after, (-1, None))
        if task is None or asked != watched.grown:
            task = asyncio.create_task(self._read(run_id, after), name="hub-page")
            watched.reads[after] = watched.grown, task
            self._reading.add(task)

            def over(done: "asyncio.Task[_Page]") -> None:
                self._reading.discard(done)
                if watched.reads.get(after, (-1, None))[1] is done:
                    del watched.reads[after]
                if not done.cancelled():
                    done.exception()  # nobody may be left who wants to know

            task.add_done_callback(over)
        # Whoever leaves does not take the page from the others.
        return await asyncio.shield(task)

    async def _read(self, run_id: UUID, after: int) -> _Page:
        values = {"run": run_id, "after": after, "page": PAGE, "bytes": PAGE_BYTES}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_REPLAY, values)
            rows = await cursor.fetchall()
        entries = [(row["seq"], row["part"].encode()) for row in rows]
        return _Page(entries, bool(rows) and rows[-1]["more"])

    async def _has_ended(self, run_id: UUID, seq: int) -> bool:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_SEEN, (run_id, seq))
            return any(is_terminal(row["part"].encode()) for row in await cursor.fetchall())

    def _grown(self, word: str) -> None:
        run_id = run_id_of(word)
        watched = self._watched.get(run_id) if run_id else None
        if watched is not None:
            self._behind((watched,))

    def _all_behind(self) -> None:
        self._behind(self._watched.values())

    def _behind(self, runs: Iterable[_Watched]) -> None:
        for watched in runs:
            watched.grown += 1
            for viewer in watched.viewers:
                viewer.fall_behind()

    async def _poll(self) -> None:
        # A process may die between its last commit and the notification; this finds the rest.
        while self._watched:
            await asyncio.sleep(_POLL)
            quiet = {
                run_id: min(idle)
                for run_id, watched in self._watched.items()
                if (idle := [viewer.after for viewer in watched.viewers if viewer.idle])
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

    async def __anext__(self) -> Sequence[Entry]:
        """Return the next batch; see :meth:`next`."""
        while True:
            entries = await self.next(None)
            if entries:
                return entries

    async def next(self, patience: float | None) -> Sequence[Entry]:
        """Return the next batch, or an empty one when none came for `patience` seconds.

        Raises:
            StopAsyncIteration: The viewer has the run's last part.
        """
        viewer = self._viewer
        while not self._over:
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
