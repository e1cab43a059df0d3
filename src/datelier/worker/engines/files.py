"""The files engine: CSV, Parquet, JSON and spreadsheets through a DuckDB that is locked down."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, TypeVar

import duckdb

from datelier.wire.types import Batch
from datelier.worker.engines.base import STEPS, Limits, Outcome, Probe, Step, StepName, TableInfo
from datelier.worker.engines.files_library import Libraries, Library, describe, file_failure
from datelier.worker.engines.files_load import FileTable
from datelier.worker.engines.files_parts import total_bytes
from datelier.worker.engines.files_read import Reader
from datelier.worker.engines.names import quoted, split_name
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_COUNTED_BYTES: Final = 64 * 1024 * 1024
_T = TypeVar("_T")


class FilesEngine:
    """One files source for one action; see `Engine`. DuckDB blocks, so it runs in threads."""

    dialect: Dialect = "duckdb"

    def __init__(self, source: Mapping[str, Any], libraries: Libraries) -> None:
        self._source = source
        self._libraries = libraries
        self._library: Library | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None

    async def open(self) -> None:
        if self._cursor is None:
            self._library = await self._in_thread(lambda: self._libraries.open(self._source))
            self._cursor = self._library.database.cursor()

    async def scope(self) -> Scope:
        await self.open()
        return Scope(tables=frozenset(self._opened().tables))

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        await self.open()
        library, cursor = self._opened(), self._connection()
        for name, error in library.broken.items():
            if re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE):
                raise error
        outcome.notes.extend(
            note
            for name, note in library.notes.items()
            if re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE)
        )
        reader = Reader(cursor, sql, limits, outcome)
        batches = await self._in_thread(reader.start)
        while (batch := await self._in_thread(lambda: next(batches, None))) is not None:
            yield batch

    async def cancel(self) -> None:
        if self._cursor is not None:
            self._cursor.interrupt()

    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        await self.open()
        wanted = split_name(table)[1]
        library = self._opened()
        return [
            await self._in_thread(lambda one=one: self._table_info(one))
            for name, one in library.tables.items()
            if wanted is None or name == wanted.lower()
        ]

    def _table_info(self, table: FileTable) -> TableInfo:
        library = self._opened()
        broken = library.broken.get(table.name.lower())
        if broken is not None:
            return TableInfo("files", table.name, "file", (), error=broken.message)
        rows: int | None = None
        if table.format in {"parquet", "xlsx"} or total_bytes(table.files) <= _COUNTED_BYTES:
            try:
                counted = self._connection().sql(f"SELECT count(*) FROM {quoted(table.name)}")  # noqa: S608 - quoted name
                rows = int(counted.fetchall()[0][0])
            except duckdb.Error as error:
                failed = file_failure(error, table)
                return TableInfo("files", table.name, "file", (), error=failed.message)
        columns = tuple(describe(self._connection(), table.name))
        note = library.notes.get(table.name.lower())
        return TableInfo("files", table.name, "file", columns, rows=rows, comment=note)

    async def probe(self) -> Probe:
        started = time.perf_counter()
        try:
            await self.open()
        except WorkerError as error:
            failed = Step("resolve", False, _since(started), error.message, error.hint)
            return Probe((failed, *(Step(name, None) for name in STEPS[1:])))
        library = self._opened()
        found = f"{len(library.tables)} file{'' if len(library.tables) == 1 else 's'}"
        steps: dict[StepName, Step] = {"resolve": Step("resolve", True, _since(started), found)}
        if library.broken and len(library.broken) == len(library.tables):
            first = next(iter(library.broken.values()))
            steps["list_schemas"] = Step("list_schemas", False, 0, first.message, first.hint)
        else:
            readable = sorted(set(library.tables) - set(library.broken))
            steps["list_schemas"] = Step("list_schemas", True, 0, ", ".join(readable[:20]))
            steps["read_only"] = Step("read_only", True, 0, "Files are only ever read.")
        return Probe(tuple(steps.get(name) or Step(name, None) for name in STEPS))

    async def close(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close()

    def _opened(self) -> Library:
        if self._library is None:
            raise WorkerError("source_missing", "The source is not open.")
        return self._library

    def _connection(self) -> duckdb.DuckDBPyConnection:
        if self._cursor is None:
            raise WorkerError("source_missing", "The source is not open.")
        return self._cursor

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        """Run blocking work; when the task is cancelled, interrupt DuckDB and wait for it."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._libraries.threads, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            while not future.done():
                await self.cancel()
                await asyncio.wait({future}, timeout=0.05)
            future.exception()
            raise


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
