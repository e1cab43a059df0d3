"""The walls of SQLite, each of them alone, on a file of its own.

SQLite has no roles: the wall of the role is how the file is opened, read-only and with nothing
that could be attached. The wall of the protocol is one prepared statement that returns columns,
with SQLite's own authorizer asked while it is prepared. Each action opens the file anew, so there
is no session that the next one would get.
"""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Collection, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from typing_extensions import override

from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.files_load import Places
from datelier.worker.engines.sqlite import SqliteEngine
from datelier.worker.engines.sqlite_catalog import read_schema
from datelier.worker.engines.sqlite_connect import VALUE_BYTES, Session, find
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from tests.walls.attacks import Wall
from tests.walls.tried import Tried
from tests.walls.world import CANARY, Sink, clear, listing

_ALLOWED_S: Final = 0.25
_WORLD: Final = f"""
CREATE TABLE t (id INTEGER);
INSERT INTO t VALUES (1), (2), (3);
CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);
INSERT INTO orders WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  SELECT i, 'note ' || i FROM n;
CREATE TABLE numbers (n INTEGER);
CREATE VIRTUAL TABLE words USING fts5(word);
INSERT INTO words VALUES ('open'), ('paid');
CREATE VIEW harmless AS SELECT id FROM t;
CREATE VIEW trap AS SELECT load_extension('nothing') AS x;
CREATE VIEW trap_of_names AS SELECT name FROM pragma_database_list;
CREATE TRIGGER g AFTER INSERT ON numbers BEGIN DELETE FROM t WHERE '{CANARY}' > ''; END;
"""
_Row = tuple[Any, ...]


class FewWalls(Session):
    """A connection with some of the walls around it switched off."""

    def __init__(self, path: Path, walls: Collection[Wall]) -> None:
        self._walls = walls
        super().__init__(path)

    @override
    def _try(self, how: str, pragmas: Sequence[str]) -> sqlite3.Connection:
        if "role" in self._walls:
            connection = super()._try(how, pragmas)
        else:
            connection = sqlite3.connect(
                f"file:{quote(str(self.path))}?mode=rwc", uri=True, isolation_level=None,
                check_same_thread=False, cached_statements=0,
            )  # fmt: skip
            connection.text_factory = bytearray
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)  # for the machine's sake
        limited = "limits" in self._walls
        connection.set_progress_handler(self._check if limited else self.stopped.is_set, 20_000)
        return connection

    @override
    def begin(self, seconds: float) -> None:
        super().begin(seconds)
        if "transaction" not in self._walls:
            self._connection.set_authorizer(None)
            self._connection.execute("ROLLBACK")
        self._connection.set_authorizer(self._authorize if "protocol" in self._walls else None)

    def simply(self, sql: str) -> list[_Row]:
        """Run every statement of a text, and give all rows."""
        shown: list[_Row] = []
        text = ""
        for part in sql.split(";"):
            text += part + ";"
            if sqlite3.complete_statement(text):
                shown += self._connection.execute(text).fetchmany(200)
                text = ""
        return shown

    @override
    def end(self) -> str | None:
        if "transaction" in self._walls:
            return super().end()
        self._connection.set_authorizer(None)
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        return None


class OneWall(SqliteEngine):
    """The engine with some of its walls switched off."""

    def __init__(self, source: Mapping[str, Any], places: Places, walls: Collection[Wall]) -> None:
        super().__init__(source, places)
        self._walls = walls

    @override
    def _open(self) -> None:
        session = self._session = FewWalls(find(self._source, self._places), self._walls)
        self._schema = read_schema(session)

    @override
    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        if "protocol" in self._walls:
            async for batch in super().stream(sql, limits, outcome):
                yield batch
            return
        session = self._session
        assert isinstance(session, FewWalls)
        await self._lane.run(lambda: session.begin(limits.timeout_s))
        try:
            outcome.notes.append(repr(await self._lane.run(lambda: session.simply(sql))))
        finally:
            await asyncio.shield(self._lane.run(session.end))


class SqliteWalls:
    """See `Walled`."""

    engine = "sqlite"
    dialect: Dialect = "sqlite"
    lacks: dict[Wall, str] = {}

    def __init__(self, folder: Path, sink: Sink) -> None:
        self._watched = folder / "watched"
        self._watched.mkdir()
        self._sink = sink
        self._data = folder / "data"
        self._data.mkdir()
        self._path = self._data / "shop.db"
        self._made = folder / "made.db"
        with closing(sqlite3.connect(self._made)) as connection:
            connection.executescript(_WORLD)
        with closing(sqlite3.connect(self._watched / "secret.db")) as connection:
            connection.executescript(f"CREATE TABLE secret AS SELECT '{CANARY}' AS word")
        (self._watched / "canary.txt").write_text(CANARY, encoding="utf-8")
        self._kept = {name for name, _ in listing(self._watched)}
        self._source = {"engine": "sqlite", "path": str(self._path)}
        self._places = Places(folder / "root", (self._data,))
        self.remake()

    @property
    def upload(self) -> Path:
        """The file that makes a source of the product."""
        return self._path

    def written(self, sql: str) -> str:
        values = {"{folder}": str(self._watched), "{port}": str(self._sink.port), "{{": "{"}
        for mark, value in (values | {"}}": "}"}).items():
            sql = sql.replace(mark, value)
        return sql

    async def attempt(self, sql: str, walls: Collection[Wall], longest_s: float = 1.0) -> Tried:
        tried = Tried()
        engine = OneWall(self._source, self._places, walls)
        work = asyncio.create_task(self._run(engine, sql, walls, tried))
        _, late = await asyncio.wait({work}, timeout=longest_s)
        tried.ran_on = bool(late)
        if late:
            await engine.cancel()
            work.cancel()
            await asyncio.wait({work})
        await engine.close()
        return tried

    async def _run(
        self, engine: SqliteEngine, sql: str, walls: Collection[Wall], tried: Tried
    ) -> None:
        outcome = Outcome()
        try:
            await engine.open()
            if "parser" in walls:
                sql = check(sql, "sqlite", await engine.scope())
            async for batch in engine.stream(sql, Limits(rows=200, timeout_s=_ALLOWED_S), outcome):
                # Cells of bytes are only counted in JSON.
                tried.shown += repr(to_columnar_json(batch)) + repr([c.data for c in batch.columns])
        except WorkerError as error:
            tried.error = error
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            tried.error = WorkerError("sql_failed", str(error))
        tried.shown += "".join(outcome.notes)

    def digest(self) -> dict[str, Any]:
        return {
            "bytes of the file": hashlib.sha256(self._path.read_bytes()).hexdigest(),
            "files": [name for name, _ in listing(self._data)] + listing(self._watched),
            "calls": self._sink.accepted,
        }

    def around(self) -> dict[str, Any]:
        """What another process, too, could have changed."""
        return self.digest()

    def remake(self) -> None:
        clear(self._watched, self._kept)
        clear(self._data, set())
        self._path.write_bytes(self._made.read_bytes())

    def close(self) -> None:
        """Nothing is open between two attempts."""


@contextmanager
def sqlite_walls(folder: Path) -> Generator[SqliteWalls]:
    """A file in which attacks are at home, beside a watched folder."""
    sink = Sink()
    try:
        yield SqliteWalls(folder, sink)
    finally:
        sink.close()
