"""Values of MySQL's binary protocol to columns, without loss.

What has no counterpart keeps its text: TIME goes beyond a day and below zero (interval), BIGINT
UNSIGNED beyond int64 (decimal), a zero date is no day of any calendar (string).
"""

import struct
from array import array
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, cast

from datelier.wire.arrow import bitmap, column_from_cells
from datelier.wire.temporal import DAY_MICROS, date_days
from datelier.wire.types import Column, ColumnType
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.cutting import CUTTABLE, cut
from datelier.worker.engines.mysql_wire import Described

Cells = Sequence[bytes | None]
_Decode = Callable[[Cells], Column]
_BINARY: Final = 63  # the character set of bytes that are no text
_FLOAT: Final = struct.Struct("<f")
_TEXTS: Final = frozenset({15, 247, 248, 249, 250, 251, 252, 253, 254})
_INTEGERS: Final[dict[int, str]] = {1: "b", 2: "h", 3: "i", 9: "i"}


class Decoder:
    """One column of one result; its type is known after the first cells."""

    def __init__(self, described: Described, limits: Limits, outcome: Outcome) -> None:
        self._described = described
        self._limits = limits
        self._outcome = outcome
        self._decode, self._kind = _choose(described)
        self._dates = described.type in {7, 10, 12}
        self._settled = False

    def column(self, cells: Cells) -> Column:
        """The cells of one batch as a column."""
        if self._kind in CUTTABLE and sum(map(len, filter(None, cells))) > self._cell:
            cells = cut(cells, self._cell, self._name, self._outcome, text=self._kind != "binary")
        if self._kind in {"string", "json"}:
            cells = self._valid(cells)
        if self._dates:
            cells = self._known_days(cells)
        self._settled |= bool(cells)
        return self._decode(cells)

    @property
    def _cell(self) -> int:
        return self._limits.max_cell_bytes

    @property
    def _name(self) -> str:
        return self._described.name

    def _valid(self, cells: Cells) -> Cells:
        """Texts that are valid UTF-8: a column may hold bytes its character set does not know."""
        try:
            b"\n".join(cell for cell in cells if cell is not None).decode()
        except UnicodeDecodeError:
            self._outcome.notes.append(
                f"Bytes of {self._name!r} that are no valid UTF-8 are shown as \N{REPLACEMENT CHARACTER}."
            )
            return [
                None if cell is None else cell.decode("utf-8", "replace").encode() for cell in cells
            ]
        return cells

    def _known_days(self, cells: Cells) -> Cells:
        """A first batch with a zero date makes the column a text; later ones become NULL, said."""
        if self._kind == "string":
            return [None if cell is None else _day_text(cell) for cell in cells]
        strange = {cell for cell in set(cells) if cell is not None and not _is_day(cell)}
        if not strange:
            return cells
        if not self._settled:
            self._outcome.notes.append(
                f"{self._name!r} holds dates such as 0000-00-00, so it is shown as text."
            )
            self._kind, self._decode = "string", _as("string")
            return [None if cell is None else _day_text(cell) for cell in cells]
        self._outcome.notes.append(
            f"{self._name!r} holds dates such as 0000-00-00, which are shown as NULL."
        )
        return [None if cell in strange else cell for cell in cells]


def _choose(described: Described) -> tuple[_Decode, ColumnType]:
    kind = described.type
    if kind in _TEXTS:
        return _of_text(described)
    if kind == 16:
        return _of_bits(described)
    if kind == 8 and described.unsigned:
        return _unsigned, "decimal"
    if kind == 3 and described.unsigned:
        return _numbers("int64", "I"), "int64"
    if kind in _INTEGERS:
        code = _INTEGERS[kind]
        return _numbers("int32", code.upper() if described.unsigned else code), "int32"
    return _OTHERS.get(kind, (_as("binary"), "binary"))


def _of_text(described: Described) -> tuple[_Decode, ColumnType]:
    if "json" in described.extended:
        return _as("json"), "json"
    if "uuid" in described.extended:
        return _as("uuid"), "uuid"
    binary = described.charset == _BINARY and not described.extended & {"inet4", "inet6"}
    chosen: ColumnType = "binary" if binary else "string"
    return _as(chosen), chosen


def _of_bits(described: Described) -> tuple[_Decode, ColumnType]:
    if described.length == 1:
        return _flag, "boolean"
    chosen: ColumnType = "int64" if described.length < 64 else "decimal"

    def decode(cells: Cells) -> Column:
        numbers = [None if cell is None else int.from_bytes(cell, "big") for cell in cells]
        if chosen == "decimal":
            texts = [None if number is None else b"%d" % number for number in numbers]
            return column_from_cells("decimal", texts)
        return Column(
            "int64", len(cells), array("q", [n or 0 for n in numbers]).tobytes(), _validity(cells)
        )

    return decode, chosen


def _validity(cells: Cells) -> bytes | None:
    return bitmap([cell is not None for cell in cells]) if None in cells else None


def _flag(cells: Cells) -> Column:
    return Column(
        "boolean", len(cells), bitmap([cell == b"\1" for cell in cells]), _validity(cells)
    )


def _as(kind: ColumnType) -> _Decode:
    return lambda cells: column_from_cells(kind, cells)


def _packed(cells: Cells, width: int) -> bytes:
    """The values one after the other, zeros where there is none."""
    if None in cells:
        zero = bytes(width)
        return b"".join([cell or zero for cell in cells])
    return b"".join(cast("Sequence[bytes]", cells))


def _fixed(kind: ColumnType, width: int) -> _Decode:
    """Values that are already as Arrow wants them."""
    return lambda cells: Column(kind, len(cells), _packed(cells, width), _validity(cells))


def _numbers(kind: ColumnType, code: str) -> _Decode:
    """Integers of fewer bytes, or without a sign."""
    width = array(code).itemsize
    wanted = "i" if kind == "int32" else "q"

    def decode(cells: Cells) -> Column:
        packed = _packed(cells, width)
        data = packed if code == wanted else array(wanted, array(code, packed)).tobytes()
        return Column(kind, len(cells), data, _validity(cells))

    return decode


def _unsigned(cells: Cells) -> Column:
    numbers = array("Q", _packed(cells, 8))
    texts = [
        None if cell is None else b"%d" % number
        for cell, number in zip(cells, numbers, strict=True)
    ]
    return column_from_cells("decimal", texts)


def _float(cells: Cells) -> Column:
    numbers = array("d", [0.0 if cell is None else _shortest(cell) for cell in cells])
    return Column("float64", len(cells), numbers.tobytes(), _validity(cells))


def _shortest(cell: bytes) -> float:
    """The shortest decimal that is this FLOAT: 0.1 stays 0.1 and not 0.10000000149011612."""
    number: float = _FLOAT.unpack(cell)[0]
    for digits in (6, 7, 8):
        candidate = float(f"{number:.{digits}g}")
        if _FLOAT.pack(candidate) == cell:
            return candidate
    return number


@lru_cache(maxsize=8192)
def _day(cell: bytes) -> int | None:
    """Year (2 bytes), month, day as days since 1970; None when that is no day."""
    if len(cell) < 4:
        return None
    try:
        return date_days(date(cell[0] | cell[1] << 8, cell[2], cell[3]))
    except ValueError:
        return None


def _is_day(cell: bytes) -> bool:
    return _day(cell[:4]) is not None


def _day_text(cell: bytes) -> bytes:
    """A DATE or DATETIME as MySQL spells it, whatever it holds."""
    full = cell.ljust(11, b"\0")
    year, month, day, hour, minute, second, micros = struct.unpack("<HBBBBBI", full)
    text = f"{year:04}-{month:02}-{day:02}"
    if len(cell) > 4:
        text += f" {hour:02}:{minute:02}:{second:02}"
    return (f"{text}.{micros:06}" if micros else text).encode()


def _dates(cells: Cells) -> Column:
    days = array("i", [0 if cell is None else _day(cell[:4]) or 0 for cell in cells])
    return Column("date", len(cells), days.tobytes(), _validity(cells))


@lru_cache(maxsize=8192)
def _clock(cell: bytes) -> int:
    """Hour, minute, second, perhaps microseconds (4 bytes), as microseconds."""
    seconds = (cell[0] * 60 + cell[1]) * 60 + cell[2] if cell else 0
    return seconds * 1_000_000 + int.from_bytes(cell[3:7], "little")


def _stamps(kind: ColumnType) -> _Decode:
    def decode(cells: Cells) -> Column:
        micros = array(
            "q",
            [
                0 if cell is None else (_day(cell[:4]) or 0) * DAY_MICROS + _clock(cell[4:])
                for cell in cells
            ],
        )
        return Column(kind, len(cells), micros.tobytes(), _validity(cells))

    return decode


def _interval_text(cell: bytes) -> bytes:
    """A TIME as MySQL spells it: from -838:59:59 to 838:59:59."""
    if not cell:
        return b"00:00:00"
    negative, days, hours, minutes, seconds = struct.unpack_from("<?IBBB", cell)
    micros = int.from_bytes(cell[8:12], "little")
    sign = "-" if negative else ""
    text = f"{sign}{days * 24 + hours:02}:{minutes:02}:{seconds:02}"
    return (f"{text}.{micros:06}" if micros else text).encode()


def _intervals(cells: Cells) -> Column:
    texts = [None if cell is None else _interval_text(cell) for cell in cells]
    return column_from_cells("interval", texts)


_OTHERS: Final[dict[int, tuple[_Decode, ColumnType]]] = {
    0: (_as("decimal"), "decimal"),
    4: (_float, "float64"),
    5: (_fixed("float64", 8), "float64"),
    6: (_as("string"), "string"),
    7: (_stamps("timestamptz"), "timestamptz"),
    8: (_fixed("int64", 8), "int64"),
    10: (_dates, "date"),
    11: (_intervals, "interval"),
    12: (_stamps("timestamp"), "timestamp"),
    13: (_numbers("int32", "H"), "int32"),
    245: (_as("json"), "json"),
    246: (_as("decimal"), "decimal"),
}
