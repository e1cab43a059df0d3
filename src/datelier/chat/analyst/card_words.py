"""Which columns a card is about, and what they are called."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from datelier.chat.analyst.card_values import unit_of_column
from datelier.queries.trace.facts import column_phrase, qualifier, stem, words_of
from datelier.queries.trace.formats import CURRENCIES
from datelier.queries.trace.tables import DATES, NUMBERS, Table, as_number, value_columns
from datelier.queries.trace.units import column_words

Moment = Literal["", "moment", "number", "text"]
_TIME_NUMBER: Final = frozenset(
    ["year", "month", "quarter", "week", "hour", "day", "jahr", "monat", "quartal", "woche", "tag",
     "annee", "année", "mois", "trimestre", "semaine", "jour", "año", "mes"]
)  # fmt: skip
_TIME_TEXT: Final = re.compile(r"\d{4}(?:-(?:\d{2}(?:-\d{2})?|Q[1-4]|W\d{2}))?")
_TOTALS: Final = frozenset(
    ["total", "totals", "grand total", "all", "overall", "sum", "subtotal", "gesamt", "summe",
     "alle", "tous", "ensemble", "todos", "totale"]
)  # fmt: skip
_AGGREGATES: Final = re.compile(r"^(?:sum|avg|count|min|max|total)[_ (]+(?=\w)", re.IGNORECASE)
_SAID_BY_TEXT: Final = frozenset({*CURRENCIES, "pct", "percent", "percentage"})
_LONGEST: Final = 60


def asked_measure(table: Table, question: str) -> int | None:
    """Return the column of numbers that a question is about; None when it may be several."""
    columns = value_columns(table)
    if len(columns) <= 1:
        return columns[0] if columns else None
    asked = {stem(word) for word in words_of(question)}
    named = [i for i in columns if _is_named(table.columns[i], asked)]
    if len(named) > 1:
        how = qualifier(words_of(question))
        named = [i for i in named if how and qualifier(column_words(table.columns[i])) == how]
    return named[0] if len(named) == 1 else None


def _is_named(column: str, asked: set[str]) -> bool:
    phrase = column_phrase(column) or tuple(stem(word) for word in column_words(column))
    return bool(phrase) and all(word in asked for word in phrase)


def same_measure(table: Table, columns: Sequence[int]) -> bool:
    """Whether columns of one row measure the same thing, so that they can be compared."""
    names = [table.columns[i] for i in columns]
    numbers = [number for i in columns if (number := as_number(table.data[i][0])) is not None]
    shared = set[str].intersection(*(set(column_phrase(name)) for name in names))
    units = {unit_of_column(name, numbers) for name in names}
    hows = {qualifier(column_words(name)) for name in names}
    return bool(shared) and len(units) == len(hows) == 1


def varying(table: Table, columns: Sequence[int]) -> list[int]:
    """Return the columns whose values differ between rows, without ids that names stand beside."""
    different = [i for i in columns if len({str(cell) for cell in table.data[i]}) > 1]
    names = [
        i for i in different if table.types[i] not in NUMBERS | {"uuid"} or moment_kind(table, i)
    ]
    rows = {tuple(str(table.data[i][row]) for i in names) for row in range(table.rows)}
    return names if len(rows) == table.rows else different


def has_totals(table: Table, columns: Sequence[int]) -> bool:
    """Whether rows may be sums of other rows, which is also what a missing label can mean."""
    cells = (cell for i in columns for cell in table.data[i])
    return any(cell is None or str(cell).strip().casefold() in _TOTALS for cell in cells)


def moment_kind(table: Table, column: int) -> Moment:
    """Return how a column tells time; empty for one that does not."""
    kind = table.types[column]
    if kind in DATES:
        return "moment"
    words = column_words(table.columns[column])
    if kind in NUMBERS:
        return "number" if words and words[-1] in _TIME_NUMBER else ""
    if kind != "string":
        return ""
    cells = table.data[column]
    return "text" if all(cell and _TIME_TEXT.fullmatch(str(cell)) for cell in cells) else ""


def title_of(table: Table, column: int, shared: Sequence[str] = ()) -> str:
    """Return what a card calls a measure.

    Args:
        table: Its result.
        column: Its position.
        shared: The names of all columns that are compared: their common words are the title.
    """
    if shared:
        common = [
            word
            for word in column_words(shared[0])
            if all(word in column_words(name) for name in shared)
        ]
        return humanised("_".join(common))
    name = table.columns[column]
    words = column_words(_AGGREGATES.sub("", name) if column_phrase(name) else name)
    known = humanised(" ".join(word for word in words if word not in _SAID_BY_TEXT))
    return known or humanised(str(table.facts.get("title") or "")) or table.name


def humanised(name: str) -> str:
    """Return a column's name as people write: ``order_count`` is "Order count"."""
    words = " ".join(re.findall(r"[^\W_]+|[%€$£]", re.sub(r"([a-zß-ÿ])([A-Z])", r"\1 \2", name)))
    told = words[:_LONGEST].strip()
    return told[:1].upper() + told[1:]
