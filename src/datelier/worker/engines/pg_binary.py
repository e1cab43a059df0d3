"""PostgreSQL's binary result format to columns, a whole column at a time.

Formats: src/backend/utils/adt/*.c (`*_send`) of PostgreSQL. Dates and timestamps count from
2000-01-01 there and from 1970-01-01 in Arrow.
"""

import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final, cast

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


def _joined(cells: Cells, width: int) -> tuple[bytes, bytes | None]:
    """Values of one width side by side, NULL as zeros, and the validity bitmap."""
    try:
        return b"".join(cast("Sequence[bytes]", cells)), None
    except TypeError:  # there is a NULL
        zero = bytes(width)
        return b"".join([cell or zero for cell in cells]), _validity(cells)


def _swapped(data: bytes, code: str) -> "array[int] | array[float]":
    """Numbers in network order as a native array."""
    numbers: array[int] | array[float] = array(code)
    numbers.frombytes(data)
    numbers.byteswap()
    return numbers


def _fixed(kind: ColumnType, code: str, width: int) -> Decoder:
    def decode(cells: Cells) -> Column:
        data, validity = _joined(cells, width)
        return Column(kind, len(cells), _swapped(data, code).tobytes(), validity)

    return decode


def _widened(kind: ColumnType, code: str, width: int, wide: str) -> Decoder:
    def decode(cells: Cells) -> Column:
        data, validity = _joined(cells, width)
        return Column(kind, len(cells), array(wide, _swapped(data, code)).tobytes(), validity)

    return decode


def _shifted(kind: ColumnType, code: str, shift: int, infinity: int) -> Decoder:
    width = array(code).itemsize

    def decode(cells: Cells) -> Column:
        data, validity = _joined(cells, width)
        numbers = _swapped(data, code)
        highest = data[::width]
        if b"\x7f" in highest or b"\x80" in highest:  # infinities, or nearly out of range
            moved = array(code, [_shift(int(n), shift, infinity) for n in numbers]).tobytes()
        else:
            moved = add_to_all(numbers.tobytes(), width, shift)
        return Column(kind, len(cells), moved, validity)

    return decode


def add_to_all(data: bytes, width: int, number: int) -> bytes:
    """Add a number to every signed little-endian integer of `width` bytes; sums must fit.

    All of them are digits of one large integer, which Python adds at the speed of C. With the
    signs flipped they are unsigned, so that no sum carries into its neighbour.
    """
    ones = int.from_bytes((1).to_bytes(width, "little") * (len(data) // width), "little")
    signs = ones << (8 * width - 1)
    moved = (int.from_bytes(data, "little") ^ signs) + ones * number
    return (moved ^ signs).to_bytes(len(data), "little")


def _shift(number: int, shift: int, infinity: int) -> int:
    return number if abs(number) >= infinity else number + shift


def _boolean(cells: Cells) -> Column:
    data, validity = _joined(cells, 1)
    return Column("boolean", len(cells), bitmap(data), validity)


def _float4(cells: Cells) -> Column:
    numbers = array("d", [0.0 if cell is None else _shortest(cell) for cell in cells])
    return Column("float64", len(cells), numbers.tobytes(), _validity(cells))


def _shortest(cell: bytes) -> float:
    """The shortest decimal that is this float4: 0.1 stays 0.1 and not 0.10000000149011612."""
    number = _FLOAT4.unpack(cell)[0]
    for digits in (6, 7, 8, 9):
        candidate = float(f"{number:.{digits}g}")
        if _is_nearest(candidate, number, cell):
            return candidate
    return number


def _is_nearest(candidate: float, number: float, cell: bytes) -> bool:
    """Whether no other float4 is as near; like PostgreSQL, the middle of two belongs to neither."""
    try:
        if _FLOAT4.pack(candidate) != cell:
            return False
    except OverflowError:  # rounded up beyond the largest
        return False
    if candidate == number:
        return True
    outwards = 1 if abs(candidate) > abs(number) else -1
    beside = (int.from_bytes(cell, "big") + outwards).to_bytes(4, "big")
    return candidate != (number + _FLOAT4.unpack(beside)[0]) / 2


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
    distinct = set(cells)
    if len(distinct) < len(cells) // 2:  # amounts repeat
        texts = {cell: None if cell is None else numeric_text(cell) for cell in distinct}
        return column_from_cells("decimal", list(map(texts.__getitem__, cells)))
    return column_from_cells("decimal", [c if c is None else _WRITERS[c[:8]](c) for c in cells])


def numeric_text(cell: bytes) -> bytes:
    """One binary numeric as PostgreSQL writes it: every digit, every trailing zero."""
    return _WRITERS[cell[:8]](cell)


class _Writers(dict[bytes, Callable[[bytes], bytes]]):
    """How to write numerics, by their first eight bytes: all that is the same is worked out once."""

    def __missing__(self, head: bytes) -> Callable[[bytes], bytes]:
        if len(self) > 1000:
            self.clear()
        self[head] = writer = _writer(*_NUMERIC_HEADER(head))
        return writer


_WRITERS: Final = _Writers()


def _writer(count: int, weight: int, sign: int, scale: int) -> Callable[[bytes], bytes]:
    """Writes numerics of `count` groups of four digits, the first worth 10000 ** weight."""
    if sign in _NUMERIC_SPECIAL:
        special = _NUMERIC_SPECIAL[sign]
        return lambda _cell: special
    if (count, weight, sign) == (2, 0, 0) and 0 < scale <= 4:
        return _amount_writer(scale)
    whole = max(0, weight + 1)
    given = min(count, whole)
    form = b"%d" + b"%04d" * (given - 1) + b"0000" * (whole - given) if given else b"0"
    zeros = max(0, -weight - 1)
    shown = min(count - given, max(0, -(-scale // 4) - zeros))
    if scale:
        form += b"." + b"0000" * zeros + b"%04d" * shown
    if sign:
        form = b"-" + form
    unpack = struct.Struct(f">{given + shown}H").unpack_from
    # The last group may hold more digits than are shown, or fewer.
    extra = 4 * (zeros + shown) - scale if scale else 0
    if extra > 0:
        return lambda cell: (form % unpack(cell, 8))[:-extra]
    form += b"0" * -extra
    return lambda cell: form % unpack(cell, 8)


@cache
def _amount_writer(scale: int) -> Callable[[bytes], bytes]:
    """The most common kind, an amount between 1 and 10,000 with 1 to 4 decimals, from tables."""
    wholes: list[bytes] = [b"%d" % number for number in range(10_000)]
    ends: list[bytes] = [b"." + (b"%04d" % number)[:scale] for number in range(10_000)]
    unpack = cast("Callable[[bytes, int], tuple[int, int]]", struct.Struct(">HH").unpack_from)

    def write(cell: bytes) -> bytes:
        whole, end = unpack(cell, 8)
        return wholes[whole] + ends[end]

    return write


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
