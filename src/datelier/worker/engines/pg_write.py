"""Writes to PostgreSQL: one statement in one transaction, which can be found again by its id."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar

import orjson
import psycopg

from datelier.worker.engines.pg_catalog import read_functions
from datelier.worker.engines.pg_connect import Connection, connect, read_target
from datelier.worker.engines.postgresql import failure
from datelier.worker.engines.writers import Ending, WriteLimits
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_T = TypeVar("_T")
_IDLE_MS: Final = "30000"  # a transaction that nobody goes on with ends by itself
_FLUSH_S: Final = 10.0
_LOOK_S: Final = 0.02
_LIMITS: Final = b"""
SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', '5000', true),
  set_config('idle_in_transaction_session_timeout', %s, true),
  set_config('standard_conforming_strings', 'on', true), set_config('TimeZone', 'UTC', true),
  set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
  CASE WHEN %s <> '' THEN set_config('search_path', %s, true) END
"""
_FLUSHED: Final = "SELECT pg_current_wal_flush_lsn() >= %s::text::pg_lsn"
_ENDINGS: Final[dict[str | None, Ending]] = {
    "committed": "committed",
    "aborted": "aborted",
    "in progress": "in_progress",
}


class PostgresWriter:
    """See `Writer`."""

    dialect: Dialect = "postgres"

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._target = read_target(source)
        self._connection: Connection | None = None

    async def scope(self) -> Scope:
        known = await read_functions(self._rows)
        return Scope(
            schemas=self._target.schemas, row_functions=known.of_rows, own_functions=known.own
        )

    async def admit(self, target: str) -> None:
        """Every table of PostgreSQL can be rolled back."""

    async def estimate(self, sql: str) -> int | None:
        connection = await self._opened()
        await _sure(self._begin(b"BEGIN TRANSACTION READ ONLY", WriteLimits(timeout_s=5)))
        try:
            found = await _sure(
                connection.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode(), binary=True)
            )
            row = await found.fetchone()
        finally:
            await _sure(connection.execute("ROLLBACK", binary=True))
        return _planned(row[0]) if row else None

    async def execute(self, sql: str, limits: WriteLimits) -> int:
        connection = await self._opened()
        await _sure(self._begin(b"BEGIN TRANSACTION READ WRITE", limits))
        # As a prepared statement: the server takes no second one along.
        cursor = await _sure(connection.execute(sql.encode(), binary=True))
        return max(0, cursor.rowcount)

    async def undo(self) -> None:
        connection = await self._opened()
        await _sure(connection.execute("ROLLBACK", binary=True))

    async def mark(self) -> str | None:
        [(txid, end)] = await self._rows(
            "SELECT pg_current_xact_id()::text, pg_current_wal_insert_lsn()::text"
        )
        # Once the transaction's own records are on disk, a crash cannot give its id to another.
        # The server leaves a page that is not full where it is until somebody commits.
        other = await connect(self._target)
        try:
            await _sure(other.execute("SELECT pg_current_xact_id()", binary=True))
        finally:
            await other.close()
        async with asyncio.timeout(_FLUSH_S):
            while True:
                [(flushed,)] = await self._rows(_FLUSHED, end)
                if flushed:
                    return str(txid)
                await asyncio.sleep(_LOOK_S)  # the server writes by itself every 200 ms

    async def commit(self) -> None:
        connection = await self._opened()
        await _sure(connection.execute("COMMIT", binary=True))

    async def ending(self, mark: str) -> Ending:
        if not mark.isascii() or not mark.isdecimal():
            raise WorkerError("internal", "This is no transaction id.")
        try:
            [(status,)] = await self._rows("SELECT pg_xact_status(%s::text::xid8)", mark)
        except WorkerError as error:
            if error.code != "sql_failed":
                raise
            return "aborted"  # "in the future": the server crashed before it was written anywhere
        return _ENDINGS.get(status, "unknown")

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(2):
                await connection.cancel_safe(timeout=1)
        except (psycopg.Error, TimeoutError):
            pass
        finally:
            await connection.close()

    async def _begin(self, begin: bytes, limits: WriteLimits) -> None:
        connection = await self._opened()
        path = ", ".join(f'"{s}"' for s in sorted(self._target.schemas or ()) if '"' not in s)
        milliseconds = str(max(1, int(limits.timeout_s * 1000)))
        await connection.execute(begin, binary=True)
        await connection.execute(_LIMITS, (milliseconds, _IDLE_MS, path, path), binary=True)

    async def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        connection = await self._opened()
        cursor = await _sure(connection.execute(sql.encode(), parameters or None, binary=True))
        return await cursor.fetchall()

    async def _opened(self) -> Connection:
        if self._connection is None:
            self._connection = await connect(self._target)
        return self._connection


async def _sure(work: Awaitable[_T]) -> _T:
    try:
        return await work
    except psycopg.Error as error:
        raise failure(error) from None


def _planned(plan: Any) -> int | None:
    """Rows of what feeds the change: the change itself returns none."""
    parsed = orjson.loads(plan) if isinstance(plan, str | bytes) else plan
    top: dict[str, Any] = parsed[0]["Plan"]
    inner: list[dict[str, Any]] = top.get("Plans") or [top]
    return int(inner[0]["Plan Rows"]) if "Plan Rows" in inner[0] else None
