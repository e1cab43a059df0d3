"""Pages of a stored result: as stored, or sorted and filtered."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from datelier.queries.arrow_store import Index, read_slice
from datelier.queries.filters import Filter, Order, condition
from datelier.queries.keys import order_keys
from datelier.queries.stored import Stored, opened
from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch, ColumnType

_COUNTS_KEPT: Final = 512
_counts: OrderedDict[tuple[str, tuple[Filter, ...]], int] = OrderedDict()


@dataclass(frozen=True, slots=True)
class View:
    """Which rows of a result, in which order. Equal rows keep the order they were stored in."""

    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Every row, as stored."""
        return not self.filters and not self.order


def page(path: Path, index: Index, width: int, offset: int, limit: int) -> list[list[Any]]:
    """Return some rows column by column, as JSON values; other batches are not read."""
    data: list[list[Any]] = [[] for _ in range(width)]
    for batch in read_slice(path, index, offset, limit):
        _append(data, batch)
    return data


def view_page(
    path: Path, types: Sequence[ColumnType], view: View, window: tuple[int, int]
) -> tuple[list[list[Any]], int]:
    """Return some rows of a view column by column, and how many rows the view has.

    Args:
        path: The stored stream.
        types: The columns' types.
        view: Rows and order.
        window: Offset and most rows.

    Raises:
        Invalid: A filter does not fit its column.
        FileNotFoundError: The stored rows are gone.
    """
    with opened(path, types) as stored:
        where, values = where_clause(stored, view.filters)
        key = (stored.key, view.filters)
        count = _counts.get(key)
        if count is None:
            count = stored.number(f"SELECT count(*) FROM result{where}", values)  # noqa: S608 - no outside text
            _counts[key] = count
            while len(_counts) > _COUNTS_KEPT:
                _counts.popitem(last=False)
        data: list[list[Any]] = [[] for _ in types]
        for batch in stored.batches(_select(stored, view, where, window), values, types):
            _append(data, batch)
    return data, count


def where_clause(stored: Stored, filters: Sequence[Filter]) -> tuple[str, list[object]]:
    """Return filters as a WHERE clause, empty without any, and its parameters."""
    made = [condition(stored, one) for one in filters]
    text = " AND ".join(f"({part})" for part, _ in made)
    return (f" WHERE {text}" if text else ""), [value for _, some in made for value in some]


def _select(stored: Stored, view: View, where: str, window: tuple[int, int]) -> str:
    columns = ", ".join(f"c{position}" for position in range(len(stored.types)))
    tail = f"LIMIT {window[1]} OFFSET {window[0]}"
    if not view.order:
        return f"SELECT {columns} FROM result{where} {tail}"  # noqa: S608 - no outside text
    keys = [
        f"{key} {'DESC' if one.descending else 'ASC'} NULLS LAST"
        for one in view.order
        for key in order_keys(stored, one.position)
    ]
    numbered = "SELECT *, row_number() OVER () AS place FROM result"
    # The place settles ties, so that a page never repeats or leaves out a row of another.
    order = ", ".join([*keys, "place"])
    return f"SELECT {columns} FROM ({numbered}){where} ORDER BY {order} {tail}"  # noqa: S608 - no outside text


def _append(data: list[list[Any]], batch: Batch) -> None:
    for column, values in zip(data, to_columnar_json(batch), strict=True):
        column.extend(values)
