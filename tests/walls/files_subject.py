"""The walls of the files engine, each of them alone.

DuckDB has no roles: the wall of the role is the locked configuration, which leaves a session no
right but to read the files of its source.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
from typing_extensions import override

from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.files import FilesEngine
from datelier.worker.engines.files_library import Libraries, Library
from datelier.worker.engines.files_load import Places
from datelier.worker.engines.files_read import Reader, failure
from datelier.worker.engines.files_tables import read_tables
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from tests.walls.attacks import Wall
from tests.walls.tried import Tried
from tests.walls.world import CANARY, Sink, clear, listing

_ALLOWED_S: Final = 0.3
_INSIDE: Final = (
    "CREATE TABLE hidden AS SELECT '" + CANARY + "' AS word",
    "CREATE TABLE numbers AS SELECT 1 AS n",
    "CREATE SEQUENCE s",
)
_DIGEST: Final = {
    "tables": "SELECT database_name, schema_name, table_name, sql, estimated_size"
    " FROM duckdb_tables() ORDER BY ALL",
    "views": "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
    "sequences": "SELECT sequence_name, last_value FROM duckdb_sequences() ORDER BY ALL",
    "functions": "SELECT function_name, macro_definition FROM duckdb_functions()"
    " WHERE NOT internal ORDER BY ALL",
    "types": "SELECT type_name FROM duckdb_types() WHERE NOT internal ORDER BY ALL",
    "schemas": "SELECT schema_name FROM duckdb_schemas() WHERE NOT internal ORDER BY ALL",
    "databases": "SELECT database_name, path FROM duckdb_databases() ORDER BY ALL",
    "comments": "SELECT table_name, comment FROM duckdb_tables() ORDER BY ALL",
    "indexes": "SELECT index_name FROM duckdb_indexes() ORDER BY ALL",
    "settings": "SELECT name, value FROM duckdb_settings() ORDER BY ALL",
}


class FewWalls(Reader):
    """The reader with some of its walls switched off."""

    walls: Collection[Wall] = ()

    @override
    def start(self) -> Iterator[Batch]:
        if "transaction" in self.walls:
            return super().start()
        try:
            return self._prepared()
        except duckdb.Error as error:
            raise failure(error) from None

    @override
    def _end(self) -> None:
        if "transaction" in self.walls:
            super()._end()

    @override
    def _prepared(self) -> Iterator[Batch]:
        if "protocol" in self.walls:
            return super()._prepared()
        result = self._cursor.execute(self._sql)  # every statement of the text
        try:
            shown = repr(result.fetchmany(200))
        except duckdb.InvalidInputException:  # Python needs one more library for instants
            shown = repr(self._cursor.sql(self._sql))
        self._outcome.notes.append(shown)
        self._end()
        return iter(())


class OneWall(FilesEngine):
    """The engine with some of its walls switched off."""

    def __init__(self, source: Any, libraries: Libraries, walls: Collection[Wall]) -> None:
        super().__init__(source, libraries)
        self._walls = walls

    @override
    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        reader = FewWalls(self._connection(), sql, limits, outcome)
        reader.walls = self._walls
        batches = await self._in_thread(reader.start)
        while (batch := await self._in_thread(lambda: next(batches, None))) is not None:
            yield batch


class OpenLibraries(Libraries):
    """Sources in a database that was never locked."""

    def __init__(self, places: Places, sink: Sink) -> None:
        super().__init__(places)
        self._sink = sink
        self.made: Library | None = None

    @override
    def open(self, source: Any) -> Library:
        if self.made is None:
            tables = read_tables(source, self.places, self._objects)
            config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "512MB", "threads": "2", "autoload_known_extensions": "false",
                      "autoinstall_known_extensions": "false"}  # fmt: skip
            database = duckdb.connect(":memory:", config=config)
            database.execute("SET TimeZone = 'UTC'")
            # Where extensions come from: nobody may be asked for one.
            url = f"http://127.0.0.1:{self._sink.port}"
            database.execute(f"SET custom_extension_repository = '{url}'")
            database.execute(f"SET secret_directory = '{self._scratch.name}'")
            database.execute(f"SET extension_directory = '{self._scratch.name}'")
            for table in tables:
                database.execute(f"CREATE VIEW {table.name} AS FROM read_csv('{table.path}')")
            self.made = Library(database, {table.name: table for table in tables})
            for statement in _INSIDE:
                database.execute(statement)
        return self.made


class LockedLibraries(Libraries):
    """Sources as the product opens them, with a table inside that is none of the source's."""

    made: Library | None = None

    @override
    def open(self, source: Any) -> Library:
        library = super().open(source)
        if library is not self.made:
            for statement in _INSIDE:
                library.database.execute(statement)
            self.made = library
        return library


class FilesWalls:
    """See `Walled`."""

    engine = "files"
    dialect: Dialect = "duckdb"
    lacks: dict[Wall, str] = {}

    def __init__(self, folder: Path, sink: Sink) -> None:
        self._watched = folder / "watched"
        self._watched.mkdir()
        self._data = folder / "data"
        self._data.mkdir()
        rows = "".join(f"{i},note {i}\n" for i in range(1, 41))
        (self._data / "orders.csv").write_text("id,note\n" + rows, encoding="utf-8")
        for name, text in {
            "canary.txt": CANARY,
            "canary.csv": f"word\n{CANARY}\n",
            "canary.json": f'{{"word": "{CANARY}"}}',
            "numbers.csv": "n\n7\n",
        }.items():
            (self._watched / name).write_text(text, encoding="utf-8")
        parquet = self._watched / "canary.parquet"
        duckdb.execute(f"COPY (SELECT '{CANARY}' AS word) TO '{parquet}' (FORMAT parquet)")
        self._sink = sink
        self._kept = {name for name, _ in listing(self._watched)}
        self._source = {"engine": "files", "folder": str(self._data)}
        self._places = Places(folder / "root", (self._data,))
        self._libraries: dict[bool, LockedLibraries | OpenLibraries] = {}
        self._last: bool = True
        self.remake()

    @property
    def upload(self) -> Path:
        """The file that makes a source of the product."""
        return self._data / "orders.csv"

    def written(self, sql: str) -> str:
        values = {"{folder}": str(self._watched), "{port}": str(self._sink.port), "{{": "{"}
        for mark, value in (values | {"}}": "}"}).items():
            sql = sql.replace(mark, value)
        return sql

    async def attempt(self, sql: str, walls: Collection[Wall], longest_s: float = 1.0) -> Tried:
        tried = Tried()
        self._last = "role" in walls
        engine = OneWall(self._source, self._libraries[self._last], walls)
        # The deadline of an action is the worker's, not the engine's.
        seconds = _ALLOWED_S if "limits" in walls else longest_s
        try:
            async with asyncio.timeout(seconds):
                await self._run(engine, sql, walls, tried)
        except TimeoutError:
            tried.ran_on = "limits" not in walls
            tried.error = WorkerError("timeout", "stopped")
        finally:
            await engine.close()
        return tried

    async def _run(
        self, engine: FilesEngine, sql: str, walls: Collection[Wall], tried: Tried
    ) -> None:
        outcome = Outcome()
        try:
            await engine.open()
            if "parser" in walls:
                sql = check(sql, "duckdb", await engine.scope())
            async for batch in engine.stream(sql, Limits(rows=200), outcome):
                # Cells of bytes are only counted in JSON.
                tried.shown += repr(to_columnar_json(batch)) + repr([c.data for c in batch.columns])
        except WorkerError as error:
            tried.error = error
        except duckdb.Error as error:
            tried.error = failure(error)
        tried.shown += "".join(outcome.notes)

    def digest(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        database = self._libraries[self._last].open(self._source).database.cursor()
        for what, sql in _DIGEST.items():
            found[what] = database.sql(sql).fetchall()
        with suppress(duckdb.Error):
            found["rows"] = database.sql("FROM numbers").fetchall()
            found["orders"] = database.sql("SELECT upper(note) FROM orders").fetchall()
        database.close()
        return found | self.around()

    def around(self) -> dict[str, Any]:
        """What another process, too, could have changed."""
        return {
            "files": listing(self._watched) + listing(self._data),
            "calls": self._sink.accepted,
        }

    def remake(self) -> None:
        self.close()
        clear(self._watched, self._kept)
        self._libraries = {
            True: LockedLibraries(self._places),
            False: OpenLibraries(self._places, self._sink),
        }

    def close(self) -> None:
        for libraries in self._libraries.values():
            libraries.close()


@contextmanager
def files_walls(folder: Path) -> Generator[FilesWalls]:
    """A folder of files in which attacks are at home."""
    sink = Sink()
    subject = FilesWalls(folder, sink)
    try:
        yield subject
    finally:
        subject.close()
        sink.close()
