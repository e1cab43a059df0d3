"""What one column of a stored result holds, in a few numbers."""

from pathlib import Path
from typing import Any, Final

from datelier.queries.filters import Filter
from datelier.queries.keys import column_key
from datelier.queries.rows import where_clause
from datelier.queries.schemas import ColumnProfile, TopValue
from datelier.queries.stored import Stored, opened
from datelier.sources.schemas import ColumnOut
from datelier.wire.columnar import column_json
from datelier.wire.types import ColumnType

TOP_VALUES: Final = 8
CELL: Final = 200
# What has no least and greatest value that would tell anything.
_UNORDERED: Final[frozenset[ColumnType]] = frozenset(["boolean", "json", "list", "binary"])


def profile_column(
    path: Path, columns: list[ColumnOut], position: int, filters: tuple[Filter, ...]
) -> ColumnProfile:
    """Return the profile of a column over the rows that meet `filters`.

    Raises:
        Invalid: A filter does not fit its column.
        FileNotFoundError: The stored rows are gone.
    """
    types: list[ColumnType] = [column.type for column in columns]
    with opened(path, types) as stored:
        where, values = where_clause(stored, filters)
        kind, name, key = types[position], f"c{position}", column_key(stored, position)
        facts = f"count(*), count({name}), count(DISTINCT {key})"
        rows, present, distinct = stored.row(f"SELECT {facts} FROM result{where}", values)  # noqa: S608 - no outside text
        low = high = None
        if kind not in _UNORDERED:
            order = _order(kind, name, key)
            ends = f"arg_min({name}, {order}), arg_max({name}, {order})"
            found = _cells(stored, f"SELECT {ends} FROM result{where}", values, [kind, kind])  # noqa: S608 - no outside text
            low, high = found[0]
        numbered = "SELECT *, row_number() OVER () AS place FROM result"
        counts = f"SELECT any_value({name}) AS v, count(*) AS n, min(place) AS p FROM ({numbered})"  # noqa: S608 - no outside text
        order = f"GROUP BY {key} HAVING v IS NOT NULL ORDER BY n DESC, p LIMIT {TOP_VALUES}"
        top = _cells(stored, f"{counts}{where} {order}", values, [kind, "int64", "int64"])
    return ColumnProfile(
        column=columns[position].name,
        type=kind,
        rows=int(rows),
        nulls=int(rows) - int(present),
        distinct=int(distinct),
        min=_short(low),
        max=_short(high),
        top=[TopValue(value=_short(value), count=int(count)) for value, count, _ in top],
    )


def _order(kind: ColumnType, name: str, key: str) -> str:
    return f"TRY_CAST({name} AS INTERVAL)" if kind == "interval" else key


def _cells(
    stored: Stored, sql: str, values: list[object], types: list[ColumnType]
) -> list[tuple[Any, ...]]:
    """The rows of a small answer, as JSON values."""
    return [
        row
        for batch in stored.batches(sql, values, types)
        for row in zip(*(column_json(column) for column in batch.columns), strict=True)
    ]


def _short(value: Any) -> Any:
    return f"{value[:CELL]}…" if isinstance(value, str) and len(value) > CELL else value
