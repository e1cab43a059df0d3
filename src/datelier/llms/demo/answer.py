"""Two sentences from a result. Every number in them is a cell or a row count of that result."""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from datelier.llms.demo.plan import Plan
from datelier.llms.demo.question import MONTHS, Grain
from datelier.llms.demo.results import Outcome, number
from datelier.llms.demo.statement import Telling

EXAMPLES: Final = (
    "revenue by month",
    "how many orders per region",
    "top 10 customers and their share",
    "which columns have missing values",
    "duplicates in a table",
    "compare two months",
    "why a month dropped",
)


def out_of_range(closest: str) -> str:
    """Return what the demo model says when it cannot answer (the wording is fixed)."""
    return (
        f"The demo model answers a fixed set of question shapes. Closest: {closest}. "
        "You can write SQL with /sql, or connect a model."
    )


def tell(plan: Plan, result: Outcome, second: Outcome | None, chart: Outcome | None) -> str:
    """Return the answer with its cards.

    Args:
        plan: What was asked.
        result: The first statement's result.
        second: The second statement's, for *why* questions.
        chart: The chart, when one was drawn.
    """
    if result.row_count == 0 or not result.rows:
        text = _EMPTY.get(plan.telling, "The query ran and found no rows.").format(plan.subject)
    elif plan.telling == "why":
        text = _why(plan, result, second)
    else:
        text = _TELLERS[plan.telling](plan, result)
    if result.truncated:
        text += " The result was cut at the row limit."
    if plan.unused:
        text += f" I did not understand, and left out: {', '.join(plan.unused)}."
    cards = [card for card in (chart, result, second) if card is not None and card.handle]
    return "\n\n".join([text, *(f"{{{{card {card.handle}}}}}" for card in cards)])


_EMPTY: Final[dict[Telling, str]] = {
    "nulls": "No column has missing values in {}.",
    "duplicates": "There are no duplicates of {}.",
}


def show(cell: str | None) -> str:
    """Return a cell as people write it: thousands separated, at most two decimals."""
    value = number(cell)
    if cell is None:
        return "(no value)"
    if value is None:
        return cell[:10] if _is_day(cell) else cell
    if value == value.to_integral_value():
        return f"{value.to_integral_value():,}"
    exponent = value.as_tuple().exponent
    places = min(2, -exponent) if isinstance(exponent, int) else 2
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def name(cell: str | None) -> str:
    """Return a cell as a label: an id keeps its digits together."""
    if cell is None:
        return "(no value)"
    return cell[:10] if _is_day(cell) else cell


def _is_day(cell: str) -> bool:
    try:
        date.fromisoformat(cell[:10])
    except ValueError:
        return False
    return True


def when(cell: str | None, grain: Grain | None = "month") -> str:
    """Return a period by its first day: ``March 2025``."""
    if cell is None or not _is_day(cell):
        return show(cell)
    day = date.fromisoformat(cell[:10])
    if grain == "month":
        return f"{MONTHS[day.month - 1].title()} {day.year}"
    return str(day.year) if grain == "year" else day.isoformat()


def _grain(column: str) -> Grain | None:
    for grain in ("month", "year"):
        if column.startswith(grain):
            return grain
    return "month" if column == "period" else None


def _noun(plan: Plan) -> str:
    value = plan.subject
    told = f"number of {value.removesuffix('_count')}" if value.endswith("_count") else value
    return told.replace("_", " ")


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _scalar(plan: Plan, result: Outcome) -> str:
    return f"The {_noun(plan)} is {show(result.rows[0][0])}, computed over every matching row."


def _extremes(plan: Plan, result: Outcome) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    value = result.column(plan.subject)
    rows = [row for row in result.rows if number(row[value]) is not None] or list(result.rows)
    ranked = sorted(rows, key=lambda row: number(row[value]) or Decimal(0))
    return ranked[-1], ranked[0]


def _series(plan: Plan, result: Outcome) -> str:
    value, grain = result.column(plan.subject), _grain(result.columns[0])
    high, low = _extremes(plan, result)
    group = next((i for i in range(1, len(result.columns)) if i != value), None)
    unit = grain or "period"
    title = f"{_start(_noun(plan))} by {unit}"

    def at(row: tuple[str | None, ...]) -> str:
        part = f" for {name(row[group])}" if group is not None else ""
        return f"{when(row[0], grain)}{part} with {show(row[value])}"

    first, last, seen = result.rows[0], result.rows[-1], len(result.rows)
    if seen == 1 and result.row_count == 1:
        return f"{title} has one value: {at(first)}."
    if result.row_count > seen:
        lead = f"{title} has {result.row_count:,} values and starts in {at(first)}."
        among = f"Among the first {seen:,}, which are all I saw, the"
    else:
        lead = f"{title} runs from {when(first[0], grain)} to {when(last[0], grain)}."
        among = "The"
    return f"{lead} {among} highest is {at(high)}; the lowest is {at(low)}."


def _groups(plan: Plan, result: Outcome) -> str:
    value = result.column(plan.subject)
    first, last = result.rows[0], result.rows[-1]
    share = result.columns.index("share_percent") if "share_percent" in result.columns else None

    def line(row: tuple[str | None, ...]) -> str:
        part = f", a share of {show(row[share])} %" if share is not None else ""
        return f"{_label(row, value)} with {show(row[value])}{part}"

    if len(result.rows) == 1:
        return f"There is one group: {line(first)}."
    end = "The last"
    if plan.telling == "rank" or result.row_count > len(result.rows):
        end = f"The last of these {len(result.rows):,}"
    return f"By {_noun(plan)}, first comes {line(first)}. {end} is {line(last)}."


def _label(row: tuple[str | None, ...], value: int) -> str:
    return " / ".join(name(cell) for cell in row[:value]) or name(row[0])


def _compare(plan: Plan, result: Outcome) -> str:
    value = result.column(plan.subject)
    last = result.rows[-1]
    if len(result.rows) == 1:
        return (
            f"Only {when(last[0])} has data: its {_noun(plan)} is {show(last[value])}. "
            "There is nothing to compare it with."
        )
    before = result.rows[-2]
    change, percent = last[result.column("change")], last[result.column("change_percent")]
    return (
        f"The {_noun(plan)} went from {show(before[value])} in {when(before[0])} to "
        f"{show(last[value])} in {when(last[0])}. That is a change of {show(change)} "
        f"({show(percent)} %)."
    )


def _nulls(result: Outcome) -> str:
    table, column, missing, rows, percent = result.rows[0][:5]
    return (
        f"{result.row_count:,} columns have missing values. Most are missing in {table}.{column}: "
        f"{show(missing)} of {show(rows)} rows ({show(percent)} %)."
    )


def _duplicates(plan: Plan, result: Outcome) -> str:
    most = result.rows[0]
    label = ", ".join(name(cell) for cell in most[:-1][:3])
    limit = " (the first 100 are listed)" if result.row_count >= 100 else ""
    return (
        f"{result.row_count:,} values occur more than once in {plan.subject}{limit}. "
        f"The most frequent, {label}, occurs {show(most[-1])} times."
    )


def _rows(plan: Plan, result: Outcome) -> str:
    return (
        f"Here are {result.row_count:,} rows of {plan.subject}, in no particular order. "
        f"Each has {len(result.columns)} columns."
    )


def _distinct(plan: Plan, result: Outcome) -> str:
    first = result.rows[0]
    return (
        f"{_start(_noun(plan))} has {result.row_count:,} different values. "
        f"The most frequent is {name(first[0])}, in {show(first[1])} rows."
    )


def _why(plan: Plan, result: Outcome, second: Outcome | None) -> str:
    row = why_row(plan, result)
    if row is None:
        return f"There is no such month to explain in the {_noun(plan)}. The series shows every month there is."
    value = result.column(plan.subject)
    change, percent = (row[result.column(c)] for c in ("change", "change_percent"))
    amount = number(change)
    asked_down = plan.why.down if plan.why else True
    if amount is not None and amount != 0 and (amount < 0) != asked_down:
        lead = f"The {_noun(plan)} did not {'drop' if asked_down else 'rise'} in {when(row[0])}: it"
    else:
        lead = f"In {when(row[0])} the {_noun(plan)}"
    text = (
        f"{lead} was {show(row[value])}, a change of {show(change)} ({show(percent)} %) "
        "from the month before."
    )
    if second is None or not second.rows:
        return text
    first = second.rows[0]
    column = second.columns[0].replace("_", " ")
    return (
        f"{text} The largest part comes from {column} {name(first[0])}, which went from "
        f"{show(first[1])} to {show(first[2])}, a change of {show(first[3])}."
    )


def why_row(plan: Plan, result: Outcome) -> tuple[str | None, ...] | None:
    """Return the month a *why* question is about: the asked one, in the year it stands out."""
    change = result.column("change")
    period = plan.why.period if plan.why else None
    found = [
        row for row in result.rows if row[0] and _is_day(row[0]) and number(row[change]) is not None
    ]
    if period is not None:
        days = {row[0]: date.fromisoformat(str(row[0])[:10]) for row in found}
        found = [
            row
            for row in found
            if period.month in {None, days[row[0]].month}
            and period.year in {None, days[row[0]].year}
        ]
    sign = 1 if plan.why is None or plan.why.down else -1
    return min(found, key=lambda row: sign * (number(row[change]) or 0), default=None)


_TELLERS: Final[dict[Telling, Callable[[Plan, Outcome], str]]] = {
    "scalar": _scalar,
    "series": _series,
    "groups": _groups,
    "rank": _groups,
    "compare": _compare,
    "nulls": lambda _plan, result: _nulls(result),
    "duplicates": _duplicates,
    "rows": _rows,
    "distinct": _distinct,
}
