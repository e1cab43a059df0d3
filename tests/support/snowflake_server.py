"""A loopback server that speaks the protocol of Snowflake's connector, as far as tests need it.

It is no Snowflake: it knows statements by their beginning, and remembers what it was asked.
"""

import gzip
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from tests.support.stand_in import answer_json, serving

SESSION = 4711


@dataclass(frozen=True)
class Prepared:
    """An answer: columns as the protocol describes them and rows of texts; or an error; or none."""

    columns: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rows: list[list[str | None]] = field(default_factory=list[list[str | None]])
    error: tuple[str, str, str] | None = None
    endless: bool = False


def text(name: str) -> dict[str, Any]:
    """A column of texts."""
    return {
        "name": name, "type": "text", "nullable": True, "length": 100, "byteLength": 400,
        "precision": None, "scale": None,
    }  # fmt: skip


class SnowflakeStandIn:
    """What the server answers and what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.logins: list[dict[str, Any]] = []
        self.statements: list[str] = []
        self.answers: dict[str, Prepared] = {}
        self.refuses: tuple[str, str] | None = None
        self.started = threading.Event()
        self.gone = threading.Event()

    def find(self, sql: str) -> Prepared:
        longest = sorted(self.answers, key=len, reverse=True)
        known = next((self.answers[one] for one in longest if sql.startswith(one)), None)
        return known or Prepared([text("status")], [["Statement executed successfully."]])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: SnowflakeStandIn

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        body = json.loads(data or b"{}")
        path = urlsplit(self.path).path
        if path == "/session/v1/login-request":
            self._login(body["data"])
        elif path == "/queries/v1/query-request":
            self._query(body["sqlText"])
        else:
            answer_json(self, {"success": True, "data": {}})

    def _login(self, data: dict[str, Any]) -> None:
        self.stand_in.logins.append(data)
        if self.stand_in.refuses:
            code, message = self.stand_in.refuses
            answer_json(self, {"success": False, "code": code, "message": message, "data": {}})
            return
        session = dict.fromkeys(("databaseName", "schemaName", "warehouseName", "roleName"), "X")
        answer_json(self, {
            "success": True, "code": None, "message": None,
            "data": {"token": "t", "masterToken": "m", "sessionId": SESSION, "parameters": [],
                     "sessionInfo": session, "validityInSeconds": 3600,
                     "masterValidityInSeconds": 14400, "serverVersion": "9.1"},
        })  # fmt: skip

    def _query(self, sql: str) -> None:
        stand_in = self.stand_in
        stand_in.statements.append(sql)
        if sql.startswith("SELECT SYSTEM$CANCEL"):
            stand_in.gone.set()
        prepared = stand_in.find(sql)
        if prepared.endless:
            stand_in.started.set()
            stand_in.gone.wait(20)
            prepared = Prepared(error=("000604", "57014", "SQL execution canceled"))
        if prepared.error:
            code, state, message = prepared.error
            data = {"queryId": "q1", "sqlState": state, "errorCode": code}
            answer_json(self, {"success": False, "code": code, "message": message, "data": data})
            return
        answer_json(self, {
            "success": True, "code": None, "message": None,
            "data": {"rowtype": prepared.columns, "rowset": prepared.rows, "total": len(prepared.rows),
                     "returned": len(prepared.rows), "queryId": "01b2-q", "queryResultFormat": "json",
                     "parameters": [{"name": "TIMEZONE", "value": "UTC"}], "statementTypeId": 4096,
                     "databaseProvider": None, "version": 1},
        })  # fmt: skip


@contextmanager
def standing_in_for_snowflake() -> Generator[SnowflakeStandIn]:
    """Start the server on a loopback port."""
    stand_in = SnowflakeStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with serving(server) as stand_in.port:
        try:
            yield stand_in
        finally:
            stand_in.gone.set()
