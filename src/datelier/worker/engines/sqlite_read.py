"""One SELECT over a SQLite file, as batches of typed columns."""

import sqlite3
from collections.abc import Iterator, Mapping
from sys import getsizeof
from typing import Any, Final

from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.sqlite_connect import Session
from datelier.worker.engines.sqlite_errors import failure, position_of
from datelier.worker.engines.sqlite_values import Seen, Unsteady, to_column
from datelier.worker.errors import WorkerError

# So much of a result is held to see what its columns are; of a longer one, all is looked at first.
HELD_ROWS: Final = 10_000
HELD_BYTES: Final = 16 * 1024 * 1024
_PART_BYTES: Final = 1024 * 1024
_Row = tuple[Any, ...]
_CHANGES: Final = {
    "cut": "Values of {name!r} longer than {most} bytes were cut.",
    "encoding": "{name!r} holds bytes that are no UTF-8 text; they are shown as \ufffd.",
}


class Reader:
    """Runs one statement in the calling thread.

    Args:
        session: Where; `begin` was called.
        declared: Declared types by lower-case table and column.
        limits: What the result may have.
        outcome: What becomes known of it.
    """

    def __init__(
        self,
        session: Session,
        declared: Mapping[tuple[str, str], str],
        limits: Limits,
        outcome: Outcome,
    ) -> None:
        self._session = session
        self._declared = declared
        self._limits = limits
        self._outcome = outcome
        self._bytes = 0

    def read(self, sql: str) -> Iterator[Batch]:
        """The result in batches; at least one, without rows if there are none."""
        try:
            yield from self._read(sql)
        except Unsteady:
            raise WorkerError(
                "sql_failed",
                "A column has values of other kinds each time the statement runs.",
                hint="Give its values one type with CAST.",
            ) from None
        except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
            failed = failure(error, self._session)
            failed.position = position_of(sql, failed)
            raise failed from None

    def _read(self, sql: str) -> Iterator[Batch]:
        cursor = self._session.run(sql)
        if cursor.description is None:
            raise WorkerError("sql_refused", "The statement returns no columns.")
        names = tuple(str(column[0]) for column in cursor.description)
        seen = [Seen(name, self._declared_as(name)) for name in names]
        parts = self._parts(cursor, self._limits.rows + 1)
        held, ended = _hold(parts)
        for part in held:
            _look(seen, part)
        if not ended:
            self._look_at_all(sql, seen)
        self._outcome.columns = [(one.name, one.decide()) for one in seen]
        self._outcome.notes.extend(note for one in seen if (note := one.note()))
        yield from self._batches(names, held, parts)

    def _declared_as(self, name: str) -> str:
        """The declared type of the column of that name that the statement reads, if it is one."""
        wanted = name.lower()
        found = {self._declared.get(key, "") for key in self._session.reads if key[1] == wanted}
        return found.pop() if len(found) == 1 else ""

    def _look_at_all(self, sql: str, seen: list[Seen]) -> None:
        """Run the statement a first time, only to see what its values are."""
        cursor = self._session.run(sql)
        for part in self._parts(cursor, self._limits.rows):
            _look(seen, part)
        cursor.close()

    def _parts(self, cursor: sqlite3.Cursor, most: int) -> Iterator[list[_Row]]:
        """At most so many rows, in lists of about a megabyte; a cell too long is cut at once."""
        rows: list[_Row] = []
        size, cell_most = 0, self._limits.max_cell_bytes
        for count, row in enumerate(cursor, 1):
            length = sum(map(getsizeof, row))
            if length > cell_most:
                row = tuple(_trim(cell, cell_most + 1) for cell in row)  # noqa: PLW2901 - the whole is given back
                length = sum(map(getsizeof, row))
            rows.append(row)
            size += length
            if size > _PART_BYTES or len(rows) == self._limits.batch_rows or count == most:
                yield rows
                rows, size = [], 0
            if count == most:
                break
        if rows:
            yield rows
        cursor.close()

    def _batches(
        self, names: tuple[str, ...], held: list[list[_Row]], parts: Iterator[list[_Row]]
    ) -> Iterator[Batch]:
        yielded = False
        while rows := (held.pop(0) if held else next(parts, list[_Row]())):
            left = self._limits.rows - self._outcome.rows
            if len(rows) > left:
                self._outcome.truncated = True
                rows = rows[:left]
            batch = self._batch(names, rows)
            self._bytes += batch.nbytes
            if self._bytes > self._limits.max_bytes:
                self._outcome.truncated = True
                megabytes = self._limits.max_bytes // 1_048_576
                self._outcome.notes.append(f"The result was cut at {megabytes} MB.")
                break
            if rows:
                self._outcome.rows += len(rows)
                yielded = True
                yield batch
            if self._outcome.truncated:
                break
        if not yielded:
            yield self._batch(names, [])

    def _batch(self, names: tuple[str, ...], rows: list[_Row]) -> Batch:
        cells: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        columns: list[Any] = []
        for (name, kind), values in zip(self._outcome.columns, cells, strict=True):
            column, changes = to_column(kind, values, self._limits.max_cell_bytes)
            columns.append(column)
            for change in sorted(changes):
                said = _CHANGES[change].format(name=name, most=self._limits.max_cell_bytes)
                if said not in self._outcome.notes:
                    self._outcome.notes.append(said)
        return Batch(names, tuple(columns), len(rows))


def _hold(parts: Iterator[list[_Row]]) -> tuple[list[list[_Row]], bool]:
    """The first rows, and whether that is all."""
    held: list[list[_Row]] = []
    rows = size = 0
    while rows <= HELD_ROWS and size < HELD_BYTES:
        part = next(parts, None)
        if part is None:
            return held, True
        held.append(part)
        rows += len(part)
        size += sum(map(getsizeof, (cell for row in part for cell in row)))
    return held, False


def _look(seen: list[Seen], rows: list[_Row]) -> None:
    for one, values in zip(seen, zip(*rows, strict=True), strict=True):
        one.look(values)


def _trim(cell: Any, most: int) -> Any:
    return cell[:most] if isinstance(cell, bytes | bytearray) else cell
