"""Batches to Arrow IPC streams and back, with nanoarrow only.

A hot path: it works on whole columns, never on single cells where that can be avoided.
"""

import io
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import accumulate, chain
from typing import Any, cast

from datelier.wire.temporal import date_days, time_micros, timestamp_micros
from datelier.wire.types import (
    COLUMN_TYPES,
    FIXED,
    FROM_STORAGE,
    STORAGE,
    Batch,
    Column,
    ColumnType,
)

# nanoarrow is compiled and ships no types, so it is imported as Any. CSchemaBuilder is its only way
# to put metadata on a field, and has no public alias.
_nanoarrow: Any = import_module("nanoarrow")
_ipc: Any = import_module("nanoarrow.ipc")
_schema_builder: Any = import_module("nanoarrow._schema").CSchemaBuilder

TYPE_KEY = b"datelier.type"
BATCH_ROWS = 8192

if sys.byteorder != "little":  # pragma: no cover - Arrow buffers are written as they lie in memory
    raise ImportError("datelier.wire needs a little-endian machine")


def encode_columns(
    names: Sequence[str], types: Sequence[ColumnType], columns: Sequence[Sequence[object]]
) -> bytes:
    """Encode Python values (None is NULL), one sequence per column, as one Arrow IPC stream.

    Values: bool, int, float, str for every text-stored type (str() is taken of others), bytes,
    date, time, datetime or already days/microseconds. Raises ValueError on lengths that differ
    and OverflowError when an integer does not fit its type.
    """
    length = len(columns[0]) if columns else 0
    if any(len(column) != length for column in columns) or len(names) != len(columns):
        raise ValueError("every column needs a name and the same number of values")
    made = [column_from_values(kind, values) for kind, values in zip(types, columns, strict=True)]
    return encode_batch(Batch(tuple(names), tuple(made), length))


def encode_batch(batch: Batch) -> bytes:
    """One self-contained Arrow IPC stream with one record batch."""
    sink = io.BytesIO()
    with _ipc.StreamWriter.from_writable(sink) as writer:
        writer.write_array(_whole(batch))
    return sink.getvalue()


def arrow_array(batch: Batch) -> object:
    """The batch as an object with an Arrow C stream that other libraries can read repeatedly."""
    return _nanoarrow.Array(_whole(batch))


def _whole(batch: Batch) -> Any:
    fields = [_field(n, c.type) for n, c in zip(batch.names, batch.columns, strict=True)]
    children = [_array(f, c) for f, c in zip(fields, batch.columns, strict=True)]
    return _nanoarrow.c_array_from_buffers(
        _struct(fields), batch.length, [None], 0, children=children
    )


def read_batches(data: bytes | Iterable[bytes]) -> Iterator[Batch]:
    """The batches of one IPC stream, or of several one after the other.

    Raises ValueError when the bytes are not an Arrow stream of types this product writes.
    """
    for stream in [data] if isinstance(data, bytes) else data:
        try:
            with _ipc.InputStream.from_readable(io.BytesIO(stream)) as source:
                yield from batches_from_stream(source)
        except RuntimeError as error:  # NanoarrowException: truncated or malformed input
            raise ValueError(f"not an Arrow stream: {str(error)[:200]}") from error


def batches_from_stream(source: object) -> Iterator[Batch]:
    """Batches of anything with an Arrow C stream (a DuckDB relation, an IPC reader)."""
    stream = _nanoarrow.c_array_stream(source)
    schema = stream.get_schema()
    names = tuple(child.name or "" for child in schema.children)
    types: tuple[ColumnType, ...] = tuple(_type_of(child) for child in schema.children)
    for chunk in stream:
        yield _batch(names, types, chunk)


def column_from_values(kind: ColumnType, values: Sequence[object]) -> Column:
    """One column from Python values; see `encode_columns`."""
    if kind not in COLUMN_TYPES:
        raise ValueError(f"unknown column type {kind!r}")
    validity = bitmap([v is not None for v in values]) if None in values else None
    if kind == "boolean":
        return Column(kind, len(values), bitmap([bool(value) for value in values]), validity)
    if kind in FIXED:
        code = FIXED[kind]
        numbers = (0 if value is None else _number(kind, value) for value in values)
        return Column(kind, len(values), array(code, numbers).tobytes(), validity)
    return column_from_cells(kind, [None if v is None else _encoded(v) for v in values])


def column_from_cells(kind: ColumnType, cells: Sequence[bytes | None]) -> Column:
    """A text or binary column from encoded cells (None is NULL)."""
    validity = None
    try:
        data = b"".join(cast("Sequence[bytes]", cells))
    except TypeError:  # there is a NULL
        validity = bitmap([cell is not None for cell in cells])
        cells = [cell or b"" for cell in cells]
        data = b"".join(cells)
    # array() takes a list twice as fast as an iterator.
    offsets = array("i", list(accumulate(map(len, cast("Sequence[bytes]", cells)), initial=0)))
    return Column(kind, len(cells), data, validity, offsets.tobytes())


def bitmap(flags: Sequence[int]) -> bytes:
    """Pack booleans (or zeros and ones), least significant bit first."""
    # int() reads the most significant digit first, so the flags go in backwards.
    if not flags:
        return b""
    digits = bytes(flags).translate(_DIGITS)[::-1]
    return int(digits, 2).to_bytes((len(flags) + 7) // 8, "little")


def flags_of(bits: bytes, length: int) -> list[bool]:
    """Unpack a bitmap of `length` flags."""
    return list(chain.from_iterable(map(_BYTE_FLAGS.__getitem__, bits)))[:length]


def slice_batch(batch: Batch, start: int, stop: int) -> Batch:
    """Rows start..stop (clamped) of a batch, copied into buffers of their own."""
    start, stop = max(0, start), min(batch.length, stop)
    length = max(0, stop - start)
    columns = tuple(_slice_column(column, start, start + length) for column in batch.columns)
    return Batch(batch.names, columns, length)


def _slice_column(column: Column, start: int, stop: int) -> Column:
    length = stop - start
    validity = None
    if column.validity is not None:
        validity = _slice_bits(column.validity, start, length)
    if column.type == "boolean":
        return Column(column.type, length, _slice_bits(column.data, start, length), validity)
    if column.offsets is None:
        width = array(FIXED[column.type]).itemsize
        data = bytes(memoryview(column.data)[start * width : stop * width])
        return Column(column.type, length, data, validity)
    positions = array("i", bytes(memoryview(column.offsets)[start * 4 : (stop + 1) * 4]))
    first, last = positions[0], positions[-1]
    if first:
        positions = array("i", [position - first for position in positions])
    data = bytes(memoryview(column.data)[first:last])
    return Column(column.type, length, data, validity, positions.tobytes())


def _slice_bits(bits: bytes, start: int, length: int) -> bytes:
    shifted = int.from_bytes(bits, "little") >> start
    size = (length + 7) // 8
    return (shifted & ((1 << length) - 1)).to_bytes(size, "little")


def _number(kind: ColumnType, value: object) -> int | float:
    if kind == "date":
        return date_days(value)
    if kind == "time":
        return time_micros(value)
    if kind in {"timestamp", "timestamptz"}:
        return timestamp_micros(value)
    number = cast("Any", value)  # float() and int() refuse what they cannot read
    return float(number) if kind == "float64" else int(number)


def _encoded(value: object) -> bytes:
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return str(value).encode("utf-8", "replace")


def _field(name: str, kind: ColumnType) -> Any:
    builder = _schema_builder.allocate()
    builder.set_format(STORAGE[kind])
    builder.set_name(name.replace("\0", ""))  # a C string ends at NUL
    builder.set_nullable(True)
    if FROM_STORAGE[STORAGE[kind]] != kind:
        builder.append_metadata({TYPE_KEY: kind.encode()})
    return builder.finish()


def _struct(fields: Sequence[Any]) -> Any:
    builder = _schema_builder.allocate()
    builder.set_format("+s")
    builder.set_name("")
    builder.set_nullable(False)
    builder.allocate_children(len(fields))
    for position, field in enumerate(fields):
        builder.set_child(position, field.name, field)
    return builder.finish()


def _array(field: Any, column: Column) -> Any:
    buffers = [column.validity, column.data]
    if column.offsets is not None:
        buffers.insert(1, column.offsets)
    nulls = 0 if column.validity is None else -1  # -1: nanoarrow counts them
    return _nanoarrow.c_array_from_buffers(field, column.length, buffers, nulls)


def _type_of(field: Any) -> ColumnType:
    named: str = dict(field.metadata or {}).get(TYPE_KEY, b"").decode()
    for kind in COLUMN_TYPES:
        if kind == named:
            return kind
    if field.format.startswith("tsu:") and field.format != "tsu:":
        return "timestamptz"  # Arrow keeps the instant in UTC whatever zone is named
    if field.format not in FROM_STORAGE:
        raise ValueError(f"column {field.name!r} has the unsupported Arrow type {field.format!r}")
    return FROM_STORAGE[field.format]


def _batch(names: tuple[str, ...], types: tuple[ColumnType, ...], chunk: Any) -> Batch:
    view = chunk.view()
    columns = tuple(_column(kind, view.child(i)) for i, kind in enumerate(types))
    return Batch(names, columns, chunk.length)


def _column(kind: ColumnType, view: Any) -> Column:
    length, offset = view.length, view.offset
    bits = bytes(view.buffer(0)) if view.null_count else b""
    stored = memoryview(view.buffer(view.n_buffers - 1)).cast("B")
    positions = bytes(view.buffer(1)) if view.n_buffers == 3 else None
    if positions is not None and not positions:
        positions = b"\0\0\0\0"  # an empty array may leave its offsets out
    whole = Column(kind, length + offset, bytes(stored), bits or None, positions)
    return _slice_column(whole, offset, offset + length) if offset else whole


_DIGITS = bytes([48, *([49] * 255)])
_BYTE_FLAGS = [tuple(bool(byte >> bit & 1) for bit in range(8)) for byte in range(256)]
