"""The rows of a running PostgreSQL statement, from libpq's chunks to batches of columns."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import generators, pq
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

from datelier.wire.types import Batch, Column
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.cutting import CUTTABLE, Meter, cut
from datelier.worker.engines.pg_binary import ARRAYS, AS_TEXT, BINARY, Cells, Decoder
from datelier.worker.engines.pg_connect import Connection
from datelier.worker.engines.pg_text import TEXT
from datelier.worker.errors import WorkerError

# libpq holds one chunk in memory; the first one is a batch of its own, so that it leaves at once.
CHUNK_ROWS: Final = 250
_LARGE_BYTES: Final = 1_000_000
_BYTEA: Final = 17
_FAILED: Final = frozenset({pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE})
# Measured milliseconds per 10,000 values, beyond the copying that both formats need.
_BINARY_COST: Final = defaultdict[int, float](
    float, {1700: 5.5, 2950: 8.5, 1186: 23, 700: 19, 3802: 1.6}
)
_TEXT_COST: Final = defaultdict[int, float](
    float,
    dict.fromkeys((16, 20, 21, 23, 26, 700, 701), 0.8)
    | {17: 3, 1082: 1.3, 1083: 21, 1114: 6, 1184: 6},
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a prepared statement and how their values are read."""

    names: list[str]
    decoders: list[Decoder]
    binary: bool

    @classmethod
    def of(cls, names: list[str], oids: list[int], texts: set[int]) -> "Shape":
        """Choose one format for all columns; `texts` are types whose binary form is their text."""
        if not texts.issuperset(oid for oid in oids if oid not in BINARY) or _text_is_faster(oids):
            return cls(names, [TEXT.get(oid, AS_TEXT) for oid in oids], False)
        return cls(names, [BINARY.get(oid, AS_TEXT) for oid in oids], True)

    def decode(self, cells: Sequence[Cells], limits: Limits, outcome: Outcome) -> Batch:
        """The cells, column by column, as a batch; cells longer than allowed are cut and noted."""
        columns: list[Column] = []
        for name, decoder, values in zip(self.names, self.decoders, cells, strict=True):
            column = decoder(values)
            if column.type in CUTTABLE and len(column.data) > limits.max_cell_bytes:
                text = column.type != "binary"
                column = decoder(cut(values, limits.max_cell_bytes, name, outcome, text=text))
            columns.append(column)
        return Batch(tuple(self.names), tuple(columns), columns[0].length)

    def empty(self) -> Batch:
        """A batch without rows."""
        return self.decode([()] * len(self.names), Limits(), Outcome())


def _text_is_faster(oids: list[int]) -> bool:
    """Binary numerics and uuids cost a loop here, textual timestamps and numbers do."""
    if not set(oids).isdisjoint(ARRAYS):
        return False
    return sum(map(_BINARY_COST.__getitem__, oids)) > sum(map(_TEXT_COST.__getitem__, oids))


async def read_batches(
    connection: Connection, shape: Shape, limits: Limits, outcome: Outcome
) -> AsyncIterator[Batch]:
    """Batches of the statement that was sent, counted in `outcome`, until a limit is reached.

    Then `outcome.truncated` is true and more rows may be under way.
    """
    meter = Meter(limits, outcome)
    async for cells in _gathered(connection, limits, outcome):
        try:
            batch = shape.decode(cells, limits, outcome)
        except OverflowError:
            raise WorkerError(
                "sql_failed",
                "The result holds a time after the year 294246, which cannot be shown.",
                hint="Cast the column to text.",
            ) from None
        fitting = meter.fitting(batch)
        if fitting.length:
            yield fitting
        if outcome.truncated:
            return


async def _gathered(
    connection: Connection, limits: Limits, outcome: Outcome
) -> AsyncIterator[list[list[bytes | None]]]:
    """Cells column by column: the first chunk, then about `batch_rows` rows or 1 MB at a time."""
    held: list[list[bytes | None]] = []
    wanted, left, size = 1, limits.rows, 0
    while not outcome.truncated and (result := await _next(connection)) is not None:
        rows = min(result.ntuples, left)
        left -= rows
        outcome.truncated = rows < result.ntuples
        if not rows:  # also the end of a result comes as one without rows
            continue
        cells = _cells(result, rows)
        size += sum(len(column[0] or b"") for column in cells) * rows
        for column, more in zip(held, cells, strict=True) if held else ():
            column.extend(more)
        held = held or [list(column) for column in cells]
        if len(held[0]) >= wanted or size > _LARGE_BYTES:
            yield held
            held, size, wanted = [], 0, limits.batch_rows
    if held:
        yield held


def _cells(result: PGresult, rows: int) -> list[tuple[bytes | None, ...]]:
    """The raw values of the first `rows` rows, column by column.

    psycopg's row loader copies them in C, twice as fast as asking for one after the other; what
    it loads as bytea in binary is the value as it was sent, in either format.
    """
    loader = Transformer()
    loader.set_pgresult(result, set_loaders=False)
    loader.set_loader_types([_BYTEA] * result.nfields, pq.Format.BINARY)
    loaded: list[tuple[Any, ...]] = loader.load_rows(0, rows, tuple)
    return list(zip(*loaded, strict=True))


async def _next(connection: Connection) -> PGresult | None:
    result = await connection.wait(_fetch(connection))
    if result is None:
        return None
    if result.status in _FAILED:
        while await connection.wait(_fetch(connection)) is not None:
            pass  # until then the session takes no other command
        raise error_from_result(result, "utf-8")
    return result


def _fetch(connection: Connection) -> PQGen[PGresult | None]:
    return generators.fetch(connection.pgconn)


async def in_one_trip(connection: Connection, *commands: Callable[[], None]) -> list[PGresult]:
    """Send commands together, each by its own extended-protocol messages; one result of each.

    The first that fails raises psycopg's error, and the server skips all that follow it.
    """
    connection.pgconn.enter_pipeline_mode()
    for command in commands:
        command()
    connection.pgconn.pipeline_sync()
    await connection.wait(generators.send(connection.pgconn))
    results = [
        (await connection.wait(generators.fetch_many(connection.pgconn)))[-1]
        for _ in (*commands, connection.pgconn.pipeline_sync)
    ]
    connection.pgconn.exit_pipeline_mode()
    for result in results:
        if result.status in _FAILED:
            raise error_from_result(result, "utf-8")
    return results[:-1]
