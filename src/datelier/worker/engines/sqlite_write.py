"""Writes to SQLite: a file is opened for writing here and nowhere else, for one statement.

No transaction can be found again once its connection is gone, and nothing of ours is put into a
file of somebody else. So how a COMMIT ended that nobody saw the answer of is unknown, and a person
is asked.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from typing_extensions import override

from datelier.worker.engines.files_load import Places
from datelier.worker.engines.lane import Lane
from datelier.worker.engines.names import quoted
from datelier.worker.engines.sqlite_catalog import read_schema
from datelier.worker.engines.sqlite_connect import SAFE_PRAGMAS, Header, Session, find, text
from datelier.worker.engines.sqlite_errors import failure
from datelier.worker.engines.writers import Ending, WriteLimits
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_T = TypeVar("_T")
_PLAN_S: Final = 5.0
_LOCK_S: Final = 5.0
_TRIGGER_DEPTH: Final = 100
_CHANGES: Final = {
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
}
_ROW_SOURCES: Final = frozenset({"json_each", "json_tree"})
_KIND_SQL: Final = (
    "SELECT type FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?)"
)
_REFERENCES_SQL: Final = (
    'SELECT lower(l.name), lower(f."table") FROM pragma_table_list AS l,'
    " pragma_foreign_key_list(l.name) AS f WHERE l.schema = 'main' AND l.type = 'table'"
)


class _Planning(Session):
    """A connection that reads, which says whether a statement that writes would compile."""

    def __init__(self, path: Path) -> None:
        self._targets: frozenset[str] = frozenset()
        super().__init__(path)

    def compile(self, sql: str, target: str) -> None:
        """Prepare the statement without executing it; raises WorkerError."""
        self.allow(_PLAN_S)
        self._limited(f"EXPLAIN {sql}", target)

    def _limited(self, sql: str, target: str) -> None:
        """Run a statement that may change its target alone, and what the schema says follows."""
        self._targets = self._following(target)
        self.denied = None
        self._connection.set_authorizer(self._authorize)
        try:
            self._connection.execute(sql).fetchall()
        except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
            raise self._said(error) from None
        finally:
            self._connection.set_authorizer(None)

    def _following(self, target: str) -> frozenset[str]:
        """The target, and the tables whose rows may go with its own."""
        found = {target.lower()}
        pairs = [(text(a), text(b)) for a, b in self.own(_REFERENCES_SQL)]
        while more := {child for child, parent in pairs if parent in found} - found:
            found |= more
        return frozenset(found)

    def _said(self, error: Exception) -> WorkerError:
        name = str(getattr(error, "sqlite_errorname", None) or "")
        if name.startswith("SQLITE_READONLY"):
            return _not_writable(self.path)
        if self.denied or name == "SQLITE_AUTH":
            return WorkerError(
                "sql_refused",
                f"{self.denied or 'This'} is not allowed in a write.",
                hint="Write one INSERT, UPDATE or DELETE on a table of the source.",
            )
        return failure(error, self)

    @override
    def _authorize(
        self,
        action: int,
        first: str | None,
        second: str | None,
        database: str | None,
        *more: object,
    ) -> int:
        verb = _CHANGES.get(action)
        if verb is None:
            return super()._authorize(action, first, second, database, *more)
        table = (first or "").lower()
        by_trigger = bool(more) and more[0] is not None
        own = database == "main" and not table.startswith("sqlite_")
        if own and (by_trigger or table in self._targets):
            return sqlite3.SQLITE_OK
        self.denied = f"{verb} on {first}"
        return sqlite3.SQLITE_DENY


class _Writing(_Planning):
    """A connection with the right to write, for one transaction."""

    @override
    def _connect(self) -> sqlite3.Connection:
        self._header = Header(self.path)
        try:
            connection = self._try(
                "mode=rw",
                (*SAFE_PRAGMAS, "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL"),
            )
        except BaseException as error:
            self._header.close()
            if isinstance(error, sqlite3.Error):
                raise self._said(error) from None
            raise
        connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, _TRIGGER_DEPTH)
        return connection

    def change(self, sql: str, target: str, seconds: float) -> int:
        """Execute the statement in a transaction that stays open; how many rows it changed."""
        self._do("BEGIN IMMEDIATE")
        self.allow(seconds)
        self._limited(sql, target)
        return int(self.own("SELECT changes()")[0][0])

    def commit(self) -> None:
        """Commit; code not_written when the file is as it was before."""
        self.allow(_LOCK_S)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if not self._connection.in_transaction:
                raise failure(error, self) from None
            self._connection.execute("ROLLBACK")
            said = failure(error, self)
            raise WorkerError("not_written", said.message, hint=said.hint) from None

    def undo(self) -> None:
        """Roll back, if a transaction is open."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def is_free(self) -> bool:
        """Whether nobody writes just now; an unfinished transaction of the dead is rolled back."""
        try:
            self._do("BEGIN IMMEDIATE")
        except WorkerError as error:
            if error.code == "timeout":
                return False
            raise
        self.undo()
        return True

    def _do(self, sql: str) -> None:
        self.allow(_LOCK_S)
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            raise self._said(error) from None


class SqliteWriter:
    """See `Writer`.

    Args:
        source: The settings of the source.
        places: Where this worker may read files.
        writable: Folders whose files it may write, beside those that the platform keeps.
    """

    dialect: Dialect = "sqlite"

    def __init__(
        self, source: Mapping[str, Any], places: Places, writable: tuple[Path, ...]
    ) -> None:
        self._source = source
        self._places = places
        self._folders = (places.root, *writable)
        self._planning: _Planning | None = None
        self._writing: _Writing | None = None
        self._target = ""
        self._lane = Lane(self._stop, "sqlite write")

    async def scope(self) -> Scope:
        schema = await self._run(lambda: read_schema(self._reading()))
        tables = frozenset(table.name.lower() for table in schema.tables)
        return Scope(
            tables=tables | _ROW_SOURCES, schemas=frozenset({"main"}), columns=schema.columns
        )

    async def admit(self, target: str) -> None:
        found = await self._run(lambda: self._reading().own(_KIND_SQL, target))
        if found and text(found[0][0]) != "table":
            raise WorkerError(
                "sql_refused", f"{quoted(target)} is no plain table.", hint="Name the table itself."
            )
        self._target = target

    async def estimate(self, sql: str) -> int | None:
        await self._run(lambda: self._reading().compile(sql, self._target))
        return None  # SQLite guesses no numbers of rows

    async def execute(self, sql: str, limits: WriteLimits) -> int:
        await self._run(self._read_no_more)
        return await self._run(lambda: self._opened().change(sql, self._target, limits.timeout_s))

    async def undo(self) -> None:
        await self._run(lambda: self._opened().undo())

    async def mark(self) -> str | None:
        return None

    async def commit(self) -> None:
        await self._run(lambda: self._opened().commit())

    async def ending(self, mark: str) -> Ending:
        del mark  # there is none
        free = await self._run(lambda: self._opened().is_free())
        return "unknown" if free else "in_progress"

    async def close(self) -> None:
        await self._lane.close(self._let_go)

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await self._lane.run(work)

    def _stop(self) -> None:
        for session in (self._planning, self._writing):
            if session is not None:
                session.stop()

    def _let_go(self) -> None:
        self._read_no_more()
        if self._writing is not None:
            self._writing.close()  # what is not committed is rolled back

    def _read_no_more(self) -> None:
        session, self._planning = self._planning, None
        if session is not None:
            session.close()

    def _reading(self) -> _Planning:
        if self._planning is None:
            path = self._path()
            if path.with_name(f"{path.name}-journal").exists():
                # A process died while it wrote: only who may write can roll that back.
                self._opened().is_free()
            self._planning = _Planning(path)
        return self._planning

    def _opened(self) -> _Writing:
        if self._writing is None:
            self._writing = _Writing(self._path())
        return self._writing

    def _path(self) -> Path:
        path = find(self._source, self._places)
        if not any(path.is_relative_to(folder.resolve()) for folder in self._folders):
            raise WorkerError(
                "sql_refused",
                f"{path.name} is in a folder that may only be read.",
                hint="Ask the operator to list its folder in DATELIER_WRITABLE_FOLDERS.",
            )
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise _not_writable(path)  # a journal is put beside the file
        return path


def _not_writable(path: Path) -> WorkerError:
    return WorkerError(
        "sql_refused",
        f"The worker may not write {path.name}.",
        hint="Give the worker's system user the right to write the file and its folder.",
    )
