"""ClickHouse's own SQL engine (chdb) behind a small front that speaks its HTTP interface.

Statements, types, settings, read-only modes, limits, the list of processes and KILL QUERY are
ClickHouse's. The front is ours: users and passwords, the grants they show, query ids (which
embedded ClickHouse does not take; they are kept as `log_comment`).

Run as `python -m tests.support.clickhouse_server`; prints its port.
"""

import base64
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

PASSWORD: Final = "reader-secret-word"
# Password, the setting `readonly` of the profile, what SHOW GRANTS says (None: what chdb says).
USERS: Final[dict[str, tuple[str, int, str | None]]] = {
    "owner": (PASSWORD, 0, None),
    "strong": (PASSWORD, 0, None),
    "reader": (PASSWORD, 2, "GRANT SELECT ON shop.* TO reader"),
    "plain": (PASSWORD, 0, "GRANT SELECT ON shop.* TO plain"),
    "writer": (PASSWORD, 2, "GRANT SELECT, INSERT ON shop.* TO writer"),
    "reaching": (PASSWORD, 2, "GRANT SELECT, URL, S3 ON *.* TO reaching"),
    "locked": (PASSWORD, 1, "GRANT SELECT ON shop.* TO locked"),
}
_OWN: Final = frozenset({
    "query", "database", "query_id", "default_format", "client_protocol_version",
    "wait_end_of_query", "session_id", "compress",
})  # fmt: skip
_FORMAT: Final = re.compile(r"\s+FORMAT (\w+)\s*$")
_KILL: Final = re.compile(r"query_id = ('[^']*')")
_CODE: Final = re.compile(r"Code: (\d+)")


def _connect() -> Any:
    # Not at the top: tests read the names of this module, and the library is very large.
    return import_module("chdb._chdb").connect()


class _Refused(Exception):
    """What the front itself says, as ClickHouse says it."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        try:
            user = self._user()
            self._answer(200, _run(user, given.pop("query", "") + body, given))
        except _Refused as error:
            self._fail(403, str(error))
        except RuntimeError as error:
            self._fail(500, str(error))

    def _user(self) -> str:
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        name, _, password = (
            base64.b64decode(text if kind == "Basic" else "").decode().partition(":")
        )
        if name not in USERS or USERS[name][0] != password:
            raise _Refused(
                f"Code: 516. DB::Exception: {name}: Authentication failed: password is incorrect, or"
                " there is no user with such name. (AUTHENTICATION_FAILED) (version 26.9.2.1)"
            )
        return name

    def _fail(self, status: int, text: str) -> None:
        code = _CODE.search(text)
        self._answer(
            status, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "0"}
        )

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _run(user: str, sql: str, given: dict[str, str]) -> bytes:
    """Run one statement on a connection of its own, with the settings of profile and request."""
    _, readonly, grants = USERS[user]
    connection = _connect()
    try:
        found = _FORMAT.search(sql)
        chosen = found[1] if found else given.get("default_format", "TabSeparated")
        sql = sql[: found.start()] if found else sql
        if sql.strip() == "SHOW GRANTS" and grants is not None:
            sql = f"SELECT '{grants}' AS GRANTS"
        if kill := _KILL.search(sql) if sql.startswith("KILL QUERY") else None:
            sql = f"KILL QUERY WHERE Settings['log_comment'] = {kill[1]} SYNC"
            return bytes(connection.query(sql, chosen).bytes())
        if database := given.get("database"):
            connection.query(f"USE `{database}`", "Null")
        _set(connection, given, readonly)
        return bytes(connection.query(sql, chosen).bytes())
    finally:
        connection.close()


def _set(connection: Any, given: dict[str, str], readonly: int) -> None:
    if given.get("query_id"):
        connection.query(f"SET log_comment = '{given['query_id']}'", "Null")
    if readonly == 2:  # the profile comes before the request, which may then not change it
        connection.query("SET readonly = 2", "Null")
    wanted = {name: value for name, value in given.items() if name not in _OWN}
    last = wanted.pop("readonly", None)
    for name, value in wanted.items():
        connection.query(f"SET {name} = '{value}'", "Null")
    if last is not None:
        connection.query(f"SET readonly = {last}", "Null")
    if readonly == 1:
        connection.query("SET readonly = 1", "Null")


def main() -> None:
    kept = _connect()  # with the last connection all data would go
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
    kept.close()


if __name__ == "__main__":
    main()
