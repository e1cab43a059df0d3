"""From the settings of a source to its engine. Drivers load with their first source."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from datelier.worker.engines.base import Engine
from datelier.worker.engines.writers import is_writing
from datelier.worker.errors import WorkerError

if TYPE_CHECKING:
    from datelier.worker.engines.files_library import Libraries
    from datelier.worker.engines.files_load import Places
    from datelier.worker.engines.mysql_connect import Sessions
    from datelier.worker.engines.pg_connect import IdleSessions
    from datelier.worker.engines.writers import Writer

ENGINES: Final = (
    "postgresql",
    "mysql",
    "files",
    "sqlite",
    "clickhouse",
    "trino",
    "bigquery",
    "snowflake",
    "sqlserver",
)


class Engines:
    """Makes engines and owns what they share: idle sessions, opened files, threads.

    Args:
        files_root: Where the platform keeps uploaded files.
        allowed_folders: Further folders whose files may be read.
        held: Sources by name whose settings and secret only this worker has.
        allowed_urls: Prefixes of remote objects that may be read.
        writable_folders: Folders whose SQLite files approved writes may change, beside those that
            the platform keeps.
    """

    def __init__(
        self,
        files_root: str,
        allowed_folders: tuple[str, ...] = (),
        held: Mapping[str, Mapping[str, Any]] | None = None,
        allowed_urls: tuple[str, ...] = (),
        writable_folders: tuple[str, ...] = (),
    ) -> None:
        self.held = dict(held or {})
        self._urls = allowed_urls
        self._writable = writable_folders
        self._root = files_root
        self._folders = allowed_folders
        self._opened: list[str] = []

    # Each import is local because drivers and sqlglot cost a second: the worker attaches first.

    @cached_property
    def _sessions(self) -> "IdleSessions":
        from datelier.worker.engines.pg_connect import IdleSessions

        self._opened.append("postgresql")
        return IdleSessions()

    @cached_property
    def _mysql_sessions(self) -> "Sessions":
        from datelier.worker.engines.mysql_connect import Sessions

        self._opened.append("mysql")
        return Sessions()

    @cached_property
    def _mysql_writers(self) -> "Sessions":
        from datelier.worker.engines.mysql_connect import Sessions

        self._opened.append("mysql write")
        return Sessions(most_idle=0)  # what may write is closed at once

    @cached_property
    def _libraries(self) -> "Libraries":
        from datelier.worker.engines.files_library import Libraries

        self._opened.append("files")
        return Libraries(self._places())

    def _places(self) -> "Places":
        from datelier.worker.engines.files_load import Places

        return Places(Path(self._root), tuple(Path(folder) for folder in self._folders), self._urls)

    def engine(self, source: Mapping[str, Any]) -> Engine:
        """The engine of one source for one action; raises WorkerError on settings not allowed."""
        if is_writing(source):
            raise WorkerError("internal", "A write-enabled connection is not for reading.")
        only = source.get("only_schemas")
        name = source.get("worker_source")
        if name is not None:
            # Nothing else of the request counts: what the worker holds, it alone describes.
            if str(name) not in self.held:
                raise WorkerError("source_missing", "This worker does not hold that source.")
            source = self.held[str(name)]
        if only is not None:
            source = narrowed(source, frozenset(map(str, only)))
        made = self._makers.get(str(source.get("engine")))
        if made is None:
            raise WorkerError("source_missing", "The source has an engine this worker lacks.")
        return made(source)

    def writer(self, source: Mapping[str, Any]) -> "Writer":
        """The writer of a write-enabled connection; raises WorkerError when it is none."""
        if source.get("access") != "write":
            raise WorkerError("internal", "This is no write-enabled connection.")
        settings = {key: value for key, value in source.items() if key != "access"}
        engine = settings.get("engine")
        if engine == "postgresql":
            from datelier.worker.engines.pg_write import PostgresWriter

            return PostgresWriter(settings)
        if engine == "mysql":
            from datelier.worker.engines.mysql_write import MySqlWriter

            return MySqlWriter(settings, self._mysql_writers)
        if engine == "sqlite":
            from datelier.worker.engines.sqlite_write import SqliteWriter

            return SqliteWriter(settings, self._places(), tuple(map(Path, self._writable)))
        raise WorkerError("sql_refused", "Sources of this kind cannot be written to.")

    @cached_property
    def _makers(self) -> dict[str, Callable[[Mapping[str, Any]], Engine]]:
        return {
            "postgresql": self._postgresql,
            "mysql": self._mysql,
            "files": self._files,
            "sqlite": self._sqlite,
            "clickhouse": self._clickhouse,
            "trino": self._trino,
            "bigquery": self._bigquery,
            "snowflake": self._snowflake,
            "sqlserver": self._sqlserver,
        }

    def _postgresql(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.postgresql import PostgresEngine

        return PostgresEngine(source, self._sessions)

    def _mysql(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.mysql import MySqlEngine

        return MySqlEngine(source, self._mysql_sessions)

    def _files(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.files import FilesEngine

        return FilesEngine(source, self._libraries)

    def _sqlite(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.sqlite import SqliteEngine

        return SqliteEngine(source, self._places())

    def _clickhouse(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.clickhouse import ClickHouseEngine

        return ClickHouseEngine(source)

    def _trino(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.trino import TrinoEngine

        return TrinoEngine(source)

    def _bigquery(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.bigquery import BigQueryEngine

        return BigQueryEngine(source)

    def _snowflake(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.snowflake import SnowflakeEngine

        return SnowflakeEngine(source)

    def _sqlserver(self, source: Mapping[str, Any]) -> Engine:
        from datelier.worker.engines.sqlserver import SqlServerEngine

        return SqlServerEngine(source)

    def warm(self) -> None:
        """Import what the first query needs; blocking, a second or two of CPU on a small machine."""
        for name in ("guard", "engines.files", "engines.postgresql"):
            import_module(f"datelier.worker.{name}")

    async def upkeep(self) -> None:
        """Close sessions nobody used for a while, remove what was made of files that are gone."""
        if "postgresql" in self._opened:
            self._sessions.purge()
        if "mysql" in self._opened:
            self._mysql_sessions.purge()
        # Opened here at the latest: sources may have gone while no worker ran.
        await asyncio.to_thread(self._libraries.sweep)

    async def close(self) -> None:
        """Close idle sessions and opened files."""
        if "postgresql" in self._opened:
            await self._sessions.close()
        if "mysql" in self._opened:
            await self._mysql_sessions.close()
        if "mysql write" in self._opened:
            await self._mysql_writers.close()
        if "files" in self._opened:
            self._libraries.close()


def narrowed(source: Mapping[str, Any], only: frozenset[str]) -> dict[str, Any]:
    """Return a source that has no other schemas than these, whoever describes it."""
    settings = {key: value for key, value in source.items() if key != "only_schemas"}
    inner: dict[str, Any] = settings.pop("config", None) or {}
    settings |= inner
    if settings.get("engine") != "postgresql":
        raise WorkerError("sql_refused", "Sources of this kind have no schemas to choose from.")
    own: list[str] | None = settings.get("schemas") or None
    left = only if own is None else only & frozenset(map(str, own))
    if not left:
        raise WorkerError("sql_refused", "None of the allowed schemas is part of this source.")
    return settings | {"schemas": sorted(left)}
