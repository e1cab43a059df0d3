"""The PostgreSQL that `datelier up` brings along: started, adopted, healed, stopped.

The first process of a home starts the server, later ones adopt it, and the last one out stops
it. A process that is killed leaves the server running for the next; a server that is killed is
started again by the process that misses it. No TCP port: a unix socket in a 0700 folder.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from psycopg.pq import Ping

from datelier.kit import postgres_cluster as cluster
from datelier.kit.log import get_logger
from datelier.kit.postgres_account import SOCKET_NAME, SYSTEM_FOLDER, Place, choose_place
from datelier.kit.postgres_binaries import Binaries, usable_by
from datelier.kit.postgres_errors import (
    PostgresFailed,
    StartTimeout,
    StillInUse,
    diagnose,
    disk_full,
    from_os_error,
)
from datelier.kit.postgres_locks import (
    POLL_SECONDS,
    FileLock,
    is_free,
    live_processes,
    reap,
    recorded_pid,
    send,
    wait_until,
)

logger = get_logger(__name__)

Progress = Callable[[str], None]

_WATCH_SECONDS = 1.0
_SILENT_SECONDS = 30.0  # a server that lives but does not answer at all
_ORPHAN_SECONDS = 5.0  # what backends get to notice that their server is gone
_STOP_SECONDS = 60.0


def _quiet(_sentence: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Server:
    """A running server.

    `url` is a libpq URL of the owner's role (it creates roles and runs migrations); `adopted`
    tells that another process had started it; `data` is its data folder; `seconds` is how long
    the start took.
    """

    url: str
    adopted: bool
    data: Path
    seconds: float


class EmbeddedPostgres:
    """Supervises the PostgreSQL of one home.

    The calls block (a first start takes seconds); from a coroutine use `asyncio.to_thread`.

    Args:
        home: Datelier's folder, made if needed.
        system_folder: Where root keeps what the unprivileged account cannot reach in `home`.
        timeout: Seconds a start may take, recovery after a crash included.
    """

    def __init__(
        self, home: Path, *, system_folder: Path = SYSTEM_FOLDER, timeout: float = 300
    ) -> None:
        self._home = home.expanduser().absolute()
        self._system_folder = system_folder
        self._timeout = timeout
        self._place: Place | None = None
        self._socket = Path()
        self._child: subprocess.Popen[bytes] | None = None
        self._users: FileLock | None = None
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, progress: Progress | None = None) -> Server:
        """Start the server, or adopt the one that runs.

        Args:
            progress: Called with a sentence before each step that may take a while.

        Raises:
            PostgresFailed: With the reason as its type and what to do as its hint.
        """
        began = time.monotonic()
        say = progress or _quiet
        try:
            place = self._place = choose_place(self._home, self._system_folder)
            with self._start_lock(place, say):
                adopted = self._ensure(place, say)
                if self._users is None:
                    self._users = FileLock(place.base / "users.lock")
                    self._users.try_shared()
        except OSError as error:
            raise from_os_error(error, self._home) from error
        self._watch()
        url = (
            f"postgresql://{cluster.USER}@/{cluster.DATABASE}"
            f"?host={quote(str(self._socket), safe='/')}&port={cluster.PORT}"
        )
        return Server(url, adopted, place.data, time.monotonic() - began)

    def stop(self) -> bool:
        """Leave the server, and shut it down when nobody else uses it.

        Returns:
            Whether it was shut down.

        Raises:
            StillInUse: It does not stop.
        """
        self._leaving.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        if self._place is None or self._users is None:
            return False
        users, self._users = self._users, None
        with self._start_lock(self._place, _quiet), users:
            if not users.try_exclusive():
                return False
            self._shut_down(self._place)
            return True

    @contextmanager
    def _start_lock(self, place: Place, say: Progress) -> Generator[None]:
        with FileLock(place.base / "start.lock") as lock:
            if not lock.try_exclusive():
                say("Waiting for another process that is starting or stopping PostgreSQL …")
                if not wait_until(lock.try_exclusive, self._timeout):
                    raise StartTimeout(
                        f"Another process has been starting PostgreSQL in {place.base} for "
                        f"{self._timeout:.0f} s.",
                        hint="Look for a hanging `datelier` process and end it.",
                    )
            yield

    def _ensure(self, place: Place, say: Progress) -> bool:
        """Return True when a running server was adopted, False when one was started."""
        self._socket = place.socket_folder()
        with FileLock(place.base / "alive.lock") as alive:
            if self._settle(place, alive):
                return True
            binaries = usable_by(place.account, self._system_folder)
            if not cluster.check(place, binaries):
                say(f"Creating the database in {place.data} (first start only) …")
                cluster.initialize(place, binaries)
            cluster.configure(place, self._socket)
            cluster.clear_leftovers(place, self._socket)
            self._launch(place, binaries, alive, say)
        cluster.ensure_database(place, self._socket)
        return False

    def _settle(self, place: Place, alive: FileLock) -> bool:
        """Wait until a server answers (True) or none lives (False)."""
        began = heard = time.monotonic()
        while not alive.try_exclusive() or live_processes(place.data):
            state = cluster.answer(self._socket)
            now = time.monotonic()
            if state == Ping.OK:
                return True
            if state == Ping.REJECT:
                heard = now
            if now - heard > _SILENT_SECONDS or now - began > self._timeout:
                pids = ", ".join(map(str, sorted(live_processes(place.data)))) or "unknown"
                raise StillInUse(
                    f"A PostgreSQL uses {place.data} but does not answer (processes: {pids}).",
                    hint="It may be stopped or run in another container. End it, then start again.",
                )
            self._clear_orphans(place, now - heard)
            time.sleep(POLL_SECONDS)
        return False

    def _clear_orphans(self, place: Place, silent: float) -> None:
        """Help what is left of a killed server to an end.

        Backends leave by themselves at their next wait; one that computes for an hour would
        keep its data folder locked for an hour.
        """
        living = live_processes(place.data)
        server = recorded_pid(place.data)
        if server in living:
            if silent > _ORPHAN_SECONDS and not (self._socket / SOCKET_NAME).exists():
                send(server, signal.SIGINT)  # alive, but nobody can ever reach it again
            return
        if silent > _ORPHAN_SECONDS:
            kind = signal.SIGQUIT if silent < 2 * _ORPHAN_SECONDS else signal.SIGKILL
            for pid in living:
                send(pid, kind)

    def _launch(self, place: Place, binaries: Binaries, alive: FileLock, say: Progress) -> None:
        stale = recorded_pid(place.data)
        say("Starting PostgreSQL …" if stale is None else "Recovering PostgreSQL …")
        said_before = place.log.stat().st_size if place.log.exists() else 0
        reap(self._child)
        child = self._child = cluster.launch(
            place, binaries, stale_pid=stale, inherit=alive.fileno()
        )

        def settled() -> bool:
            return child.poll() is not None or cluster.answer(self._socket) == Ping.OK

        ready = wait_until(settled, self._timeout)
        if child.returncode is not None:
            raise self._reason(place, said_before)
        if not ready:
            child.send_signal(signal.SIGINT)
            reap(child)
            raise StartTimeout(
                f"PostgreSQL was not ready after {self._timeout:.0f} s.",
                hint=f"Its log is {place.log}.",
            )

    def _reason(self, place: Place, said_before: int) -> PostgresFailed:
        with place.log.open("rb") as log:
            log.seek(said_before)
            said = log.read().decode("utf-8", "replace")
        reason = diagnose(said, place.data, place.log)
        # A full disk takes no log either.
        if type(reason) is PostgresFailed and not cluster.has_room(place):
            return disk_full(place.base, "no byte can be written")
        return reason

    def _watch(self) -> None:
        if self._watcher is None:
            self._leaving.clear()
            self._watcher = threading.Thread(
                target=self._keep_alive, name="postgres-watch", daemon=True
            )
            self._watcher.start()

    def _keep_alive(self) -> None:
        pause = _WATCH_SECONDS
        while not self._leaving.wait(pause):
            place = self._place
            if place is None:
                continue
            try:
                if is_free(place.base / "alive.lock"):
                    logger.warning("postgres_lost", data=str(place.data))
                    with self._start_lock(place, _quiet):
                        adopted = self._ensure(place, _quiet)
                    logger.warning("postgres_back", adopted=adopted)
                pause = _WATCH_SECONDS
            except (PostgresFailed, OSError) as error:
                logger.error("postgres_not_restarted", reason=str(error))  # noqa: TRY400  # an expected failure, told without a stack
                pause = min(pause * 2, 30.0)

    def _shut_down(self, place: Place) -> None:
        alive = place.base / "alive.lock"
        pid = recorded_pid(place.data)
        if is_free(alive) or pid is None:
            reap(self._child)
            return
        for number, seconds in (
            (signal.SIGINT, _STOP_SECONDS),  # fast: connections are closed, all is written
            (signal.SIGQUIT, 10.0),  # immediate: the next start recovers
        ):
            send(pid, number)
            if wait_until(lambda: self._gone(alive), seconds):
                return
        raise StillInUse(
            f"PostgreSQL (process {pid}) does not stop.", hint=f"Its log is {place.log}."
        )

    def _gone(self, alive: Path) -> bool:
        if self._child is not None:
            self._child.poll()
        return is_free(alive)
