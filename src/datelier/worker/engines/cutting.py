"""The limits on a result that every engine of rows keeps: bytes in all, bytes of one cell."""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from datelier.wire.arrow import column_from_cells, flags_of, slice_batch
from datelier.wire.types import Batch, Column
from datelier.worker.engines.base import Limits, Outcome

CUTTABLE: Final = frozenset({"string", "json", "binary"})


class Meter:
    """Counts what was passed on."""

    def __init__(self, limits: Limits, outcome: Outcome) -> None:
        self.limits = limits
        self.outcome = outcome
        self._bytes = 0

    def fitting(self, batch: Batch) -> Batch:
        """The first rows of a batch, as many as the limit of bytes leaves room for; counts them.

        Sets `truncated`, with a note, when that is not all of them.
        """
        left = self.limits.max_bytes - self._bytes
        if batch.nbytes > left:
            self.cut_here()
        while batch.length and batch.nbytes > left:
            batch = slice_batch(batch, 0, batch.length * left // batch.nbytes)
        self._bytes += batch.nbytes
        self.outcome.rows += batch.length
        return batch

    def cut_here(self) -> None:
        """Say that the limit of bytes was met."""
        self.outcome.truncated = True
        self.outcome.notes.append(f"The result was cut at {self.limits.max_bytes // 1_048_576} MB.")


def cut_column(column: Column, limit: int, name: str, outcome: Outcome) -> Column:
    """A text or binary column whose cells have at most `limit` bytes."""
    if column.type not in CUTTABLE or column.offsets is None or len(column.data) <= limit:
        return column
    ends = array("i", column.offsets)
    if all(end - start <= limit for start, end in pairwise(ends)):
        return column
    there = [True] * column.length
    if column.validity is not None:
        there = flags_of(column.validity, column.length)
    cells = [
        column.data[start:end] if present else None
        for present, (start, end) in zip(there, pairwise(ends), strict=True)
    ]
    text = column.type != "binary"
    return column_from_cells(column.type, cut(cells, limit, name, outcome, text=text))


def cut(
    cells: Sequence[bytes | None], limit: int, name: str, outcome: Outcome, *, text: bool = True
) -> Sequence[bytes | None]:
    """Cells of at most `limit` bytes; a note says when one was longer. Texts stay whole UTF-8."""
    if all(cell is None or len(cell) <= limit for cell in cells):
        return cells
    outcome.notes.append(f"Values of {name!r} longer than {limit} bytes were cut.")
    return [
        cell if cell is None or len(cell) <= limit else _shorter(cell, limit, text=text)
        for cell in cells
    ]


def _shorter(cell: bytes, limit: int, *, text: bool) -> bytes:
    return cell[:limit].decode("utf-8", "ignore").encode() if text else cell[:limit]
