"""Results as one Arrow stream each: joined by cutting bytes, read batch by batch.

An Arrow IPC stream is a schema message, record batch messages and an end mark. Workers send one
stream per batch with the same schema, so joining them copies bytes and decodes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from datelier.sources.errors import ActionFailed
from datelier.sources.schemas import ColumnOut
from datelier.wire.arrow import encode_columns, read_batches, slice_batch
from datelier.wire.types import Batch, ColumnType

_CONTINUATION: Final = b"\xff\xff\xff\xff"
_END: Final = _CONTINUATION + b"\0\0\0\0"
_NOT_TOGETHER: Final = "The data worker sent parts that do not belong together."
Index = list[tuple[int, int, int]]
"""`(byte offset, byte length, rows)` of every record batch."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One Arrow stream, and where its batches lie."""

    data: bytes
    index: Index

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(rows for _, _, rows in self.index)


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
            raise ActionFailed(_NOT_TOGETHER)
        body = memoryview(stream)[len(schema) : -len(_END)]
        pieces.append(body)
        index.append((position, len(body), rows))
        position += len(body)
    pieces.append(_END)
    return Joined(b"".join(pieces), index)


def _schema(stream: bytes) -> bytes:
    if stream[:4] != _CONTINUATION or len(stream) < 16:
        raise ActionFailed("The data worker sent something that is not an Arrow stream.")
    return stream[: 8 + int.from_bytes(stream[4:8], "little")]


def schema_of(head: bytes, file: BinaryIO) -> bytes:
    """Return the schema message that begins with the 8 bytes `head` and goes on in `file`."""
    return head + file.read(int.from_bytes(head[4:8], "little"))


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


@dataclass(frozen=True, slots=True)
class StoredRows:
    """A stored stream with its columns and where its batches lie."""

    path: Path
    index: Index
    columns: list[ColumnOut]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(rows for _, _, rows in self.index)

    @property
    def types(self) -> list[ColumnType]:
        """The columns' types, in order."""
        return [column.type for column in self.columns]

    def batches(self) -> Iterator[Batch]:
        """Yield all rows, one stored batch at a time."""
        return read_slice(self.path, self.index, 0, self.rows)


class Spool:
    """Appends streams of one schema to a file as they come; nothing is kept in memory.

    Args:
        path: The file to make.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index: Index = []
        self.size = 0
        self._schema = b""
        self._file = path.open("wb")

    @property
    def rows(self) -> int:
        """How many rows there are so far."""
        return sum(rows for _, _, rows in self.index)

    def append(self, stream: bytes, rows: int) -> None:
        """Add the batches of one stream.

        Raises:
            ActionFailed: It is no stream of the same schema as those before it.
        """
        if not self._schema:
            self._schema = _schema(stream)
            self._write(self._schema)
        if not stream.startswith(self._schema) or not stream.endswith(_END):
            raise ActionFailed(_NOT_TOGETHER)
        body = memoryview(stream)[len(self._schema) : -len(_END)]
        self.index.append((self.size, len(body), rows))
        self._write(body)

    def finish(self, columns: Sequence[ColumnOut]) -> StoredRows:
        """End the stream and return it."""
        if not self._schema:
            whole = join([], columns)
            self.index = whole.index
            self._write(whole.data)
        else:
            self._write(_END)
        self._file.close()
        return StoredRows(self.path, self.index, list(columns))

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()

    def _write(self, data: bytes | memoryview) -> None:
        self.size += self._file.write(data)
