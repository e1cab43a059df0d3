"""Pages of a stored result, in stored or in sorted order."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from datelier.kit.errors import Invalid
from datelier.queries.arrow_store import Index, read_slice
from datelier.wire.arrow import flags_of
from datelier.wire.columnar import column_json, texts_of, to_columnar_json
from datelier.wire.types import FIXED, Batch, Column

_ORDERS_KEPT: Final = 32
_orders: OrderedDict[tuple[str, int, bool], list[int]] = OrderedDict()


def page(path: Path, index: Index, width: int, offset: int, limit: int) -> list[list[Any]]:
    """Return some rows column by column, as JSON values."""
    data: list[list[Any]] = [[] for _ in range(width)]
    for batch in read_slice(path, index, offset, limit):
        for column, values in zip(data, to_columnar_json(batch), strict=True):
            column.extend(values)
    return data


def parse_sort(sort: str, names: Sequence[str]) -> tuple[int, bool]:
    """Return the position of the column and whether the order is descending.

    Args:
        sort: ``column``, ``column:asc`` or ``column:desc``.
        names: The result's columns.

    Raises:
        Invalid: There is no such column or direction.
    """
    name, _, direction = sort.rpartition(":")
    if direction not in {"asc", "desc"} or not name:
        name, direction = sort, "asc"
    if name not in names:
        raise Invalid.field("sort", "must name a column of the result, as in `amount:desc`")
    return list(names).index(name), direction == "desc"


def sorted_page(
    path: Path, index: Index, order: tuple[int, bool], offset: int, limit: int
) -> list[list[Any]]:
    """Return some rows in the order of one column; NULL comes last either way."""
    position, descending = order
    batches = list(read_slice(path, index, 0, sum(rows for _, _, rows in index)))
    key = (str(path), position, descending)
    ranks = _orders.get(key)
    if ranks is None:
        ranks = _orders[key] = _order([b.columns[position] for b in batches], descending)
        while len(_orders) > _ORDERS_KEPT:
            _orders.popitem(last=False)
    wanted = ranks[offset : offset + limit]
    return [_pick(batches, position, wanted) for position in range(len(batches[0].columns))]


def _pick(batches: list[Batch], position: int, wanted: list[int]) -> list[Any]:
    values = [value for batch in batches for value in column_json(batch.columns[position])]
    return [values[row] for row in wanted]


def _order(parts: list[Column], descending: bool) -> list[int]:
    keys = [key for part in parts for key in _keys(part)]
    present = [row for row, key in enumerate(keys) if key is not None]
    missing = [row for row, key in enumerate(keys) if key is None]
    present.sort(key=keys.__getitem__, reverse=descending)
    return present + missing


def _keys(column: Column) -> list[Any]:
    values: Sequence[Any]
    if column.type == "boolean":
        values = flags_of(column.data, column.length)
    elif column.type in FIXED:
        numbers = array(FIXED[column.type], column.data)[: column.length]
        # NaN has no place among numbers; PostgreSQL puts it above them all.
        values = [(number != number, number) for number in numbers]  # noqa: PLR0124  # NaN
    elif column.type == "decimal":
        values = [_decimal(text) for text in texts_of(column)]
    else:
        values = texts_of(column)
    if column.validity is None:
        return list(values)
    flags = flags_of(column.validity, column.length)
    return [value if ok else None for value, ok in zip(values, flags, strict=True)]


def _decimal(text: str) -> tuple[bool, Decimal]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return True, Decimal(0)
    return (True, Decimal(0)) if number.is_nan() else (False, number)
