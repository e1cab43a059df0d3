"""Questions to begin with, made from a catalog. No model is asked."""

import re
from dataclasses import dataclass
from typing import Final

from datelier.sources.schemas import CatalogColumn, CatalogTable

SAMPLE_STARTERS: Final = (
    "Revenue by month as a chart",
    "Which columns have missing values?",
    "Top 10 customers and their share",
    "Why did March drop?",
)
_NUMBER: Final = re.compile(r"int|numeric|decimal|double|float|real|money", re.IGNORECASE)
_TIME: Final = re.compile(r"date|timestamp", re.IGNORECASE)
_TEXT: Final = re.compile(r"char|text|string|enum|boolean", re.IGNORECASE)
_KEY: Final = re.compile(r"(^|_)(id|key|code|number|no|zip|year|month|phone|email)$", re.IGNORECASE)
_MONEY: Final = re.compile(
    r"amount|revenue|total|price|sales|cost|value|quantity|score", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a table that questions can be about."""

    table: str
    measure: str | None
    moment: str | None
    category: str | None

    @property
    def worth(self) -> int:
        return sum(part is not None for part in (self.measure, self.moment, self.category))


def starters_of(tables: list[CatalogTable]) -> list[str]:
    """Return up to four questions about the table that lends itself best; none without tables."""
    if not tables:
        return []
    best = max(map(_shape, tables), key=lambda shape: shape.worth)
    table, measure = _words(best.table), _words(best.measure or "")
    questions: list[str] = []
    if best.measure and best.moment:
        questions.append(f"{measure.capitalize()} by month in {table} as a chart")
    elif best.moment:
        questions.append(f"How many {table} per month, as a chart?")
    if best.category and best.measure:
        questions.append(f"Top 10 {_words(best.category)} by {measure}")
    elif best.category:
        questions.append(f"How many {table} per {_words(best.category)}?")
    questions += [
        f"Which columns of {table} have missing values?",
        f"Are there duplicate rows in {table}?",
        f"How many rows does {table} have?",
        f"Show a few rows of {table}",
    ]
    return questions[:4]


def _shape(table: CatalogTable) -> _Shape:
    numbers = [c for c in table.columns if _NUMBER.search(c.type) and not _is_key(c)]
    money = [c for c in numbers if _MONEY.search(c.name)] or numbers
    moments = [c for c in table.columns if _TIME.search(c.type)]
    texts = [c for c in table.columns if _TEXT.search(c.type) and not _is_key(c)]
    return _Shape(table.name, _first(money), _first(moments), _first(texts))


def _is_key(column: CatalogColumn) -> bool:
    return column.primary_key or _KEY.search(column.name) is not None


def _first(columns: list[CatalogColumn]) -> str | None:
    return columns[0].name if columns else None


def _words(name: str) -> str:
    return name.replace("_", " ")
