"""Text files and spreadsheets become Parquet once, with numbers as exact as they were written.

Plain decimals with few digits become DECIMAL, so that sums of money come out to the cent; whole
numbers with leading zeros are codes and stay text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from datelier.worker.engines import files_load
from datelier.worker.engines.files_load import FileTable
from datelier.worker.engines.names import quoted
from datelier.worker.errors import WorkerError

FRACTION_MAX: Final = 6
DIGITS_MAX: Final = 18
_WIDEST: Final = 38
# A double keeps this many decimal digits whatever they are.
_DOUBLE_DIGITS: Final = 15
_NUMBERS: Final = frozenset({"BIGINT", "DOUBLE", "HUGEINT"})
_ABSENT: Final = "(empty)"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the texts of a column look like; None where it has no values.

    `odd`: not written as a plain number; `padded`: with leading zeros; `uncastable`: no double;
    `outside`: no int64; `whole` and `fraction`: the most digits before and after the point.
    """

    odd: int
    padded: int
    uncastable: int
    outside: int
    whole: int | None
    fraction: int | None


def number_type(shape: Shape) -> str:
    """The type that loses nothing of a column of texts that look like numbers."""
    whole, fraction = shape.whole or 0, shape.fraction or 0
    if shape.padded:
        return "VARCHAR"
    if shape.odd:
        return "VARCHAR" if shape.uncastable else "DOUBLE"
    if not fraction:
        if not shape.outside:
            return "BIGINT"
        return f"DECIMAL({_WIDEST},0)" if whole <= _WIDEST else "VARCHAR"
    if fraction <= FRACTION_MAX and whole + fraction <= DIGITS_MAX:
        return f"DECIMAL({DIGITS_MAX},{fraction})"
    return "DOUBLE"


@dataclass(frozen=True, slots=True)
class _Column:
    """`text` is the expression whose shape decides, or None when `type` is settled."""

    name: str
    type: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A delimited file as the sniffer sees it: columns with their types, and the dialect.

    `options` are those of `read_csv` that it was looked at with.
    """

    columns: dict[str, str]
    dialect: dict[str, Any]
    options: Sequence[str]


def convert(
    database: duckdb.DuckDBPyConnection, table: FileTable, sniffed: Sniffed | None, target: Path
) -> bool:
    """Write a file as Parquet to `target`; False when Parquet cannot hold it without loss.

    `sniffed` is of a delimited file. Raises duckdb.Error when the file cannot be read.
    """
    if sniffed is not None:
        source, columns = _csv(table, sniffed)
    elif table.format == "json":
        source, columns = _json(database, table)
    else:
        return _sheet(database, table, target)
    settled = _settle(database, source, columns)
    selected = ", ".join(_selected(column) for column in settled)
    _copy(database, f"SELECT {selected} FROM {source}", target)  # noqa: S608 - quoted names
    return _types(database, _parquet(target)) == [column.type for column in settled]


def sniff(database: duckdb.DuckDBPyConnection, table: FileTable, options: Sequence[str]) -> Sniffed:
    """Look at a delimited file; raises duckdb.Error when it makes no sense with these options."""
    path = files_load.literal(str(table.path))
    found = database.sql(f"SELECT * FROM sniff_csv({path}, {', '.join(options)})")  # noqa: S608 - a quoted path
    rows = found.fetchall()
    if not rows:
        raise WorkerError("bad_file", f"{table.label} has no rows.")
    facts: dict[str, Any] = dict(zip(found.columns, rows[0], strict=True))
    columns = {str(c["name"]): str(c["type"]) for c in facts["Columns"]}
    return Sniffed(columns, facts, options)


def _csv(table: FileTable, sniffed: Sniffed) -> tuple[str, list[_Column]]:
    """A `read_csv` call that leaves numbers as texts, and its columns."""
    kinds, facts = sniffed.columns, sniffed.dialect
    read = {name: "VARCHAR" if kind in _NUMBERS else kind for name, kind in kinds.items()}
    listed = ", ".join(f"{files_load.literal(name)}: '{kind}'" for name, kind in read.items())
    arguments = [
        files_load.literal(str(table.path)),
        "auto_detect=false",
        f"header={'true' if facts['HasHeader'] else 'false'}",
        f"skip={int(facts['SkipRows'])}",
        f"columns={{{listed}}}",
        *_dialect(facts),
        *(option for option in sniffed.options if not option.startswith(("sample_size", "header"))),
    ]
    columns = [
        _Column(name, kind, f"nullif(trim({quoted(name)}), '')" if kind in _NUMBERS else None)
        for name, kind in kinds.items()
    ]
    return f"read_csv({', '.join(arguments)})", columns


def _dialect(facts: dict[str, Any]) -> Iterator[str]:
    for option, fact in (
        ("delim", "Delimiter"),
        ("quote", "Quote"),
        ("escape", "Escape"),
        ("comment", "Comment"),
        ("new_line", "NewLineDelimiter"),
        ("dateformat", "DateFormat"),
        ("timestampformat", "TimestampFormat"),
    ):
        value = facts[fact]
        if value is None or (value == _ABSENT and option == "new_line"):
            continue
        text = "" if value == _ABSENT else str(value)
        yield f"{option}={files_load.literal(text)}"


def _json(database: duckdb.DuckDBPyConnection, table: FileTable) -> tuple[str, list[_Column]]:
    source = f"read_json_auto({files_load.literal(str(table.path))})"
    relation = database.sql(f"SELECT * FROM {source}")  # noqa: S608 - a quoted path
    columns: list[_Column] = []
    for name, kind in zip(relation.columns, map(str, relation.types), strict=True):
        if kind == "HUGEINT":
            columns.append(_Column(name, f"DECIMAL({_WIDEST},0)"))
        elif kind == "DOUBLE":
            # The shortest text of a double is what was written, trailing zeros aside.
            columns.append(_Column(name, kind, f"CAST({quoted(name)} AS VARCHAR)"))
        else:
            columns.append(_Column(name, kind))
    return source, columns


def _settle(
    database: duckdb.DuckDBPyConnection, source: str, columns: list[_Column]
) -> list[_Column]:
    """The columns with the types their values allow; one pass over the file."""
    open_ones = [column for column in columns if column.text is not None]
    if not open_ones:
        return columns
    facts = ", ".join(_facts(column.text or "") for column in open_ones)
    row = database.sql(f"SELECT {facts} FROM {source}").fetchall()[0]  # noqa: S608 - quoted names
    json = "read_json" in source
    types: dict[str, str] = {}
    for position, column in enumerate(open_ones):
        shape = Shape(*row[6 * position : 6 * position + 6])
        kind = number_type(shape)
        digits = (shape.whole or 0) + (shape.fraction or 0)
        inexact = json and (digits > _DOUBLE_DIGITS or not kind.startswith("DECIMAL"))
        types[column.name] = "DOUBLE" if inexact else kind
    return [_Column(c.name, types.get(c.name, c.type), c.text) for c in columns]


def _facts(text: str) -> str:
    """Six aggregates of a column, in the order of `Shape`."""
    plain = r"[+-]?(\d+\.?\d*|\.\d+)"
    return ", ".join((
        f"count(*) FILTER (NOT regexp_full_match({text}, '{plain}'))",
        f"count(*) FILTER (regexp_matches({text}, '^[+-]?0\\d'))",
        f"count(*) FILTER ({text} IS NOT NULL AND TRY_CAST({text} AS DOUBLE) IS NULL)",
        f"count(*) FILTER ({text} IS NOT NULL AND TRY_CAST({text} AS BIGINT) IS NULL)",
        f"max(length(ltrim(split_part({text}, '.', 1), '+-')))",
        f"max(length(split_part({text}, '.', 2)))",
    ))  # fmt: skip


def _selected(column: _Column) -> str:
    name = quoted(column.name)
    if column.text is not None and column.type != "VARCHAR":
        return f"CAST({column.text} AS {column.type}) AS {name}"
    return f"CAST({name} AS {column.type}) AS {name}" if column.type.startswith("DEC") else name


def _sheet(database: duckdb.DuckDBPyConnection, table: FileTable, target: Path) -> bool:
    relation = database.from_arrow(files_load.sheet_array(table))
    relation.create(quoted(table.name))
    try:
        _copy(database, f"SELECT * FROM {quoted(table.name)}", target)  # noqa: S608 - quoted name
    finally:
        database.execute(f"DROP TABLE {quoted(table.name)}")
    return True


def _copy(database: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    path = files_load.literal(str(target))
    database.execute(f"COPY ({query}) TO {path} (FORMAT parquet, COMPRESSION zstd)")


def _parquet(path: Path) -> str:
    return f"read_parquet({files_load.literal(str(path))})"


def _types(database: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    return [str(kind) for kind in database.sql(f"SELECT * FROM {source}").types]  # noqa: S608 - a quoted path
