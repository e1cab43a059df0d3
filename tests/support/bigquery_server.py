"""A loopback server that speaks BigQuery's REST API and answers what a test prepared.

It is no BigQuery: it knows statements by their text, and remembers what it was asked.
"""

import base64
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from typing_extensions import override

from tests.support.stand_in import answer_json, serving

_JOB = re.compile(r"/bigquery/v2/projects/shop-project/(?:jobs|queries)/(\w+)")


@lru_cache(maxsize=1)
def service_key() -> str:
    """A key file of a service account, made for the tests; its addresses lead nowhere."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return json.dumps({
        "type": "service_account", "project_id": "shop-project", "private_key_id": "k1",
        "private_key": pem, "client_email": "reader@shop-project.iam.gserviceaccount.com",
        "token_uri": "http://169.254.169.254/token",
    })  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """An answer: a schema and rows as the API writes them; or an error; or one that never ends."""

    schema: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rows: list[list[Any]] = field(default_factory=list[list[Any]])
    statement: str = "SELECT"
    size: int = 1000
    error: tuple[int, str, str] | None = None
    endless: bool = False


class BigQueryStandIn:
    """What the server answers and what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.answer = Prepared()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.scopes: list[str] = []
        self.cancelled: list[str] = []
        self.permissions: list[str] = []
        self.tables: list[dict[str, Any]] = []
        self.started = threading.Event()
        self.gone = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: BigQueryStandIn

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand_in, path = self.stand_in, urlsplit(self.path).path
        if path == "/token":
            claims = parse_qs(data.decode())["assertion"][0].split(".")[1]
            stand_in.scopes.append(json.loads(base64.urlsafe_b64decode(claims + "=="))["scope"])
            self._send({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})
        elif path.endswith("/cancel"):
            number = path.split("/")[-2]
            stand_in.cancelled.append(number)
            stand_in.gone.set()
            self._send({"job": self._job(number)})
        elif path.endswith(":testIamPermissions"):
            wanted = json.loads(data)["permissions"]
            self._send({"permissions": [one for one in wanted if one in stand_in.permissions]})
        else:
            self._started(json.loads(data))

    def _started(self, body: dict[str, Any]) -> None:
        prepared = self.stand_in.answer
        number = body["jobReference"]["jobId"]
        self.stand_in.jobs[number] = body
        if prepared.error:
            self._refuse(*prepared.error)
            return
        self._send(self._job(number))

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        prepared = self.stand_in.answer
        if found := _JOB.fullmatch(path):
            self.stand_in.started.set()
            number = found[1]
            if "/queries/" not in path:
                self._send(self._job(number))
            elif prepared.endless:
                self.stand_in.gone.wait(0.1)
                if number in self.stand_in.cancelled:
                    self._refuse(400, "stopped", "Job execution was cancelled: User requested")
                else:
                    self._send({"jobComplete": False, "jobReference": self._reference(number)})
            else:
                self._rows(number, prepared)
        elif path.endswith("/tables"):
            listed = [
                {"tableReference": t["tableReference"], "type": t["type"]}
                for t in self.stand_in.tables
            ]
            self._send({"tables": listed, "totalItems": len(listed)})
        else:
            name = path.rpartition("/")[2]
            self._send(
                next(t for t in self.stand_in.tables if t["tableReference"]["tableId"] == name)
            )

    def _rows(self, number: str, prepared: Prepared) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        most = int(asked.get("maxResults", ["100000"])[0])
        first = int(asked.get("pageToken", ["0"])[0])
        body: dict[str, Any] = {
            "jobComplete": True, "jobReference": self._reference(number),
            "schema": {"fields": prepared.schema}, "totalRows": str(len(prepared.rows)),
        }  # fmt: skip
        if most:
            page = prepared.rows[first : first + most]
            body["rows"] = [{"f": [{"v": cell} for cell in row]} for row in page]
            if first + most < len(prepared.rows):
                body["pageToken"] = str(first + most)
        self._send(body)

    def _reference(self, number: str) -> dict[str, str]:
        return {"projectId": "shop-project", "jobId": number, "location": "EU"}

    def _job(self, number: str) -> dict[str, Any]:
        prepared, body = self.stand_in.answer, self.stand_in.jobs[number]
        done = not prepared.endless or number in self.stand_in.cancelled
        return {
            "kind": "bigquery#job", "id": number, "jobReference": self._reference(number),
            "configuration": body["configuration"], "status": {"state": "DONE" if done else "RUNNING"},
            "statistics": {
                "totalBytesProcessed": str(prepared.size),
                "query": {
                    "statementType": prepared.statement,
                    "totalBytesProcessed": str(prepared.size),
                    "schema": {"fields": prepared.schema},
                },
            },
        }  # fmt: skip

    def _refuse(self, status: int, reason: str, message: str) -> None:
        errors = [{"reason": reason, "message": message}]
        self._send({"error": {"code": status, "message": message, "errors": errors}}, status)

    def _send(self, body: dict[str, Any], status: int = 200) -> None:
        answer_json(self, body, status)


@contextmanager
def standing_in_for_bigquery() -> Generator[BigQueryStandIn]:
    """Start the server on a loopback port."""
    stand_in = BigQueryStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with serving(server) as stand_in.port:
        yield stand_in
