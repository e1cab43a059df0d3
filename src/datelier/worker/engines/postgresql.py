"""The PostgreSQL engine: the walls of protocol, transaction and limits around one query."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import psycopg
from psycopg import generators, pq
from psycopg.pq.abc import PGresult

from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome, Probe, TableInfo
from datelier.worker.engines.pg_binary import BINARY
from datelier.worker.engines.pg_catalog import read_catalog
from datelier.worker.engines.pg_connect import Connection, IdleSessions, connect, read_target
from datelier.worker.engines.pg_probe import PostgresTest, run_probe
from datelier.worker.engines.pg_rows import CHUNK_ROWS, Shape, in_one_trip, read_batches
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_T = TypeVar("_T")
_BEGIN_SQL: Final = b"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_LIMITS_SQL: Final = b"""
SELECT current_user,
  set_config('statement_timeout', $1, true), set_config('lock_timeout', '2000', true),
  set_config('idle_in_transaction_session_timeout', $1, true),
  set_config('work_mem', '64MB', true), set_config('standard_conforming_strings', 'on', true),
  set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
  set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true),
  set_config('TimeZone', 'UTC', true), set_config('xmlbinary', 'base64', true),
  CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
       THEN set_config('temp_file_limit', '4GB', true) END,
  CASE WHEN $2 <> '' THEN set_config('search_path', $2, true) END
"""
# Functions of one row argument: `t.name` calls them though it looks like a column.
_ROW_FUNCTIONS_SQL: Final = """
SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0]
WHERE p.pronargs - p.pronargdefaults <= 1 AND p.pronargs >= 1
  AND (t.typtype = 'c' OR t.typname IN ('record', 'any', 'anyelement', 'anycompatible'))
  AND p.pronamespace <> 'pg_catalog'::regnamespace
"""


class PostgresEngine:
    """One PostgreSQL source for one action; see `Engine`."""

    dialect: Dialect = "postgres"

    def __init__(self, source: Mapping[str, Any], sessions: IdleSessions) -> None:
        self.target = read_target(source)
        self._sessions = sessions
        self._connection: Connection | None = None
        self._clean = True
        self._statements = 0

    async def open(self) -> None:
        if self._connection is None:
            taken = await self._sessions.take(self.target)
            self._connection = taken or await connect(self.target)

    async def scope(self) -> Scope:
        names = self._sessions.row_functions(self.target)
        if names is None:
            names = frozenset(str(row[0]) for row in await self.query(_ROW_FUNCTIONS_SQL))
            self._sessions.remember(self.target, names)
        return Scope(schemas=self.target.schemas, row_functions=names)

    async def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of our own (never a user's) on the session, outside of any transaction."""
        await self._finish()
        return await self._lasting(lambda connection: _ask(connection, sql, parameters))

    async def _lasting(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        """Do work that stands on nothing done before; an idle session may have been cut meanwhile."""
        await self.open()
        connection = self._opened()
        try:
            return await work(connection)
        except psycopg.OperationalError as error:
            if not connection.broken:
                raise failure(error) from None
        except psycopg.Error as error:
            raise failure(error) from None
        await self._drop()
        await self.open()
        try:
            return await work(self._opened())
        except psycopg.Error as error:
            raise failure(error) from None

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        await self._finish()
        self._clean = False
        try:
            described = await self._lasting(lambda one: self._begin(one, sql, limits, outcome))
            async for batch in self._read(described, limits, outcome):
                yield batch
            self._clean = True
        except (psycopg.Error, WorkerError) as error:
            connection = self._connection
            self._clean = connection is None or not (connection.broken or _is_busy(connection))
            raise failure(error) if isinstance(error, psycopg.Error) else error from None

    async def _begin(
        self, connection: Connection, sql: str, limits: Limits, outcome: Outcome
    ) -> PGresult:
        """Open the transaction, set the limits and parse the statement, in one round trip.

        The server refuses several statements, and does none of this after a step that failed.
        The query that sets the limits also freezes the mode: READ WRITE is refused from then on.
        """
        milliseconds = str(max(1, int(limits.timeout_s * 1000))).encode()
        path = ", ".join(f'"{s}"' for s in sorted(self.target.schemas or ()) if '"' not in s)
        self._statements += 1
        pgconn = connection.pgconn
        _, user, _, described = await in_one_trip(
            connection,
            lambda: pgconn.send_query_params(_BEGIN_SQL, None),
            lambda: pgconn.send_query_params(_LIMITS_SQL, [milliseconds, path.encode()]),
            lambda: pgconn.send_prepare(self._name, sql.encode()),
            lambda: pgconn.send_describe_prepared(self._name),
        )
        outcome.database_user = (user.get_value(0, 0) or b"").decode()
        return described

    async def _read(
        self, described: PGresult, limits: Limits, outcome: Outcome
    ) -> AsyncIterator[Batch]:
        connection = self._opened()
        shape = await self._shape(described)
        empty = shape.empty()
        outcome.columns = list(zip(shape.names, empty.types, strict=True))
        connection.pgconn.send_query_prepared(self._name, None, result_format=int(shape.binary))
        connection.pgconn.set_chunked_rows_mode(min(CHUNK_ROWS, limits.batch_rows))
        await connection.wait(generators.send(connection.pgconn))
        async for batch in read_batches(connection, shape, limits, outcome):
            yield batch
        if outcome.truncated:
            await self._stop_early()
        if not outcome.rows:
            yield empty

    async def _shape(self, described: PGresult) -> Shape:
        columns = range(described.nfields)
        names = [(described.fname(i) or b"").decode("utf-8", "replace") for i in columns]
        oids = [described.ftype(i) for i in columns]
        if not names:
            raise WorkerError("sql_refused", "The statement returns no columns.")
        unknown = {oid for oid in oids if oid not in BINARY}
        return Shape.of(names, oids, await self._texts(unknown) if unknown else set())

    @property
    def _name(self) -> bytes:
        """Of the prepared statement; each run has its own, DISCARD ALL forgets them."""
        return b"datelier_%d" % self._statements

    async def _texts(self, oids: set[int]) -> set[int]:
        """Those of the types whose binary form is their text."""
        sql = (
            "SELECT oid FROM pg_type WHERE oid = ANY(%s) AND (typtype = 'e' OR typname = 'citext')"
        )
        return {int(row[0]) for row in await _ask(self._opened(), sql, (sorted(oids),))}

    async def _stop_early(self) -> None:
        """Enough rows: stop the statement in the database and read what is under way."""
        connection = self._opened()
        try:
            async with asyncio.timeout(5):
                await connection.cancel_safe(timeout=2)
                while await connection.wait(generators.fetch(connection.pgconn)) is not None:
                    pass
        except (psycopg.Error, TimeoutError):
            await self._drop()

    async def _finish(self) -> None:
        """End what was before: its transaction, or the whole session if answers are under way.

        After the last statement the sessions' keeper does it.
        """
        connection = self._connection
        if connection is None or connection.closed:
            return
        if not self._clean or _is_busy(connection):
            await self.cancel()
            await self._drop()
        elif connection.info.transaction_status != pq.TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):
                await connection.execute("ROLLBACK", binary=True)

    async def cancel(self) -> None:
        if self._connection is not None and not self._connection.closed:
            with contextlib.suppress(psycopg.Error, TimeoutError):
                await self._connection.cancel_safe(timeout=2)

    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        return await read_catalog(self.query, self.target.schemas, table)

    async def probe(self) -> Probe:
        return await run_probe(PostgresTest(self.target, self.query), self.adopt)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if not self._clean and not connection.closed:
            with contextlib.suppress(psycopg.Error, TimeoutError):
                await connection.cancel_safe(timeout=2)
            await connection.close()
        elif not connection.closed:
            self._sessions.give_back(self.target, connection)

    def adopt(self, connection: Connection) -> None:
        """Use the session that the connection test opened instead of another one."""
        if self._connection is not None:
            self._connection.pgconn.finish()
        self._connection = connection

    def _opened(self) -> Connection:
        if self._connection is None:
            raise WorkerError("unreachable", "The database closed the connection.")
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def _ask(
    connection: Connection, sql: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    # psycopg's type wants a literal; every caller passes a constant of this package.
    cursor = await connection.execute(sql.encode(), parameters or None, binary=True)
    return await cursor.fetchall() if cursor.description else []


def _is_busy(connection: Connection) -> bool:
    """Whether answers may still be under way."""
    active = connection.info.transaction_status == pq.TransactionStatus.ACTIVE
    return active or bool(connection.pgconn.pipeline_status)


_ROLE_HINT: Final = "The database role of this source may not read it."
_LATER_HINT: Final = "Narrow the query down, or try again later."
# SQLSTATE, or its class (two characters) -> (code, message or None for the server's own, hint)
_STATES: Final[dict[str, tuple[ErrorCode, str | None, str | None]]] = {
    "57014": ("cancelled", "The query was cancelled.", None),
    "55P03": ("timeout", "A table stayed locked by others.", _LATER_HINT),
    "25006": ("sql_refused", None, "The transaction is read-only."),
    "42501": ("sql_failed", None, _ROLE_HINT),
    "57P01": ("unreachable", None, None),
    "57P02": ("unreachable", None, None),
    "57P03": ("unreachable", None, None),
    "08": ("unreachable", None, None),
    "28": ("auth_failed", None, None),
    "53": ("limit_exceeded", None, _LATER_HINT),
    "54": ("limit_exceeded", None, _LATER_HINT),
}


def failure(error: psycopg.Error) -> WorkerError:
    """A database error as the protocol reports it; its text is the server's primary message."""
    state = error.sqlstate or ""
    message = error.diag.message_primary or str(error).partition("\n")[0]
    position = int(error.diag.statement_position or 0) or None
    if not state and isinstance(error, psycopg.OperationalError):
        return WorkerError("unreachable", f"The connection was lost: {message}")
    if state == "57014" and "timeout" in message:
        return WorkerError("timeout", "The query took longer than allowed.", hint=_LATER_HINT)
    if "multiple commands" in message:
        return WorkerError("sql_refused", "Exactly one statement runs at a time.")
    known = _STATES.get(state) or _STATES.get(state[:2])
    code, fixed, hint = known or ("sql_failed", None, None)
    return WorkerError(
        code, fixed or message, hint=error.diag.message_hint or hint, position=position
    )
