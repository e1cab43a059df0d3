"""Cells that can be compared whatever engine, format or person wrote them."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

Kind = Literal["null", "number", "text", "moment", "boolean"]
_NUMBERS: Final = frozenset({"int32", "int64", "float64", "decimal"})
MOMENTS: Final = frozenset({"date", "timestamp", "timestamptz"})
_MIDNIGHT: Final = "T00:00:00"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers may be apart: the larger of both counts.

    Attributes:
        absolute: In the unit of the numbers.
        relative: A share of the larger number.
    """

    absolute: Decimal = Decimal("1e-9")
    relative: Decimal = Decimal("1e-9")

    def allows(self, left: Decimal, right: Decimal) -> bool:
        """Whether two numbers count as the same; NaN is the same as NaN only."""
        if left.is_nan() or right.is_nan():
            return left.is_nan() and right.is_nan()
        if left == right:
            return True
        if not (left.is_finite() and right.is_finite()):
            return False
        room = max(self.absolute, self.relative * max(abs(left), abs(right)))
        return abs(left - right) <= room


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and what it is: a number never equals a text that looks like it."""

    kind: Kind
    text: str = ""
    number: Decimal = Decimal(0)

    def equals(self, other: "Cell", tolerance: Tolerance) -> bool:
        """Whether two cells hold the same value."""
        if self.kind != other.kind:
            return False
        if self.kind == "number":
            return tolerance.allows(self.number, other.number)
        return self.text == other.text

    @property
    def shown(self) -> str:
        """The value as a report shows it."""
        if self.kind == "null":
            return "NULL"
        return _plain(self.number) if self.kind == "number" else self.text


NULL: Final = Cell("null")


def stored_cell(value: Any, type_: str, *, loose: bool = False) -> Cell:
    """Return a cell of a page of rows.

    Args:
        value: As JSON: wide integers, decimals and moments are text.
        type_: The column's type, as in :mod:`datelier.wire.types`.
        loose: A text that reads as a number or a moment is one.
    """
    if value is None:
        return NULL
    if type_ in _NUMBERS:
        return _number(str(value)) or Cell("text", str(value))
    if type_ == "boolean":
        return Cell("boolean", str(bool(value)).lower())
    if type_ in MOMENTS:
        return Cell("moment", _moment(str(value)) or str(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (_read(text) if loose else None) or Cell("text", text)


def expected_cell(value: Any, *, like: str = "", loose: bool = False) -> Cell:
    """Return a cell that a person wrote into a suite.

    Args:
        value: As YAML reads it.
        like: The type of the column that it is compared with: a text may mean a moment there.
        loose: A text that reads as a number or a moment is one.
    """
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Cell("boolean", str(value).lower())
    if isinstance(value, int | float | Decimal):
        return _number(str(value)) or Cell("text", str(value))
    if isinstance(value, datetime | date):
        return Cell("moment", _moment(value.isoformat()) or str(value))
    text = value.isoformat() if isinstance(value, time) else str(value)
    if like in MOMENTS and (moment := _moment(text)):
        return Cell("moment", moment)
    return (_read(text) if loose else None) or Cell("text", text)


def _read(text: str) -> Cell | None:
    moment = _moment(text)
    return _number(text) or (Cell("moment", moment) if moment else None)


def _number(text: str) -> Cell | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return Cell("number", number=value) if not value.is_snan() else None


def _moment(text: str) -> str | None:
    """Return a moment in one spelling; a day is its midnight, a zone is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if read.tzinfo is not None:
        offset = read.utcoffset()
        read = (read - offset).replace(tzinfo=None) if offset is not None else read
    shown = read.isoformat()
    return shown.removesuffix(_MIDNIGHT)


def _plain(number: Decimal) -> str:
    shown = format(number, "f") if number.is_finite() else str(number)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
