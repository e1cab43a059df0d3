"""One SELECT over files: DuckDB's result as our columns, DuckDB's errors as ours."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb

from datelier.wire.arrow import batches_from_stream, column_from_values, slice_batch
from datelier.wire.types import Batch, ColumnType
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.cutting import Meter, cut_column
from datelier.worker.errors import WorkerError

_INT32: Final = frozenset({"tinyint", "smallint", "integer", "utinyint", "usmallint"})
_NESTED: Final[dict[str, ColumnType]] = {
    "list": "list", "array": "list", "struct": "json", "map": "json", "union": "json",
}  # fmt: skip
# DuckDB type id -> (our type, what the column is cast to on the way out)
_TYPES: Final[dict[str, tuple[ColumnType, str]]] = {
    "boolean": ("boolean", "{}"),
    "bigint": ("int64", "{}"),
    "uinteger": ("int64", "CAST({} AS BIGINT)"),
    "double": ("float64", "{}"),
    # Through its text a float4 keeps the digits it shows: 0.1 and not 0.10000000149.
    "float": ("float64", "CAST(CAST({} AS VARCHAR) AS DOUBLE)"),
    "date": ("date", "{}"),
    "time": ("time", "{}"),
    "blob": ("binary", "{}"),
    "uuid": ("uuid", "CAST({} AS VARCHAR)"),
    "interval": ("interval", "CAST({} AS VARCHAR)"),
    "decimal": ("decimal", "CAST({} AS VARCHAR)"),
    "ubigint": ("decimal", "CAST({} AS VARCHAR)"),
    "hugeint": ("decimal", "CAST({} AS VARCHAR)"),
    "uhugeint": ("decimal", "CAST({} AS VARCHAR)"),
    "bignum": ("decimal", "CAST({} AS VARCHAR)"),
    "timestamp with time zone": ("timestamptz", "{}"),
}


class Reader:
    """Runs one SELECT on a cursor, in the calling thread."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, limits: Limits, outcome: Outcome
    ) -> None:
        self._cursor = cursor
        self._sql = sql
        self._limits = limits
        self._outcome = outcome

    def start(self) -> Iterator[Batch]:
        """Prepare the statement; the iterator runs it."""
        try:
            statements = self._cursor.extract_statements(self._sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise WorkerError(
                    "sql_refused",
                    "Only one SELECT runs at a time.",
                    hint="PIVOT needs its values here: PIVOT t ON kind IN ('a', 'b') USING …",
                )
            relation = self._cursor.sql(self._sql)
            names = [str(name) for name in relation.columns]
            kinds = [column_type(kind) for kind in relation.types]
        except duckdb.Error as error:
            raise failure(error) from None
        self._outcome.columns = [(name, kind[0]) for name, kind in zip(names, kinds, strict=True)]
        casts = ", ".join(kind[1].format(f"#{i}") for i, kind in enumerate(kinds, 1))
        wrapped = f"SELECT {casts} FROM ({self._sql}\n) LIMIT {self._limits.rows + 1}"  # noqa: S608 - one SELECT, checked above
        return self._batches(wrapped, tuple(names))

    def _batches(self, sql: str, names: tuple[str, ...]) -> Iterator[Batch]:
        meter = Meter(self._limits, self._outcome)
        types: list[ColumnType] = [kind for _, kind in self._outcome.columns]
        yielded, most = False, self._limits.max_cell_bytes
        try:
            for whole in batches_from_stream(self._cursor.sql(sql)):
                columns = tuple(
                    cut_column(replace(column, type=kind), most, name, self._outcome)
                    for column, kind, name in zip(whole.columns, types, names, strict=True)
                )
                for part in self._parts(Batch(names, columns, whole.length)):
                    fitting = meter.fitting(part)
                    if fitting.length:
                        yielded = True
                        yield fitting
                    if fitting.length < part.length:
                        return
        except duckdb.Error as error:
            raise failure(error) from None
        except RuntimeError as error:  # nanoarrow passes DuckDB's errors on as text
            raise stream_failure(str(error)) from None
        if not yielded:
            yield Batch(names, tuple(column_from_values(kind, []) for kind in types), 0)

    def _parts(self, batch: Batch) -> Iterator[Batch]:
        left = self._limits.rows - self._outcome.rows
        if batch.length > left:
            self._outcome.truncated = True
            batch = slice_batch(batch, 0, left)
        if batch.length <= self._limits.batch_rows:
            yield batch
            return
        for start in range(0, batch.length, self._limits.batch_rows):
            yield slice_batch(batch, start, start + self._limits.batch_rows)


def column_type(kind: Any) -> tuple[ColumnType, str]:
    """Our type of a DuckDB type, and the expression that yields it."""
    name = str(kind.id).lower()
    if str(kind) == "JSON":
        return "json", "CAST({} AS VARCHAR)"
    if name in _INT32:
        return "int32", "CAST({} AS INTEGER)"
    if name.startswith("timestamp") and name != "timestamp with time zone":
        return "timestamp", "CAST({} AS TIMESTAMP)"
    if name in _NESTED:
        return _NESTED[name], "CAST(to_json({}) AS VARCHAR)"
    return _TYPES.get(name, ("string", "CAST({} AS VARCHAR)"))


def stream_failure(text: str) -> WorkerError:
    """An error that only its text says."""
    if "INTERRUPT" in text.upper():
        return WorkerError("cancelled", "The query was cancelled.")
    if "Out of Memory" in text:
        return _out_of_memory()
    code = "bad_file" if "CSV Error" in text or "Invalid Input" in text else "sql_failed"
    return WorkerError(code, _readable(text))


def failure(error: duckdb.Error) -> WorkerError:
    """A DuckDB error as the protocol reports it."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException):
        return WorkerError("cancelled", "The query was cancelled.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return _out_of_memory()
    if isinstance(error, duckdb.PermissionException):
        return WorkerError("sql_refused", "Queries read the tables of the source, no other file.")
    if "CSV Error" in text or isinstance(error, duckdb.IOException):
        return WorkerError("bad_file", _readable(text))
    return WorkerError("sql_failed", _readable(text))


def _out_of_memory() -> WorkerError:
    return WorkerError(
        "limit_exceeded",
        "The query needs more memory than a query may use (512 MB).",
        hint="Filter or aggregate earlier.",
    )


def _readable(text: str) -> str:
    """The message without the name of the class, a copy of the statement or folders."""
    text = text.partition("\n\nLINE ")[0].partition("\nOriginal Line")[0]
    text = re.sub(
        r"\"?(/[\w.@ -]+)+/([\w.@ -]+)\"?", lambda match: Path(match[0].strip('"')).name, text
    )
    return "\n".join(text.strip().split("\n")[:2])
