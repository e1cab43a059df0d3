"""What type a column of a SQLite result has: decided by its values, all of them.

SQLite types values, not columns. A declared type only licenses a reading (0 and 1 as boolean, a
text as a date) that every value must then bear out. A column whose values have no type in common
becomes text, and a note says so.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from datelier.wire.arrow import column_from_cells, column_from_values
from datelier.wire.types import Column, ColumnType

_EXACT: Final = 2**53
_KINDS: Final[dict[type, str]] = {
    int: "integer", float: "real", bytearray: "text", bytes: "blob",
}  # fmt: skip
_SINGLE: Final[dict[str, ColumnType]] = {
    "integer": "int64", "real": "float64", "text": "string", "blob": "binary",
}  # fmt: skip
_DATE: Final = re.compile(rb"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
_ZONED: Final = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_SCALED: Final = re.compile(r"(dec|num|money).*,\s*[1-9]", re.IGNORECASE)
Reader = Callable[[bytes], object]


def _day(cell: bytes) -> date:
    return date.fromisoformat(cell.decode())


def _moment(cell: bytes) -> datetime:
    return datetime.fromisoformat(cell.decode())


# Readings of a text, each with what it has to look like.
_READINGS: Final[dict[ColumnType, tuple[re.Pattern[bytes], Reader]]] = {
    "date": (_DATE, _day),
    "timestamp": (_MOMENT, _moment),
    "timestamptz": (_ZONED, _moment),
}


def readings_of(declared: str) -> tuple[ColumnType, ...]:
    """How texts of a column with this declared type may be read."""
    name = declared.lower()
    if name.startswith(("datetime", "timestamp")):
        return ("timestamp", "timestamptz", "date")
    return ("date", "timestamp") if name.startswith("date") else ()


def affinity(declared: str) -> ColumnType:
    """The type of a column without values: SQLite's own rules, and the readings above."""
    name = declared.lower()
    rules: tuple[tuple[tuple[str, ...], ColumnType], ...] = (
        (("datetime", "timestamp"), "timestamp"),
        (("date",), "date"),
        (("bool",), "boolean"),
        (("int",), "int64"),
        (("char", "clob", "text"), "string"),
        (("blob",), "binary"),
        (("real", "floa", "doub", "dec", "num", "money"), "float64"),
    )
    for parts, kind in rules:
        if any(part in name for part in parts):
            return kind
    return "string"


@dataclass(slots=True)
class Seen:
    """What the values of one column turned out to be."""

    name: str
    declared: str = ""
    kinds: set[str] = field(default_factory=set[str])
    flags: bool = True
    exact: bool = True
    readings: list[ColumnType] = field(default_factory=list[ColumnType])

    def __post_init__(self) -> None:
        self.readings = list(readings_of(self.declared))

    def look(self, values: Sequence[Any]) -> None:
        """Take more values into account."""
        found = set(map(type, values)) - {type(None)}
        self.kinds |= {_KINDS[kind] for kind in found}
        if int in found:
            numbers = [value for value in values if type(value) is int]
            self.flags &= set(numbers) <= {0, 1}
            self.exact &= min(numbers) >= -_EXACT and max(numbers) <= _EXACT
        if bytearray in found and self.readings:
            texts = {bytes(value) for value in values if type(value) is bytearray}
            self.readings = [kind for kind in self.readings if _all_read(kind, texts)]

    def decide(self) -> ColumnType:
        """The type that loses nothing of any value."""
        if not self.kinds:
            return affinity(self.declared)
        if self.kinds == {"integer"}:
            if self.flags and self.declared.lower().startswith("bool"):
                return "boolean"
            return "float64" if self.exact and _SCALED.match(self.declared) else "int64"
        if self.kinds == {"integer", "real"} and self.exact:
            return "float64"
        if self.kinds == {"text"} and self.readings:
            return self.readings[0]
        return _SINGLE[next(iter(self.kinds))] if len(self.kinds) == 1 else "string"

    def note(self) -> str | None:
        """What people have to know about the column."""
        if len(self.kinds) < 2 or self.decide() != "string":
            return None
        kinds = ", ".join(sorted(self.kinds))
        return f"{self.name!r} holds values of several kinds ({kinds}); they are shown as text."


def _all_read(kind: ColumnType, texts: Iterable[bytes]) -> bool:
    pattern, read = _READINGS[kind]
    try:
        return all(pattern.fullmatch(text) and read(text) for text in texts)
    except ValueError:  # the 31st of February
        return False


class Unsteady(Exception):
    """A value is of another kind than all values of its column were a moment ago."""


def to_column(kind: ColumnType, values: Sequence[Any], most: int) -> tuple[Column, set[str]]:
    """A column of the decided type, and what was changed in it: "cut", "encoding".

    Args:
        kind: What `Seen.decide` said.
        values: As SQLite gave them: int, float, bytearray (text), bytes (blob) or None.
        most: Bytes of one cell.
    """
    try:
        if kind in _READINGS:
            read = _READINGS[kind][1]
            return column_from_values(kind, [v if v is None else read(v) for v in values]), set()
        if kind in {"boolean", "int64", "float64"}:
            if not {type(value) for value in values} <= {int, float, type(None)}:
                raise Unsteady
            return column_from_values(kind, values), set()
    except (AttributeError, ValueError, OverflowError):
        raise Unsteady from None
    changed = set[str]()
    cells = [None if value is None else _cell(value, kind) for value in values]
    if any(cell is not None and len(cell) > most for cell in cells):
        changed.add("cut")
        cells = [None if cell is None else _cut(cell, most, kind) for cell in cells]
    if kind == "string":
        # NUL ends a text in most of what reads it later.
        joined = b"\n".join(cell for cell in cells if cell is not None)
        if b"\0" in joined or not _is_utf8(joined):
            changed.add("encoding")
            cells = [None if cell is None else _readable(cell) for cell in cells]
    return column_from_cells(kind, cells), changed


def _cell(value: Any, kind: ColumnType) -> bytes:
    if isinstance(value, bytes) and kind == "string":
        return f"x'{value.hex()}'".encode()
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if kind == "binary":
        raise Unsteady
    return repr(value).encode()


def _cut(cell: bytes, most: int, kind: ColumnType) -> bytes:
    if len(cell) <= most:
        return cell
    end = most
    if kind == "string":
        while end > most - 4 and cell[end] & 0xC0 == 0x80:  # not inside a character
            end -= 1
    return cell[:end]


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _readable(cell: bytes) -> bytes:
    return cell.decode("utf-8", "replace").replace("\0", "\ufffd").encode()
