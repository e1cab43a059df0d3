"""The cells of a card: how they are read, written, and what lies between two of them."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context as Arithmetic, Decimal
from typing import Final

from datelier.chat.analyst.card_shapes import CardQuery, CardValue, CellRef, Delta
from datelier.queries.trace.evaluate import UsedCell, Value
from datelier.queries.trace.formats import CURRENCIES, MOST_PLACES, Format, grouped, shown
from datelier.queries.trace.locales import Locale
from datelier.queries.trace.receipts import cell_receipt, row_key
from datelier.queries.trace.tables import DATES, Table, as_number
from datelier.queries.trace.units import column_words, is_unit_word, unit_of

LARGEST: Final = Decimal("1e30")
_PERCENT: Final = frozenset({"percent", "percentage", "pct", "%"})
_SHORTEST: Final = 2  # letters of a unit: d, g and t are names of anything
_SPANS: Final = frozenset({"hours", "days", "weeks", "months", "years"})
_SPAN_WORDS: Final = 2
_NO_UNITS: Final = frozenset(
    ["min", "mi", "second", "minute", "hour", "day", "week", "month", "year", "foot", "degree"]
)
_DIGITS: Final = 3  # of a small value that have to be seen
_NAME: Final = re.compile(r"[^\W\d]\w*")
_EXACT: Final = Arithmetic(prec=120, rounding=ROUND_HALF_UP)
_HUNDRED: Final = Decimal(100)


class Measure:
    """A column of numbers, as a card writes it.

    Args:
        table: Its result.
        column: Its position.
        locale: The reader's.
        numbers: All values that the card shows, so that they are written alike.
    """

    def __init__(
        self, table: Table, column: int, locale: Locale, numbers: Iterable[Decimal]
    ) -> None:
        self.table = table
        self.name = table.columns[column]
        self._column = column
        self._locale = locale
        known = list(numbers)
        self._unit = unit_of_column(self.name, known)
        self._places = _places(known)

    @property
    def is_percent(self) -> bool:
        """Whether its values are percentages, which differ by points."""
        return self._unit == "%"

    @property
    def unit(self) -> str | None:
        """What stands beside the values; None where their text says it, or nothing does."""
        signed = self._unit == "%" or self._unit in CURRENCIES
        return None if signed or not self._unit else self._unit

    @property
    def unit_name(self) -> str:
        """The unit, however it is shown; empty for none that is known."""
        return self._unit

    def number(self, row: int) -> Decimal | None:
        """Return a value; None for what a card cannot show."""
        return number_in(self.table, self._column, row)

    def value(self, row: int) -> CardValue:
        """Return a value with its cell."""
        number = self.number(row)
        assert number is not None
        return bound(self.table, self._column, row, self.write(number))

    def write(self, number: Decimal) -> str:
        """Return a number as its reader writes it."""
        kind, currency = "number", ""
        if self._unit == "%":
            kind = "percent"
        elif self._unit in CURRENCIES:
            kind, currency = "money", self._unit
        form = Format(kind, self._places, currency)
        return shown(Value(number, "decimal", number, (), is_cell=False), form, self._locale)

    def between(self, earlier: int, later: int, other: "Measure | None" = None) -> Delta:
        """Return what the later value has more than the earlier one.

        Args:
            earlier: A row, also of a smaller value.
            later: A row, also of a larger value.
            other: The measure of the later value, when that is another column.
        """
        top = other or self
        low, high = self.number(earlier), top.number(later)
        assert low is not None
        assert high is not None
        difference = _EXACT.subtract(high, low)
        points = "\u00a0pp" if self.is_percent else ""
        size = grouped(abs(difference), self._places, self._locale) if points else ""
        written = f"{size}{points}" or self.write(abs(difference))
        formula = _formula(top, later, self, earlier)
        return Delta(
            text=_signed(difference, written),
            percent_text=self._relative(low, high),
            minuend=top.value(later),
            subtrahend=self.value(earlier),
            formula=formula,
        )

    def _relative(self, low: Decimal, high: Decimal) -> str | None:
        """A percentage of a percentage misleads, and one of nothing or of a debt says nothing."""
        if self.is_percent or low <= 0 or high < 0:
            return None
        percent = _EXACT.multiply(_EXACT.divide(_EXACT.subtract(high, low), low), _HUNDRED)
        if abs(percent) >= LARGEST:
            return None
        places = 0 if abs(percent) >= _HUNDRED else 1
        text = self._locale.percent.replace("{n}", grouped(abs(percent), places, self._locale))
        return _signed(percent, text)


def number_in(table: Table, column: int, row: int) -> Decimal | None:
    """Return a cell as a number; None for nothing, NaN, infinity and the absurdly large."""
    number = as_number(table.data[column][row])
    return number if number is not None and abs(number) < LARGEST else None


def bound(table: Table, column: int, row: int, text: str) -> CardValue:
    """Return a cell as a card's value, written as `text`."""
    name = table.columns[column]
    ref = CellRef(
        query_id=str(table.facts.get("query_id")),
        version=table.version,
        row=row,
        column=name,
        key={label: value for label, value in row_key(table, row).items() if label != name},
    )
    return CardValue(text=text, raw=str(table.data[column][row]), ref=ref)


def moment_text(table: Table, column: int, row: int, locale: Locale, kind: str = "") -> str:
    """Return a label as its reader writes it: moments by locale, the rest as stored."""
    raw = table.data[column][row]
    if table.types[column] not in DATES:
        return str(raw)
    value = Value(raw, table.types[column], None, (), is_cell=True)
    return shown(value, Format(kind), locale)


def query_of(table: Table, columns: Iterable[str]) -> CardQuery:
    """Return the result of a card whose values lie in `columns`."""
    receipts = {name: cell_receipt(UsedCell(table, None, name)) for name in columns}
    facts = table.facts
    return CardQuery(
        handle=table.name,
        query_id=str(facts.get("query_id")),
        version=table.version,
        result_id=_text(facts.get("result_id")),
        source_id=_text(facts.get("source_id")),
        ran_at=_text(facts.get("ran_at")),
        lines={name: found["line"] for name, found in receipts.items() if found["line"]},
    )


def unit_of_column(name: str, numbers: Iterable[Decimal]) -> str:
    """Return the unit that a column's name tells; empty for none, or for several.

    A percentage whose values are all fractions may be a share written as one: no unit then.
    """
    words = column_words(name)
    if "per" in words:
        return ""
    if any(word in _PERCENT for word in words):
        return "%" if any(abs(number) > 1 for number in numbers) else ""
    money = {unit_of(word) or word for word in words if word in CURRENCIES or _is_money(word)}
    if money:
        return money.pop() if len(money) == 1 else ""
    last = words[-1] if words else ""
    if len(last) < _SHORTEST or not is_unit_word(last) or last in _NO_UNITS:
        return ""
    if last in _SPANS and (len(words) > _SPAN_WORDS or any(word.isdigit() for word in words)):
        return ""  # orders_last_30_days are not days
    return last


def _is_money(word: str) -> bool:
    return unit_of(word) in CURRENCIES


def _places(numbers: list[Decimal]) -> int | None:
    """How many decimals let the smallest value be seen; None for as many as it has, at most two."""
    small = [abs(number) for number in numbers if number != 0]
    least = min(small, default=Decimal(1))
    if least >= Decimal("0.1"):
        return None
    return min(MOST_PLACES, _DIGITS - 1 - least.adjusted())


def _signed(number: Decimal, text: str) -> str:
    if number == 0 or not any(digit in "123456789" for digit in text):
        return text
    return f"{'+' if number > 0 else '-'}{text}"


def _formula(top: Measure, later: int, low: Measure, earlier: int) -> str | None:
    sides = [_cell_name(top.table, top.name, later), _cell_name(low.table, low.name, earlier)]
    return " - ".join(side for side in sides if side) if all(sides) else None


def _cell_name(table: Table, column: str, row: int) -> str | None:
    cell = f"{table.name}.v{table.version}[{row}]"
    if _NAME.fullmatch(column):
        return f"{cell}.{column}"
    quote = next((sign for sign in "\"'`" if sign not in column), None)
    return f"{cell}.{quote}{column}{quote}" if quote and "\n" not in column else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
