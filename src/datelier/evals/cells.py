"""Two results of the same statement, cell by cell: what is new, what is gone, what is another."""

from collections.abc import Sequence

from pydantic import BaseModel

from datelier.evals.values import Cell, Tolerance, stored_cell
from datelier.queries.trace.tables import Table, label_columns

_MOST = 200
_ROUNDING = Tolerance()


class CellChange(BaseModel):
    """A cell that holds something else; `row` is what names it, or its number."""

    row: str
    column: str
    before: str
    now: str


class Difference(BaseModel):
    """What two results differ in; lists are cut at 200 entries, counts are not.

    Attributes:
        by: How rows were recognized: ``key`` by what names them, ``position`` by their number.
        columns: What changed about the columns, in words; cells are then compared by name.
    """

    by: str
    rows_before: int
    rows_now: int
    columns: list[str] = []
    added: list[str] = []
    removed: list[str] = []
    cells: list[CellChange] = []
    added_count: int = 0
    removed_count: int = 0
    cell_count: int = 0

    @property
    def is_none(self) -> bool:
        """Whether both results hold the same."""
        return not (self.columns or self.added_count or self.removed_count or self.cell_count)


def differ(before: Table, now: Table) -> Difference:
    """Return what changed from one result to a later one of the same statement.

    Rows are the same when the texts, moments and keys that name them are; where these are not
    unique, rows are compared by position.
    """
    old, new = _keys(before), _keys(now)
    keyed = old is not None and new is not None
    if not keyed:
        old, new = _positions(before), _positions(now)
    assert old is not None
    assert new is not None
    found = Difference(
        by="key" if keyed else "position",
        rows_before=before.rows,
        rows_now=now.rows,
        columns=_columns(before, now),
    )
    added = [_name(key) for key in new if key not in old]
    removed = [_name(key) for key in old if key not in new]
    found.added, found.added_count = added[:_MOST], len(added)
    found.removed, found.removed_count = removed[:_MOST], len(removed)
    shared = [name for name in before.columns if name in now.columns]
    for name in dict.fromkeys(shared):
        left, right = _column(before, name), _column(now, name)
        for key, row in old.items():
            other = new.get(key)
            if other is None or left[row].equals(right[other], _ROUNDING):
                continue
            found.cell_count += 1
            if len(found.cells) < _MOST:
                change = CellChange(
                    row=_name(key), column=name, before=left[row].shown, now=right[other].shown
                )
                found.cells.append(change)
    return found


Key = tuple[str, ...]


def _keys(table: Table) -> dict[Key, int] | None:
    """Return rows by what names them; None when that is not unique."""
    places = label_columns(table)
    if not places:
        return {} if not table.rows else ({("",): 0} if table.rows == 1 else None)
    keys: dict[Key, int] = {}
    for row in range(table.rows):
        key = tuple(_cell(table, place, row).shown for place in places)
        if key in keys:
            return None
        keys[key] = row
    return keys


def _positions(table: Table) -> dict[Key, int]:
    return {(f"row {row + 1}",): row for row in range(table.rows)}


def _name(key: Key) -> str:
    return ", ".join(part for part in key if part) or "the row"


def _cell(table: Table, place: int, row: int) -> Cell:
    return stored_cell(table.data[place][row], table.types[place])


def _column(table: Table, name: str) -> Sequence[Cell]:
    place = table.columns.index(name)
    return [_cell(table, place, row) for row in range(table.rows)]


def _columns(before: Table, now: Table) -> list[str]:
    old = dict(zip(before.columns, before.types, strict=True))
    new = dict(zip(now.columns, now.types, strict=True))
    found = [f"{name} is new" for name in new if name not in old]
    found += [f"{name} is gone" for name in old if name not in new]
    found += [
        f"{name} was {kind}, it is {new[name]}"
        for name, kind in old.items()
        if name in new and new[name] != kind
    ]
    return found
