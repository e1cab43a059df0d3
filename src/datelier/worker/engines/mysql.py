"""The engine of MySQL and MariaDB: the walls of protocol, transaction and limits around a query."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome, Probe, TableInfo
from datelier.worker.engines.cutting import Meter
from datelier.worker.engines.hosts import resolve
from datelier.worker.engines.mysql_catalog import read_catalog
from datelier.worker.engines.mysql_cells import Decoder
from datelier.worker.engines.mysql_connect import Sessions, connect, read_target
from datelier.worker.engines.mysql_errors import ServerError, failure
from datelier.worker.engines.mysql_probe import MySqlTest, run_probe
from datelier.worker.engines.mysql_stop import end, in_thread
from datelier.worker.engines.mysql_wire import Described, Session, Splitter
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_BATCH_BYTES: Final = 1_000_000
_WARNINGS_MAX: Final = 3
_PATIENCE_S: Final = 15.0  # beyond the limit of time, which the server keeps itself
_NOTHING_BUT_A_QUERY: Final = "Only a query can run here: this statement returns no columns."

# How text is read must not depend on the server: with ANSI_QUOTES or NO_BACKSLASH_ESCAPES it
# would see other texts in a statement than the guard did. GROUP_CONCAT cuts at 1,024 by default.
_SETTINGS: Final = (
    "SET SESSION sql_mode = IF(FIND_IN_SET('ONLY_FULL_GROUP_BY', @@SESSION.sql_mode),"
    " 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',"
    " 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'),"
    " SESSION character_set_client = utf8mb4, SESSION character_set_connection = utf8mb4,"
    " SESSION character_set_results = utf8mb4, SESSION time_zone = '+00:00',"
    " SESSION lock_wait_timeout = 2, SESSION innodb_lock_wait_timeout = 2,"
    " SESSION group_concat_max_len = 1048576, SESSION net_write_timeout = 60,"
    " SESSION {limit}"
)


class MySqlEngine:
    """One MySQL or MariaDB source for one action; see `Engine`. The driver blocks: in threads."""

    dialect: Dialect = "mysql"

    def __init__(self, source: Mapping[str, Any], sessions: Sessions) -> None:
        self.target = read_target(source)
        self._sessions = sessions
        self._session: Session | None = None
        self._clean = True

    async def open(self) -> None:
        if self._session is None:
            self._session = self._sessions.take(self.target) or await self._connect()

    async def _connect(self) -> Session:
        addresses = await resolve(self.target.host)
        return await self._in_thread(lambda: connect(self.target, addresses))

    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self.target.database}))

    async def query(self, sql: str, *parameters: str | int | None) -> list[tuple[str | None, ...]]:
        """Run a statement of our own (never a user's), with parameters; cells are texts."""
        return await self._own(lambda session: session.query(sql, *parameters))

    async def command(self, sql: str) -> list[tuple[str | None, ...]]:
        """Run a constant of this package that the server cannot prepare."""
        return await self._own(lambda session: session.command(sql))

    async def _own(self, work: Callable[[Session], _T]) -> _T:
        for last_try in (False, True):
            await self.open()
            session = self._opened()
            session.patience(_PATIENCE_S)
            try:
                return await self._in_thread(lambda session=session: work(session))
            except ServerError as error:
                raise failure(error) from None
            except WorkerError:
                # An idle session may have been cut since it was last used: one fresh one is tried.
                if last_try or not session.closed:
                    raise
                self._drop()
        raise WorkerError("unreachable", "The database closed the connection.")

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        await self._begin(limits, outcome)
        session = self._opened()
        session.patience(limits.timeout_s + _PATIENCE_S)
        self._clean = False
        batches = _Reader(session, sql, limits, outcome).batches()
        try:
            while (batch := await self._in_thread(lambda: next(batches, None))) is not None:
                yield batch
        except ServerError as error:
            self._clean = True
            raise failure(error) from None
        self._clean = not outcome.truncated

    async def _begin(self, limits: Limits, outcome: Outcome) -> None:
        await self.open()
        milliseconds = max(1, int(limits.timeout_s * 1000))
        limit = f"max_execution_time = {milliseconds}"
        if self._opened().is_mariadb:
            limit = f"max_statement_time = {milliseconds / 1000}"
        # The first of them notices an idle session that was cut meanwhile, and replaces it.
        await self.command(_SETTINGS.format(limit=limit))
        await self.command("SET SESSION TRANSACTION READ ONLY")
        await self.command("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        # From this query on the mode of the transaction is fixed.
        outcome.database_user = (await self.command("SELECT CURRENT_USER()"))[0][0]

    async def cancel(self) -> None:
        session = self._session
        if session is not None and not session.closed and not self._clean:
            await end(self._sessions, self.target, session)

    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        return await read_catalog(self.query, self.target.database, table)

    async def probe(self) -> Probe:
        test = MySqlTest(self.target, self.query, self.command)
        probe = await run_probe(test, self)
        if test.spoiled:
            self._drop()
        return probe

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        loop = asyncio.get_running_loop()
        if not self._clean or session.closed:
            if not session.closed:
                await end(self._sessions, self.target, session)
            await loop.run_in_executor(self._sessions.stopping, session.close)
            return
        await loop.run_in_executor(
            self._sessions.stopping, self._sessions.give_back, self.target, session
        )

    async def adopt(self, addresses: list[str]) -> Session:
        """Connect anew for the connection test, and use that session from now on."""
        self._drop()
        self._session = await self._in_thread(lambda: connect(self.target, addresses))
        return self._session

    def _opened(self) -> Session:
        if self._session is None:
            raise WorkerError("unreachable", "The database closed the connection.")
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        try:
            return await in_thread(self._sessions, self.target, lambda: self._session, work)
        except asyncio.CancelledError:
            self._clean = False
            raise


class _Reader:
    """Runs one prepared statement and reads its rows; blocking, for one thread at a time."""

    def __init__(self, session: Session, sql: str, limits: Limits, outcome: Outcome) -> None:
        self._session = session
        self._sql = sql
        self._limits = limits
        self._outcome = outcome

    def batches(self) -> Iterator[Batch]:
        """Batches of about `batch_rows` rows or 1 MB; at least one, without rows if there are none."""
        described = self._prepare()
        decoders = [Decoder(column, self._limits, self._outcome) for column in described]
        meter = Meter(self._limits, self._outcome)
        for cells in self._gathered(described):
            batch = meter.fitting(self._batch(described, decoders, cells))
            if not batch.length and self._outcome.rows:
                break
            yield batch
            if self._outcome.truncated:
                break
        if not self._outcome.truncated and self._session.warnings:
            self._warn()

    def _prepare(self) -> list[Described]:
        """Parse on the server: it refuses several statements, we one that is no query."""
        statement, described = self._session.prepare(self._sql)
        if not described:
            raise WorkerError("sql_refused", _NOTHING_BUT_A_QUERY, hint="Write one SELECT.")
        self._session.execute(statement)
        return described

    def _gathered(self, described: list[Described]) -> Iterator[list[list[bytes | None]]]:
        """Cells column by column, some rows at a time; sets `truncated` when more would follow."""
        packets = self._session.rows(self._limits.max_bytes)
        splitter = Splitter(described)
        left = self._limits.rows
        while True:
            columns: list[list[bytes | None]] = [[] for _ in described]
            size = count = 0
            for packet in islice(packets, min(left, self._limits.batch_rows)):
                splitter.split(packet, columns)
                count += 1
                size += len(packet)
                if size >= _BATCH_BYTES:
                    break
            left -= count
            if not left and next(packets, None) is not None:
                self._outcome.truncated = True
            yield columns
            if not left or not count:
                return

    def _batch(
        self, described: list[Described], decoders: list[Decoder], cells: list[list[bytes | None]]
    ) -> Batch:
        columns = tuple(
            decoder.column(column) for decoder, column in zip(decoders, cells, strict=True)
        )
        batch = Batch(tuple(column.name for column in described), columns, columns[0].length)
        self._outcome.columns = list(zip(batch.names, batch.types, strict=True))
        return batch

    def _warn(self) -> None:
        """What the server says was cut or converted."""
        try:
            found = self._session.command(f"SHOW WARNINGS LIMIT {_WARNINGS_MAX}")
        except ServerError:
            return
        self._outcome.notes += [f"The database warns: {row[2]}" for row in found if row[2]]
