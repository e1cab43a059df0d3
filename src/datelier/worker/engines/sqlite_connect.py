"""Opening a SQLite file so that nothing of it, or beside it, can be changed.

Files are opened `mode=ro` and with `readonly_shm`: a reader of a database in WAL mode would
otherwise create files beside it. A database in WAL mode that nobody has open is read as
`immutable`, and whether it stayed so is checked after every statement.
"""

import os
import sqlite3
import stat
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote

from datelier.worker.engines.files_load import Places
from datelier.worker.engines.sqlite_errors import failure
from datelier.worker.errors import WorkerError
from datelier.worker.functions import ALLOWED

HEAP_BYTES: Final = 512 * 1024 * 1024
VALUE_BYTES: Final = 128 * 1024 * 1024
CHECK_EVERY: Final = 20_000  # virtual machine steps, a millisecond or so
_BUSY_S: Final = 2.0
_OPEN_S: Final = 10.0
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LENGTH: VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 500,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 500,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 1_000_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
SAFE_PRAGMAS: Final = (
    f"PRAGMA hard_heap_limit = {HEAP_BYTES}",  # of the process; sorting happens in memory
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)
_STAYS: Final = ("sqlite_", "pragma_", "dbstat")
# What the operators of SQL call.
_OPERATORS: Final = frozenset({"like", "glob", "match", "->", "->>"})
_FUNCTIONS: Final = ALLOWED["sqlite"] | _OPERATORS


@dataclass(frozen=True, slots=True)
class _State:
    """Which file this is and when it was written last."""

    inode: tuple[int, int]
    written: tuple[int, int]


def find(source: Mapping[str, Any], places: Places) -> Path:
    """The file of a source; raises WorkerError when it may not be read or is none."""
    config: dict[str, Any] = {**source, **(source.get("config") or {})}
    text = config.get("path")
    if not isinstance(text, str) or not text:
        raise WorkerError("source_missing", "The source names no file.")
    path = places.resolve(text)
    try:
        kind = path.stat().st_mode
    except OSError:
        raise WorkerError(
            "source_missing", f"The file {path.name} does not exist.", hint="Check its path."
        ) from None
    if not stat.S_ISREG(kind):  # opening a pipe would wait for its writer
        raise WorkerError("bad_file", f"{path.name} is not a file.")
    if not os.access(path, os.R_OK):
        raise WorkerError(
            "source_missing",
            f"The worker may not read {path.name}.",
            hint="Give the worker's system user the right to read it.",
        )
    return path


class Header:
    """The first bytes of a file, read without disturbing other readers of this process.

    Closing any descriptor of a file drops all locks that the process has on it, those of SQLite
    included; so descriptors stay open as long as anybody here reads the file.
    """

    _lock: ClassVar = threading.Lock()
    _held: ClassVar[dict[tuple[int, int], list[int]]] = {}
    _readers: ClassVar[Counter[tuple[int, int]]] = Counter()

    def __init__(self, path: Path) -> None:
        with self._lock:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            found = os.fstat(descriptor)
            self._key = (found.st_dev, found.st_ino)
            self._held.setdefault(self._key, []).append(descriptor)
            self._readers[self._key] += 1
            head = os.pread(descriptor, 100, 0)
        self._closed = False
        self.logged = head.startswith(b"SQLite format 3\0") and head[18:20] == b"\2\2"

    def close(self) -> None:
        """This reader is done; the last one of a file closes its descriptors."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._readers[self._key] -= 1
            if self._readers[self._key] == 0:
                del self._readers[self._key]
                for descriptor in self._held.pop(self._key):
                    os.close(descriptor)


class Session:
    """One read-only connection. Every method blocks; `stop` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.immutable = False
        self.reads: set[tuple[str, str]] = set()
        self.denied: str | None = None
        self.stopped = threading.Event()
        self.late = False
        self._deadline = time.monotonic() + _OPEN_S
        self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        self._header = Header(self.path)
        try:
            self.immutable = self._header.logged and self._is_still()
            how = "immutable=1" if self.immutable else "readonly_shm=1"
            return self._try(f"mode=ro&{how}", (*SAFE_PRAGMAS, "PRAGMA query_only = ON"))
        except BaseException as error:
            self._header.close()
            if isinstance(error, sqlite3.Error):
                raise failure(error, self) from None
            raise

    def _is_still(self) -> bool:
        """Nobody has the file open in WAL mode, and nothing waits in its log."""
        log, shared = (self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))
        try:
            return log.stat().st_size == 0 and not shared.exists()
        except OSError:
            return True

    def _try(self, how: str, pragmas: Sequence[str]) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self.path))}?{how}",
            uri=True,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=0,
        )
        try:
            for limit, value in _LIMITS.items():
                connection.setlimit(limit, value)
            for pragma in pragmas:
                connection.execute(pragma)
            connection.text_factory = bytearray  # exact bytes, and unlike those of a blob
            connection.set_progress_handler(self._check, CHECK_EVERY)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            # Their first use defines them, which is no SELECT and would be refused later.
            connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self) -> bool:
        """Called every so many steps of a statement; true ends it."""
        if time.monotonic() > self._deadline:
            self.late = True
        return self.late or self.stopped.is_set()

    def stop(self) -> None:
        """End what runs, and whatever would run."""
        self.stopped.set()

    def allow(self, seconds: float) -> None:
        """Give what runs next so much time."""
        self._deadline = time.monotonic() + seconds
        self.late = False

    def own(self, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        """Run a statement of our own; texts come as bytearray."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except (sqlite3.Error, MemoryError) as error:
            raise failure(error, self) from None

    def begin(self, seconds: float) -> None:
        """Start reading one state of the file, and allow nothing but SELECT from here on."""
        self.allow(seconds)
        self.denied = None
        self.stopped.clear()
        self.reads.clear()
        self.own("BEGIN")
        self.own("SELECT count(*) FROM sqlite_master")  # takes the lock
        self._before = _state(self.path)
        self._connection.set_authorizer(self._authorize)

    def run(self, sql: str) -> sqlite3.Cursor:
        """Start one statement; SQLite's own errors are raised."""
        return self._connection.execute(sql)

    def end(self) -> str | None:
        """Stop reading; a note when the file was replaced meanwhile.

        Raises:
            WorkerError: What was read may be neither the old nor the new state of the file.
        """
        self._connection.set_authorizer(None)
        if self._connection.in_transaction:
            logged = self.own("PRAGMA journal_mode")[0][0] == b"wal" and not self.immutable
            self._connection.execute("ROLLBACK")
        else:
            logged = False
        after = _state(self.path)
        if after.inode != self._before.inode:
            return f"{self.path.name} was replaced meanwhile; this is its earlier state."
        # In WAL mode others may write into the file while it is read; otherwise nobody may.
        if (not logged and after != self._before) or (self.immutable and not self._is_still()):
            raise WorkerError(
                "bad_file",
                f"{self.path.name} was overwritten while it was read.",
                hint="Run the query again.",
            )
        return None

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.set_authorizer(None)
        self._connection.close()
        self._header.close()

    def _authorize(
        self, action: int, first: str | None, second: str | None, database: str | None, *_: object
    ) -> int:
        allowed = action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}
        named = _ACTIONS.get(action, "This")
        if action == sqlite3.SQLITE_READ:
            table = (first or "").lower()
            allowed = not table.startswith(_STAYS) and database != "temp"
            named = f"The system table {first}"
            self.reads.add((table, (second or "").lower()))
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = (second or "").lower() in _FUNCTIONS
            named = f"The function {second}()"
        elif action == sqlite3.SQLITE_PRAGMA:  # full-text tables ask whether they have changed
            allowed = first == "data_version" and second is None
        if allowed:
            return sqlite3.SQLITE_OK
        self.denied = named
        return sqlite3.SQLITE_DENY


_ACTIONS: Final = {
    getattr(sqlite3, f"SQLITE_{name}"): name.replace("_", " ")
    for name in (
        "ATTACH", "DETACH", "PRAGMA", "TRANSACTION", "SAVEPOINT", "INSERT", "UPDATE", "DELETE",
        "CREATE_TABLE", "CREATE_TEMP_TABLE", "CREATE_VIEW", "CREATE_TEMP_VIEW", "CREATE_INDEX",
        "CREATE_TRIGGER", "CREATE_VTABLE", "DROP_TABLE", "DROP_VIEW", "DROP_INDEX", "ALTER_TABLE",
        "REINDEX", "ANALYZE",
    )
}  # fmt: skip


def _state(path: Path) -> _State:
    try:
        found = path.stat()
    except OSError:
        return _State((0, 0), (0, 0))
    return _State((found.st_dev, found.st_ino), (found.st_mtime_ns, found.st_size))


def text(cell: object) -> str:
    """A cell of a statement of our own as a text."""
    if isinstance(cell, bytes | bytearray):
        return cell.decode("utf-8", "replace")
    return "" if cell is None else str(cell)


def texts(row: Sequence[object]) -> list[str]:
    """Several cells; see `text`."""
    return [text(cell) for cell in row]
