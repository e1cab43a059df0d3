"""PostgreSQL's binary result format to columns, a whole column at a time.

Formats: src/backend/utils/adt/*.c (`*_send`) of PostgreSQL. Dates and timestamps count from
2000-01-01 there and from 1970-01-01 in Arrow.
"""

import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import orjson

from datelier.wire.arrow import bitmap, column_from_cells
from datelier.wire.columnar import column_json
from datelier.wire.temporal import DATE_INFINITY, TIME_INFINITY, time_text
from datelier.wire.types import Column, ColumnType

Cells = Sequence[bytes | None]
Decoder = Callable[[Cells], Column]

_DAYS_TO_2000: Final = 10_957
_MICROS_TO_2000: Final = 946_684_800_000_000
_NUMERIC_HEADER: Final = struct.Struct(">HhHH").unpack_from
_NUMERIC_SPECIAL: Final = {0xC000: b"NaN", 0xD000: b"Infinity", 0xF000: b"-Infinity"}
_INTERVAL: Final = struct.Struct(">qii").unpack
_FLOAT4: Final = struct.Struct(">f")


def _validity(cells: Cells) -> bytes | None:
    return bitmap([cell is not None for cell in cells]) if None in cells else None


def _swapped(cells: Cells, code: str, width: int) -> "array[int] | array[float]":
    """Network order numbers of one width as one native array; NULL becomes zero."""
    zero = bytes(width)
    numbers: array[int] | array[float] = array(code)
    numbers.frombytes(b"".join([zero if cell is None else cell for cell in cells]))
    numbers.byteswap()
    return numbers


def _fixed(kind: ColumnType, code: str, width: int) -> Decoder:
    def decode(cells: Cells) -> Column:
        data = _swapped(cells, code, width).tobytes()
        return Column(kind, len(cells), data, _validity(cells))

    return decode


def _widened(kind: ColumnType, code: str, width: int, wide: str) -> Decoder:
    def decode(cells: Cells) -> Column:
        data = array(wide, _swapped(cells, code, width)).tobytes()
        return Column(kind, len(cells), data, _validity(cells))

    return decode


def _shifted(kind: ColumnType, code: str, shift: int, infinity: int) -> Decoder:
    width = array(code).itemsize

    def decode(cells: Cells) -> Column:
        numbers = _swapped(cells, code, width)
        if numbers and (max(numbers) >= infinity or min(numbers) <= -infinity):
            moved = array(code, [_shift(int(n), shift, infinity) for n in numbers])
        else:
            moved = array(code, [int(n) + shift for n in numbers])
        return Column(kind, len(cells), moved.tobytes(), _validity(cells))

    return decode


def _shift(number: int, shift: int, infinity: int) -> int:
    return number if abs(number) >= infinity else number + shift


def _boolean(cells: Cells) -> Column:
    flags = [cell == b"\x01" for cell in cells]
    return Column("boolean", len(cells), bitmap(flags), _validity(cells))


def _float4(cells: Cells) -> Column:
    numbers = array("d", [0.0 if cell is None else _shortest(cell) for cell in cells])
    return Column("float64", len(cells), numbers.tobytes(), _validity(cells))


def _shortest(cell: bytes) -> float:
    """The shortest decimal that is this float4: 0.1 stays 0.1 and not 0.10000000149011612."""
    number = _FLOAT4.unpack(cell)[0]
    for digits in (6, 7, 8):
        candidate = float(f"{number:.{digits}g}")
        if _FLOAT4.pack(candidate) == cell:
            return candidate
    return number


def _text(kind: ColumnType) -> Decoder:
    return lambda cells: column_from_cells(kind, cells)


def _jsonb(cells: Cells) -> Column:
    # One version byte, always 1, stands before the text.
    return column_from_cells("json", [None if cell is None else cell[1:] for cell in cells])


def _uuid(cells: Cells) -> Column:
    return column_from_cells("uuid", [None if cell is None else _uuid_text(cell) for cell in cells])


def _uuid_text(cell: bytes) -> bytes:
    text = cell.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}".encode()


def _numeric(cells: Cells) -> Column:
    # Amounts repeat: one dictionary for the column saves most of the work.
    seen: dict[bytes, bytes] = {cell: numeric_text(cell) for cell in set(cells) if cell is not None}
    return column_from_cells("decimal", [None if cell is None else seen[cell] for cell in cells])


def numeric_text(cell: bytes) -> bytes:
    """One binary numeric as PostgreSQL writes it: every digit, every trailing zero."""
    count, weight, sign, scale = _NUMERIC_HEADER(cell)
    if sign in _NUMERIC_SPECIAL:
        return _NUMERIC_SPECIAL[sign]
    digits = _digits_format(count) % _digits_unpack(count)(cell, 8)
    if weight < -1:
        digits = "0000" * (-weight - 1) + digits
    whole = max(0, (weight + 1) * 4)
    text = digits[:whole].ljust(whole, "0").lstrip("0") or "0"
    if scale:
        text = f"{text}.{digits[whole : whole + scale].ljust(scale, '0')}"
    return (f"-{text}" if sign else text).encode()


@lru_cache(maxsize=256)
def _digits_format(count: int) -> str:
    return "%04d" * count


@lru_cache(maxsize=256)
def _digits_unpack(count: int) -> Callable[[bytes, int], tuple[int, ...]]:
    return struct.Struct(f">{count}H").unpack_from


def _interval(cells: Cells) -> Column:
    texts = [None if cell is None else interval_text(*_INTERVAL(cell)).encode() for cell in cells]
    return column_from_cells("interval", texts)


def interval_text(micros: int, days: int, months: int) -> str:
    """An interval in PostgreSQL's own style: `1 year 2 mons -3 days 04:05:06`."""
    if abs(micros) >= TIME_INFINITY:
        return "infinity" if micros > 0 else "-infinity"
    years, rest = divmod(abs(months), 12)
    sign = -1 if months < 0 else 1
    parts: list[str] = []
    negative = False  # after a negative part PostgreSQL writes the sign of a positive one
    for number, unit in ((sign * years, "year"), (sign * rest, "mon"), (days, "day")):
        if number:
            plus = "+" if negative and number > 0 else ""
            parts.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            negative = number < 0
    if micros or not parts:
        mark = "-" if micros < 0 else "+" if negative else ""
        clock = time_text(abs(micros))
        parts.append(mark + (clock.rstrip("0") if "." in clock else clock))
    return " ".join(parts)


def _array_of(element: int) -> Decoder:
    def decode(cells: Cells) -> Column:
        flat: list[bytes | None] = []
        shapes = [None if cell is None else _read_array(cell, flat) for cell in cells]
        values = iter(column_json(SCALARS[element](flat)))
        texts = [None if shape is None else orjson.dumps(_nest(shape, values)) for shape in shapes]
        return column_from_cells("list", texts)

    return decode


def _read_array(cell: bytes, flat: list[bytes | None]) -> list[int]:
    """Append the elements of one array to `flat`; return its dimensions."""
    (dimensions,) = struct.unpack_from(">i", cell)
    shape = [struct.unpack_from(">i", cell, 12 + 8 * i)[0] for i in range(dimensions)]
    position = 12 + 8 * dimensions
    while position < len(cell):
        (size,) = struct.unpack_from(">i", cell, position)
        position += 4
        flat.append(None if size < 0 else cell[position : position + size])
        position += max(0, size)
    return shape


def _nest(shape: list[int], values: Iterator[object]) -> list[object]:
    if not shape:
        return []
    if len(shape) == 1:
        return [next(values) for _ in range(shape[0])]
    return [_nest(shape[1:], values) for _ in range(shape[0])]


SCALARS: Final[dict[int, Decoder]] = {
    16: _boolean,
    17: _text("binary"),
    18: _text("string"),
    19: _text("string"),
    20: _fixed("int64", "q", 8),
    21: _widened("int32", "h", 2, "i"),
    23: _fixed("int32", "i", 4),
    25: _text("string"),
    26: _widened("int64", "I", 4, "q"),
    114: _text("json"),
    700: _float4,
    701: _fixed("float64", "d", 8),
    705: _text("string"),
    1042: _text("string"),
    1043: _text("string"),
    1082: _shifted("date", "i", _DAYS_TO_2000, DATE_INFINITY),
    1083: _fixed("time", "q", 8),
    1114: _shifted("timestamp", "q", _MICROS_TO_2000, TIME_INFINITY),
    1184: _shifted("timestamptz", "q", _MICROS_TO_2000, TIME_INFINITY),
    1186: _interval,
    1700: _numeric,
    2950: _uuid,
    3802: _jsonb,
}
# pg_type.typarray of the types above
ARRAYS: Final[dict[int, int]] = {
    1000: 16, 1001: 17, 1002: 18, 1003: 19, 1016: 20, 1005: 21, 1007: 23, 1009: 25, 1028: 26,
    199: 114, 1021: 700, 1022: 701, 1014: 1042, 1015: 1043, 1182: 1082, 1183: 1083, 1115: 1114,
    1185: 1184, 1187: 1186, 1231: 1700, 2951: 2950, 3807: 3802,
}  # fmt: skip
BINARY: Final[dict[int, Decoder]] = SCALARS | {
    array_oid: _array_of(element) for array_oid, element in ARRAYS.items()
}
AS_TEXT: Final = _text("string")
