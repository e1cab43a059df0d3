"""Opened files sources: a locked DuckDB database with one view or table per file."""

import hashlib
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from datelier.worker.engines import files_load
from datelier.worker.engines.base import ColumnInfo
from datelier.worker.engines.files_load import FileTable, Places
from datelier.worker.engines.names import quoted
from datelier.worker.errors import WorkerError

KEPT_MAX: Final = 4
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
    used: float = 0.0


class Libraries:
    """Keeps the last few opened sources; a changed file makes a new one."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="files")
        self._scratch = tempfile.TemporaryDirectory(prefix="datelier-duckdb-")
        self._kept: dict[str, Library] = {}

    def open(self, source: Mapping[str, Any]) -> Library:
        """The library of a source; blocking."""
        tables = files_load.read_tables(source, self.places)
        key = _fingerprint(tables)
        library = self._kept.get(key)
        if library is None:
            library = self._kept[key] = build(tables, self._scratch.name)
            for old in sorted(self._kept, key=lambda k: self._kept[k].used)[: -KEPT_MAX or None]:
                if old != key:
                    del self._kept[old]  # cursors in use keep the database alive
        library.used = time.monotonic()
        return library

    def close(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._scratch.cleanup()


def _fingerprint(tables: list[FileTable]) -> str:
    digest = hashlib.sha256()
    for table in tables:
        state = table.path.stat() if table.path.exists() else None
        seen = (state.st_mtime_ns, state.st_size) if state else None
        digest.update(repr((table.name, str(table.path), table.sheet, seen)).encode())
    return digest.hexdigest()


def build(tables: list[FileTable], scratch: str) -> Library:
    """Make the views and tables, then lock the database for good."""
    database = duckdb.connect(":memory:", config={**_CONFIG, "temp_directory": scratch})
    database.execute("SET TimeZone = 'UTC'")
    library = Library(database, {table.name.lower(): table for table in tables})
    for table in tables:
        try:
            note = _load(database, table)
            if note:
                library.notes[table.name.lower()] = note
        except WorkerError as error:
            library.broken[table.name.lower()] = error
    paths = ", ".join(files_load.literal(str(table.path)) for table in tables)
    database.execute(f"SET allowed_paths = [{paths}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return library


def _load(database: duckdb.DuckDBPyConnection, table: FileTable) -> str | None:
    if not table.path.is_file():
        raise WorkerError("source_missing", f"The file {table.path.name} is gone.")
    if table.path.stat().st_size == 0:
        raise WorkerError("bad_file", f"{table.path.name} is empty.")
    if table.format == "xlsx":
        database.from_arrow(files_load.sheet_array(table)).create(quoted(table.name))
        return None
    path = files_load.literal(str(table.path))
    if table.format == "csv":
        return _load_csv(database, table)
    reader = "read_parquet" if table.format == "parquet" else "read_json_auto"
    _make_view(database, table, f"{reader}({path})")
    return None


def _load_csv(database: duckdb.DuckDBPyConnection, table: FileTable) -> str | None:
    failed: WorkerError | None = None
    strict = True
    for source, note in files_load.csv_sources(table):
        try:
            _make_view(database, table, source)
        except WorkerError as error:
            failed = failed or error
            strict = False
            continue
        if strict and _one_odd_column(database, table):
            strict = False
            continue
        return note
    if failed is not None:
        raise failed
    return None


def _one_odd_column(database: duckdb.DuckDBPyConnection, table: FileTable) -> bool:
    """The sniffer gave up on separators: one column whose name holds one."""
    columns = describe(database, table.name)
    return len(columns) == 1 and bool(re.search(r"[,;\t|]", columns[0].name))


def _make_view(database: duckdb.DuckDBPyConnection, table: FileTable, source: str) -> None:
    # Sniffing a hostile file may never end.
    timer = threading.Timer(_LOAD_SECONDS, database.interrupt)
    timer.start()
    try:
        database.execute(f"CREATE OR REPLACE VIEW {quoted(table.name)} AS SELECT * FROM {source}")  # noqa: S608 - quoted name, quoted path
        database.sql(f"SELECT * FROM {quoted(table.name)} LIMIT 1").fetchall()  # noqa: S608 - quoted name
    except duckdb.Error as error:
        raise file_failure(error, table) from None
    finally:
        timer.cancel()


def file_failure(error: duckdb.Error, table: FileTable) -> WorkerError:
    """Why a file cannot be read, without its folder."""
    text = str(error).replace(str(table.path), table.path.name)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    where = f" at line {line[1]}" if line else ""
    reason = next((part for part in text.split("\n") if part and "Original Line" not in part), text)
    if "Maximum line size" in text:
        reason = "a line is longer than 2 MB"
    return WorkerError(
        "bad_file",
        f"{table.path.name} cannot be read{where}: {reason[:300]}",
        hint="Check the file: separators, quotes and the number of columns per line.",
    )


def describe(database: duckdb.DuckDBPyConnection, name: str) -> list[ColumnInfo]:
    """The columns of a table or view, with DuckDB's own type names."""
    relation = database.sql(f"SELECT * FROM {quoted(name)}")  # noqa: S608 - quoted name
    return [
        ColumnInfo(str(column), str(kind))
        for column, kind in zip(relation.columns, relation.types, strict=True)
    ]
