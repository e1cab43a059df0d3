"""The column types that every engine, the protocol and the browser share."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

ColumnType = Literal[
    "boolean",
    "int32",
    "int64",
    "float64",
    "decimal",
    "string",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "json",
    "binary",
    "uuid",
    "list",
]
COLUMN_TYPES: Final[tuple[ColumnType, ...]] = get_args(ColumnType)

# Storage in Arrow's C format language. Types stored as text keep their exact spelling there and
# carry their name in the field metadata.
STORAGE: Final[dict[ColumnType, str]] = {
    "boolean": "b",
    "int32": "i",
    "int64": "l",
    "float64": "g",
    "decimal": "u",
    "string": "u",
    "date": "tdD",
    "time": "ttu",
    "timestamp": "tsu:",
    "timestamptz": "tsu:UTC",
    "interval": "u",
    "json": "u",
    "binary": "z",
    "uuid": "u",
    "list": "u",
}
FROM_STORAGE: Final[dict[str, ColumnType]] = {
    "b": "boolean",
    "i": "int32",
    "l": "int64",
    "g": "float64",
    "u": "string",
    "tdD": "date",
    "ttu": "time",
    "tsu:": "timestamp",
    "tsu:UTC": "timestamptz",
    "z": "binary",
}
# array module codes of the fixed-width types: 4 bytes `i`, 8 bytes `q`, double `d`.
FIXED: Final[dict[ColumnType, str]] = {
    "int32": "i",
    "int64": "q",
    "float64": "d",
    "date": "i",
    "time": "q",
    "timestamp": "q",
    "timestamptz": "q",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a batch as raw little-endian Arrow buffers.

    `validity` is a bitmap, least significant bit first, or None when no value is NULL. `offsets`
    are `length + 1` int32 byte positions into `data`, only for text and binary. Dates are days
    since 1970-01-01, times and timestamps microseconds; the extreme int32/int64 values mean
    ±infinity.
    """

    type: ColumnType
    length: int
    data: bytes
    validity: bytes | None = None
    offsets: bytes | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all buffers."""
        return len(self.data) + len(self.validity or b"") + len(self.offsets or b"")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a result, column by column. Names may repeat, as in SQL."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    length: int

    @property
    def types(self) -> tuple[ColumnType, ...]:
        return tuple(column.type for column in self.columns)

    @property
    def nbytes(self) -> int:
        """Bytes of all buffers of all columns."""
        return sum(column.nbytes for column in self.columns)
