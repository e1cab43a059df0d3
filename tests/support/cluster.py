"""A throw-away PostgreSQL of the wheel's binaries, for the platform database of tests."""

import contextlib
import shutil
import subprocess

import psutil
import psycopg

from tests.support.data_folder import own_folder, postgres_binaries, postgres_data, unprivileged
from tests.support.ports import free_port
from tests.support.postgres import answers
from tests.support.processes import until


class Cluster:
    """A running server on a unix socket in a folder of its own, and with `tcp` on loopback."""

    def __init__(self, *, tcp: bool = False) -> None:
        self._tcp = tcp
        self.port = free_port() if tcp else 5432
        self.root = own_folder("dtl-pg-")
        postgres_data(self.root / "data")
        self.start()

    def start(self) -> None:
        """Start the server on its data, after the first time or after :meth:`kill`."""
        with (self.root / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    postgres_binaries() / "postgres",
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
                    # Each database of a test would be looked at by a new process every minute.
                    "-c",
                    "autovacuum_naptime=600s",
                    "-c",
                    "dynamic_shared_memory_type=mmap",
                ],
                stdout=log,
                stderr=log,
                **unprivileged(),
            )
        until(self._answers, 60)

    def _answers(self) -> bool:
        assert self._server.poll() is None, (self.root / "log").read_text()
        return answers(self.url("postgres"))

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
