"""The limits on a result that every engine of rows keeps: bytes in all, bytes of one cell."""

from collections.abc import Sequence

from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome


class Meter:
    """Counts what was passed on."""

    def __init__(self, limits: Limits, outcome: Outcome) -> None:
        self.limits = limits
        self.outcome = outcome
        self._bytes = 0

    def fits(self, batch: Batch) -> bool:
        """Count a batch; False, said in a note, when it is beyond the limit of bytes."""
        self._bytes += batch.nbytes
        if self._bytes > self.limits.max_bytes:
            self.outcome.truncated = True
            self.outcome.notes.append(
                f"The result was cut at {self.limits.max_bytes // 1_048_576} MB."
            )
            return False
        self.outcome.rows += batch.length
        return True


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
