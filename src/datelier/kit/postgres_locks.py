"""Who uses a data folder: advisory locks that the kernel drops when a process dies.

A pid in a file lies after `kill -9` (it may be a zombie or somebody else's by now, and means
nothing in another container); a `flock` does not. Three files, all in the database's folder:

- ``start.lock``: held while somebody starts or stops the server;
- ``users.lock``: shared by every Datelier process that uses it, so the last one out stops it;
- ``alive.lock``: inherited by PostgreSQL and each of its backends, so it is free exactly when
  none of them lives.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_SECONDS = 0.02


class FileLock:
    """One open lock file; closing it, or dying, gives the lock back.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # The last of root and the account to create it must not shut the other out.
        folder = path.parent.stat()
        if os.geteuid() == 0 and os.fstat(self._fd).st_uid != folder.st_uid:
            os.fchown(self._fd, folder.st_uid, folder.st_gid)

    def fileno(self) -> int:
        """Return the descriptor, to be inherited by a child."""
        return self._fd

    def try_exclusive(self) -> bool:
        """Take the lock alone, if nobody holds it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take the lock beside other sharers, if nobody holds it alone."""
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close our descriptor. A child that inherited it keeps the lock."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds or `seconds` have passed; return whether it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock at `path` alone at this moment."""
    with FileLock(path) as lock:
        return lock.try_shared()


def live_processes(data: Path) -> set[int]:
    """Return the pids that work in `data`: PostgreSQL and its backends, zombies left out.

    Linux only (PostgreSQL makes the data folder its working directory); elsewhere empty, and
    ``alive.lock`` alone tells.
    """
    found = set[int]()
    where = data.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == where:
                state = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                if state.rsplit(")", 1)[1].split()[0] not in "ZX":
                    found.add(int(entry.name))
    return found


def recorded_pid(data: Path) -> int | None:
    """Return the pid in postmaster.pid, None when there is none; it may be long dead."""
    try:
        first = (data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
        return abs(int(first))
    except (FileNotFoundError, ValueError):
        return None


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def reap(child: subprocess.Popen[bytes] | None) -> None:
    """Collect an ended child, so that it does not stay a zombie of ours."""
    if child is not None:
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
