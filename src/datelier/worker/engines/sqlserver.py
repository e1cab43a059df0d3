"""The SQL Server engine: read-only intent, and a transaction that is always rolled back.

SQL Server has no read-only transaction and takes several statements in one text; what the guard
lets through is one SELECT, and whatever it changed would be undone. The limit of time is the
worker's: when it is over, an attention ends the statement in the server.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import certifi
from typing_extensions import override

from datelier.wire.types import ColumnType
from datelier.worker.engines.base import ColumnInfo, Limits, Outcome, TableInfo
from datelier.worker.engines.blocking import Answer, BlockingEngine, Cells, Field, Session, Steps
from datelier.worker.engines.cells import without
from datelier.worker.engines.drivers import driver
from datelier.worker.engines.hosts import CONNECT_SECONDS, bad_setting, plain
from datelier.worker.engines.names import bracketed, split_name
from datelier.worker.engines.remote import Place, ServerSteps, checked_host, place_of
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_SETTINGS: Final = (
    "SET QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON; SET CONCAT_NULL_YIELDS_NULL ON; SET NOCOUNT ON;"
    " SET XACT_ABORT ON; SET DATEFORMAT ymd; SET DATEFIRST 1; SET LOCK_TIMEOUT 2000;"
    " SET TEXTSIZE 2147483647; SET DEADLOCK_PRIORITY LOW"
)
_LATER: Final = "Narrow the query down, or try again later."
_ROLE: Final = "The user of this source may not do that."
_NUMBERS: Final[dict[int, tuple[ErrorCode, str | None]]] = {
    1222: ("timeout", "A table stayed locked by others. " + _LATER),
    1205: ("timeout", _LATER),
    229: ("sql_failed", _ROLE),
    230: ("sql_failed", _ROLE),
    262: ("sql_failed", _ROLE),
    297: ("sql_failed", _ROLE),
    3906: ("sql_refused", "The database is read-only."),
    15281: ("sql_refused", "The server does not allow it."),
    701: ("limit_exceeded", _LATER),
    802: ("limit_exceeded", _LATER),
    1105: ("limit_exceeded", _LATER),
    8623: ("limit_exceeded", "Write a simpler query."),
    530: ("limit_exceeded", "End the recursion with a condition in its WHERE."),
    18456: ("auth_failed", "Check user and password, and that the server lets SQL logins in."),
    18486: ("auth_failed", "The login is locked."),
    18487: ("auth_failed", "The password has expired."),
    18488: ("auth_failed", "The password must be changed."),
    4060: ("unreachable", "Check the name of the database, and that the user may open it."),
}
# By the number of a type in the protocol (MS-TDS 2.2.5.4).
_TYPES: Final[dict[int, ColumnType]] = {
    **dict.fromkeys((0x30, 0x34, 0x38), "int32"),
    **dict.fromkeys((0x26, 0x7F), "int64"),
    **dict.fromkeys((0x32, 0x68), "boolean"),
    **dict.fromkeys((0x3B, 0x3E, 0x6D), "float64"),
    **dict.fromkeys((0x37, 0x3F, 0x6A, 0x6C, 0x3C, 0x6E, 0x7A), "decimal"),
    **dict.fromkeys((0x3A, 0x3D, 0x6F, 0x2A), "timestamp"),
    **dict.fromkeys((0x22, 0xA5, 0xAD), "binary"),
    0x2B: "timestamptz",
    0x28: "date",
    0x29: "time",
    0x24: "uuid",
}
_TABLES_SQL: Final = """
SELECT s.name, o.name, o.type,
  (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id < 2)
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 {where} ORDER BY s.name, o.name
"""
_COLUMNS_SQL: Final = """
SELECT s.name, o.name, c.name, TYPE_NAME(c.user_type_id), c.is_nullable,
  CASE WHEN EXISTS (SELECT 1 FROM sys.index_columns ic JOIN sys.indexes i
    ON i.object_id = ic.object_id AND i.index_id = ic.index_id AND i.is_primary_key = 1
    WHERE ic.object_id = c.object_id AND ic.column_id = c.column_id) THEN 1 ELSE 0 END
FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id
JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 {where} ORDER BY s.name, o.name, c.column_id
"""
_ROLES: Final = (
    "sysadmin", "securityadmin", "serveradmin", "dbcreator", "bulkadmin", "processadmin",
)  # fmt: skip
_MEMBERS: Final = ("db_owner", "db_datawriter", "db_ddladmin", "db_securityadmin", "db_accessadmin")
_GOOD: Final = "'CONNECT', 'SELECT', 'VIEW DEFINITION', 'VIEW DATABASE STATE', 'SHOWPLAN'"
_FIX: Final = """\
CREATE LOGIN datelier_reader WITH PASSWORD = 'choose-a-password';
USE {database};
CREATE USER datelier_reader FOR LOGIN datelier_reader;
ALTER ROLE db_datareader ADD MEMBER datelier_reader;
-- or only some schemas: GRANT SELECT ON SCHEMA::dbo TO datelier_reader;"""


class SqlServerEngine(BlockingEngine):
    """One database of a SQL Server for one action; see `Engine`."""

    dialect: Dialect = "tsql"
    name: str = "sqlserver"

    def __init__(self, source: Mapping[str, Any]) -> None:
        super().__init__()
        self.place: Final = place_of(source, 1433, {"database"})
        self.database: Final = plain(source, "database")
        if self.place.tls == "require":
            raise bad_setting("For SQL Server tls is disable or verify: its driver always checks.")

    @override
    def connect(self) -> Session:
        (tds,) = driver("sqlserver", "pytds")
        checked_host(self.place)
        return _TdsSession(tds, self.place, self.database)

    @override
    async def scope(self) -> Scope:
        return Scope()

    @override
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        schema, name = split_name(table)
        where = f"AND s.name = {_text(schema)} " if schema else ""
        where += f"AND o.name = {_text(name)}" if name else ""
        columns: dict[tuple[str, str], list[ColumnInfo]] = {}
        for owner, of, column, kind, nullable, keyed in await self.query(
            _COLUMNS_SQL.format(where=where)
        ):
            info = ColumnInfo(column, kind, bool(nullable), bool(keyed))
            columns.setdefault((owner, of), []).append(info)
        return [
            TableInfo(
                schema=owner,
                name=of,
                kind="view" if kind.strip() == "V" else "table",
                columns=tuple(columns.get((owner, of), ())),
                rows=None if rows is None or kind.strip() == "V" else int(rows),
            )
            for owner, of, kind, rows in await self.query(_TABLES_SQL.format(where=where))
        ]

    @override
    def failure(self, error: Exception) -> WorkerError:
        said = str(getattr(error, "text", None) or getattr(error, "message", None) or error)
        text = without((self.place.password,), said)
        number = int(getattr(error, "msg_no", 0) or getattr(error, "number", 0) or 0)
        if number in _NUMBERS:
            code, hint = _NUMBERS[number]
            return WorkerError(code, text, hint=hint)
        if number:
            return WorkerError("sql_failed", text)
        return WorkerError(
            "unreachable",
            f"The server did not answer: {text[:300]}",
            hint="Check host and port, and whether the server wants encryption (tls verify).",
        )

    @override
    def steps(self) -> Steps:
        return _SqlServerSteps(self)


def _text(value: str) -> str:
    return "N'" + value.replace("'", "''") + "'"


class _SqlServerSteps(ServerSteps):
    """What the connection test does."""

    def __init__(self, engine: SqlServerEngine) -> None:
        super().__init__(engine.place)
        self._engine = engine

    @override
    async def sign_in(self) -> str:
        ((user, version),) = await self._engine.query(
            "SELECT ORIGINAL_LOGIN(), CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(40))"
        )
        return f"as {user}, SQL Server {version}"

    @override
    async def list_schemas(self) -> str:
        tables = await self._engine.catalog()
        if not tables:
            raise WorkerError("source_missing", "No table is visible to this user.")
        return ", ".join(sorted({table.schema for table in tables})[:20])

    @override
    async def weaknesses(self) -> list[str]:
        asked = [f"IS_SRVROLEMEMBER('{role}')" for role in _ROLES]
        asked += [f"IS_ROLEMEMBER('{role}')" for role in _MEMBERS]
        (found,) = await self._engine.query(f"SELECT {', '.join(asked)}")
        held = [role for role, flag in zip((*_ROLES, *_MEMBERS), found, strict=True) if flag == 1]
        rights = await self._engine.query(
            "SELECT permission_name FROM fn_my_permissions(NULL, 'DATABASE')"  # noqa: S608 - constants
            f" WHERE permission_name NOT IN ({_GOOD}) AND permission_name NOT LIKE 'VIEW ANY%'"
            " ORDER BY permission_name"
        )
        reasons = [f"is a member of {', '.join(held)}"] if held else []
        names = [str(row[0]) for row in rows] if (rows := rights[:8]) else []
        return reasons + ([f"has the permissions {', '.join(names)}"] if names else [])

    @override
    def fix_sql(self) -> str:
        return _FIX.format(database=bracketed(self._engine.database))


class _TdsSession:
    """One connection; its transaction is never committed."""

    def __init__(self, tds: Any, place: Place, database: str) -> None:
        self.user: str | None = place.user
        self._cursor: Any = None
        self._connection: Any = tds.connect(
            place.host, database, place.user, place.password or "", port=place.port,
            login_timeout=CONNECT_SECONDS, appname="datelier", readonly=True, autocommit=False,
            cafile=_authorities() if place.encrypted else None, disable_connect_retry=True,
        )  # fmt: skip
        self._failures: Any = tds.Error
        self.query(_SETTINGS)

    def start(self, sql: str, limits: Limits, _outcome: Outcome, /) -> Answer:
        self._connection.rollback()
        cursor = self._cursor = self._connection.cursor()
        cursor.execute(sql)
        if cursor.description is None:
            raise WorkerError("sql_refused", "The statement returns no columns.")
        fields = tuple(_field(column) for column in cursor.description)
        return Answer(fields, self._rows(cursor, limits.batch_rows))

    def _rows(self, cursor: Any, many: int) -> Iterator[Cells]:
        while rows := cursor.fetchmany(many):
            yield from rows
        self._cursor = None

    def query(self, sql: str) -> list[Cells]:
        self._connection.rollback()
        cursor = self._connection.cursor()
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []

    def stop(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor._session.put_cancel()  # noqa: SLF001 - the public cancel() also reads, which the engine's thread does

    def close(self) -> None:
        with suppress(self._failures):
            self._connection.rollback()
        self._connection.close()


def _authorities() -> str:
    # The driver trusts what is in this file, and encrypts only when there is one.
    return certifi.where()


def _field(column: tuple[Any, ...]) -> Field:
    name, number = str(column[0] or ""), int(column[1])
    kind: ColumnType = _TYPES.get(number, "string")
    if number == 0x26 and column[3] in {1, 2, 4}:
        kind = "int32"
    # The driver drops zeros at the end; money has four places and says none.
    places = 4 if number in {0x3C, 0x6E, 0x7A} else int(column[5] or 0)
    readers: dict[ColumnType, Callable[[Any], object]] = {
        "decimal": lambda cell: format(cell, f".{places}f"), "string": str, "uuid": str, "binary": bytes,
    }  # fmt: skip
    return Field(name, kind, readers.get(kind))
