"""Are two result sets the same? Rows and columns may stand in another order, names do not count."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from datelier.evals.values import MOMENTS, Cell, Tolerance, expected_cell, stored_cell

Row = tuple[Cell, ...]
# Above these, a search that could take for ever gives up and says so.
_TRIES: Final = 2000
_GROUP_MAX: Final = 400
_SHOWN: Final = 6
# What remains when the same sum was added up in another order.
EXACT: Final = Tolerance()


@dataclass(frozen=True, slots=True)
class Rules:
    """How two result sets are compared.

    Attributes:
        ordered: The order of rows counts.
        extra_columns: The answer may hold further columns.
        tolerance: How far numbers may be apart.
        loose: A text that reads as a number or a moment is one.
    """

    ordered: bool = False
    extra_columns: bool = False
    tolerance: Tolerance = EXACT
    loose: bool = False


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Rows and what their columns are called; `truncated` says that there are more."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool = False

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)


def stored_set(page: dict[str, Any], *, loose: bool = False) -> ResultSet:
    """Return a page of rows, as the API gives it, as a result set."""
    types = tuple(column["type"] for column in page["columns"])
    columns = [
        [stored_cell(value, kind, loose=loose) for value in values]
        for kind, values in zip(types, page["data"], strict=True)
    ]
    rows = tuple(zip(*columns, strict=True))
    names = tuple(column["name"] for column in page["columns"])
    return ResultSet(names, types, rows, bool(page.get("truncated")))


def written_set(
    rows: Sequence[Sequence[Any]], columns: Sequence[str], *, like: ResultSet, loose: bool = False
) -> ResultSet:
    """Return rows of a suite as a result set.

    Args:
        rows: As YAML reads them.
        columns: Their names; empty when they were not given.
        like: What they are compared with: texts mean moments when it holds moments.
        loose: A text that reads as a number or a moment is one.
    """
    moments = next((kind for kind in like.types if kind in MOMENTS), "")
    texts = {cell.text for row in like.rows for cell in row if cell.kind == "text"}

    def cell(value: Any) -> Cell:
        # What stands as a text in the other set is one, even if it looks like a day.
        hint = "" if isinstance(value, str) and value in texts else moments
        return expected_cell(value, like=hint, loose=loose)

    cells = tuple(tuple(cell(value) for value in row) for row in rows)
    width = len(columns) or max((len(row) for row in rows), default=like.width)
    names = tuple(columns) or tuple(f"column {number + 1}" for number in range(width))
    return ResultSet(names, ("",) * width, cells)


def difference(expected: ResultSet, found: ResultSet, rules: Rules) -> str | None:
    """Return in words why `found` is not what was expected; None when it is.

    Columns are matched by what they hold. Without `ordered` rows are compared as a bag: one that
    occurs twice has to be there twice.
    """
    shape = _shape_difference(expected, found, rules)
    if shape is not None:
        return shape
    if not expected.rows:
        return None
    tries = 0
    for order in _orders(expected, found, rules):
        tries += 1
        rows = [tuple(row[place] for place in order) for row in found.rows]
        if _same_rows(expected.rows, rows, rules):
            return None
        if tries >= _TRIES:
            return "There are too many columns that look alike to tell."
    if tries == 0:
        return _column_difference(expected, found, rules)
    return _row_difference(expected, found, rules)


def _shape_difference(expected: ResultSet, found: ResultSet, rules: Rules) -> str | None:
    if found.truncated:
        return f"The result was cut at {len(found.rows)} rows."
    if found.width < expected.width or (found.width > expected.width and not rules.extra_columns):
        return f"{_count(expected.width, 'column')} expected, found {found.width}."
    if len(expected.rows) != len(found.rows):
        return f"{_count(len(expected.rows), 'row')} expected, found {len(found.rows)}."
    return None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _orders(expected: ResultSet, found: ResultSet, rules: Rules) -> Iterator[tuple[int, ...]]:
    """Yield which found column may stand for each expected one, likely assignments first."""
    choices: list[list[int]] = []
    for place, name in enumerate(expected.columns):
        column = [row[place] for row in expected.rows]
        fits = [
            other
            for other in range(found.width)
            if _same_column(column, [row[other] for row in found.rows], rules)
        ]
        fits.sort(key=lambda other: (found.columns[other].lower() != name.lower(), other != place))
        choices.append(fits)
    yield from _assign(choices, ())


def _assign(choices: list[list[int]], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(taken) == len(choices):
        yield taken
        return
    for other in choices[len(taken)]:
        if other not in taken:
            yield from _assign(choices, (*taken, other))


def _same_column(left: list[Cell], right: list[Cell], rules: Rules) -> bool:
    if rules.ordered:
        return all(a.equals(b, rules.tolerance) for a, b in zip(left, right, strict=True))
    return _same_bag([(cell,) for cell in left], [(cell,) for cell in right], rules.tolerance)


def _same_rows(left: Sequence[Row], right: Sequence[Row], rules: Rules) -> bool:
    if rules.ordered:
        pairs = zip(left, right, strict=True)
        return all(_same_row(a, b, rules.tolerance) for a, b in pairs)
    return _same_bag(left, right, rules.tolerance)


def _same_row(left: Row, right: Row, tolerance: Tolerance) -> bool:
    return all(a.equals(b, tolerance) for a, b in zip(left, right, strict=True))


def _same_bag(left: Sequence[Row], right: Sequence[Row], tolerance: Tolerance) -> bool:
    """Whether the rows can be paired one to one."""
    lefts, rights = _grouped(left), _grouped(right)
    if lefts.keys() != rights.keys():
        return False
    return all(
        len(rows) == len(rights[key]) and _paired(rows, rights[key], tolerance)
        for key, rows in lefts.items()
    )


def _grouped(rows: Sequence[Row]) -> dict[tuple[str, ...], list[Row]]:
    """Group rows by everything that is no number: only numbers have a tolerance."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = tuple(f"{c.kind}:{'' if c.kind == 'number' else c.text}" for c in row)
        groups.setdefault(key, []).append(row)
    return groups


def _order(row: Row) -> tuple[tuple[bool, Decimal], ...]:
    # NaN has no order: last.
    return tuple((c.number.is_nan(), Decimal(0) if c.number.is_nan() else c.number) for c in row)


def _paired(left: list[Row], right: list[Row], tolerance: Tolerance) -> bool:
    left, right = sorted(left, key=_order), sorted(right, key=_order)
    if all(_same_row(a, b, tolerance) for a, b in zip(left, right, strict=True)):
        return True
    if len(left) > _GROUP_MAX:
        return False
    # Sorted by a first number that differs within the tolerance, pairs may stand elsewhere.
    partner: dict[int, int] = {}
    return all(
        _find_partner(place, (left, right), partner, set(), tolerance) for place in range(len(left))
    )


def _find_partner(
    place: int,
    rows: tuple[list[Row], list[Row]],
    partner: dict[int, int],
    tried: set[int],
    tolerance: Tolerance,
) -> bool:
    """Give the row at `place` a partner, moving others where that helps."""
    for other in range(len(rows[1])):
        if other in tried or not _same_row(rows[0][place], rows[1][other], tolerance):
            continue
        tried.add(other)
        if other not in partner or _find_partner(partner[other], rows, partner, tried, tolerance):
            partner[other] = place
            return True
    return False


def _column_difference(expected: ResultSet, found: ResultSet, rules: Rules) -> str:
    for place, name in enumerate(expected.columns):
        column = [row[place] for row in expected.rows]
        if any(
            _same_column(column, [row[other] for row in found.rows], rules)
            for other in range(found.width)
        ):
            continue
        wanted = ", ".join(cell.shown for cell in column[:_SHOWN])
        near = _nearest_column(column, found)
        seen = ", ".join(row[near].shown for row in found.rows[:_SHOWN])
        return f"No column holds {name} ({wanted}); {found.columns[near]} holds {seen}."
    return "The columns cannot be told apart."


def _nearest_column(column: list[Cell], found: ResultSet) -> int:
    wanted = Counter((cell.kind, cell.shown) for cell in column)
    kinds = Counter(cell.kind for cell in column)

    def likeness(other: int) -> tuple[int, int]:
        seen = Counter((row[other].kind, row[other].shown) for row in found.rows)
        return (wanted & seen).total(), (kinds & Counter(k for k, _ in seen.elements())).total()

    return max(range(found.width), key=likeness)


def _row_difference(expected: ResultSet, found: ResultSet, rules: Rules) -> str:
    order = next(_orders(expected, found, rules))
    rows = [tuple(row[place] for place in order) for row in found.rows]
    if rules.ordered:
        for number, (a, b) in enumerate(zip(expected.rows, rows, strict=True), 1):
            if not _same_row(a, b, rules.tolerance):
                return f"Row {number} should be ({_shown(a)}), it is ({_shown(b)})."
    left = list(rows)
    for row in expected.rows:
        match = next((one for one in left if _same_row(row, one, rules.tolerance)), None)
        if match is None:
            return f"No row is ({_shown(row)})."
        left.remove(match)
    return "The rows do not pair up."


def _shown(row: Row) -> str:
    return ", ".join(cell.shown for cell in row)
