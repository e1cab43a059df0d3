"""What the results of an answer say, looked up by value and by name."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context as Arithmetic, Decimal
from functools import cached_property
from typing import Final

from datelier.queries.trace.numerals import Reading
from datelier.queries.trace.tables import (
    DATES,
    NUMBERS,
    Table,
    as_number,
    is_key,
    label_columns,
    value_columns,
)
from datelier.queries.trace.units import column_words, fits_unit, is_unit_word

MOST_CELLS: Final = 200_000
_ROUNDING: Final = Arithmetic(prec=120, rounding=ROUND_HALF_UP, Emax=9999, Emin=-9999)
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_LABEL: Final = 10  # words
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number in a result; `percent` says that the cell is a share written as a fraction."""

    table: Table
    row: int
    column: int
    value: Decimal
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text that belongs to a column's rows, or the name of a column itself."""

    start: int
    end: int
    value: str


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as names are compared."""
    return tuple(word.casefold() for word in _WORD.findall(text))


class Facts:
    """The results that an answer may have its figures from.

    Args:
        tables: Oldest first.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = list(tables)

    @cached_property
    def _columns(self) -> list[tuple[Table, int, list[float], list[int]]]:
        """Every column of numbers, sorted by magnitude."""
        found: list[tuple[Table, int, list[float], list[int]]] = []
        left = MOST_CELLS
        for table in reversed(self.tables):
            for position in value_columns(table):
                if table.rows > left:
                    continue
                left -= table.rows
                sizes = [
                    (abs(float(number)), row)
                    for row, cell in enumerate(table.data[position])
                    if (number := as_number(cell)) is not None
                ]
                sizes.sort()
                found.append((table, position, [s for s, _ in sizes], [r for _, r in sizes]))
        return found

    @cached_property
    def labels(self) -> dict[tuple[str, ...], list[tuple[Table, int, str]]]:
        """Every name of a row by its words: table, column, the name as stored."""
        found: dict[tuple[str, ...], list[tuple[Table, int, str]]] = {}
        for table in self.tables:
            for position in label_columns(table):
                if table.types[position] not in {"string", "uuid"}:
                    continue
                for value in dict.fromkeys(table.data[position]):
                    words = words_of(str(value)) if value is not None else ()
                    if 0 < len(words) <= _LONGEST_LABEL:
                        found.setdefault(words, []).append((table, position, str(value)))
        return found

    def numbers(self, readings: Iterable[Reading], unit: str) -> list[Fact]:
        """Return the different facts whose size is what was written, as precisely as written."""
        found: dict[tuple[object, ...], Fact] = {}
        for reading in readings:
            for table, position, sizes, rows in self._columns:
                for percent in (False, True) if unit in {"%", "pp"} else (False,):
                    if percent and not fits_unit(table.columns[position], "%", typed=True):
                        continue
                    for fact in _near(reading, table, position, (sizes, rows), percent=percent):
                        found.setdefault(_identity(fact), fact)
        return list(found.values())


def _near(
    reading: Reading,
    table: Table,
    position: int,
    column: tuple[list[float], list[int]],
    *,
    percent: bool,
) -> Iterable[Fact]:
    sizes, rows = column
    scale = 100.0 if percent else 1.0
    size = abs(float(reading.value)) / scale
    half = 0.5 * 10.0**reading.exponent / scale if reading.exponent > -300 else 0.0
    slack = (size + half) * 1e-12
    low = bisect_left(sizes, size - half - slack)
    high = bisect_right(sizes, size + half + slack)
    for row in rows[low:high]:
        value = as_number(table.data[position][row])
        if value is None:
            continue
        told = abs(value) * _HUNDRED if percent else abs(value)
        if rounded(told, reading.exponent) == abs(reading.value):
            yield Fact(table, row, position, value, percent)


def rounded(value: Decimal, exponent: int) -> Decimal:
    """Return a number rounded half up at a power of ten."""
    return value.quantize(Decimal(1).scaleb(exponent), context=_ROUNDING)


def _identity(fact: Fact) -> tuple[object, ...]:
    """Two results may tell the same fact: same names, same column, same number."""
    table = fact.table
    labels = tuple(sorted(table.key(fact.row).items()))
    where = labels or (table.handle, table.version, fact.row)
    return where, table.columns[fact.column].lower(), fact.value


def has_moment(table: Table, column: int) -> bool:
    """Whether a column holds dates."""
    return table.types[column] in DATES


def number_keys(table: Table) -> list[int]:
    """Return the columns of numbers that name rows: ids, years."""
    return [
        i
        for i, (name, kind) in enumerate(zip(table.columns, table.types, strict=True))
        if kind in NUMBERS and is_key(name) and name not in table.withheld
    ]


_GENERIC: Final = frozenset(
    [
        "count",
        "total",
        "sum",
        "value",
        "values",
        "n",
        "number",
        "num",
        "avg",
        "average",
        "mean",
        "min",
        "max",
        "minimum",
        "maximum",
        "of",
        "the",
        "in",
        "per",
        "by",
        "star",
        "result",
        "cnt",
        "amount",
        "median",
        "quantity",
        "qty",
        "current",
    ]
)
_ALIKE: Final = {
    "average": "avg", "mean": "avg", "maximum": "max", "highest": "max", "minimum": "min",
    "lowest": "min", "total": "sum", "overall": "sum", "number": "count", "num": "count",
    "cnt": "count",
}  # fmt: skip


def stem(word: str) -> str:
    """Return a word without its plural."""
    for ending, rest in (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", "")):
        if len(word) > len(ending) + 2 and word.endswith(ending) and not word.endswith("ss"):
            return word[: -len(ending)] + rest
    return word


def column_phrase(name: str) -> tuple[str, ...]:
    """Return the words of a column's name that say what it measures, without how."""
    words = [word for word in column_words(name) if word not in _GENERIC]
    told = [word for word in words if not is_unit_word(word)]
    return tuple(stem(word) for word in told or words)


def qualifier(words: Iterable[str]) -> str:
    """Return how a column or phrase measures: avg, max, min, sum, count; empty for none."""
    for word in words:
        told = _ALIKE.get(word, word)
        if told in {"avg", "max", "min", "sum", "count"}:
            return told
    return ""
