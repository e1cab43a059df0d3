"""The Snowflake engine: one role, no others beside it, statements with a limit of time."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from typing_extensions import override

from datelier.wire.types import ColumnType
from datelier.worker.engines.base import ColumnInfo, Limits, Outcome, TableInfo
from datelier.worker.engines.blocking import Answer, BlockingEngine, Cells, Field, Session, Steps
from datelier.worker.engines.cells import json_text, without
from datelier.worker.engines.drivers import driver
from datelier.worker.engines.hosts import CONNECT_SECONDS, bad_setting, plain
from datelier.worker.engines.names import quoted, split_name
from datelier.worker.engines.remote import HostSteps, refuse_unknown, secret_of
from datelier.worker.engines.testing import listed
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

# An account is a name, never an address: `myorg-account`, `xy12345.eu-central-1`.
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][\w-]*(\.[A-Za-z0-9][\w-]*){0,3}")
_SESSION: Final = {
    "MULTI_STATEMENT_COUNT": 1,
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON",
    "QUERY_TAG": "datelier",
    "TIMEZONE": "UTC",
    "ABORT_DETACHED_QUERY": True,
    "CLIENT_TELEMETRY_ENABLED": False,
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
}
_LATER: Final = "Narrow the query down, or try again later."
_NUMBERS: Final[dict[int, tuple[ErrorCode, str | None]]] = {
    604: ("cancelled", None),
    630: ("timeout", _LATER),
    3001: ("sql_failed", "The role of this source may not read it."),
    8: ("sql_refused", "Send statements one by one."),
    250001: ("auth_failed", "Check account, user and secret."),
    390100: ("auth_failed", "Check user and secret."),
    390144: ("auth_failed", "Check that the public key is set for the user."),
    390422: ("auth_failed", "The network policy of the account does not let this worker in."),
    390201: ("unreachable", "Check the names of warehouse, database and role."),
    606: ("unreachable", "Name a warehouse that the role may use."),
}
_TYPES: Final[dict[str, ColumnType]] = {
    **dict.fromkeys(("VARIANT", "OBJECT", "MAP"), "json"),
    "BOOLEAN": "boolean",
    "REAL": "float64",
    "DECFLOAT": "decimal",
    "BINARY": "binary",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_NTZ": "timestamp",
    "TIMESTAMP_LTZ": "timestamptz",
    "TIMESTAMP_TZ": "timestamptz",
    "ARRAY": "list",
}
_GOOD: Final = frozenset({"USAGE", "SELECT", "MONITOR", "REFERENCES", "REFERENCE_USAGE", "READ"})
_FIX: Final = """\
CREATE ROLE datelier_reader;
GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE datelier_reader;
GRANT USAGE ON DATABASE {database} TO ROLE datelier_reader;
GRANT USAGE ON SCHEMA {database}.{schema} TO ROLE datelier_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA {database}.{schema} TO ROLE datelier_reader;
GRANT SELECT ON FUTURE TABLES IN SCHEMA {database}.{schema} TO ROLE datelier_reader;
GRANT SELECT ON ALL VIEWS IN SCHEMA {database}.{schema} TO ROLE datelier_reader;
GRANT ROLE datelier_reader TO USER {user};"""


class SnowflakeEngine(BlockingEngine):
    """One schema of a Snowflake database for one action; see `Engine`."""

    dialect: Dialect = "snowflake"
    name: str = "snowflake"

    def __init__(self, source: Mapping[str, Any], where: Mapping[str, Any] | None = None) -> None:
        """`where` replaces the host that the account names; no setting of a source does."""
        super().__init__()
        refuse_unknown(source, {"account", "user", "role", "warehouse", "database", "schema"})
        self.account: Final = plain(source, "account")
        if _ACCOUNT.fullmatch(self.account) is None:
            raise bad_setting("The account is a name such as myorg-myaccount, not an address.")
        keys = ("user", "role", "warehouse", "database", "schema")
        self.settings: Final = {key: plain(source, key) for key in keys}
        self.secret: Final = secret_of(source)
        host = {"host": f"{self.account}.snowflakecomputing.com", "port": 443, "protocol": "https"}
        self.where: Final[dict[str, Any]] = dict(where or host)

    @override
    def connect(self) -> Session:
        (connector,) = driver("snowflake", "snowflake.connector")
        return _SqlSession(connector, self)

    @property
    def schema(self) -> str:
        """The schema as the catalog spells it."""
        return self.settings["schema"].upper()

    @override
    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self.schema}))

    @override
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        schema, name = split_name(table)
        if schema not in {None, self.schema}:
            name = table
        where = f"table_schema = {_text(self.schema)}"
        where += f" AND table_name = {_text(name)}" if name else ""
        tables = await self.query(
            "SELECT table_name, table_type, row_count, comment FROM information_schema.tables"  # noqa: S608 - texts are quoted
            f" WHERE {where} ORDER BY table_name LIMIT 2000"
        )
        columns: dict[str, list[ColumnInfo]] = {}
        for owner, column, kind, nullable, comment in await self.query(
            "SELECT table_name, column_name, data_type, is_nullable, comment"  # noqa: S608 - texts are quoted
            f" FROM information_schema.columns WHERE {where} ORDER BY table_name, ordinal_position"
        ):
            info = ColumnInfo(column, kind, nullable == "YES", comment=comment or None)
            columns.setdefault(owner, []).append(info)
        return [
            TableInfo(
                schema=self.schema,
                name=name,
                kind="view" if "VIEW" in kind else "table",
                columns=tuple(columns.get(name, ())),
                rows=None if rows is None else int(rows),
                comment=comment or None,
            )
            for name, kind, rows, comment in tables
        ]

    @override
    def failure(self, error: Exception) -> WorkerError:
        said = str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or error)
        text = without((self.secret,), said).strip()
        number = getattr(error, "errno", None)
        if number in _NUMBERS:
            code, hint = _NUMBERS[number]
            return WorkerError(code, text, hint=hint)
        if number is not None and getattr(error, "sqlstate", None) not in {None, "n/a", "08001"}:
            return WorkerError("sql_failed", text)
        return WorkerError(
            "unreachable",
            f"Snowflake did not answer: {text[:300]}",
            hint="Check the account, and that this worker reaches it and its stages over HTTPS.",
        )

    @override
    def steps(self) -> Steps:
        return _SnowflakeSteps(self)


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class _SnowflakeSteps(HostSteps):
    """What the connection test does."""

    def __init__(self, engine: SnowflakeEngine) -> None:
        super().__init__(str(engine.where["host"]), int(engine.where["port"]))
        self._engine = engine

    @override
    async def sign_in(self) -> str:
        ((user, role, version),) = await self._engine.query(
            "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_VERSION()"
        )
        return f"as {user}, role {role}, Snowflake {version}"

    @override
    async def list_schemas(self) -> str:
        if not await self._engine.catalog():
            raise WorkerError(
                "source_missing", f"The role sees no table of the schema {self._engine.schema!r}."
            )
        return self._engine.schema

    @override
    async def weaknesses(self) -> list[str]:
        role = quoted(self._engine.settings["role"].upper())
        changes: list[str] = []
        roles: list[str] = []
        for row in await self._engine.query(f"SHOW GRANTS TO ROLE {role}"):
            privilege, on, name = str(row[1]), str(row[2]), str(row[3])
            if on == "ROLE":
                roles.append(name)
            elif privilege not in _GOOD:
                changes.append(f"{privilege} on {on.lower()} {name}")
        reasons = [f"has the privileges {listed(changes)}"] if changes else []
        return reasons + ([f"includes the roles {listed(roles)}"] if roles else [])

    @override
    def fix_sql(self) -> str:
        return _FIX.format(**self._engine.settings)


class _SqlSession:
    """One connection with one role."""

    def __init__(self, connector: Any, engine: SnowflakeEngine) -> None:
        self.user: str | None = engine.settings["user"]
        secret = engine.secret or ""
        signing: dict[str, Any] = {"password": secret}
        if secret.startswith("-----BEGIN"):
            signing = {"private_key": _der(secret)}
        self._names: dict[int, str] = {}
        self._connection: Any = connector.connect(
            account=engine.account, **engine.where, **engine.settings, **signing,
            session_parameters=dict(_SESSION), login_timeout=CONNECT_SECONDS,
            network_timeout=None, client_session_keep_alive=False, validate_default_parameters=True,
            application="Datelier", client_prefetch_threads=1,
        )  # fmt: skip
        self._names = connector.constants.FIELD_ID_TO_NAME
        self._busy = False
        # Otherwise every further role of the user would count, too.
        self.query("USE SECONDARY ROLES NONE")

    def start(self, sql: str, limits: Limits, _outcome: Outcome, /) -> Answer:
        seconds = max(1, round(limits.timeout_s))
        self.query(f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}")
        cursor = self._connection.cursor()
        self._busy = True
        cursor.execute(sql, num_statements=1)
        fields = tuple(_field(column, self._names) for column in cursor.description)
        return Answer(fields, self._rows(cursor, limits.batch_rows))

    def _rows(self, cursor: Any, many: int) -> Iterator[Cells]:
        while rows := cursor.fetchmany(many):
            yield from rows
        self._busy = False

    def query(self, sql: str) -> list[Cells]:
        return list(self._connection.cursor().execute(sql).fetchall())

    def stop(self) -> None:
        if self._busy:
            self._busy = False
            number = int(self._connection.session_id)
            self.query(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({number})")

    def close(self) -> None:
        self._connection.close()


def _der(pem: str) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only who signs in with a key pays for it

    # A form may have taken its line breaks away.
    head, _, rest = pem.strip().partition("KEY-----")
    body, _, tail = rest.partition("-----END")
    pem = f"{head}KEY-----\n{''.join(body.split())}\n-----END{tail}\n"
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise WorkerError(
            "auth_failed", "The private key cannot be read.", hint="Give an unencrypted PEM key."
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _field(column: Any, names: Mapping[int, str]) -> Field:
    word = names.get(column.type_code, "TEXT")
    kind: ColumnType = _TYPES.get(word, "string")
    if word == "FIXED":
        kind = "int64" if not column.scale and (column.precision or 38) <= 18 else "decimal"
    readers: dict[ColumnType, Callable[[Any], object]] = {
        "json": json_text, "list": json_text, "string": str, "decimal": lambda cell: format(cell, "f"),
    }  # fmt: skip
    return Field(str(column.name), kind, _whole if word == "FIXED" else readers.get(kind))


def _whole(cell: Any) -> object:
    """A number with the digits it has, without an exponent."""
    return cell if isinstance(cell, int) else format(cell, "f")
