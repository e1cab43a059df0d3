"""The SQLite engine: one file, opened read-only for one action, in a thread of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from datelier.wire.types import Batch
from datelier.worker.engines.base import STEPS, Limits, Outcome, Probe, Step, StepName, TableInfo
from datelier.worker.engines.files_load import Places
from datelier.worker.engines.lane import Lane
from datelier.worker.engines.sqlite_catalog import Schema, chosen, count_rows, read_schema
from datelier.worker.engines.sqlite_connect import Session, find
from datelier.worker.engines.sqlite_read import Reader
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

# Table-valued functions that only compute.
_ROW_SOURCES: Final = frozenset({"json_each", "json_tree"})
_T = TypeVar("_T")


class SqliteEngine:
    """One SQLite source for one action; see `Engine`."""

    dialect: Dialect = "sqlite"

    def __init__(self, source: Mapping[str, Any], places: Places) -> None:
        self._source = source
        self._places = places
        self._session: Session | None = None
        self._schema: Schema | None = None
        self._lane = Lane(self._stop, "sqlite")

    async def open(self) -> None:
        if self._session is None:
            await self._lane.run(self._open)

    def _open(self) -> None:
        session = self._session = Session(find(self._source, self._places))
        self._schema = read_schema(session)

    async def scope(self) -> Scope:
        await self.open()
        schema = self._known()
        tables = frozenset(table.name.lower() for table in schema.tables)
        return Scope(
            tables=tables | _ROW_SOURCES, schemas=frozenset({"main"}), columns=schema.columns
        )

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        await self.open()
        session, schema = self._opened(), self._known()
        await self._lane.run(lambda: session.begin(limits.timeout_s))
        batches = Reader(session, schema.declared, limits, outcome).read(sql)
        try:
            while (batch := await self._lane.run(lambda: next(batches, None))) is not None:
                yield batch
        except BaseException:
            await self._abandon(batches, session)
            raise
        replaced = await self._lane.run(lambda: _finish(batches, session))
        if replaced:
            outcome.notes.append(replaced)

    async def cancel(self) -> None:
        self._stop()

    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        await self.open()
        session, wanted = self._opened(), chosen(self._known(), table)
        return await self._lane.run(lambda: count_rows(session, wanted))

    async def probe(self) -> Probe:
        started = time.perf_counter()
        steps: dict[StepName, Step] = {}
        try:
            path = await self._lane.run(lambda: find(self._source, self._places))
            steps["resolve"] = Step("resolve", True, _since(started), _described(path))
            started = time.perf_counter()
            await self.open()
        except WorkerError as error:
            name: StepName = "connect" if steps else "resolve"
            steps[name] = Step(name, False, _since(started), error.message, error.hint)
        else:
            steps |= self._found(_since(started))
        return Probe(tuple(steps.get(name) or Step(name, None) for name in STEPS))

    def _found(self, elapsed_ms: int) -> dict[StepName, Step]:
        tables = self._known().tables
        broken = [table for table in tables if table.error]
        names = ", ".join(table.name for table in tables[:20]) or "The database has no tables."
        advice = f"{broken[0].name}: {broken[0].error}" if broken else None
        how = "as it is; nobody has it open" if self._opened().immutable else "mode=ro"
        return {
            "connect": Step("connect", True, elapsed_ms, f"opened {how}"),
            "list_schemas": Step("list_schemas", True, 0, names, advice),
            "read_only": Step("read_only", True, 0, "The file is only ever read."),
        }

    async def close(self) -> None:
        session, self._session = self._session, None
        await self._lane.close(lambda: session.close() if session else None)

    def _stop(self) -> None:
        if self._session is not None:
            self._session.stop()

    async def _abandon(self, batches: Any, session: Session) -> None:
        """The result is not wanted any more, or failed; what the end may say is no matter."""
        if self._lane.stuck:
            return  # `close` ends it once the thread is back

        def finish() -> None:
            try:
                _finish(batches, session)
            except WorkerError:
                return

        await asyncio.shield(self._lane.run(finish))

    def _opened(self) -> Session:
        if self._session is None:
            raise WorkerError("source_missing", "The source is not open.")
        return self._session

    def _known(self) -> Schema:
        if self._schema is None:
            raise WorkerError("source_missing", "The source is not open.")
        return self._schema


def _finish(batches: Any, session: Session) -> str | None:
    batches.close()
    return session.end()


def _described(path: Path) -> str:
    size = path.stat().st_size
    return f"{path.name}, {size / 1_048_576:,.1f} MB"


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
