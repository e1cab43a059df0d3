"""A measure over time, in one line or a few."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from datelier.chat.analyst.card_shapes import Direction, Point, Trend, TrendGroup
from datelier.chat.analyst.card_values import Measure, moment_text, number_in, query_of
from datelier.chat.analyst.card_words import humanised, moment_kind, title_of
from datelier.queries.trace.locales import Locale
from datelier.queries.trace.tables import Table

MOST_POINTS: Final = 240
MOST_GROUPS: Final = 5
_FEWEST_POINTS: Final = 3
_FLAT: Final = Decimal("0.01")  # of the larger end
_MONTHS: Final = 12
_QUARTER: Final = 3


def build_trend(table: Table, column: int, labels: Sequence[int], locale: Locale) -> Trend | None:
    """Return the trend of a result without gaps; None where its labels are no time.

    Args:
        table: The result.
        column: What is measured.
        labels: The columns whose values tell its rows apart.
        locale: The reader's.
    """
    times = [i for i in labels if moment_kind(table, i)]
    others = [i for i in labels if i not in times]
    if len(times) != 1 or len(others) > 1:
        return None
    time = times[0]
    rows = _by_group(table, time, others[0] if others else None)
    if rows is None:
        return None
    numbers = [n for row in range(table.rows) if (n := number_in(table, column, row)) is not None]
    measure = Measure(table, column, locale, numbers)
    kind = _form(table, time)
    groups = [
        _group(label, [_point(measure, time, row, locale, kind) for row in found], measure)
        for label, found in rows.items()
    ]
    return Trend(
        title=title_of(table, column),
        unit=measure.unit,
        source_name=str(table.facts.get("source_name") or ""),
        query=query_of(table, [measure.name]),
        dimension=humanised(table.columns[time]),
        groups=groups,
    )


def _by_group(table: Table, time: int, other: int | None) -> dict[str, list[int]] | None:
    """Return the rows of every group in time's order; None where they make no lines."""
    groups: dict[str, list[int]] = {}
    for row in range(table.rows):
        label = "" if other is None else str(table.data[other][row])
        groups.setdefault(label, []).append(row)
    if len(groups) > MOST_GROUPS:
        return None
    for rows in groups.values():
        rows.sort(key=lambda row: order_in_time(table, time, row))
        moments = {str(table.data[time][row]) for row in rows}
        if len(rows) < _FEWEST_POINTS or len(moments) < len(rows):
            return None
    return groups


def order_in_time(table: Table, time: int, row: int) -> tuple[Decimal, str]:
    """Return what sorts rows by a column that tells time."""
    cell = table.data[time][row]
    number = number_in(table, time, row) if moment_kind(table, time) == "number" else None
    return number or Decimal(0), str(cell)


def _point(measure: Measure, time: int, row: int, locale: Locale, kind: str) -> Point:
    table = measure.table
    return Point(
        x=moment_text(table, time, row, locale, kind),
        at=str(table.data[time][row]),
        value=measure.value(row),
    )


def _group(label: str, points: list[Point], measure: Measure) -> TrendGroup:
    ran_at = str(measure.table.facts.get("ran_at") or "")
    partial = len(points) > _FEWEST_POINTS and _is_running(points, ran_at)
    whole = points[:-1] if partial else points
    first, last = whole[0].value.ref.row, whole[-1].value.ref.row
    change = measure.between(first, last)
    return TrendGroup(
        label=label,
        points=points,
        direction=_direction(measure, first, last),
        change_text=change.percent_text or change.text,
        change=change,
        partial=partial,
    )


def _direction(measure: Measure, first: int, last: int) -> Direction:
    before, after = measure.number(first), measure.number(last)
    assert before is not None
    assert after is not None
    if abs(after - before) <= _FLAT * max(abs(before), abs(after)):
        return "flat"
    return "up" if after > before else "down"


def _form(table: Table, time: int) -> str:
    """Return how moments are written that stand for whole months or years."""
    if moment_kind(table, time) != "moment":
        return ""
    days = [_day(str(cell)) for cell in table.data[time]]
    starts = [day for day in days if day is not None and day.day == 1]
    midnight = all(_is_midnight(str(cell)) for cell in table.data[time])
    if len(starts) < len(days) or not midnight:
        return ""
    months = {day.month for day in starts}
    return "year" if months == {1} else "month"


def _is_running(points: Sequence[Point], ran_at: str) -> bool:
    """Whether the last period had not ended when the query ran, as far as the moments tell."""
    ran, last, before = _day(ran_at), _day(points[-1].at), _day(points[-2].at)
    if ran is None:
        return False
    text = points[-1].at
    if last is None or before is None:
        return len(text) == len("2026") and text == str(ran.year)
    if last.day != 1 or before.day != 1 or last > ran:
        return False
    length = (last.year - before.year) * _MONTHS + last.month - before.month
    passed = (ran.year - last.year) * _MONTHS + ran.month - last.month
    return length in {1, _QUARTER, _MONTHS} and passed < length


def _day(text: str) -> date | None:
    month = f"{text}-01" if len(text) == len("2026-01") and text[4:5] == "-" else text
    try:
        return date.fromisoformat(month[:10])
    except ValueError:
        return None


def _is_midnight(text: str) -> bool:
    return not any(digit in "123456789" for digit in text[10:19])
