"""A stored result as a Parquet file, written by DuckDB in constant memory."""

from pathlib import Path
from typing import Final

from datelier.queries.file_names import unique_names
from datelier.queries.keys import decimal_shape
from datelier.queries.stopping import Stop
from datelier.queries.stored import Stored, opened
from datelier.sources.schemas import ColumnOut

_GROUP_BYTES: Final = 32 * 1024**2
_GROUP_ROWS: Final = (2048, 122_880)
_NARROW: Final = 18
_LEAST: Final = {
    "date": "DATE '-infinity'",
    "timestamp": "TIMESTAMP '-infinity'",
    "timestamptz": "TIMESTAMPTZ '-infinity'",
}
# A type of its own where every text of the column is one.
_CHECKED: Final = {
    "uuid": ("UUID", "TRY_CAST({0} AS UUID) IS NOT NULL"),
    "json": ("JSON", "json_valid({0})"),
    "list": ("JSON", "json_valid({0})"),
}


def write_parquet(
    source: Path, columns: list[ColumnOut], rows: int, target: Path, stop: Stop | None = None
) -> None:
    """Write a stored stream of `rows` rows as Parquet to `target`.

    Decimals become DECIMAL where 38 digits hold every value of the column exactly, and stay text
    elsewhere; uuid becomes UUID, json and lists become JSON, intervals text. Repeated and empty
    column names are made different.

    Raises:
        FileNotFoundError: The stored rows are gone.
        Stopped: `stop` was set meanwhile.
    """
    with opened(source, [column.type for column in columns], moments=True) as stored:
        names = unique_names([column.name for column in columns])
        with (stop or Stop()).calls(stored.database.interrupt):
            selected = ", ".join(
                f"{_expression(stored, position)} AS {_quoted(name)}"
                for position, name in enumerate(names)
            )
            size = min(
                max(_GROUP_BYTES * rows // source.stat().st_size, _GROUP_ROWS[0]), _GROUP_ROWS[1]
            )
            path = str(target).replace("'", "''")
            options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {size}"
            query = f"SELECT {selected} FROM result"  # noqa: S608 - no outside text
            stored.database.execute(f"COPY ({query}) TO '{path}' ({options})")


def _expression(stored: Stored, position: int) -> str:
    kind, name = stored.types[position], f"c{position}"
    if kind in _LEAST:
        least = _LEAST[kind]  # the number below it means the same
        return f"CASE WHEN {name} < {least} THEN {least} ELSE {name} END"
    if kind == "decimal":
        shape = decimal_shape(stored, position)
        if shape.type is not None and shape.whole + shape.fraction <= _NARROW:
            return f"CAST({name} AS DECIMAL({_NARROW},{shape.fraction}))"
        return f"CAST({name} AS {shape.type})" if shape.type else name
    if kind in _CHECKED:
        type_, valid = _CHECKED[kind]
        invalid = f"{name} IS NOT NULL AND NOT {valid.format(name)}"
        odd = stored.number(f"SELECT count(*) FILTER ({invalid}) FROM result")  # noqa: S608 - no outside text
        return name if odd else f"CAST({name} AS {type_})"
    return name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
