"""Opened files sources: a locked DuckDB database with one view or table per file."""

import hashlib
import re
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import duckdb

from datelier.worker.engines import files_load
from datelier.worker.engines.base import ColumnInfo
from datelier.worker.engines.files_cache import Cache, Converted
from datelier.worker.engines.files_convert import Sniffed, convert
from datelier.worker.engines.files_csv import padded, strictly
from datelier.worker.engines.files_encoding import RECODED, encoding_of, recode
from datelier.worker.engines.files_load import FileTable, Places
from datelier.worker.engines.files_objects import Objects
from datelier.worker.engines.files_parts import source_of
from datelier.worker.engines.files_tables import read_tables
from datelier.worker.engines.names import quoted
from datelier.worker.errors import WorkerError

KEPT_MAX: Final = 4
CONVERTED_MAX: Final = 512 * 1024 * 1024
_LOAD_SECONDS: Final = 20.0
_CONFIG: Final = {
    "memory_limit": "512MB",
    "threads": "2",
    "max_temp_directory_size": "2GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


@dataclass(slots=True)
class Library:
    """An opened source: the locked database with one view or table per file."""

    database: duckdb.DuckDBPyConnection
    tables: dict[str, FileTable]
    broken: dict[str, WorkerError] = field(default_factory=dict[str, WorkerError])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    files: list[Path] = field(default_factory=list[Path])
    used: float = 0.0


class Libraries:
    """Keeps the last few opened sources; a changed file makes a new one."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="files")
        self._scratch = tempfile.TemporaryDirectory(prefix="datelier-duckdb-")
        self._cache = Cache(places.root, Path(self._scratch.name))
        self._objects = Objects(places.urls, Path(self._scratch.name) / "objects")
        self._kept: dict[str, Library] = {}
        self._building = defaultdict[str, threading.Lock](threading.Lock)

    def open(self, source: Mapping[str, Any]) -> Library:
        """The library of a source; blocking."""
        tables = read_tables(source, self.places, self._objects)
        key = _fingerprint(tables)
        with self._building[key]:
            library = self._kept.get(key)
            if library is None or not all(path.is_file() for path in library.files):
                library = build(tables, self._scratch.name, self._cache)
            library.used = time.monotonic()
            self._kept[key] = library
        self._forget_oldest()
        return library

    def _forget_oldest(self) -> None:
        for old in sorted(self._kept, key=lambda k: self._kept[k].used)[: -KEPT_MAX or None]:
            self._kept.pop(old, None)  # cursors in use keep the database alive
            self._building.pop(old, None)

    def sweep(self) -> None:
        """Forget what was made of files that are gone or have changed; blocking."""
        self._cache.sweep()

    def close(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._objects.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._scratch.cleanup()


def _fingerprint(tables: list[FileTable]) -> str:
    digest = hashlib.sha256()
    for table in tables:
        for path in table.files:
            state = path.stat() if path.exists() else None
            seen = (state.st_mtime_ns, state.st_size) if state else None
            digest.update(repr((table.name, str(path), table.sheet, seen)).encode())
    return digest.hexdigest()


def build(tables: list[FileTable], scratch: str, cache: Cache) -> Library:
    """Make the views, then lock the database for good."""
    database = duckdb.connect(":memory:", config={**_CONFIG, "temp_directory": scratch})
    database.execute("SET TimeZone = 'UTC'")
    library = Library(database, {table.name.lower(): table for table in tables})
    for table in tables:
        try:
            loaded = _load_parts(database, table) if table.parts else _load(database, table, cache)
            library.files.extend(table.parts or (loaded.path,))
            if loaded.note:
                library.notes[table.name.lower()] = loaded.note
        except WorkerError as error:
            library.broken[table.name.lower()] = error
    paths = ", ".join(files_load.literal(str(path)) for path in library.files)
    database.execute(f"SET allowed_paths = [{paths}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return library


def _load_parts(database: duckdb.DuckDBPyConnection, table: FileTable) -> Converted:
    """Make the view of many files."""
    with _guarded(database, table):
        source, note = source_of(database, table)
    _make_view(database, table, source)
    return Converted(table.path, note)


def _load(database: duckdb.DuckDBPyConnection, table: FileTable, cache: Cache) -> Converted:
    """Make the view of a table; the file behind it is the original or a conversion of it."""
    if not table.path.is_file():
        raise WorkerError("source_missing", f"The file {table.label} is gone.")
    size = table.path.stat().st_size
    if size == 0:
        raise WorkerError("bad_file", f"{table.label} is empty.")
    path = files_load.literal(str(table.path))
    if table.format == "parquet":
        _make_view(database, table, f"read_parquet({path})")
        return Converted(table.path)
    known = cache.find(table)
    if known is not None:
        _make_view(database, table, f"read_parquet({files_load.literal(str(known.path))})")
        return known
    small = size <= CONVERTED_MAX
    if table.format == "csv":
        return _load_csv(database, table, cache, small=small)
    made = _converted(database, table, cache) if small or table.format == "xlsx" else None
    if made is not None:
        return made
    _make_view(database, table, f"read_json_auto({path})")
    return Converted(table.path)


def _load_csv(
    database: duckdb.DuckDBPyConnection, table: FileTable, cache: Cache, *, small: bool
) -> Converted:
    encoding = encoding_of(table.path, table.label)
    if encoding not in RECODED:
        return _read_csv(database, _Text(table, table, encoding), cache if small else None)
    if not small:
        most = CONVERTED_MAX // 1_048_576
        raise WorkerError(
            "bad_file",
            f"{table.label} is in {encoding}, of which at most {most} MB are read.",
            hint="Save it as UTF-8 or as Parquet.",
        )
    copy = cache.partial(table)
    try:
        recode(table.path, encoding, copy, table.label)
        read = replace(table, path=copy, title=table.label)
        note = f"{table.label} is not UTF-8; it was read as {encoding}."
        return _read_csv(database, _Text(table, read, "utf-8", note), cache)
    except OSError as error:
        raise WorkerError(
            "bad_file",
            f"There is no room to read {table.label}, which is in {encoding}.",
            hint="Save it as UTF-8, or free space on the worker's disk.",
        ) from error
    finally:
        copy.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Text:
    """A delimited file: `read` is `table` itself, or a copy of it in an encoding DuckDB knows."""

    table: FileTable
    read: FileTable
    encoding: str
    note: str | None = None


def _read_csv(database: duckdb.DuckDBPyConnection, text: _Text, cache: Cache | None) -> Converted:
    failed: WorkerError | None = None
    for way in (strictly, padded):
        try:
            with _guarded(database, text.read):
                found = way(database, text.read, text.encoding)
            if found is None:
                continue
            sniffed, said = found
            note = " ".join(filter(None, (text.note, said))) or None
            made = None
            if cache is not None:
                made = _converted(database, text.table, cache, sniffed, note, read=text.read)
            if made is not None:
                return made
            if text.read is text.table:
                path = files_load.literal(str(text.table.path))
                options = ", ".join(sniffed.options)
                _make_view(database, text.table, f"read_csv({path}, {options})")
                return Converted(text.table.path, note)
        except WorkerError as error:
            failed = failed or error
    raise failed or WorkerError(
        "bad_file",
        f"{text.table.label} cannot be read.",
        hint="Check its separators and quotes, or save it as UTF-8.",
    )


def _converted(
    database: duckdb.DuckDBPyConnection,
    table: FileTable,
    cache: Cache,
    sniffed: Sniffed | None = None,
    note: str | None = None,
    *,
    read: FileTable | None = None,
) -> Converted | None:
    """The view of a conversion made now, from `read` if given; None when the original must serve."""
    partial = cache.partial(table)
    try:
        with _guarded(database, read or table):
            if not convert(database, read or table, sniffed, partial):
                return None
        made = cache.keep(table, partial, note)
    except OSError:  # no room, no rights: the original still serves
        return None
    finally:
        partial.unlink(missing_ok=True)
    _make_view(database, table, f"read_parquet({files_load.literal(str(made.path))})")
    return made


def _make_view(database: duckdb.DuckDBPyConnection, table: FileTable, source: str) -> None:
    with _guarded(database, table):
        database.execute(f"CREATE OR REPLACE VIEW {quoted(table.name)} AS SELECT * FROM {source}")  # noqa: S608 - quoted name, quoted path
        # Every column of one row is read, and none becomes a Python value: some need a library more.
        first = f"(SELECT * FROM {quoted(table.name)} LIMIT 1)"  # noqa: S608 - quoted name
        database.sql(f"SELECT max(hash(one)) FROM {first} one").fetchall()  # noqa: S608 - see above


@contextmanager
def _guarded(database: duckdb.DuckDBPyConnection, table: FileTable) -> Generator[None]:
    """Reading a hostile file may never end, and its errors name folders."""
    timer = threading.Timer(_LOAD_SECONDS, database.interrupt)
    timer.start()
    try:
        yield
    except duckdb.Error as error:
        raise file_failure(error, table) from None
    finally:
        timer.cancel()


def file_failure(error: duckdb.Error, table: FileTable) -> WorkerError:
    """Why a file cannot be read, without its folder."""
    text = str(error).replace(str(table.path.resolve()), table.label)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    where = f" at line {line[1]}" if line else ""
    reason = next((part for part in text.split("\n") if part and "Original Line" not in part), text)
    if "Maximum line size" in text:
        reason = "a line is longer than 2 MB"
    return WorkerError(
        "bad_file",
        f"{table.label} cannot be read{where}: {reason[:300]}",
        hint="Check the file: separators, quotes and the number of columns per line.",
    )


def describe(database: duckdb.DuckDBPyConnection, name: str) -> list[ColumnInfo]:
    """The columns of a table or view, with DuckDB's own type names."""
    relation = database.sql(f"SELECT * FROM {quoted(name)}")  # noqa: S608 - quoted name
    return [
        ColumnInfo(str(column), str(kind))
        for column, kind in zip(relation.columns, relation.types, strict=True)
    ]
