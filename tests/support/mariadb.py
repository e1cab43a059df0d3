"""A MariaDB server for tests, where the distribution's package is installed.

It is a *source* for the product, never its own database. Each has a temporary folder, a free port
on loopback and a unix socket for its owner.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.support.certificates import loopback_certificate
from tests.support.data_folder import mariadb_data, own_folder
from tests.support.ports import free_port
from tests.support.processes import until

_SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
_INSTALL = shutil.which("mariadb-install-db")


@dataclass(frozen=True)
class ScratchMariaDB:
    """Where the scratch server listens. `root` may do everything, over the socket."""

    host: str
    port: int
    folder: Path
    database: str = "app"

    def source(self, user: str, password: str | None = None, **more: Any) -> dict[str, Any]:
        """The settings of a source as the worker gets them."""
        return {
            "engine": "mysql",
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": user,
            "password": password,
        } | more

    @contextlib.contextmanager
    def connect(self) -> Generator[Any]:
        connection = pymysql.connect(
            unix_socket=str(self.folder / "s"), user="root", charset="utf8mb4", autocommit=True
        )
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        """Run statements of a test as they are, as root in the database of the source."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"USE `{self.database}`")
            for statement in statements:
                cursor.execute(statement)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as root."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"USE `{self.database}`")
            cursor.execute(sql)
            return list(cursor.fetchall())


@contextlib.contextmanager
def running_mariadb(*options: str, prefix: Sequence[str] = ()) -> Generator[ScratchMariaDB]:
    """Start a server in a new folder and remove both at the end; skips where there is none.

    `prefix`: words before its command, such as those of another machine's namespace. Its owner
    reaches it from anywhere, over the socket in the folder.
    """
    if _SERVER is None or _INSTALL is None:
        pytest.skip("MariaDB: no server found (install the package mariadb-server)")
    root = own_folder("dtl-my-")
    account = pwd.getpwuid(root.stat().st_uid)
    user, data = f"--user={account.pw_name}", f"--datadir={root / 'data'}"
    mariadb_data(_INSTALL, root / "data")
    for name, content in zip(("key", "cert"), loopback_certificate(), strict=True):
        (root / name).write_bytes(content)
        os.chown(root / name, account.pw_uid, account.pw_gid)
    server = ScratchMariaDB("127.0.0.1", free_port(), root)
    process = subprocess.Popen[bytes](
        [
            *prefix, _SERVER, "--no-defaults", data, user, f"--port={server.port}", f"--socket={root / 's'}",
            f"--pid-file={root / 'pid'}", f"--log-error={root / 'log'}", "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
            "--skip-name-resolve", f"--ssl-key={root / 'key'}", f"--ssl-cert={root / 'cert'}",
            f"--tmpdir={root}", "--max-connections=60", *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait_until_ready(server, process)
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE app CHARACTER SET utf8mb4")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(root, ignore_errors=True)


def _wait_until_ready(server: ScratchMariaDB, process: subprocess.Popen[bytes]) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            log = (server.folder / "log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"MariaDB did not start: {log[-2000:]}")
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(server.folder / "s"))
            return True
        return False

    until(ready, 60)
