"""The PostgreSQL engine: the walls of protocol, transaction and limits around one query."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from itertools import chain, repeat
from typing import Any, Final

import psycopg
from psycopg import generators, pq
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

from datelier.wire.types import Batch, Column
from datelier.worker.engines.base import Limits, Outcome, Probe, TableInfo
from datelier.worker.engines.pg_binary import ARRAYS, AS_TEXT, BINARY, Cells, Decoder
from datelier.worker.engines.pg_catalog import read_catalog, read_functions
from datelier.worker.engines.pg_connect import (
    Connection,
    IdleSessions,
    connect,
    read_target,
)
from datelier.worker.engines.pg_probe import PostgresTest, run_probe
from datelier.worker.engines.pg_text import TEXT
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

# libpq holds one chunk in memory: rows with texts may be wide, rows of numbers are not.
_CHUNK_WIDE: Final = 1000
_CHUNK_FIXED: Final = 4096
_WIDE_OIDS: Final = frozenset(BINARY) - {16, 20, 21, 23, 26, 700, 701, 1082, 1083, 1114, 1184}
_CUTTABLE: Final = frozenset({"string", "json", "binary"})
# Measured milliseconds per 10,000 values, beyond the copying that both formats need.
_BINARY_COST: Final = defaultdict[int, float](
    float, {1700: 20, 2950: 8, 1186: 15, 700: 12, 3802: 1}
)
_TEXT_COST: Final = defaultdict[int, float](
    float,
    dict.fromkeys((16, 20, 21, 23, 26, 700, 701), 1.0)
    | {17: 3, 1082: 2, 1083: 8, 1114: 6, 1184: 6},
)

_LIMITS_SQL: Final = """
SELECT current_user,
  set_config('statement_timeout', %s, true), set_config('lock_timeout', '2000', true),
  set_config('idle_in_transaction_session_timeout', %s, true),
  set_config('work_mem', '64MB', true), set_config('standard_conforming_strings', 'on', true),
  set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
  set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true),
  set_config('TimeZone', 'UTC', true), set_config('xmlbinary', 'base64', true),
  CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
       THEN set_config('temp_file_limit', '4GB', true) END,
  CASE WHEN %s <> '' THEN set_config('search_path', %s, true) END
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
            self._connection = self._sessions.take(self.target) or await connect(self.target)

    async def scope(self) -> Scope:
        known = self._sessions.functions(self.target)
        if known is None:
            known = await read_functions(self.query)
            self._sessions.remember(self.target, known)
        return Scope(
            schemas=self.target.schemas, row_functions=known.of_rows, own_functions=known.own
        )

    async def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of our own (never a user's) on the session."""
        for last_try in (False, True):
            await self.open()
            connection = self._opened()
            try:
                # psycopg's type wants a literal; every caller passes a constant of this package.
                cursor = await connection.execute(sql.encode(), parameters or None, binary=True)
                return await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError as error:
                # An idle session may have been cut since it was last used: one fresh one is tried.
                if last_try or not connection.broken:
                    raise failure(error) from None
                await self._drop()
            except psycopg.Error as error:
                raise failure(error) from None
        raise WorkerError("unreachable", "The database closed the connection.")

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        await self._begin(limits, outcome)
        self._clean = False
        try:
            async for batch in self._read(sql, limits, outcome):
                yield batch
            self._clean = True
        except psycopg.Error as error:
            self._clean = not self._opened().broken
            raise failure(error) from None
        finally:
            if self._clean:
                await self._finish()

    async def _begin(self, limits: Limits, outcome: Outcome) -> None:
        # An idle session that was cut meanwhile is noticed here, and replaced.
        await self.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        milliseconds = str(max(1, int(limits.timeout_s * 1000)))
        path = ", ".join(f'"{s}"' for s in sorted(self.target.schemas or ()) if '"' not in s)
        # This first query also freezes the mode: READ WRITE is refused from here on.
        rows = await self.query(_LIMITS_SQL, milliseconds, milliseconds, path, path)
        outcome.database_user = str(rows[0][0])

    async def _read(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        connection = self._opened()
        names, oids, decoders, binary = await self._prepare(sql)
        empty = _decode(names, decoders, [], limits, outcome)
        outcome.columns = list(zip(names, empty.types, strict=True))
        wide = any(oid in _WIDE_OIDS or oid not in BINARY for oid in oids)
        connection.pgconn.send_query_prepared(self._name, None, result_format=int(binary))
        connection.pgconn.set_chunked_rows_mode(_CHUNK_WIDE if wide else _CHUNK_FIXED)
        await connection.wait(generators.send(connection.pgconn))
        taker = _Taker(limits, outcome)
        async for results in _chunks(connection, limits.batch_rows):
            cells = taker.take(results, len(names))
            batch = _decode(names, decoders, cells, limits, outcome)
            if batch.length and taker.fits(batch):
                yield batch
            if outcome.truncated:
                await self._stop_early()
                break
        if not outcome.rows:
            yield empty

    async def _prepare(self, sql: str) -> tuple[list[str], list[int], list[Decoder], bool]:
        """Parse on the server (it refuses several statements) and choose how to read the columns."""
        connection = self._opened()
        self._statements += 1
        connection.pgconn.send_prepare(self._name, sql.encode())
        await _one(connection)
        connection.pgconn.send_describe_prepared(self._name)
        described = await _one(connection)
        columns = range(described.nfields)
        names = [(described.fname(i) or b"").decode("utf-8", "replace") for i in columns]
        oids = [described.ftype(i) for i in columns]
        if not names:
            raise WorkerError("sql_refused", "The statement returns no columns.")
        unknown = {oid for oid in oids if oid not in BINARY}
        enums = await self._enums(unknown) if unknown else set[int]()
        if unknown - enums or _text_is_faster(oids):
            return names, oids, [TEXT.get(oid, AS_TEXT) for oid in oids], False
        return names, oids, [BINARY.get(oid, AS_TEXT) for oid in oids], True

    @property
    def _name(self) -> bytes:
        """Of the prepared statement; each run has its own, DISCARD ALL forgets them."""
        return b"datelier_%d" % self._statements

    async def _enums(self, oids: set[int]) -> set[int]:
        """Those of the types whose binary form is their text."""
        sql = (
            "SELECT oid FROM pg_type WHERE oid = ANY(%s) AND (typtype = 'e' OR typname = 'citext')"
        )
        return {int(row[0]) for row in await self.query(sql, sorted(oids))}

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
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.execute("ROLLBACK", binary=True)

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
            await self._sessions.give_back(self.target, connection)

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


class _Taker:
    """Counts rows and bytes against the limits."""

    def __init__(self, limits: Limits, outcome: Outcome) -> None:
        self._limits = limits
        self._outcome = outcome
        self._bytes = 0

    def take(self, results: list[PGresult], width: int) -> list[list[bytes | None]]:
        """The cells of the rows that still fit, column by column."""
        left = self._limits.rows - self._outcome.rows
        counts: list[int] = []
        for result in results:
            counts.append(min(result.ntuples, left - sum(counts)))
            self._outcome.truncated |= counts[-1] < result.ntuples
        return [
            list(
                chain.from_iterable(
                    map(result.get_value, range(count), repeat(column))
                    for result, count in zip(results, counts, strict=True)
                )
            )
            for column in range(width)
        ]

    def fits(self, batch: Batch) -> bool:
        self._bytes += batch.nbytes
        if self._bytes > self._limits.max_bytes:
            self._outcome.truncated = True
            self._outcome.notes.append(
                f"The result was cut at {self._limits.max_bytes // 1_048_576} MB."
            )
            return False
        self._outcome.rows += batch.length
        return True


def _text_is_faster(oids: list[int]) -> bool:
    """Binary numerics and uuids cost a loop here, textual timestamps and numbers do."""
    if not set(oids).isdisjoint(ARRAYS):
        return False
    return sum(map(_BINARY_COST.__getitem__, oids)) > sum(map(_TEXT_COST.__getitem__, oids))


async def _chunks(connection: Connection, batch_rows: int) -> AsyncIterator[list[PGresult]]:
    """Results of the running statement, gathered to about `batch_rows` rows or 1 MB."""
    held: list[PGresult] = []
    rows = 0
    while (result := await _next(connection)) is not None:
        held.append(result)
        rows += result.ntuples
        if rows >= batch_rows or _is_large(result):
            yield held
            held, rows = [], 0
    if held:
        yield held


def _is_large(result: PGresult) -> bool:
    """Guess from the first row, so that wide rows are passed on in small batches."""
    if not result.ntuples:
        return False
    first = sum(len(result.get_value(0, column) or b"") for column in range(result.nfields))
    return first * result.ntuples > 1_000_000


async def _next(connection: Connection) -> PGresult | None:
    result = await connection.wait(_fetch(connection))
    if result is None:
        return None
    if result.status in {pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE}:
        while await connection.wait(_fetch(connection)) is not None:
            pass  # until then the session takes no other command
        raise error_from_result(result, "utf-8")
    return result


def _fetch(connection: Connection) -> PQGen[PGresult | None]:
    return generators.fetch(connection.pgconn)


async def _one(connection: Connection) -> PGresult:
    await connection.wait(generators.send(connection.pgconn))
    results = await connection.wait(generators.fetch_many(connection.pgconn))
    if results[-1].status != pq.ExecStatus.COMMAND_OK:
        raise error_from_result(results[-1], "utf-8")
    return results[-1]


def _decode(
    names: list[str],
    decoders: list[Decoder],
    cells: list[list[bytes | None]],
    limits: Limits,
    outcome: Outcome,
) -> Batch:
    columns: list[Column] = []
    for index, decoder in enumerate(decoders):
        values: Cells = cells[index] if cells else []
        column = decoder(values)
        if column.type in _CUTTABLE and len(column.data) > limits.max_cell_bytes:
            column = decoder(_cut(values, limits.max_cell_bytes, names[index], outcome))
        columns.append(column)
    return Batch(tuple(names), tuple(columns), columns[0].length)


def _cut(cells: Cells, limit: int, name: str, outcome: Outcome) -> Cells:
    if all(cell is None or len(cell) <= limit for cell in cells):
        return cells
    outcome.notes.append(f"Values of {name!r} longer than {limit} bytes were cut.")
    return [
        cell
        if cell is None or len(cell) <= limit
        else cell[:limit].decode("utf-8", "ignore").encode()
        for cell in cells
    ]


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
