"""Results as one Arrow stream each: joined by cutting bytes, read batch by batch.

An Arrow IPC stream is a schema message, record batch messages and an end mark. Workers send one
stream per batch with the same schema, so joining them copies bytes and decodes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datelier.sources.errors import ActionFailed
from datelier.sources.schemas import ColumnOut
from datelier.wire.arrow import encode_columns, read_batches, slice_batch
from datelier.wire.types import Batch

_CONTINUATION: Final = b"\xff\xff\xff\xff"
_END: Final = _CONTINUATION + b"\0\0\0\0"
Index = list[tuple[int, int, int]]
"""`(byte offset, byte length, rows)` of every record batch."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One Arrow stream as pieces to be written, and where its batches lie."""

    pieces: list[bytes | memoryview]
    index: Index

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def join(streams: Sequence[tuple[bytes, int]], columns: Sequence[ColumnOut]) -> Joined:
    """Join streams, each with its number of rows, into one; without any, into an empty one.

    Raises:
        ActionFailed: They are not streams of one schema.
    """
    if not streams:
        empty = encode_columns(
            [c.name for c in columns], [c.type for c in columns], [[] for _ in columns]
        )
        streams = [(empty, 0)]
    schema = _schema(streams[0][0])
    pieces: list[bytes | memoryview] = [schema]
    index: Index = []
    position = len(schema)
    for stream, rows in streams:
        if not stream.startswith(schema) or not stream.endswith(_END):
            raise ActionFailed("The data worker sent parts that do not belong together.")
        body = memoryview(stream)[len(schema) : -len(_END)]
        pieces.append(body)
        index.append((position, len(body), rows))
        position += len(body)
    pieces.append(_END)
    return Joined(pieces, index)


def _schema(stream: bytes) -> bytes:
    if stream[:4] != _CONTINUATION or len(stream) < 16:
        raise ActionFailed("The data worker sent something that is not an Arrow stream.")
    return stream[: 8 + int.from_bytes(stream[4:8], "little")]


def read_slice(path: Path, index: Index, offset: int, limit: int) -> Iterator[Batch]:
    """Yield rows `offset` to `offset + limit` of a stored stream; other batches are not read."""
    if not index:
        return
    with path.open("rb") as file:
        schema = file.read(index[0][0])
        first = 0
        for start, length, rows in index:
            if first >= offset + limit:
                return
            if first + rows > offset:
                file.seek(start)
                for batch in read_batches(schema + file.read(length) + _END):
                    yield slice_batch(batch, offset - first, offset + limit - first)
            first += rows
