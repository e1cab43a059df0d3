"""Vega-Lite for a result, from the shape of its columns."""

import re
from typing import Any, Final

from datelier.llms.demo.question import Mark
from datelier.llms.demo.results import Outcome, number

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
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


def chart_spec(result: Outcome, mark: Mark, value_name: str) -> dict[str, Any]:
    """Return a Vega-Lite v6 specification without data, for the columns of `result`.

    Args:
        result: What to draw; the first column that is not the value becomes the axis.
        mark: How to draw it.
        value_name: Column of the numbers.
    """
    kinds = column_kinds(result)
    value = result.column(value_name)
    if kinds[value] != "quantitative":
        value = len(kinds) - 1 - kinds[::-1].index("quantitative")
    others = [i for i, kind in enumerate(kinds) if i != value and kind != "quantitative"]
    others = others or [i for i in range(len(kinds)) if i != value]
    axis = others[0]
    size = {"field": result.columns[value], "type": "quantitative", "title": _title(result, value)}
    group = {"field": result.columns[axis], "type": kinds[axis], "title": _title(result, axis)}
    encoding: dict[str, Any]
    if mark == "arc":
        encoding = {"theta": size, "color": {**group, "type": "nominal"}}
    elif mark == "bar" and kinds[axis] == "nominal":
        encoding = {"y": {**group, "sort": "-x"}, "x": size}
    else:
        encoding = {"x": group, "y": size}
    if len(others) > 1 and mark != "arc":
        second = others[1]
        encoding["color"] = {
            "field": result.columns[second],
            "type": "nominal",
            "title": _title(result, second),
        }
    shape: dict[str, Any] = {"type": mark, "tooltip": True}
    if mark == "line":
        shape["point"] = True
    return {"$schema": _SCHEMA, "mark": shape, "encoding": encoding}


def _title(result: Outcome, index: int) -> str:
    return result.columns[index].replace("_", " ").capitalize()
