"""A card from a stored result, without a model: a single fact, a comparison, or a trend.

No card is better than a wrong one: a result that was cut, has gaps where numbers should be, mixes
units, holds its own totals or does not say which of its columns is meant makes none.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from datelier.chat.analyst.card_shapes import (
    Card,
    Comparison,
    Entry,
    SingleFact,
)
from datelier.chat.analyst.card_trend import MOST_POINTS, build_trend, order_in_time
from datelier.chat.analyst.card_values import (
    LARGEST,
    Measure,
    bound,
    moment_text,
    number_in,
    query_of,
)
from datelier.chat.analyst.card_words import (
    asked_measure,
    has_totals,
    humanised,
    moment_kind,
    same_measure,
    title_of,
    varying,
)
from datelier.queries.trace.locales import ENGLISH, Locale
from datelier.queries.trace.tables import DATES, NUMBERS, Table, label_columns, value_columns

MOST_ENTRIES: Final = 6
_FEWEST: Final = 2
_LONGEST_LABEL: Final = 60


def build_card(table: Table, question: str, locale: Locale = ENGLISH) -> Card | None:
    """Return the card of a result, or None where one would be dishonest or of no use.

    Args:
        table: A stored result, whole.
        question: What was asked: it chooses among several columns of numbers.
        locale: How the reader writes numbers and dates.
    """
    if not _is_citable(table):
        return None
    if table.rows == 1:
        return _of_one_row(table, question, locale)
    column = asked_measure(table, question)
    if column is None or _has_gaps(table, column):
        return None
    labels = varying(table, label_columns(table))
    if has_totals(table, labels):
        return None
    return build_trend(table, column, labels, locale) or _comparison(table, column, labels, locale)


def _is_citable(table: Table) -> bool:
    """Whether the result is whole, and a receipt can say which of its cells it means."""
    names = {name.lower() for name in table.columns}
    whole = not table.truncated and 0 < table.rows <= MOST_POINTS
    return whole and len(names) == len(table.columns) and bool(table.facts.get("query_id"))


def _of_one_row(table: Table, question: str, locale: Locale) -> Card | None:
    if len(table.columns) == 1:
        return _lone_cell(table, locale)
    columns = value_columns(table)
    if _FEWEST <= len(columns) <= MOST_ENTRIES and same_measure(table, columns):
        return _across(table, columns, locale)
    column = asked_measure(table, question)
    if column is None or _has_gaps(table, column):
        return None
    return _fact(table, column, locale)


def _lone_cell(table: Table, locale: Locale) -> SingleFact | None:
    if table.columns[0] in table.withheld or table.data[0][0] is None:
        return None
    if table.types[0] in NUMBERS:
        return None if _has_gaps(table, 0) else _fact(table, 0, locale)
    if table.types[0] not in DATES:
        return None
    return SingleFact(
        title=title_of(table, 0),
        unit=None,
        source_name=_source(table),
        query=query_of(table, table.columns),
        value=bound(table, 0, 0, moment_text(table, 0, 0, locale)),
        subject=None,
        period=None,
    )


def _fact(table: Table, column: int, locale: Locale) -> SingleFact | None:
    number = number_in(table, column, 0)
    assert number is not None
    measure = Measure(table, column, locale, [number])
    if not _is_seen(number, measure.write(number)):
        return None
    labels = [i for i in label_columns(table) if i != column]
    return SingleFact(
        title=title_of(table, column),
        unit=measure.unit,
        source_name=_source(table),
        query=query_of(table, [measure.name]),
        value=measure.value(0),
        subject=_joined(table, [i for i in labels if not moment_kind(table, i)], 0, locale),
        period=_period(table, labels, locale),
    )


def _across(table: Table, columns: Sequence[int], locale: Locale) -> Comparison | None:
    """Compare columns of one row: revenue_2024 and revenue_2025."""
    numbers = [number_in(table, column, 0) for column in columns]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    measures = [Measure(table, column, locale, known) for column in columns]
    if not all(_is_seen(n, m.write(n)) for n, m in zip(known, measures, strict=True)):
        return None
    entries = [Entry(label=humanised(measure.name), value=measure.value(0)) for measure in measures]
    low, high = known.index(min(known)), known.index(max(known))
    delta = measures[low].between(0, 0, measures[high]) if known[low] != known[high] else None
    return Comparison(
        title=title_of(table, columns[0], shared=[table.columns[i] for i in columns]),
        unit=measures[0].unit,
        source_name=_source(table),
        query=query_of(table, [measure.name for measure in measures]),
        dimension=None,
        period=_period(table, label_columns(table), locale),
        entries=entries,
        delta=delta,
    )


def _comparison(
    table: Table, column: int, labels: Sequence[int], locale: Locale
) -> Comparison | None:
    if not labels or not _FEWEST <= table.rows <= MOST_ENTRIES:
        return None
    rows = range(table.rows)
    numbers = [number for row in rows if (number := number_in(table, column, row)) is not None]
    measure = Measure(table, column, locale, numbers)
    said = [_joined(table, labels, row, locale) for row in rows]
    names = [name for name in said if name and len(name) <= _LONGEST_LABEL]
    seen = all(_is_seen(number, measure.write(number)) for number in numbers)
    if len(set(names)) < table.rows or not seen:
        return None
    constant = [i for i in label_columns(table) if i not in labels]
    return Comparison(
        title=title_of(table, column),
        unit=measure.unit,
        source_name=_source(table),
        query=query_of(table, [measure.name]),
        dimension=" · ".join(humanised(table.columns[i]) for i in labels),
        period=_period(table, constant, locale),
        entries=[
            Entry(label=name, value=measure.value(row))
            for row, name in zip(rows, names, strict=True)
        ],
        delta=measure.between(*_ends(table, labels[0], numbers)) if len(labels) == 1 else None,
    )


def _ends(table: Table, label: int, numbers: list[Decimal]) -> tuple[int, int]:
    """Return between which rows a comparison's difference lies: in time, else in size."""
    if moment_kind(table, label):
        rows = sorted(range(table.rows), key=lambda row: order_in_time(table, label, row))
        return rows[0], rows[-1]
    low, high = numbers.index(min(numbers)), numbers.index(max(numbers))
    return (low, high) if low != high else (0, len(numbers) - 1)


def _period(table: Table, labels: Sequence[int], locale: Locale) -> str | None:
    return _joined(table, [i for i in labels if moment_kind(table, i)], 0, locale)


def _joined(table: Table, columns: Sequence[int], row: int, locale: Locale) -> str | None:
    if any(table.data[i][row] is None for i in columns):
        return None
    return " · ".join(moment_text(table, i, row, locale) for i in columns) or None


def _has_gaps(table: Table, column: int) -> bool:
    return any(number_in(table, column, row) is None for row in range(table.rows))


def _is_seen(number: Decimal, text: str) -> bool:
    """Whether a value that is something does not read as nothing."""
    return abs(number) < LARGEST and (number == 0 or any(digit in "123456789" for digit in text))


def _source(table: Table) -> str:
    return str(table.facts.get("source_name") or "")
