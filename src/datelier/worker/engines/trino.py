"""The Trino engine: one catalog, each statement in a read-only transaction of its own."""

import base64
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from typing_extensions import override

from datelier.wire.types import ColumnType
from datelier.worker.engines.base import ColumnInfo, Limits, Outcome, TableInfo
from datelier.worker.engines.blocking import Answer, BlockingEngine, Cells, Field, Session, Steps
from datelier.worker.engines.cells import json_text, moments, without
from datelier.worker.engines.drivers import driver
from datelier.worker.engines.hosts import CONNECT_SECONDS, bad_setting, plain
from datelier.worker.engines.names import quoted, split_name
from datelier.worker.engines.remote import Place, ServerSteps, checked_host, place_of
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_BEGIN: Final = "START TRANSACTION READ ONLY"
_STARTED: Final = "X-Trino-Started-Transaction-Id"
_LATER: Final = "Narrow the query down, or try again later."
_ACCESS: Final = "The access control of Trino does not let this user read it."
_NAMES: Final[dict[str, tuple[ErrorCode, str | None, str | None]]] = {
    "USER_CANCELED": ("cancelled", "The query was cancelled.", None),
    "ADMINISTRATIVELY_KILLED": ("cancelled", None, None),
    "EXCEEDED_TIME_LIMIT": ("timeout", "The query took longer than allowed.", _LATER),
    "EXCEEDED_CPU_LIMIT": ("limit_exceeded", None, _LATER),
    "EXCEEDED_SCAN_LIMIT": (
        "limit_exceeded",
        None,
        "Filter by a partition, or select fewer columns.",
    ),
    "EXCEEDED_GLOBAL_MEMORY_LIMIT": ("limit_exceeded", None, _LATER),
    "EXCEEDED_LOCAL_MEMORY_LIMIT": ("limit_exceeded", None, _LATER),
    "CLUSTER_OUT_OF_MEMORY": ("limit_exceeded", None, _LATER),
    "QUERY_QUEUE_FULL": ("limit_exceeded", None, _LATER),
    "READ_ONLY_VIOLATION": ("sql_refused", None, "The transaction is read-only."),
    "PERMISSION_DENIED": ("sql_failed", None, _ACCESS),
    "CATALOG_NOT_FOUND": ("unreachable", None, "Check the name of the catalog."),
    "SERVER_STARTING_UP": ("unreachable", None, "Try again later."),
    "SERVER_SHUTTING_DOWN": ("unreachable", None, "Try again later."),
}
_TYPES: Final[dict[str, ColumnType]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer"), "int32"),
    **dict.fromkeys(("real", "double"), "float64"),
    **dict.fromkeys(("json", "map", "row"), "json"),
    "boolean": "boolean",
    "bigint": "int64",
    "decimal": "decimal",
    "varbinary": "binary",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "interval year to month": "interval",
    "interval day to second": "interval",
    "uuid": "uuid",
    "array": "list",
}
_ZONED: Final = re.compile(r"(?P<at>[\d-]+ [\d:.]+) (?P<zone>.+)$")
_FIX: Final = """\
-- Trino's rights are files of its operator. In the rules of the file-based access control:
{{"catalogs": [{{"user": "{user}", "catalog": "{catalog}", "allow": "read-only"}}],
 "tables": [{{"user": "{user}", "catalog": "{catalog}", "privileges": ["SELECT"]}}]}}
-- Where the catalog keeps rights itself (Hive, Iceberg with SQL-standard rights):
GRANT SELECT ON {catalog}.{schema}.your_table TO USER "{user}";"""


class TrinoEngine(BlockingEngine):
    """One catalog of a Trino server for one action; see `Engine`."""

    dialect: Dialect = "trino"
    name: str = "trino"

    def __init__(self, source: Mapping[str, Any]) -> None:
        super().__init__()
        self.place: Final = place_of(source, 443, {"catalog", "schema"})
        self.in_catalog: Final = plain(source, "catalog")
        self.schema: Final = str(source.get("schema") or "") or None
        if self.place.password and not self.place.encrypted:
            raise bad_setting("A password is only sent over TLS.")

    @override
    def connect(self) -> Session:
        client, auth, http = driver("trino", "trino.client", "trino.auth", "requests")
        checked_host(self.place)
        return _TrinoSession(client, self._authentication(auth), http.Session(), self)

    def _authentication(self, auth: Any) -> Any:
        password = self.place.password
        return auth.BasicAuthentication(self.place.user, password) if password else None

    @override
    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self.schema}) if self.schema else None)

    @override
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        schema, name = split_name(table)
        where = ["table_schema <> 'information_schema'"]
        if schema or self.schema:
            where.append(f"table_schema = {_text(schema or self.schema or '')}")
        if name:
            where.append(f"table_name = {_text(name)}")
        condition = " AND ".join(where)
        place = f"{quoted(self.in_catalog)}.information_schema"
        tables = await self.query(
            f"SELECT table_schema, table_name, table_type FROM {place}.tables"  # noqa: S608 - quoted
            f" WHERE {condition} ORDER BY 1, 2 LIMIT 2000"
        )
        columns: dict[tuple[str, str], list[ColumnInfo]] = {}
        for owner, of, column, kind, nullable in await self.query(
            "SELECT table_schema, table_name, column_name, data_type, is_nullable"  # noqa: S608 - quoted
            f" FROM {place}.columns WHERE {condition} ORDER BY 1, 2, ordinal_position"
        ):
            columns.setdefault((owner, of), []).append(ColumnInfo(column, kind, nullable == "YES"))
        return [
            TableInfo(
                schema=owner,
                name=of,
                kind="view" if kind == "VIEW" else "table",
                columns=tuple(columns.get((owner, of), ())),
            )
            for owner, of, kind in tables
        ]

    @override
    def failure(self, error: Exception) -> WorkerError:
        text = without((self.place.password,), str(getattr(error, "message", None) or error))
        known = _NAMES.get(str(getattr(error, "error_name", "")))
        if known is not None:
            return WorkerError(known[0], known[1] or text, hint=known[2])
        if getattr(error, "error_name", None):
            return WorkerError("sql_failed", text)
        if "401" in text or "403" in text:
            return WorkerError(
                "auth_failed", "Trino refused the user or the password.", hint="Check both."
            )
        lowered = text.lower()
        about = "answer"
        if "certificate" in lowered or "ssl" in lowered:
            about = "certificate"
        elif self.place.encrypted and isinstance(error, OSError) and "timed out" not in lowered:
            # A server that does not know TLS may just hang up, before its answer can be read.
            about = "answer over TLS"
        return WorkerError(
            "unreachable",
            f"The server gave no usable {about}: {text[:300]}",
            hint="Check host, port and TLS: Trino listens for HTTP on 8080, for HTTPS on 443 or 8443.",
        )

    @override
    def steps(self) -> Steps:
        return _TrinoSteps(self)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class _TrinoSteps(ServerSteps):
    """What the connection test does. Trino tells nobody his rights: a write is asked for in vain."""

    def __init__(self, engine: TrinoEngine) -> None:
        super().__init__(engine.place)
        self._engine = engine

    @override
    async def sign_in(self) -> str:
        ((user, version),) = await self._engine.query("SELECT current_user, version()")
        return f"as {user}, Trino {version}"

    @override
    async def list_schemas(self) -> str:
        found = await self._engine.query(f"SHOW SCHEMAS FROM {quoted(self._engine.in_catalog)}")
        names = sorted(str(row[0]) for row in found if row[0] != "information_schema")
        wanted = self._engine.schema
        if not names or (wanted is not None and wanted not in names):
            raise WorkerError(
                "source_missing",
                f"The catalog {self._engine.in_catalog!r} shows this user no such schema.",
                hint="Check the name, and the rules of Trino's access control.",
            )
        return ", ".join(names[:20])

    @override
    async def weaknesses(self) -> list[str]:
        place = f"{quoted(self._engine.in_catalog)}.information_schema.table_privileges"
        rows = await self._engine.query(
            f"SELECT DISTINCT privilege_type FROM {place}"  # noqa: S608 - quoted
            " WHERE privilege_type <> 'SELECT' ORDER BY 1"
        )
        rights = [str(row[0]) for row in rows]
        return [f"has the privileges {', '.join(rights)} on tables"] if rights else []

    @override
    def fix_sql(self) -> str:
        engine = self._engine
        return _FIX.format(
            user=engine.place.user, catalog=engine.in_catalog, schema=engine.schema or "schema"
        )


class _TrinoSession:
    """Speaks through the driver's requests: one transaction per statement, never committed."""

    def __init__(self, client: Any, auth: Any, http: Any, engine: TrinoEngine) -> None:
        place: Place = engine.place
        self.user: str | None = place.user
        self._client, self._auth, self._http, self._place = client, auth, http, place
        self._http.verify = place.tls == "verify"
        self._settings: dict[str, Any] = {
            "user": place.user, "catalog": engine.in_catalog, "schema": engine.schema,
            "source": "datelier", "timezone": "UTC", "encoding": None,
        }  # fmt: skip
        self._guard = threading.Lock()
        self._current: tuple[Any, str] | None = None
        self._stopped = False
        self._transaction: Any = None

    def _request(self, properties: dict[str, str], transaction: str) -> Any:
        session = self._client.ClientSession(
            **self._settings, properties=properties, transaction_id=transaction
        )
        return self._client.TrinoRequest(
            self._place.host, self._place.port, session, self._http,
            "https" if self._place.encrypted else "http", self._auth, 3, CONNECT_SECONDS * 3,
        )  # fmt: skip

    def start(self, sql: str, limits: Limits, outcome: Outcome, /) -> Answer:
        self._stopped = False
        self._end()
        seconds = max(1, round(limits.timeout_s))
        properties = {
            "query_max_run_time": f"{seconds}s",
            "query_max_execution_time": f"{seconds}s",
        }
        pages = self._pages(self._begun(properties), sql)
        none: tuple[list[Any], list[Cells]] = ([], [])
        columns, rows = next(pages, none)
        while columns is None:
            columns, rows = next(pages, none)
        fields = tuple(_field(c["name"], c["type"], outcome) for c in columns)

        def read() -> Iterator[Cells]:
            yield from rows
            for _, more in pages:
                yield from more

        return Answer(fields, read())

    def query(self, sql: str) -> list[Cells]:
        self._stopped = False
        return [row for _, rows in self._pages(self._request({}, "NONE"), sql) for row in rows]

    def _begun(self, properties: dict[str, str]) -> Any:
        """A request inside a new read-only transaction, which nobody commits."""
        request = self._request(properties, "NONE")
        answer = request.post(_BEGIN)
        transaction = answer.headers.get(_STARTED)
        status = request.process(answer)
        while status.next_uri:
            answer = request.get(status.next_uri)
            transaction = answer.headers.get(_STARTED) or transaction
            status = request.process(answer)
        if not transaction:
            raise WorkerError("internal", "Trino did not start the read-only transaction.")
        self._transaction = self._request(properties, transaction)
        return self._transaction

    def _pages(self, request: Any, sql: str) -> Iterator[tuple[list[Any] | None, list[Cells]]]:
        """Columns (once known) and rows of each page of the answer."""
        status = request.process(request.post(sql))
        try:
            while True:
                with self._guard:
                    self._current = (request, status.next_uri) if status.next_uri else None
                if self._stopped:
                    self.stop()
                    raise WorkerError("cancelled", "The query was cancelled.")
                yield status.columns, status.rows
                if not status.next_uri:
                    return
                status = request.process(request.get(status.next_uri))
        finally:
            with self._guard:
                left = self._current if status.next_uri else None
            if left is not None:
                self.stop()

    def stop(self) -> None:
        self._stopped = True
        with self._guard:
            current, self._current = self._current, None
        if current is not None:
            request, uri = current
            request.delete(uri)

    def close(self) -> None:
        try:
            self._end()
        finally:
            self._http.close()

    def _end(self) -> None:
        """Roll back the transaction of the statement before, if Trino has not done so itself."""
        request, self._transaction = self._transaction, None
        self._stopped = False
        if request is not None:
            with suppress(self._client.exceptions.Error):
                for _ in self._pages(request, "ROLLBACK"):
                    pass


def _field(name: str, kind: str, outcome: Outcome) -> Field:
    word = kind.partition("(")[0].strip()
    column: ColumnType = _TYPES.get(word, "string")
    if kind.endswith("with time zone"):
        column = "timestamptz" if kind.startswith("timestamp") else "string"
    cut = moments(name, outcome)
    readers: dict[ColumnType, Callable[[Any], object]] = {
        "list": json_text, "json": json_text, "string": str, "decimal": str, "interval": str,
        "time": cut, "timestamp": cut, "timestamptz": lambda cell: cut(_in_utc(cell)),
        "binary": _bytes,
    }  # fmt: skip
    return Field(name, column, readers.get(column))


def _bytes(cell: str) -> bytes:
    return base64.b64decode(cell)


def _in_utc(cell: str) -> str:
    """`2026-01-02 03:04:05.123 Europe/Prague` as a timestamp with an offset."""
    match = _ZONED.match(cell)
    if match is None:
        return cell
    zone = match["zone"]
    if zone == "UTC":
        return f"{match['at']}Z"
    if zone[0] in "+-":
        return match["at"] + zone
    whole, dot, fraction = match["at"].partition(".")
    offset = datetime.fromisoformat(whole).replace(tzinfo=ZoneInfo(zone)).strftime("%z")
    return f"{whole}{dot}{fraction}{offset}"
