"""What processes tell each other through PostgreSQL: one LISTEN connection, coalesced NOTIFY.

A notification only says where to look. Whoever misses one (the connection was down) is told by
:attr:`Bus.on_gap` to look at everything it follows.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable
from uuid import UUID

import psycopg

from datelier.kit.fail_points import reach
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.runs.pool import EnginePool

log = get_logger(__name__)

EVENTS = "datelier_events"  # ids of runs whose log grew
QUEUE = "datelier_queue"  # a run may be claimed
STOP = "datelier_stop"  # ids of runs to stop
THREAD = "datelier_thread"  # "<organization id> <thread id> <change>"
INBOX = "datelier_inbox"  # "<organization id> <request id> <change>"
CHANNELS = (EVENTS, QUEUE, STOP, THREAD, INBOX)

_MOST_IDS = 100  # a payload holds less than 8,000 bytes
_BACKOFF = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)

# Who watches a thread from another process may hear of it a little later, together with the events
# that follow: a notification costs as much as a small transaction.
_UNHURRIED = frozenset({THREAD})
_BEAT = 0.03

_NOTIFY = """
select pg_notify(n.channel, n.payload)
from unnest(%s::text[], %s::text[]) as n (channel, payload)
"""

Handler = Callable[[str], None]


class Bus:
    """Sends and receives notifications for one process.

    Args:
        conninfo: libpq URL for the listening connection.
        pool: Where notifications are sent from.
    """

    def __init__(self, conninfo: str, pool: EnginePool) -> None:
        self.id = uuid7().hex
        self._conninfo = conninfo
        self._pool = pool
        self._handlers: dict[str, list[Handler]] = {channel: [] for channel in CHANNELS}
        self.on_gap: list[Callable[[], None]] = []
        self.listening = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._outbox: dict[str, set[str]] = {}
        self._sender: asyncio.Task[None] | None = None
        self._beat: asyncio.TimerHandle | None = None

    def on(self, channel: str, handler: Handler) -> None:
        """Call `handler` with each payload word of a channel that another process sent."""
        self._handlers[channel].append(handler)

    async def start(self) -> None:
        """Begin to listen."""
        self._listener = asyncio.create_task(self._listen(), name="bus")

    async def close(self) -> None:
        """Send what is left and stop listening."""
        if self._outbox:
            self._hurry()
        if self._sender is not None:
            await asyncio.gather(self._sender, return_exceptions=True)
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    def tell(self, channel: str, words: Iterable[str] = ("",)) -> None:
        """Tell every other process; notifications that wait for the same send are merged."""
        self._outbox.setdefault(channel, set()).update(words)
        if channel not in _UNHURRIED:
            self._hurry()
        elif self._beat is None:
            self._beat = asyncio.get_running_loop().call_later(_BEAT, self._hurry)

    def _hurry(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send(), name="notify")

    def tell_all(self, channel: str, words: Iterable[str]) -> None:
        """Tell this process at once and every other process soon."""
        words = tuple(words)
        for word in words:
            self._dispatch(channel, word)
        self.tell(channel, words)

    async def _send(self) -> None:
        while self._outbox:
            outbox, self._outbox = self._outbox, {}
            calls = [
                (channel, f"{self.id}|" + "|".join(chunk))
                for channel, words in outbox.items()
                for chunk in _chunks(sorted(words))
            ]
            try:
                async with self._pool.connection() as connection:
                    reach("notify.before")
                    await connection.execute(_NOTIFY, tuple(map(list, zip(*calls, strict=True))))
            except psycopg.Error as error:
                # Listeners poll as well; a lost notification delays and never loses.
                log.warning("notify_failed", error=str(error))

    async def _listen(self) -> None:
        tries = 0
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
                async with connection:
                    for channel in CHANNELS:
                        await connection.execute(f"listen {channel}".encode())
                    tries = 0
                    self.listening.set()
                    for call in self.on_gap:
                        call()
                    async for note in connection.notifies():
                        self._receive(note.channel, note.payload)
            except psycopg.Error as error:
                log.warning("listen_lost", error=str(error))
            self.listening.clear()
            delay = _BACKOFF[min(tries, len(_BACKOFF) - 1)]
            tries += 1
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311  # jitter

    def _receive(self, channel: str, payload: str) -> None:
        sender, _, rest = payload.partition("|")
        if sender == self.id:
            return
        for word in rest.split("|"):
            self._dispatch(channel, word)

    def _dispatch(self, channel: str, word: str) -> None:
        for handler in self._handlers[channel]:
            handler(word)


def _chunks(words: list[str]) -> Iterable[list[str]]:
    return (words[i : i + _MOST_IDS] for i in range(0, len(words), _MOST_IDS))


def run_id_of(word: str) -> UUID | None:
    """Return the run a payload word names; None for a word that is not an id."""
    with contextlib.suppress(ValueError):
        return UUID(word)
    return None
