"""One SELECT over files: DuckDB's result as our columns, DuckDB's errors as ours."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb

from datelier.wire.arrow import batches_from_stream, column_from_values, flags_of, slice_batch
from datelier.wire.types import Batch, ColumnType
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.cutting import CUTTABLE, Meter, cut_column
from datelier.worker.errors import ErrorCode, WorkerError

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


_WIDE: Final = CUTTABLE | {"list"}
_WATCHED_MAX: Final = 100  # columns; for thousands the planning alone takes minutes
_BATCH_BYTES: Final = 1024 * 1024


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
        """Prepare the statement in a read-only transaction; the iterator runs it and ends that."""
        try:
            self._cursor.execute("BEGIN TRANSACTION READ ONLY")
            return self._prepared()
        except duckdb.Error as error:
            self._end()
            raise failure(error) from None
        except WorkerError:
            self._end()
            raise

    def _end(self) -> None:
        with contextlib.suppress(duckdb.Error):
            self._cursor.execute("ROLLBACK")

    def _prepared(self) -> Iterator[Batch]:
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
        self._outcome.columns = [(name, kind[0]) for name, kind in zip(names, kinds, strict=True)]
        return self._batches(self._wrapped(kinds), tuple(names))

    def _wrapped(self, kinds: list[tuple[ColumnType, str]]) -> str:
        """The statement with our types, cut at the limits, and a last column: past the bytes?

        DuckDB hands out 131,072 rows at once, however wide. So it is told here to leave out the
        texts of what would not be passed on anyway: a running sum, which it streams.
        """
        most = self._limits.max_cell_bytes
        casts = ", ".join(f"{kind[1].format(f'#{i}')} AS c{i}" for i, kind in enumerate(kinds, 1))
        limited = f"FROM ({self._sql}\n) LIMIT {self._limits.rows + 1}"
        wide = {f"c{i}": kind[0] for i, kind in enumerate(kinds, 1) if kind[0] in _WIDE}
        if not 0 < len(wide) <= _WATCHED_MAX:
            return f"SELECT {casts}, FALSE {limited}"
        sized = [
            f"least(octet_length({c}), {most})" if kind == "binary" else f"strlen({c})"
            for c, kind in wide.items()
        ]
        size = " + ".join(f"coalesce({one}, 0)" for one in sized)
        # One sign more than fits, so that the cell is seen to be cut.
        cuts = ", ".join(
            f"CASE WHEN strlen({c}) > {most} THEN left({c}, {most + 1}) ELSE {c} END AS {c}"
            for c, kind in wide.items()
            if kind != "binary"
        )
        over = f"passed > {self._limits.max_bytes}"
        shown = [f"c{i}" for i in range(1, len(kinds) + 1)]
        columns = ", ".join(
            f"CASE WHEN {over} THEN NULL ELSE {c} END" if c in wide else c for c in shown
        )
        return (
            f"SELECT {columns}, {over} FROM (SELECT *, sum({size}) OVER (ROWS UNBOUNDED PRECEDING) AS passed"  # noqa: S608 - one SELECT, checked above
            f" FROM (SELECT * {f'REPLACE ({cuts})' if cuts else ''} FROM (SELECT {casts}"
            f" {limited})))"
        )

    def _batches(self, sql: str, names: tuple[str, ...]) -> Iterator[Batch]:
        meter = Meter(self._limits, self._outcome)
        types: list[ColumnType] = [kind for _, kind in self._outcome.columns]
        yielded, most = False, self._limits.max_cell_bytes
        try:
            for found in batches_from_stream(self._cursor.sql(sql)):
                whole, ended = _before_the_end(found)
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
                if ended:
                    meter.cut_here()
                    return
        except duckdb.Error as error:
            raise failure(error) from None
        except RuntimeError as error:  # nanoarrow passes DuckDB's errors on as text
            raise stream_failure(str(error)) from None
        finally:
            self._end()
        if not yielded:
            yield Batch(names, tuple(column_from_values(kind, []) for kind in types), 0)

    def _parts(self, batch: Batch) -> Iterator[Batch]:
        left = self._limits.rows - self._outcome.rows
        if batch.length > left:
            self._outcome.truncated = True
            batch = slice_batch(batch, 0, left)
        for start in range(0, batch.length, self._limits.batch_rows):
            yield from _small(slice_batch(batch, start, start + self._limits.batch_rows))


def _before_the_end(batch: Batch) -> tuple[Batch, bool]:
    """The rows before the limit of bytes, without the column that says so, and whether it came."""
    *columns, passed = batch.columns
    whole = Batch(batch.names[:-1], tuple(columns), batch.length)
    flags = flags_of(passed.data, batch.length)
    return (slice_batch(whole, 0, flags.index(True)), True) if True in flags else (whole, False)


def _small(batch: Batch) -> Iterator[Batch]:
    """A batch in pieces of about `_BATCH_BYTES`; what is queued for a slow reader is counted so."""
    if batch.nbytes <= _BATCH_BYTES or batch.length <= 1:
        yield batch
        return
    half = batch.length // 2
    yield from _small(slice_batch(batch, 0, half))
    yield from _small(slice_batch(batch, half, batch.length))


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
    return _told(code, text)


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
        return _told("bad_file", text)
    return _told("sql_failed", text)


def _out_of_memory() -> WorkerError:
    return WorkerError(
        "limit_exceeded",
        "The query needs more memory than a query may use (512 MB).",
        hint="Filter or aggregate earlier.",
    )


def _told(code: ErrorCode, text: str) -> WorkerError:
    """What happened, and what DuckDB itself advises in its second line."""
    what, _, advice = _readable(text).partition("\n")
    known = advice.removeprefix("Candidate bindings: ")
    hint = f"Did you mean one of {known}?" if known != advice else advice.strip().rstrip(":")
    # Signatures of functions say little without all of them.
    return WorkerError(code, what, hint=None if hint == "Candidate functions" else hint or None)


def _readable(text: str) -> str:
    """The message without a copy of the statement or folders, and the line below it."""
    text = text.partition("\n\nLINE ")[0].partition("\nOriginal Line")[0]
    text = re.sub(
        r"\"?(/[\w.@ -]+)+/([\w.@ -]+)\"?", lambda match: Path(match[0].strip('"')).name, text
    )
    return "\n".join(text.strip().split("\n")[:2])
