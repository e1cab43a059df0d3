"""Whether a result can be drawn, and what to ask of the chart tool."""

import re
from typing import Any, Final

from datelier.llms.demo.question import Mark
from datelier.llms.demo.results import Outcome, number

_KINDS: Final[dict[Mark, str]] = {
    "bar": "bar", "line": "line", "area": "area", "point": "scatter", "arc": "pie"
}  # fmt: skip
_MOST_ROWS: Final = 2000
_NUMBERS: Final = frozenset({"int32", "int64", "float64", "decimal"})
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIMES: Final = frozenset({"date", "timestamp", "timestamptz"})


def can_draw(result: Outcome) -> bool:
    """Return whether a result has rows to compare and a number to draw."""
    kinds = column_kinds(result)
    return 2 <= result.row_count <= _MOST_ROWS and len(kinds) > 1 and "quantitative" in kinds


def column_kinds(result: Outcome) -> list[str]:
    """Return `temporal`, `quantitative` or `nominal` per column."""
    kinds: list[str] = []
    for index, _ in enumerate(result.columns):
        type_name = result.types[index] if index < len(result.types) else ""
        if type_name in _TIMES or (type_name == "string" and _all_days(result, index)):
            kinds.append("temporal")
        elif type_name in _NUMBERS:
            kinds.append("quantitative")
        else:
            kinds.append(_kind_of_values(result, index) if not type_name else "nominal")
    return kinds


def _all_days(result: Outcome, index: int) -> bool:
    """Whether texts are days: SQLite has no type for them."""
    cells = [cell for row in result.rows if (cell := row[index]) is not None]
    return bool(cells) and all(_DAY.fullmatch(cell) for cell in cells)


def _kind_of_values(result: Outcome, index: int) -> str:
    cells = [row[index] for row in result.rows if row[index] is not None]
    return (
        "quantitative" if cells and all(number(cell) is not None for cell in cells) else "nominal"
    )


def chart_call(result: Outcome, mark: Mark | None, value_name: str) -> dict[str, Any]:
    """Return what to ask of the chart tool beside a title; the rest follows from the columns.

    Args:
        result: What to draw.
        mark: How to draw it, if that was asked for.
        value_name: Column of the numbers, if there are several.
    """
    asked: dict[str, Any] = {"result": f"{result.handle}.v{result.version}"}
    if mark is not None:
        asked["kind"] = _KINDS[mark]
    kinds = dict(zip(result.columns, column_kinds(result), strict=True))
    if kinds.get(value_name) == "quantitative":
        asked["y"] = value_name
    return asked
