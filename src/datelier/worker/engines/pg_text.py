"""PostgreSQL's text result format to the same columns.

Used when a result has a column whose binary form is not known here (ranges, inet, geometry,
composites …): such a column is its text, the others keep their types.
"""

from array import array
from typing import Final

from datelier.wire.arrow import bitmap, column_from_cells
from datelier.wire.temporal import date_days, time_micros, timestamp_micros
from datelier.wire.types import FIXED, Column, ColumnType
from datelier.worker.engines.pg_binary import Cells, Decoder


def _numbers(kind: ColumnType) -> Decoder:
    def decode(cells: Cells) -> Column:
        numbers = array(FIXED[kind], [_number(kind, cell) for cell in cells])
        validity = bitmap([cell is not None for cell in cells]) if None in cells else None
        return Column(kind, len(cells), numbers.tobytes(), validity)

    return decode


def _number(kind: ColumnType, cell: bytes | None) -> int | float:
    if cell is None:
        return 0
    if kind == "float64":
        return float(cell)
    if kind in {"int32", "int64"}:
        return int(cell)
    text = cell.decode()
    if kind == "date":
        return date_days(text)
    return time_micros(text) if kind == "time" else timestamp_micros(text)


def _boolean(cells: Cells) -> Column:
    validity = bitmap([cell is not None for cell in cells]) if None in cells else None
    return Column("boolean", len(cells), bitmap([cell == b"t" for cell in cells]), validity)


def _bytes(cells: Cells) -> Column:
    # bytea_output is 'hex': \x0102
    return column_from_cells(
        "binary", [None if cell is None else bytes.fromhex(cell[2:].decode()) for cell in cells]
    )


def _text(kind: ColumnType) -> Decoder:
    return lambda cells: column_from_cells(kind, cells)


TEXT: Final[dict[int, Decoder]] = {
    16: _boolean,
    17: _bytes,
    20: _numbers("int64"),
    21: _numbers("int32"),
    23: _numbers("int32"),
    26: _numbers("int64"),
    114: _text("json"),
    700: _numbers("float64"),
    701: _numbers("float64"),
    1082: _numbers("date"),
    1083: _numbers("time"),
    1114: _numbers("timestamp"),
    1184: _numbers("timestamptz"),
    1186: _text("interval"),
    1700: _text("decimal"),
    2950: _text("uuid"),
    3802: _text("json"),
}
