"""A stored result as the table `result` of a DuckDB of its own, read batch by batch.

Nobody's SQL runs here: statements are built in this package and values are parameters. Columns are
named `c0`, `c1`, … because a result's own names may repeat or be empty. Memory is bounded whatever
the result's size; what does not fit is sorted in a temporary folder.
"""

import io
import tempfile
from asyncio import get_running_loop
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from typing_extensions import override

from datelier.queries.arrow_store import schema_of
from datelier.wire.arrow import batches_from_stream, encode_columns
from datelier.wire.types import Batch, ColumnType

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "256MB"
AT_ONCE: Final = 2
_SPILL: Final = "8GB"
_NUMBERS: Final[dict[ColumnType, ColumnType]] = {
    "date": "int32",
    "time": "int64",
    "timestamp": "int64",
    "timestamptz": "int64",
}
_TEXTS: Final[dict[ColumnType, ColumnType]] = {
    "decimal": "string",
    "interval": "string",
    "json": "string",
    "uuid": "string",
    "list": "string",
}
# `decimal_key(text)`: decimals of any length as texts that order and compare like numbers.
_DECIMAL_KEY: Final = """
CREATE MACRO digits_key(w, f) AS lpad(CAST(length(w) AS VARCHAR), 6, '0') || w || f;
CREATE MACRO parts_key(minus, w, f) AS CASE
    WHEN w || f = '' THEN '2000000'
    WHEN minus THEN '1' || translate(digits_key(w, f), '0123456789', '9876543210') || '~'
    ELSE '2' || digits_key(w, f) END;
CREATE MACRO decimal_key(e) AS CASE e
    WHEN 'NaN' THEN '4' WHEN 'Infinity' THEN '3' WHEN '-Infinity' THEN '0'
    ELSE parts_key(
        e LIKE '-%',
        ltrim(split_part(ltrim(e, '+-'), '.', 1), '0'),
        rtrim(split_part(e, '.', 2), '0')) END;
"""
_T = TypeVar("_T")
_threads: Final = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="results")


async def in_thread(work: Callable[[], _T]) -> _T:
    """Do blocking work on stored results; at most `AT_ONCE` at a time in one process."""
    return await get_running_loop().run_in_executor(_threads, work)


class _Spliced(io.RawIOBase):
    """A stored stream behind another schema message of the same layout."""

    def __init__(self, path: Path, schema: bytes) -> None:
        super().__init__()
        self._schema = memoryview(schema)
        self._file = path.open("rb")
        self._file.seek(len(schema_of(self._file.read(8), self._file)))

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any, /) -> int:
        if self._schema:
            room = memoryview(buffer).cast("B")
            part = self._schema[: len(room)]
            room[: len(part)] = part
            self._schema = self._schema[len(part) :]
            return len(part)
        return self._file.readinto(buffer)

    @override
    def close(self) -> None:
        self._file.close()
        super().close()


class _Source:
    """What DuckDB scans: every scan reads the file again from its beginning."""

    def __init__(self, path: Path, schema: bytes) -> None:
        self._path = path
        self._schema = schema
        # nanoarrow is compiled and ships no types.
        self._streams: Any = import_module("nanoarrow.ipc").InputStream

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        stream = self._streams.from_readable(_Spliced(self._path, self._schema))
        return stream.__arrow_c_stream__(requested_schema)


class Stored:
    """An open result.

    Attributes:
        key: What names this result among all results.
        types: The columns' types, in order.
        database: The connection that holds `result`.
    """

    def __init__(
        self, database: "duckdb.DuckDBPyConnection", key: str, types: Sequence[ColumnType]
    ) -> None:
        self.database = database
        self.key = key
        self.types = types

    def batches(
        self, sql: str, parameters: Sequence[object], types: Sequence[ColumnType]
    ) -> Iterator[Batch]:
        """Yield what a statement gives, its columns read as `types`."""
        for batch in batches_from_stream(self.database.sql(sql, params=list(parameters))):
            columns = tuple(
                replace(column, type=kind)
                for column, kind in zip(batch.columns, types, strict=True)
            )
            yield replace(batch, columns=columns)

    def number(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Return the one whole number that a statement gives."""
        return int(self.row(sql, parameters)[0])

    def row(self, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
        """Return the one row that a statement gives."""
        return self.database.sql(sql, params=list(parameters)).fetchall()[0]


@contextmanager
def opened(path: Path, types: Sequence[ColumnType], *, moments: bool = False) -> Generator[Stored]:
    """Open a stored result for statements.

    Args:
        path: The stored Arrow stream.
        types: Its columns' types.
        moments: Give dates and times as such; by default they are days and microseconds, which
            have a place for infinity and the year 12000 too.

    Raises:
        FileNotFoundError: The stored rows are gone.
    """
    import duckdb  # noqa: PLC0415  # lazy: much memory, and only sorting needs it

    if not path.is_file():
        raise FileNotFoundError(path)
    raws = _TEXTS if moments else _TEXTS | _NUMBERS
    raw: list[ColumnType] = [raws.get(kind, kind) for kind in types]
    names = [f"c{position}" for position in range(len(types))]
    empty = io.BytesIO(encode_columns(names, raw, [[] for _ in raw]))
    source = _Source(path, schema_of(empty.read(8), empty))
    with tempfile.TemporaryDirectory(prefix="datelier-result-") as spill:
        settings: dict[str, Any] = {
            "memory_limit": MEMORY,
            "threads": 1,  # rows keep their order, and one sort cannot take the whole machine
            "temp_directory": spill,
            "max_temp_directory_size": _SPILL,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        database = duckdb.connect(":memory:", config=settings)
        try:
            database.register("result", source)
            if "decimal" in types:
                database.execute(_DECIMAL_KEY)
            yield Stored(database, str(path), types)
        finally:
            database.close()
