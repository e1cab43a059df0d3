"""A formula's value on stored results: exact, in decimals, and never by running code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context as Arithmetic, Decimal, DecimalException
from typing import Any, Final

from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.formula import Aggregate, Cell, Constant, Node, Placeholder, Reference
from datelier.queries.trace.tables import NUMBERS, Table, as_number, label_columns

_ARITHMETIC: Final = Arithmetic(prec=60, Emax=400, Emin=-400)
_SHOWN: Final = 80
_LARGEST: Final = Decimal("1e100")
Tables = Callable[[Reference], Table]
"""Finds a result, or raises TraceError."""


@dataclass(frozen=True, slots=True)
class UsedCell:
    """A cell that went into a figure; `row` is None for a whole column or all rows."""

    table: Table
    row: int | None
    column: str | None
    value: object = None


@dataclass(frozen=True, slots=True)
class Value:
    """What a placeholder stands for.

    Attributes:
        raw: The cell as stored, or the computed number.
        type: The cell's type; ``decimal`` for what was computed.
        number: As an exact number; None for texts and moments.
    """

    raw: Any
    type: str
    number: Decimal | None
    cells: tuple[UsedCell, ...]
    is_cell: bool


def evaluate(placeholder: Placeholder, tables: Tables) -> Value:
    """Return the value of a placeholder.

    Raises:
        TraceError: A cell does not exist or has no value, a result was cut, or there is no number.
    """
    node = placeholder.node
    what = placeholder.text if len(placeholder.text) <= _SHOWN else "The formula"
    if isinstance(node, Cell):
        used = _find(node, tables)
        if used.value is None:
            raise TraceError("no_value", f"{what} is NULL.")
        kind = used.table.types[used.table.column(str(used.column))]
        number = as_number(used.value) if kind in NUMBERS else None
        if kind in NUMBERS and number is None:
            raise TraceError("not_a_number", f"{what} is {used.value}.")
        return Value(used.value, kind, number, (used,), is_cell=True)
    cells: list[UsedCell] = []
    try:
        number = _compute(node, tables, cells)
    except TraceError:
        raise
    except (DecimalException, ArithmeticError):
        raise TraceError("overflow", f"{what} is too large to compute.") from None
    if abs(number) > _LARGEST:
        raise TraceError("overflow", f"{what} is too large to show.")
    return Value(format(number, "f"), "decimal", number, tuple(cells), is_cell=False)


def _compute(node: Node, tables: Tables, cells: list[UsedCell]) -> Decimal:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Cell):
        used = _find(node, tables)
        cells.append(used)
        return _number(used)
    if isinstance(node, Aggregate):
        return _aggregate(node, tables, cells)
    right = _compute(node.right, tables, cells)
    if node.left is None:
        return _ARITHMETIC.minus(right)
    left = _compute(node.left, tables, cells)
    if node.sign == "/":
        if right == 0:
            raise TraceError("division_by_zero", "The formula divides by zero.")
        return _ARITHMETIC.divide(left, right)
    return _OPERATIONS[node.sign](left, right)


_OPERATIONS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": _ARITHMETIC.add,
    "-": _ARITHMETIC.subtract,
    "*": _ARITHMETIC.multiply,
}


def _number(used: UsedCell) -> Decimal:
    where = f"{used.table.name}[{used.row}].{used.column}"
    if used.value is None:
        raise TraceError("no_value", f"{where} is NULL.")
    kind = used.table.types[used.table.column(str(used.column))]
    number = as_number(used.value) if kind in NUMBERS else None
    if number is None:
        raise TraceError("not_a_number", f"{where} is not a number.")
    return number


def _find(cell: Cell, tables: Tables) -> UsedCell:
    table = tables(cell.query)
    column = table.column(cell.column)
    row = cell.row if isinstance(cell.row, int) else _row_by_key(table, cell.row)
    if not -table.rows <= row < table.rows:
        raise TraceError(
            "no_such_row", f"{table.name} has {table.rows} rows, there is no row {row}."
        )
    if row < 0:
        if table.truncated:
            raise TraceError("truncated", _cut(table))
        row += table.rows
    return UsedCell(table, row, table.columns[column], table.data[column][row])


def _row_by_key(table: Table, wanted: Sequence[tuple[str | None, str]]) -> int:
    positions = label_columns(table)
    found = list(range(table.rows))
    for name, text in wanted:
        among = positions if name is None else [table.column(name)]
        found = [row for row in found if any(_same(table.data[i][row], text) for i in among)]
    shown = ", ".join(text if name is None else f"{name}={text}" for name, text in wanted)
    if len(found) != 1:
        what = "several rows" if found else "no row"
        raise TraceError("no_such_row", f"{table.name} has {what} with {shown}.")
    return found[0]


def _same(cell: object, text: str) -> bool:
    if cell is None:
        return False
    said = str(cell).lower() if isinstance(cell, bool) else str(cell)
    if said == text or (said.casefold() == text.casefold()):
        return True
    # A moment may be named by its beginning: 2025-03 for 2025-03-01T00:00:00.
    return len(text) >= 4 and said[:4].isdigit() and said.startswith(text) and said[4:5] == "-"


def _cut(table: Table) -> str:
    return (
        f"{table.name} was cut at {table.rows:,} rows: totals and counts over it would be wrong; "
        "compute them in SQL."
    )


def _aggregate(node: Aggregate, tables: Tables, cells: list[UsedCell]) -> Decimal:
    table = tables(node.query)
    if table.truncated:
        raise TraceError("truncated", _cut(table))
    if node.column is None:
        cells.append(UsedCell(table, None, None))
        return Decimal(table.rows)
    position = table.column(node.column)
    cells.append(UsedCell(table, None, table.columns[position]))
    present = [cell for cell in table.data[position] if cell is not None]
    if node.function == "count":
        return Decimal(len(present))
    numbers = [as_number(cell) for cell in present] if table.types[position] in NUMBERS else [None]
    if any(number is None for number in numbers):
        what = f"{table.name}.{node.column}"
        raise TraceError("not_a_number", f"{what} holds something that is not a number.")
    if not numbers:
        raise TraceError("no_value", f"{table.name}.{node.column} has no values.")
    return _FOLDS[node.function]([number for number in numbers if number is not None])


def _sum(numbers: Sequence[Decimal]) -> Decimal:
    total = Decimal()
    for number in numbers:
        total = _ARITHMETIC.add(total, number)
    return total


_FOLDS: Final[dict[str, Callable[[Sequence[Decimal]], Decimal]]] = {
    "sum": _sum,
    "avg": lambda numbers: _ARITHMETIC.divide(_sum(numbers), Decimal(len(numbers))),
    "min": min,
    "max": max,
}
