"""What the engines with a blocking driver share: a thread per action, limits, typed errors, tests.

A driver's session is made, used and closed in the thread of its engine. Only `stop` comes from
another one: it tells the server to end the statement.
"""

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

from datelier.wire.arrow import column_from_values
from datelier.wire.types import Batch, Column, ColumnType
from datelier.worker.engines.base import Limits, Outcome, Probe, Step, TableInfo
from datelier.worker.engines.cutting import Meter, cut_column
from datelier.worker.engines.lane import GRACE_S, Lane
from datelier.worker.engines.testing import Test
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_BATCH_ROWS: Final = 5000
Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a result; `read` makes of a driver's cell (never None) what Arrow takes."""

    name: str
    type: ColumnType
    read: Callable[[Any], object] | None = None

    def column(self, cells: Cells) -> Column:
        """Return the column of some rows' cells."""
        read = self.read
        if read is not None:
            cells = [None if cell is None else read(cell) for cell in cells]
        return column_from_values(self.type, cells)


@dataclass(frozen=True, slots=True)
class Answer:
    """A statement under way: its columns, and its rows as they come."""

    fields: tuple[Field, ...]
    rows: Iterator[Cells]


class Session(Protocol):
    """A driver's connection; all but `stop` runs in the engine's thread and may raise anything."""

    user: str | None

    def start(self, sql: str, limits: Limits, outcome: Outcome, /) -> Answer:
        """Send one guarded query with its limits; returns when its columns are known."""
        ...

    def query(self, sql: str) -> list[Cells]:
        """All rows of a statement of our own (never a user's)."""
        ...

    def stop(self) -> None:
        """End what runs on the server, from any thread; nothing running is no failure."""
        ...

    def close(self) -> None:
        """Let go of the connection; nothing of the session stays on the server."""
        ...


class BlockingEngine(ABC):
    """An engine over one `Session`; see `Engine`. Each engine says how to connect and to look."""

    dialect: Dialect
    name: str

    def __init__(self) -> None:
        self._session: Any = None
        self._busy = False
        self._stopping: threading.Thread | None = None
        self._lane = Lane(self._stop_soon, self.name)

    @abstractmethod
    def connect(self) -> Session:
        """Import the driver, sign in; blocking."""

    @abstractmethod
    async def scope(self) -> Scope:
        """See `Engine.scope`."""

    @abstractmethod
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        """See `Engine.catalog`."""

    @abstractmethod
    def failure(self, error: Exception) -> WorkerError:
        """Return what a driver raised as the protocol reports it, without secrets."""

    @abstractmethod
    def steps(self) -> "Steps":
        """What the connection test does."""

    async def open(self) -> None:
        if self._session is None:
            self._session = await self.run(self.connect)

    async def opened(self) -> Any:
        """The session, made if there is none."""
        await self.open()
        return self._session

    async def query(self, sql: str) -> list[Cells]:
        """Run a statement of our own (never a user's)."""
        session = await self.opened()
        return await self.run(lambda: session.query(sql))

    async def run(self, work: Callable[[], _T]) -> _T:
        """Run blocking work in the engine's thread; whatever it raises comes as a WorkerError."""
        return await self._lane.run(partial(self._typed, work))

    def _typed(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except WorkerError:
            raise
        except Exception as error:  # noqa: BLE001 - drivers raise what their libraries raise
            raise self.failure(error) from None

    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        session = await self.opened()
        self._busy = True
        answer = await self.run(lambda: session.start(sql, limits, outcome))
        outcome.database_user = session.user
        outcome.columns = [(field.name, field.type) for field in answer.fields]
        batches = _batches(answer, limits, outcome)
        while (batch := await self.run(lambda: next(batches, None))) is not None:
            yield batch
        if outcome.truncated:
            await self.cancel()
        self._busy = False

    async def cancel(self) -> None:
        if self._busy and self._session is not None:
            await asyncio.to_thread(self._stop, self._session)

    async def probe(self) -> Probe:
        return await self.steps().run(self)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._busy:
            await asyncio.to_thread(self._stop, session)
        self._busy = False
        if self._stopping is not None:
            # A driver that is closed while it tells the server would connect once more.
            await asyncio.to_thread(self._stopping.join, GRACE_S)
        await self._lane.close(lambda: self._let_go(session))

    def _let_go(self, session: Session | None) -> None:
        if session is None:
            return
        try:
            session.close()
        except Exception as error:  # noqa: BLE001 - nobody waits for a connection that is gone
            _log.info(
                "A connection of %s did not close: %s", self.name, self.failure(error).message
            )

    def _stop_soon(self) -> None:
        """The lane's task was cancelled: tell the server, without holding the event loop."""
        session = self._session
        if self._busy and session is not None:
            self._stopping = threading.Thread(target=self._stop, args=(session,), daemon=True)
            self._stopping.start()

    def _stop(self, session: Session) -> None:
        try:
            session.stop()
        except Exception as error:  # noqa: BLE001 - the limit of time ends the statement instead
            _log.warning("A statement could not be stopped: %s", self.failure(error).message)


class Steps(ABC):
    """The steps of a connection test, in order; each returns its detail or raises WorkerError."""

    encrypted: bool | None = True  # None: the driver always is

    @abstractmethod
    async def resolve(self) -> str: ...

    @abstractmethod
    async def reach(self) -> str: ...

    @abstractmethod
    async def sign_in(self) -> str: ...

    @abstractmethod
    async def list_schemas(self) -> str: ...

    @abstractmethod
    async def weaknesses(self) -> list[str]:
        """Why the role may do more than read; nothing is good."""

    @abstractmethod
    def fix_sql(self) -> str:
        """SQL that makes a good role."""

    async def run(self, engine: BlockingEngine) -> Probe:
        """Run every step until one fails."""
        report = Test()
        for name, step in (("resolve", self.resolve), ("connect", self.reach)):
            if not report.failed:
                await report.run("resolve" if name == "resolve" else "connect", step())
        if not report.failed:
            await report.run("sign_in", self._signed_in(engine))
            self._judge_tls(report)
        if not report.failed:
            await report.run("list_schemas", self.list_schemas())
        if report.failed:
            return report.result()
        reasons = await report.judge_role(self.weaknesses())
        if report.failed or not reasons:
            return report.result()
        return report.result({"reasons": reasons, "fix_sql": self.fix_sql()})

    async def _signed_in(self, engine: BlockingEngine) -> str:
        await engine.open()
        return await self.sign_in()

    def _judge_tls(self, report: Test) -> None:
        signed = report.steps["sign_in"]
        detail = signed.detail or ""
        if signed.ok is False:
            if any(word in detail.lower() for word in ("certificate", "ssl", "over tls")):
                report.steps["tls"] = Step("tls", False, 0, detail, signed.advice)
                report.steps["sign_in"] = Step("sign_in", None)
        elif self.encrypted:
            report.steps["tls"] = Step("tls", True, 0, "encrypted")
        else:
            report.steps["tls"] = Step(
                "tls", None, 0, "not encrypted", "Use TLS if the network is not yours."
            )


def _batches(answer: Answer, limits: Limits, outcome: Outcome) -> Iterator[Batch]:
    """Batches within the limits; at least one, without rows if there are none."""
    meter = Meter(limits, outcome)
    left = limits.rows
    while True:
        rows = list(islice(answer.rows, min(left, limits.batch_rows, _BATCH_ROWS)))
        left -= len(rows)
        if not left and next(answer.rows, None) is not None:
            outcome.truncated = True
        batch = meter.fitting(_batch(answer.fields, rows, limits, outcome))
        if batch.length or not outcome.rows:
            yield batch
        if not rows or not left or outcome.truncated:
            return


def _batch(fields: tuple[Field, ...], rows: list[Cells], limits: Limits, outcome: Outcome) -> Batch:
    columns: list[Cells] = list(zip(*rows, strict=True)) or [() for _ in fields]
    made = tuple(
        cut_column(field.column(cells), limits.max_cell_bytes, field.name, outcome)
        for field, cells in zip(fields, columns, strict=True)
    )
    return Batch(tuple(field.name for field in fields), made, len(rows))
