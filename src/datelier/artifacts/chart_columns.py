"""What the columns of a result are to a chart: moments, names, or amounts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from datelier.queries.trace.tables import DATES, NUMBERS, is_key
from datelier.queries.trace.units import column_words

Rows = Sequence[dict[str, Any]]
Role = Literal["time", "year", "name", "amount", "other"]
_DAY: Final = re.compile(r"\d{4}-\d\d(-\d\d)?([T ]\d\d:.*)?")
_YEAR: Final = re.compile(r"(^|_|\b)(year|jahr|annee|année|yr)$", re.IGNORECASE)
_RATIO: Final = frozenset({"share", "pct", "percent", "percentage", "rate", "ratio", "margin"})
_MONEY: Final = {
    "eur": "EUR", "usd": "USD", "gbp": "GBP", "chf": "CHF", "jpy": "JPY", "cny": "CNY",
    "inr": "INR", "aud": "AUD", "cad": "CAD",
}  # fmt: skip
_UNITS: Final = {
    "kg": "kg", "km": "km", "ms": "ms", "sec": "s", "seconds": "s", "minutes": "min", "hours": "h",
    "days": "days", "celsius": "°C", "kwh": "kWh", "mb": "MB", "gb": "GB",
}  # fmt: skip
_SIGNS: Final = {**_MONEY, **_UNITS}
_MEANS: Final = frozenset({"avg", "average", "mean", "median", "min", "max", "rank", "per"})


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column.

    Attributes:
        distinct: How many different values it has; missing ones do not count.
        low: Least amount, 0 where there is none.
        is_ratio: Its amounts are shares or percentages, which cannot be added up.
        unit: What its amounts count in, as far as its name tells.
    """

    name: str
    role: Role
    distinct: int
    low: float
    high: float
    total: float
    is_ratio: bool
    adds_up: bool
    unit: str

    @property
    def field(self) -> str:
        """The column as a spec names it: its dots and brackets are no paths."""
        return re.sub(r"([.\[\]])", r"\\\1", self.name)

    @property
    def title(self) -> str:
        """The column in words, with its unit."""
        words = [word for word in re.split(r"[_\s]+", self.name) if word]
        if self.unit and len(words) > 1 and words[-1].lower() in {*_SIGNS, "pct"}:
            words.pop()
        text = " ".join(words) or self.name
        text = text[:1].upper() + text[1:]
        return f"{text} ({self.unit})" if self.unit else text

    @property
    def format(self) -> str | None:
        """How its axis writes numbers."""
        if self.is_ratio:
            return ".0%" if max(abs(self.low), abs(self.high)) <= 1.5 else None
        return "~s" if max(abs(self.low), abs(self.high)) >= 10_000 else None


def shapes_of(columns: Sequence[tuple[str, str]], rows: Rows) -> list[ColumnShape]:
    """Return what each column is.

    Args:
        columns: Names and types of the result.
        rows: The rows that are drawn.
    """
    return [_shape(name, kind, [row.get(name) for row in rows]) for name, kind in columns]


def _shape(name: str, kind: str, cells: Sequence[Any]) -> ColumnShape:
    present = [cell for cell in cells if cell is not None]
    role = _role(name, kind, present)
    numbers = [float(c) for c in present if isinstance(c, int | float) and not isinstance(c, bool)]
    words = frozenset(word.lower() for word in column_words(name))
    ratio = role == "amount" and bool(words & _RATIO)
    unit = next((_SIGNS[word] for word in sorted(words, reverse=True) if word in _SIGNS), "")
    if ratio and numbers and max(map(abs, numbers)) > 1.5:  # 0.4 is a share, 40 a percentage
        unit = "%"
    return ColumnShape(
        name,
        role,
        len({str(cell) for cell in present}),
        min(numbers, default=0.0),
        max(numbers, default=0.0),
        sum(numbers),
        ratio,
        role == "amount" and not ratio and not words & _MEANS,
        unit,
    )


def _role(name: str, kind: str, present: Sequence[Any]) -> Role:
    if kind in DATES:
        return "time"
    if kind in NUMBERS:
        if kind in {"int32", "int64"} and _YEAR.search(name) and _are_years(present):
            return "year"
        exact = all(isinstance(cell, int | float) for cell in present)
        return "name" if is_key(name) or not exact else "amount"
    if kind == "string" and present and all(_DAY.fullmatch(str(cell)) for cell in present):
        return "time"
    return "name" if kind in {"string", "boolean", "uuid", "time"} else "other"


def _are_years(present: Sequence[Any]) -> bool:
    return bool(present) and all(
        isinstance(c, int) and 1000 <= c <= 2999 for c in present
    )  # four digits
