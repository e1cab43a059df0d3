"""Two sentences from a result. Every figure in them is a placeholder of that result."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from datelier.llms.demo.plan import Plan
from datelier.llms.demo.question import Grain
from datelier.llms.demo.results import Outcome, number
from datelier.llms.demo.statement import Telling

EXAMPLES: Final = (
    "revenue by month",
    "how many orders per region",
    "top customers and their share",
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


def show(result: Outcome, row: int, column: int) -> str:
    """Return the placeholder of a figure: thousands separated, at most two decimals."""
    cell = result.rows[row][column]
    if cell is None:
        return "(no value)"
    if number(cell) is None and _is_day(cell):
        return _hole(result, row, column, "date")
    return _hole(result, row, column, "" if number(cell) is not None else "text")


def name(result: Outcome, row: int, column: int) -> str:
    """Return the placeholder of a label: an id keeps its digits together."""
    cell = result.rows[row][column]
    if cell is None:
        return "(no value)"
    return _hole(result, row, column, "date" if _is_day(cell) else "text")


def when(result: Outcome, row: int, column: int = 0, grain: Grain | None = "month") -> str:
    """Return the placeholder of a period by its first day: ``March 2025``."""
    cell = result.rows[row][column]
    if cell is None or not _is_day(cell):
        return show(result, row, column)
    form = grain if grain in {"month", "year"} else "date"
    return _hole(result, row, column, str(form))


def _where(result: Outcome, column: int) -> str | None:
    told = result.columns[column]
    if '"' in told or result.columns.count(told) > 1:
        return None
    return told if told.isidentifier() else f'"{told}"'


def _of_all(result: Outcome, function: str, column: int) -> str | None:
    """Return the placeholder of a figure over every row, also those that a model is not shown."""
    where = _where(result, column)
    if result.truncated or where is None:
        return None
    return f"{{{{= {function}({result.handle}.v{result.version}.{where})}}}}"


def _hole(result: Outcome, row: int, column: int, form: str) -> str:
    where = _where(result, column)
    if where is None:
        return str(result.rows[row][column])  # cannot be named, so it is typed
    shown = f" | {form}" if form else ""
    return f"{{{{{result.handle}.v{result.version}[{row}].{where}{shown}}}}}"


def _rows_of(result: Outcome) -> str:
    """Return the placeholder of a result's number of rows; one that was cut has too many."""
    if result.truncated:
        return "very many"
    return f"{{{{= count({result.handle}.v{result.version}) | int}}}}"


def _is_day(cell: str) -> bool:
    try:
        date.fromisoformat(cell[:10])
    except ValueError:
        return False
    return True


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
    return f"The {_noun(plan)} is {show(result, 0, 0)}, computed over every matching row."


def _extremes(plan: Plan, result: Outcome) -> tuple[int, int]:
    value = result.column(plan.subject)
    everything = range(len(result.rows))
    rows = [row for row in everything if number(result.rows[row][value]) is not None]
    ranked = sorted(
        rows or everything, key=lambda row: number(result.rows[row][value]) or Decimal(0)
    )
    return ranked[-1], ranked[0]


def _series(plan: Plan, result: Outcome) -> str:
    value, grain = result.column(plan.subject), _grain(result.columns[0])
    high, low = _extremes(plan, result)
    group = next((i for i in range(1, len(result.columns)) if i != value), None)
    title = f"{_start(_noun(plan))} by {grain or 'period'}"

    def at(row: int) -> str:
        part = f" for {name(result, row, group)}" if group is not None else ""
        return f"{when(result, row, 0, grain)}{part} with {show(result, row, value)}"

    seen = len(result.rows)
    if seen == 1 and result.row_count == 1:
        return f"{title} has one value: {at(0)}."
    if result.row_count > seen:
        lead = f"{title} has {_rows_of(result)} rows and starts in {at(0)}."
        most, least = _of_all(result, "max", value), _of_all(result, "min", value)
        if most and least:
            return f"{lead} The highest of all is {most}, the lowest {least}."
        among = "Among the rows that I was shown, the"
    else:
        first, last = when(result, 0, 0, grain), when(result, seen - 1, 0, grain)
        lead = f"{title} runs from {first} to {last}."
        among = "The"
    return f"{lead} {among} highest is {at(high)}; the lowest is {at(low)}."


def _groups(plan: Plan, result: Outcome) -> str:
    value = result.column(plan.subject)
    share = result.columns.index("share_percent") if "share_percent" in result.columns else None

    def line(row: int) -> str:
        part = f", a share of {show(result, row, share)} %" if share is not None else ""
        return f"{_label(result, row, value)} with {show(result, row, value)}{part}"

    if len(result.rows) == 1:
        return f"There is one group: {line(0)}."
    end = "The last"
    if plan.telling == "rank" or result.row_count > len(result.rows):
        end = "The last of these"
    return f"By {_noun(plan)}, first comes {line(0)}. {end} is {line(len(result.rows) - 1)}."


def _label(result: Outcome, row: int, value: int) -> str:
    return " / ".join(name(result, row, i) for i in range(value)) or name(result, row, 0)


def _compare(plan: Plan, result: Outcome) -> str:
    value = result.column(plan.subject)
    last = len(result.rows) - 1
    if last == 0:
        return (
            f"Only {when(result, 0)} has data: its {_noun(plan)} is {show(result, 0, value)}. "
            "There is nothing to compare it with."
        )
    change, percent = result.column("change"), result.column("change_percent")
    return (
        f"The {_noun(plan)} went from {show(result, last - 1, value)} in {when(result, last - 1)} "
        f"to {show(result, last, value)} in {when(result, last)}. That is a change of "
        f"{show(result, last, change)} ({show(result, last, percent)} %)."
    )


def _nulls(result: Outcome) -> str:
    table, column = name(result, 0, 0), name(result, 0, 1)
    return (
        f"{_rows_of(result)} columns have missing values. Most are missing in {table}.{column}: "
        f"{show(result, 0, 2)} of {show(result, 0, 3)} rows ({show(result, 0, 4)} %)."
    )


def _duplicates(plan: Plan, result: Outcome) -> str:
    last = len(result.columns) - 1
    label = ", ".join(name(result, 0, i) for i in range(min(3, last)))
    limit = " (only the first are listed)" if result.row_count >= 100 else ""
    return (
        f"{_rows_of(result)} values occur more than once in {plan.subject}{limit}. "
        f"The most frequent, {label}, occurs {show(result, 0, last)} times."
    )


def _rows(plan: Plan, result: Outcome) -> str:
    return f"Here are {_rows_of(result)} rows of {plan.subject}, in no particular order."


def _distinct(plan: Plan, result: Outcome) -> str:
    return (
        f"{_start(_noun(plan))} has {_rows_of(result)} different values. "
        f"The most frequent is {name(result, 0, 0)}, in {show(result, 0, 1)} rows."
    )


def _why(plan: Plan, result: Outcome, second: Outcome | None) -> str:
    found = why_row(plan, result)
    if found is None:
        return f"There is no such month to explain in the {_noun(plan)}. The series shows every month there is."
    row = result.rows.index(found)
    value = result.column(plan.subject)
    change, percent = result.column("change"), result.column("change_percent")
    amount = number(found[change])
    asked_down = plan.why.down if plan.why else True
    if amount is not None and amount != 0 and (amount < 0) != asked_down:
        did = "drop" if asked_down else "rise"
        lead = f"The {_noun(plan)} did not {did} in {when(result, row)}: it"
    else:
        lead = f"In {when(result, row)} the {_noun(plan)}"
    text = (
        f"{lead} was {show(result, row, value)}, a change of {show(result, row, change)} "
        f"({show(result, row, percent)} %) from the month before."
    )
    if second is None or not second.rows:
        return text
    column = second.columns[0].replace("_", " ")
    return (
        f"{text} The largest part comes from {column} {name(second, 0, 0)}, which went from "
        f"{show(second, 0, 1)} to {show(second, 0, 2)}, a change of {show(second, 0, 3)}."
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
