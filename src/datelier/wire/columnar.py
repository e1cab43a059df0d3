"""A batch as the columnar JSON the browser reads (`Rows.data`)."""

import json
import math
import re
from array import array
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

import orjson

from datelier.wire.arrow import flags_of
from datelier.wire.temporal import date_text, time_text, timestamp_text
from datelier.wire.types import FIXED, Batch, Column, ColumnType

_SAFE: Final = 2**53 - 1
_LONG_NUMBER: Final = re.compile(r"[\d.]{16}")


def to_columnar_json(batch: Batch) -> list[list[object]]:
    """One list per column, JSON-safe in every cell.

    int64, decimal, dates and times, interval, uuid and json are strings (exact); float64 and
    int32 are numbers, except NaN and ±Infinity, which are strings; binary is {"bytes": n}; a list
    is a JSON array, in which numbers that a double cannot hold are strings; NULL is None.
    """
    return [column_json(column) for column in batch.columns]


def column_json(column: Column) -> list[object]:
    """The JSON values of one column; see `to_columnar_json`."""
    values = _values(column)
    if column.validity is None:
        return list(values)
    present = flags_of(column.validity, column.length)
    return [value if ok else None for value, ok in zip(values, present, strict=True)]


def _values(column: Column) -> Sequence[object]:
    if column.type == "boolean":
        return flags_of(column.data, column.length)
    if column.type in FIXED:
        return _fixed(column, array(FIXED[column.type], column.data)[: column.length])
    if column.type == "binary":
        return [{"bytes": stop - start} for start, stop in pairwise(_positions(column))]
    texts = texts_of(column)
    return [_list(text) for text in texts] if column.type == "list" else texts


def _fixed(column: Column, numbers: "array[int] | array[float]") -> Sequence[object]:
    if column.type == "int64":
        return list(map(str, numbers))
    if column.type == "float64":
        return _floats(numbers)
    render = _TEMPORAL.get(column.type)
    return [render(int(number)) for number in numbers] if render else numbers.tolist()


def _floats(numbers: "array[int] | array[float]") -> Sequence[object]:
    if math.isfinite(sum(numbers)):  # one NaN or infinity spoils the sum
        return numbers.tolist()
    return [number if math.isfinite(number) else _not_finite(number) for number in numbers]


def _not_finite(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def texts_of(column: Column) -> list[str]:
    """The texts of a text-stored column; NULL is ''."""
    data = column.data
    if data.isascii():  # byte positions are character positions: decode once
        text = data.decode("ascii")
        return [text[start:stop] for start, stop in pairwise(_positions(column))]
    return [data[a:b].decode("utf-8", "replace") for a, b in pairwise(_positions(column))]


def _positions(column: Column) -> "array[int]":
    return array("i", column.offsets or b"\0\0\0\0")


def _list(text: str) -> object:
    if not text:
        return None
    if _LONG_NUMBER.search(text) is None:
        return orjson.loads(text)
    return json.loads(text, parse_int=_exact_int, parse_float=_exact_float)


def _exact_int(text: str) -> object:
    """A whole number, or its text where the browser's numbers would lose digits."""
    number = int(text)
    return number if abs(number) <= _SAFE else text


def _exact_float(text: str) -> object:
    number = float(text)
    return number if math.isfinite(number) and Decimal(repr(number)) == Decimal(text) else text


def _instant_text(micros: int) -> str:
    return timestamp_text(micros, "Z")


_TEMPORAL: Final[dict[ColumnType, Callable[[int], str]]] = {
    "date": date_text,
    "time": time_text,
    "timestamp": timestamp_text,
    "timestamptz": _instant_text,
}
