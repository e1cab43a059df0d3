"""Many files as one table: folders with partitions, and patterns such as `orders/*.parquet`."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

import duckdb

from datelier.worker.engines.files_csv import MISSING, PADDED, regular
from datelier.worker.engines.files_load import FORMATS, FileTable, Format, literal, table_name
from datelier.worker.errors import WorkerError

PARTS_MAX: Final = 10_000
_DEPTH_MAX: Final = 8
_SAMPLE: Final = "sample_size=200000"
_PARTITION: Final = re.compile(r"(\w+)=(.*)")
_READERS: Final[dict[Format, str]] = {
    "parquet": "read_parquet", "csv": "read_csv", "json": "read_json_auto",
}  # fmt: skip
# Types of one family are read as the widest of them; of two families, nobody knows what is meant.
_FAMILIES: Final = (
    ("a number", re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|DECIMAL|DOUBLE|FLOAT|REAL")),
    ("a time", re.compile(r"DATE$|TIMESTAMP")),
    ("a text", re.compile(r"VARCHAR|BLOB|UUID|ENUM|JSON")),
    ("a yes or no", re.compile(r"BOOLEAN")),
)


def subfolders(folder: Path, taken: set[str]) -> Iterator[FileTable]:
    """One table per folder below `folder` that holds data files, however deep."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or path.is_symlink() or not path.is_dir():
            continue
        parts = tuple(_data_files(path.rglob("*"), path, folder))
        if parts:
            yield _of(_free(table_name(path.name), taken), path, parts)


def matching(folder: Path, name: str, pattern: str) -> FileTable:
    """The files of a folder that match a pattern, as one table."""
    wanted = PurePath(pattern)
    if not pattern or wanted.is_absolute() or ".." in wanted.parts or "\0" in pattern:
        raise WorkerError("source_missing", f"The pattern {pattern[:200]!r} is not allowed.")
    parts = tuple(_data_files(folder.glob(pattern), folder, folder))
    if not parts:
        raise WorkerError(
            "source_missing",
            f"No file matches {pattern[:200]!r}.",
            hint="The pattern is relative to the folder, like orders/*.parquet.",
        )
    return _of(name, folder, parts)


def _of(name: str, path: Path, parts: tuple[Path, ...]) -> FileTable:
    return FileTable(name, path, FORMATS[parts[0].suffix.lower()], parts=parts[: PARTS_MAX + 1])


def _data_files(found: Iterable[Path], base: Path, folder: Path) -> Iterator[Path]:
    """Those of the paths that are data, in order; what starts with a dot or `_` is bookkeeping."""
    for path in sorted(found):
        below = path.relative_to(base).parts
        hidden = any(part.startswith((".", "_")) for part in below)
        if hidden or len(below) > _DEPTH_MAX or path.suffix.lower() not in FORMATS:
            continue
        real = _allowed(path, folder)
        if real is not None:
            yield real


def _allowed(path: Path, folder: Path) -> Path | None:
    """The real file, unless it is none, or a link leads out of the folder."""
    real = path.resolve()
    return real if real.is_file() and real.is_relative_to(folder.resolve()) else None


def _free(base: str, taken: set[str]) -> str:
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name


def source_of(database: duckdb.DuckDBPyConnection, table: FileTable) -> tuple[str, str]:
    """The call that reads all files of a table, and what people should know of it.

    Raises:
        WorkerError: The files do not go together; says which, and why.
        duckdb.Error: One of them cannot be read.
    """
    _check_together(table)
    listed = ", ".join(literal(str(path)) for path in table.parts)
    keys = partition_keys(table)
    options = ["union_by_name=true", f"hive_partitioning={'true' if keys else 'false'}"]
    if table.format == "parquet":
        _check_types(database, table, listed)
    elif table.format == "csv":
        options.append(_SAMPLE)
    count = f"{len(table.parts):,} file{'' if len(table.parts) == 1 else 's'}"
    note = f"{count}, partitioned by {', '.join(keys)}." if keys else f"{count}."
    if table.format == "csv":
        odd = _irregular(database, table)
        if odd is not None:
            options += PADDED
            note = f"{note} {_shown(table, odd)} {MISSING}"
    return f"{_READERS[table.format]}([{listed}], {', '.join(options)})", note


def _irregular(database: duckdb.DuckDBPyConnection, table: FileTable) -> Path | None:
    """The first file whose rows the sniffer would leave out, or could not part into columns."""
    return next(
        (
            path
            for path in table.parts
            if not regular(database, FileTable(table.name, path, "csv"), [_SAMPLE])
        ),
        None,
    )


def partition_keys(table: FileTable) -> list[str]:
    """The names of `key=value` folders, if every file lies in the same ones."""
    keys = {
        tuple(
            m[1]
            for part in path.relative_to(_base(table)).parts[:-1]
            if (m := _PARTITION.fullmatch(part))
        )
        for path in table.parts
    }
    return list(keys.pop()) if len(keys) == 1 else []


def _base(table: FileTable) -> Path:
    return table.path.resolve()


def _check_together(table: FileTable) -> None:
    if len(table.parts) > PARTS_MAX:
        raise WorkerError(
            "limit_exceeded",
            f"{table.path.name} holds more than {PARTS_MAX:,} files.",
            hint="Join small files into larger ones, or name a pattern that matches fewer.",
        )
    formats = Counter(FORMATS[path.suffix.lower()] for path in table.parts)
    if len(formats) > 1 or table.format not in _READERS:
        names = ", ".join(f"{count} {name}" for name, count in sorted(formats.items()))
        raise WorkerError(
            "bad_file",
            f"{table.path.name} cannot be one table: it holds {names} files.",
            hint="One table is made of CSV, Parquet or JSON files of one kind.",
        )
    empty = next((path for path in table.parts if path.stat().st_size == 0), None)
    if empty is not None:
        raise WorkerError("bad_file", f"{_shown(table, empty)} is empty.")


def _check_types(database: duckdb.DuckDBPyConnection, table: FileTable, listed: str) -> None:
    """Parquet files say their types, so a disagreement is found before it becomes a wrong number."""
    found = database.sql(
        "SELECT name, duckdb_type, min(file_name) FROM"  # noqa: S608 - quoted paths
        f" parquet_schema([{listed}]) WHERE num_children IS NULL OR num_children = 0"
        " GROUP BY ALL ORDER BY name, duckdb_type"
    ).fetchall()
    families: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for name, kind, file in found:
        families[str(name)].setdefault(_family(str(kind)), (str(kind), str(file)))
    for name, seen in families.items():
        if len(seen) > 1:
            (one, first), (other, second) = list(seen.values())[:2]
            raise WorkerError(
                "bad_file",
                f"The files of {table.path.name} disagree: {name!r} is {one} in"
                f" {_shown(table, Path(first))} and {other} in {_shown(table, Path(second))}.",
                hint="Write the files anew with one type, or name patterns that keep them apart.",
            )


def _family(kind: str) -> str:
    return next((name for name, pattern in _FAMILIES if pattern.match(kind)), kind)


def _shown(table: FileTable, path: Path) -> str:
    """A file's path as people know it, from the folder of its table."""
    try:
        return str(Path(table.path.name) / path.relative_to(_base(table)))
    except ValueError:
        return path.name


def total_bytes(paths: Sequence[Path]) -> int:
    """What the files take together."""
    return sum(path.stat().st_size for path in paths)


def tables_of(folder: Path, entries: Sequence[Any]) -> Iterator[FileTable]:
    """The tables of patterns `[{"table", "glob"}]` of a folder."""
    for entry in entries:
        pattern = str(entry.get("glob") or "")
        yield matching(folder, str(entry.get("table") or table_name(pattern)), pattern)
