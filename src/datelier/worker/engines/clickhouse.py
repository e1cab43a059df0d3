"""The ClickHouse engine: read-only over HTTP, with limits that the server itself keeps."""

import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson
from typing_extensions import override

from datelier.wire.types import ColumnType
from datelier.worker.engines.base import ColumnInfo, Limits, Outcome, TableInfo
from datelier.worker.engines.blocking import Answer, BlockingEngine, Cells, Field, Session, Steps
from datelier.worker.engines.cells import json_text, moments, without
from datelier.worker.engines.drivers import driver
from datelier.worker.engines.hosts import CONNECT_SECONDS, plain
from datelier.worker.engines.names import split_name
from datelier.worker.engines.remote import Place, ServerSteps, checked_host, place_of
from datelier.worker.engines.testing import listed
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_MEMORY: Final = 4 * 1024**3
# Statements mean what they mean in standard SQL: an outer join gives NULL, so does a sum of nothing,
# a name is a column before it is an alias.
_MEANING: Final = {
    "join_use_nulls": 1,
    "cast_keep_nullable": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "union_default_mode": "DISTINCT",
    "intersect_default_mode": "DISTINCT",
    "except_default_mode": "DISTINCT",
}
# Texts are exact and do not depend on the server; a lost client ends its query.
_FORMAT: Final = {
    "output_format_json_quote_64bit_integers": 1,
    "output_format_json_quote_decimals": 1,
    "output_format_json_quote_denormals": 1,
    "output_format_json_named_tuples_as_objects": 1,
    "output_format_decimal_trailing_zeros": 1,
    "date_time_output_format": "iso",
    "session_timezone": "UTC",
    "cancel_http_readonly_queries_on_client_close": 1,
    "allow_introspection_functions": 0,
}
_LATER: Final = "Narrow the query down, or try again later."
_ROLE: Final = "The user of this source may not read it."
_CODES: Final[dict[int, tuple[ErrorCode, str | None, str | None]]] = {
    394: ("cancelled", "The query was cancelled.", None),
    159: ("timeout", "The query took longer than allowed.", _LATER),
    160: ("timeout", "The query would take longer than allowed.", _LATER),
    241: ("limit_exceeded", None, _LATER),
    158: ("limit_exceeded", None, _LATER),
    307: ("limit_exceeded", None, _LATER),
    396: ("limit_exceeded", None, _LATER),
    202: ("limit_exceeded", None, _LATER),
    201: ("limit_exceeded", None, _LATER),
    306: ("limit_exceeded", None, "End the recursion with a condition in its WHERE."),
    164: ("sql_refused", None, "The session is read-only."),
    392: ("sql_refused", None, "The session is read-only."),
    452: ("sql_refused", None, "The server's constraints forbid a setting."),
    497: ("sql_failed", None, _ROLE),
    516: ("auth_failed", "User or password are not right.", "Check both, and from where the user may come."),
    192: ("auth_failed", None, "Check user and password."),
    193: ("auth_failed", None, "Check user and password."),
    194: ("auth_failed", None, "Check user and password."),
    81: ("unreachable", None, "Check the name of the database."),
}  # fmt: skip
_SAID: Final = re.compile(
    r"Code: (\d+)\. DB::(?:Net)?Exception: (.*?)(?:\s*\((?:version|for url) .*)?$", re.DOTALL
)
_WRAPPED: Final = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)$", re.DOTALL)
_SIMPLE: Final = re.compile(r"SimpleAggregateFunction\(\w+(?:\([^)]*\))?,\s*(.*)\)$", re.DOTALL)
_TYPES: Final[dict[str, ColumnType]] = {
    **dict.fromkeys(("Int8", "Int16", "Int32", "UInt8", "UInt16"), "int32"),
    **dict.fromkeys(("Int64", "UInt32"), "int64"),
    **dict.fromkeys(("UInt64", "Int128", "UInt128", "Int256", "UInt256", "Decimal"), "decimal"),
    **dict.fromkeys(("Float32", "Float64", "BFloat16"), "float64"),
    **dict.fromkeys(("Date", "Date32"), "date"),
    **dict.fromkeys(("DateTime", "DateTime64"), "timestamp"),
    **dict.fromkeys(("Map", "Tuple", "Nested", "JSON", "Object", "Variant", "Dynamic"), "json"),
    **dict.fromkeys(("Point", "Ring", "Polygon", "MultiPolygon", "LineString"), "json"),
    "Bool": "boolean",
    "UUID": "uuid",
    "Array": "list",
}
_CHANGES: Final = re.compile(
    r"INSERT|ALTER|CREATE|DROP|TRUNCATE|OPTIMIZE|UNDROP|MOVE|ATTACH|DETACH|BACKUP|\bALL\b"
)
_POWERS: Final = re.compile(
    r"SOURCES|SYSTEM|FILE|URL|REMOTE|S3|MYSQL|POSTGRES|ODBC|JDBC|HDFS|ACCESS"
)
_FIX: Final = """\
CREATE SETTINGS PROFILE datelier_reader SETTINGS readonly = 2, allow_ddl = 0;
CREATE USER datelier_reader IDENTIFIED BY 'choose-a-password' SETTINGS PROFILE 'datelier_reader';
GRANT SELECT ON {database}.* TO datelier_reader;"""


def bare(kind: str) -> str:
    """A type without what only says how it is stored."""
    while match := _WRAPPED.match(kind) or _SIMPLE.match(kind):
        kind = match[1]
    return kind


class ClickHouseEngine(BlockingEngine):
    """One database of a ClickHouse server for one action; see `Engine`."""

    dialect: Dialect = "clickhouse"
    name: str = "clickhouse"

    def __init__(self, source: Mapping[str, Any]) -> None:
        super().__init__()
        self.place: Final = place_of(source, 8443, {"database"})
        self.database: Final = plain(source, "database")

    @override
    def connect(self) -> Session:
        (connecting,) = driver("clickhouse", "clickhouse_connect")
        checked_host(self.place)
        return _HttpSession(connecting, self.place, self.database)

    @property
    def writes(self) -> bool:
        """Whether the user's profile lets it write at all; only once signed in."""
        return not self._session.profile.get("readonly")

    @override
    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self.database}))

    @override
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        schema, name = split_name(table)
        if schema not in {None, self.database}:
            name = table
        wanted = f"database = {_text(self.database)}"
        chosen = f" AND name = {_text(name)}" if name else ""
        tables = await self.query(
            "SELECT name, engine, total_rows, comment FROM system.tables"  # noqa: S608 - texts are quoted
            f" WHERE {wanted}{chosen} AND NOT is_temporary AND name NOT LIKE '.inner%'"
            " ORDER BY name LIMIT 2000"
        )
        chosen = f" AND table = {_text(name)}" if name else ""
        columns: dict[str, list[ColumnInfo]] = {}
        for owner, column, kind, keyed, comment in await self.query(
            "SELECT table, name, type, is_in_primary_key, comment FROM system.columns"  # noqa: S608 - texts are quoted
            f" WHERE {wanted}{chosen} ORDER BY table, position"
        ):
            nullable = "Nullable(" in kind
            info = ColumnInfo(column, kind, nullable, bool(keyed), comment or None)
            columns.setdefault(owner, []).append(info)
        return [
            TableInfo(
                schema=self.database,
                name=name,
                kind="view" if kind.endswith("View") else "table",
                columns=tuple(columns.get(name, ())),
                rows=None if rows is None else int(rows),
                comment=comment or None,
            )
            for name, kind, rows, comment in tables
        ]

    @override
    def failure(self, error: Exception) -> WorkerError:
        text = without((self.place.password,), str(error))
        match = _SAID.search(text)
        if match is None:
            return _unanswered(text)
        code, fixed, hint = _CODES.get(int(match[1])) or ("sql_failed", None, None)
        return WorkerError(code, fixed or match[2].strip(), hint=hint)

    @override
    def steps(self) -> Steps:
        return _ClickHouseSteps(self)


def _unanswered(text: str) -> WorkerError:
    lowered = text.lower()
    if "certificate" in lowered or "ssl" in lowered:
        return WorkerError(
            "unreachable",
            f"The encrypted connection failed: {text[:300]}",
            hint="Use the server's HTTPS port (8443), and a certificate that this worker trusts.",
        )
    return WorkerError(
        "unreachable",
        f"The server did not answer over HTTP: {text[:300]}",
        hint="Use the HTTP interface: port 8443 with TLS, 8123 without; 9000 is another protocol.",
    )


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class _ClickHouseSteps(ServerSteps):
    """What the connection test does."""

    def __init__(self, engine: ClickHouseEngine) -> None:
        super().__init__(engine.place)
        self._engine = engine

    @override
    async def sign_in(self) -> str:
        ((user, version, _),) = await self._engine.query("SELECT currentUser(), version(), 1")
        return f"as {user}, ClickHouse {version}"

    @override
    async def list_schemas(self) -> str:
        if not await self._engine.catalog():
            raise WorkerError(
                "source_missing",
                f"No table of the database {self._engine.database!r} is visible to this user.",
                hint=f"GRANT SELECT ON {self._engine.database}.* TO the user.",
            )
        return self._engine.database

    @override
    async def weaknesses(self) -> list[str]:
        grants = [str(row[0]) for row in await self._engine.query("SHOW GRANTS")]
        changes: list[str] = []
        powers: list[str] = []
        for grant in grants:
            what, _, where = grant.removeprefix("GRANT ").partition(" ON ")
            if _CHANGES.search(what):
                changes.append(where.partition(" TO ")[0])
            powers += [power for power in what.split(", ") if _POWERS.search(power)]
            if where.endswith("WITH GRANT OPTION"):
                powers.append("GRANT OPTION")
        reasons = [f"may change {listed(changes)}"] if changes else []
        reasons += [f"has the privileges {listed(powers)}"] if powers else []
        if reasons and self._engine.writes:
            reasons.append("has a profile that is not read-only (readonly = 0)")
        return reasons

    @override
    def fix_sql(self) -> str:
        return _FIX.format(database="`" + self._engine.database.replace("`", "\\`") + "`")


class _HttpSession:
    """One client; each statement is a request of its own, without a session on the server."""

    def __init__(self, connecting: Any, place: Place, database: str) -> None:
        self.user: str | None = place.user
        self._running: str | None = None
        self._client: Any = connecting.get_client(
            interface="https" if place.encrypted else "http",
            host=place.host,
            port=place.port,
            username=place.user,
            password=place.password or "",
            database=database,
            verify=place.tls == "verify",
            connect_timeout=CONNECT_SECONDS,
            send_receive_timeout=3600,
            compress=False,
            autogenerate_session_id=False,
            query_retries=0,
        )
        asked = "'readonly', 'max_execution_time', 'max_memory_usage', 'max_result_rows'"
        rows = self._rows(
            f"SELECT name, value FROM system.settings WHERE name IN ({asked})",  # noqa: S608 - constants
            {"output_format_json_quote_64bit_integers": 1},
        )
        self.profile = {name: int(float(value)) for name, value in rows}
        if self.profile.get("readonly") == 1:
            raise WorkerError(
                "sql_refused",
                "The user's profile has readonly = 1: the server takes no limits with a query.",
                hint="Set readonly = 2 in the profile of the user: it may set limits, not write.",
            )

    def _limits(self, limits: Limits) -> dict[str, Any]:
        wanted = {
            "max_execution_time": math.ceil(limits.timeout_s),
            "max_memory_usage": _MEMORY,
            "max_result_rows": limits.rows + 1,
        }
        # What the profile allows is only ever lowered.
        least = {name: min(most, self.profile.get(name) or most) for name, most in wanted.items()}
        # With readonly = 1 the statement itself can change no setting, and no table function
        # reaches out. Where the profile has 2, the server refuses to hear more.
        mode = {} if self.profile.get("readonly") else {"readonly": 1}
        return {**_MEANING, **_FORMAT, **least, "result_overflow_mode": "break", **mode}

    def start(self, sql: str, limits: Limits, outcome: Outcome, /) -> Answer:
        self._running = uuid.uuid4().hex
        settings = self._limits(limits) | {"query_id": self._running}
        lines = self._lines(sql, settings)
        names, types = next(lines, ()), next(lines, ())
        fields = tuple(_field(n, t, outcome) for n, t in zip(names, types, strict=True))
        return Answer(fields, lines)

    def query(self, sql: str) -> list[Cells]:
        return self._rows(sql, self._limits(Limits()))

    def _rows(self, sql: str, settings: dict[str, Any]) -> list[Cells]:
        return list(self._lines(sql, settings))[2:]

    def _lines(self, sql: str, settings: dict[str, Any]) -> Iterator[Cells]:
        """Names, types, then rows. An error in the middle comes as text among them."""
        stream = self._client.raw_stream(
            sql, settings=settings, fmt="JSONCompactEachRowWithNamesAndTypes"
        )
        try:
            for line in stream:
                if line.startswith(b"["):
                    yield orjson.loads(line)
                elif line.strip():
                    raise RuntimeError((line + stream.read()).decode("utf-8", "replace"))
        finally:
            stream.close()

    def stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            self._client.command(f"KILL QUERY WHERE query_id = {_text(running)} ASYNC")

    def close(self) -> None:
        self._client.close()


def _field(name: str, kind: str, outcome: Outcome) -> Field:
    plain_kind = bare(kind)
    word, _, rest = plain_kind.partition("(")
    column: ColumnType = _TYPES.get(word, "string")
    if column == "timestamp":
        if "'" in rest:
            column = "timestamptz"
        return Field(name, column, moments(name, outcome))
    readers: dict[ColumnType, Callable[[Any], object]] = {
        "list": json_text, "json": json_text, "string": str, "decimal": str,
    }  # fmt: skip
    return Field(name, column, readers.get(column))
