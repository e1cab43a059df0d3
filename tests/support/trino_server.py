"""A loopback server that speaks Trino's REST protocol and answers what a test prepared.

It is no Trino: it knows statements by their text, and remembers what it was asked.
"""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

from tests.support.stand_in import serving

TRANSACTION = "5a3c9f04-tx"
Columns = list[tuple[str, str]]


@dataclass(frozen=True)
class Prepared:
    """An answer: columns, pages of rows; or an error's name and message; or one that never ends."""

    columns: Columns = field(default_factory=list[tuple[str, str]])
    pages: list[list[list[Any]]] = field(default_factory=list[list[list[Any]]])
    error: tuple[str, str] | None = None
    endless: bool = False


@dataclass
class Asked:
    """One statement and the headers it came with."""

    sql: str
    headers: dict[str, str]


class TrinoStandIn:
    """What the server answers and what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, Prepared] = {}
        self.asked: list[Asked] = []
        self.deleted: list[str] = []
        self.gone = threading.Event()
        self.started = threading.Event()
        self.password: str | None = None

    def answer(self, beginning: str, prepared: Prepared) -> None:
        """Statements that begin so are answered with it."""
        self.answers[beginning] = prepared

    def find(self, sql: str) -> Prepared:
        longest = sorted(self.answers, key=len, reverse=True)
        known = next((self.answers[one] for one in longest if sql.startswith(one)), None)
        return known or Prepared(error=("SYNTAX_ERROR", f"line 1:1: not prepared: {sql[:200]}"))

    def statements(self) -> list[str]:
        """The statements in order."""
        return [asked.sql for asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: TrinoStandIn

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        stand_in = self.stand_in
        stand_in.asked.append(Asked(sql, {k.lower(): v for k, v in self.headers.items()}))
        if sql.startswith("START TRANSACTION"):
            self._page(sql, 0, {"X-Trino-Started-Transaction-Id": TRANSACTION}, Prepared())
        elif sql == "ROLLBACK":
            self._page(sql, 0, {"X-Trino-Clear-Transaction-Id": "true"}, Prepared())
        else:
            prepared = stand_in.find(sql)
            number = len(stand_in.asked)
            if prepared.error or not prepared.columns:
                self._page(sql, number, {}, prepared)
            else:  # the first page of Trino only says that the query is queued
                self._send({**_common(number), "nextUri": self._uri(number, 0)})

    def do_GET(self) -> None:
        _, _, _, number, page = self.path.rsplit("/", 4)
        prepared = self.stand_in.find(self.stand_in.asked[int(number) - 1].sql)
        self.stand_in.started.set()
        if prepared.endless:
            self.stand_in.gone.wait(0.05)
            done = self.path.rpartition("/")[0] in self.stand_in.deleted
            self._send(
                {**_common(int(number)), "error": _error("USER_CANCELED", "Query was canceled")}
                if done
                else {**_common(int(number)), "nextUri": self._uri(int(number), int(page) + 1)}
            )
            return
        body: dict[str, Any] = {**_common(int(number)), "columns": _columns(prepared.columns)}
        if int(page) < len(prepared.pages):
            body["data"] = prepared.pages[int(page)]
        if int(page) + 1 < len(prepared.pages):
            body["nextUri"] = self._uri(int(number), int(page) + 1)
        self._send(body)

    def do_DELETE(self) -> None:
        self.stand_in.deleted.append(self.path.rpartition("/")[0])
        self.stand_in.gone.set()
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, _sql: str, number: int, headers: dict[str, str], prepared: Prepared) -> None:
        body = _common(number)
        if prepared.error:
            body["error"] = _error(*prepared.error)
        self._send(body, headers)

    def _uri(self, number: int, page: int) -> str:
        return f"http://127.0.0.1:{self.stand_in.port}/v1/statement/executing/{number}/{page}"

    def _send(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _common(number: int) -> dict[str, Any]:
    return {
        "id": f"20261121_{number}",
        "infoUri": "",
        "stats": {"state": "RUNNING"},
        "warnings": [],
    }


def _columns(columns: Columns) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "type": kind,
            "typeSignature": {"rawType": kind.partition("(")[0], "arguments": []},
        }
        for name, kind in columns
    ]


def _error(name: str, message: str) -> dict[str, Any]:
    kind = "USER_ERROR" if name != "EXCEEDED_TIME_LIMIT" else "INSUFFICIENT_RESOURCES"
    return {
        "message": message, "errorCode": 1, "errorName": name, "errorType": kind,
        "failureInfo": {"type": "io.trino", "message": message, "suppressed": [], "stack": []},
    }  # fmt: skip


@contextmanager
def standing_in_for_trino() -> Generator[TrinoStandIn]:
    """Start the server on a loopback port."""
    stand_in = TrinoStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with serving(server) as stand_in.port:
        yield stand_in
