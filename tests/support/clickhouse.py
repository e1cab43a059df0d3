"""A scratch ClickHouse for tests: see `clickhouse_server` for what of it is ClickHouse."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import httpx
import orjson
import pytest

from tests.support.clickhouse_server import PASSWORD


class ScratchClickHouse:
    """A running server on a loopback port; `owner` may do everything."""

    def __init__(self, port: int) -> None:
        self.port = port

    def source(self, user: str = "reader") -> dict[str, Any]:
        """Settings of a source, as a worker gets them."""
        return {
            "engine": "clickhouse", "host": "127.0.0.1", "port": self.port, "database": "shop",
            "user": user, "password": PASSWORD, "tls": "disable",
        }  # fmt: skip

    def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        for statement in statements:
            self._post(statement)

    def rows(self, sql: str) -> list[list[Any]]:
        """Rows of a query of the owner."""
        return [
            orjson.loads(line)
            for line in self._post(f"{sql} FORMAT JSONCompactEachRow").splitlines()
        ]

    def _post(self, sql: str) -> bytes:
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/",
            content=sql.encode(),
            auth=("owner", PASSWORD),
            timeout=60,
            verify=False,  # no TLS, so no certificates to read
        )
        assert answer.status_code == 200, answer.text
        return answer.content


@contextmanager
def running_clickhouse() -> Generator[ScratchClickHouse]:
    """Start a server of its own; skips where ClickHouse or its driver is not installed."""
    if find_spec("chdb") is None or find_spec("clickhouse_connect") is None:
        pytest.skip("embedded ClickHouse (chdb-core) or clickhouse-connect is not installed")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.clickhouse_server"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield ScratchClickHouse(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
