"""Stored results as formulas and the checker read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from datelier.queries.trace.errors import TraceError

NUMBERS: Final = frozenset({"int32", "int64", "float64", "decimal"})
DATES: Final = frozenset({"date", "timestamp", "timestamptz"})
_LISTED: Final = 12
_KEY_NAME: Final = re.compile(
    r"(^|_)(id|ids|key|code|no|nr|number|uuid|year|month|quarter|week|day|date|hour|"
    r"jahr|monat|tag|annee|mois|zip|plz|sku|phone|rank|position|row)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Table:
    """One immutable result, column by column.

    Attributes:
        handle: 3 for ``Q3``.
        types: Column types as in :mod:`datelier.wire.types`.
        data: JSON values: wide integers, decimals and moments are text.
        truncated: The result was cut at its row limit.
        withheld: Private columns, whose values never go into an answer.
        facts: What a receipt says beside the cell: query_id, result_id, sql, source_id,
            source_name, ran_at.
    """

    handle: int
    version: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    data: Sequence[Sequence[Any]]
    truncated: bool = False
    withheld: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """How answers name it: ``Q3``."""
        return f"Q{self.handle}"

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.data[0]) if self.data else 0

    def column(self, name: str) -> int:
        """Return a column's position; capitals count only when they have to.

        Raises:
            TraceError: There is no such column, or several, or it is private.
        """
        found = [i for i, known in enumerate(self.columns) if known == name]
        if not found:
            found = [i for i, known in enumerate(self.columns) if known.lower() == name.lower()]
        if len(found) != 1:
            known = ", ".join(self.columns[:_LISTED])
            what = "several columns" if found else "no column"
            raise TraceError("no_such_column", f"{self.name} has {what} {name}; it has: {known}.")
        if self.columns[found[0]] in self.withheld:
            raise TraceError("private", f"{self.name}.{name} is private and cannot be shown.")
        return found[0]

    def key(self, row: int) -> dict[str, str]:
        """Return what names a row for people: its labels, by column."""
        return {
            self.columns[i]: str(self.data[i][row])
            for i in label_columns(self)
            if self.data[i][row] is not None
        }


def is_key(name: str) -> bool:
    """Whether a column of numbers names rows (an id, a year) instead of measuring something."""
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return _KEY_NAME.search(snake.replace(" ", "_").replace("-", "_")) is not None


def label_columns(table: Table) -> list[int]:
    """Return the columns that name rows: texts, moments, and numbers that are keys."""
    return [
        i
        for i, (name, kind) in enumerate(zip(table.columns, table.types, strict=True))
        if name not in table.withheld
        and (kind in {"string", "uuid", "boolean"} or kind in DATES or _is_number_key(name, kind))
    ]


def value_columns(table: Table) -> list[int]:
    """Return the columns of numbers that measure something."""
    return [
        i
        for i, (name, kind) in enumerate(zip(table.columns, table.types, strict=True))
        if kind in NUMBERS and not is_key(name) and name not in table.withheld
    ]


def _is_number_key(name: str, kind: str) -> bool:
    return kind in {"int32", "int64", "decimal"} and is_key(name)


def as_number(cell: object) -> Decimal | None:
    """Return a cell as an exact number; None for what is not a finite number."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, float):
        cell = repr(cell)
    if not isinstance(cell, (int, str, Decimal)):
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
