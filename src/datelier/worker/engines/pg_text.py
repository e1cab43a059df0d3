"""PostgreSQL's text result format to the same columns.

Used when a result has a column whose binary form is not known here (ranges, inet, geometry,
composites …): such a column is its text, the others keep their types.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final, cast

import orjson

from datelier.wire.arrow import bitmap, column_from_cells
from datelier.wire.temporal import DAY_MICROS, date_days, time_micros, timestamp_micros
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
    return time_micros(cell.decode())


class _Days(dict[int, int]):
    """YYYYMMDD as a number to microseconds since the epoch, worked out once per day."""

    def __missing__(self, day: int) -> int:
        year, rest = divmod(day, 10_000)
        month, of_month = divmod(rest, 100)
        self[day] = micros = date_days(date(year, month, of_month)) * DAY_MICROS
        return micros


class _Clocks(dict[int, int]):
    """HHMMSS as a number to microseconds since midnight; at most 86,400 entries."""

    def __missing__(self, clock: int) -> int:
        hour, rest = divmod(clock, 10_000)
        minute, second = divmod(rest, 100)
        self[clock] = micros = ((hour * 60 + minute) * 60 + second) * 1_000_000
        return micros


_CLOCKS: Final = _Clocks()
_NOT_DIGITS: Final = b"-: "


def _stamps(kind: ColumnType, zone: bytes) -> Decoder:
    """`2026-01-02 03:04:05.6` + zone, read as numbers; whatever looks different is parsed."""

    def decode(cells: Cells) -> Column:
        micros = _quick_stamps(cells, zone)
        if micros is None:
            micros = array("q", [0 if c is None else timestamp_micros(c.decode()) for c in cells])
        validity = bitmap([cell is not None for cell in cells]) if None in cells else None
        return Column(kind, len(cells), micros.tobytes(), validity)

    return decode


def _quick_stamps(cells: Cells, zone: bytes) -> "array[int] | None":
    """Microseconds when every year has four digits and lies in our era, else None."""
    full = [cell or b"1970-01-01 00:00:00" + zone for cell in cells]
    joined = b",".join(full)
    shape = {cell[10:11] for cell in full}
    if shape != {b" "} or b"C" in joined or joined.count(zone or b":") < len(full):
        return None
    width = 19 + len(zone)
    plain = len(joined) == (width + 1) * len(full) - 1 and b"." not in joined
    heads = joined.replace(zone, b"") if plain else b",".join([cell[:19] for cell in full])
    numbers: list[int] = orjson.loads(b"[" + heads.translate(None, _NOT_DIGITS) + b"]")
    days, clocks = _Days(), _CLOCKS
    micros = array("q", [days[n // 1_000_000] + clocks[n % 1_000_000] for n in numbers])
    if not plain:
        end = -len(zone) or None
        tails = b",".join([b"1" + cell[20:end].ljust(6, b"0") for cell in full])
        fractions: list[int] = orjson.loads(b"[" + tails + b"]")
        micros = array("q", [a + b - 1_000_000 for a, b in zip(micros, fractions, strict=True)])
    return micros


def _dates(cells: Cells) -> Column:
    known = {cell: date_days(cell.decode()) for cell in set(cells) if cell is not None}
    numbers = array("i", [0 if cell is None else known[cell] for cell in cells])
    validity = bitmap([cell is not None for cell in cells]) if None in cells else None
    return Column("date", len(cells), numbers.tobytes(), validity)


def _plain(kind: ColumnType, read: Callable[[bytes], int | float]) -> Decoder:
    def decode(cells: Cells) -> Column:
        if None in cells:
            return _numbers(kind)(cells)
        full = cast("Sequence[bytes]", cells)
        try:
            # A JSON parser reads numbers ten times faster than int() and float() one by one.
            numbers: Iterable[int | float] = orjson.loads(b"[" + b",".join(full) + b"]")
        except orjson.JSONDecodeError:  # NaN and Infinity
            numbers = map(read, full)
        if kind == "float64" and b"-0" in full:
            numbers = map(read, full)
        return Column(kind, len(cells), array(FIXED[kind], numbers).tobytes())

    return decode


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
    20: _plain("int64", int),
    21: _plain("int32", int),
    23: _plain("int32", int),
    26: _plain("int64", int),
    114: _text("json"),
    700: _plain("float64", float),
    701: _plain("float64", float),
    1082: _dates,
    1083: _numbers("time"),
    1114: _stamps("timestamp", b""),
    1184: _stamps("timestamptz", b"+00"),
    1186: _text("interval"),
    1700: _text("decimal"),
    2950: _text("uuid"),
    3802: _text("json"),
}
