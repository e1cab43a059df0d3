"""Stored results made from plain values, without a source."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from datelier.queries.arrow_store import StoredRows, join
from datelier.sources.schemas import ColumnOut
from datelier.wire.arrow import encode_columns
from datelier.wire.types import ColumnType

Table = Mapping[tuple[str, ColumnType], Sequence[object]]


def stored(folder: Path, table: Table, *, batch: int = 3) -> StoredRows:
    """Store columns, `{(name, type): values}`, in batches of a few rows."""
    names = [name for name, _ in table]
    types: list[ColumnType] = [kind for _, kind in table]
    values = list(table.values())
    count = len(values[0])
    streams = [
        (
            encode_columns(names, types, [column[start : start + batch] for column in values]),
            min(batch, count - start),
        )
        for start in range(0, count, batch)
    ]
    columns = [ColumnOut(name=name, type=kind) for name, kind in table]
    joined = join(streams, columns)
    path = folder / f"{abs(hash((tuple(names), repr(values))))}.arrow"
    path.write_bytes(joined.data)
    return StoredRows(path, joined.index, columns)
