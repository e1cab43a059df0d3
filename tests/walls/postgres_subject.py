"""The walls of PostgreSQL, each of them alone, on a scratch server."""

import asyncio
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.pq.abc import PGresult
from typing_extensions import override

from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.pg_connect import Connection, IdleSessions, Target
from datelier.worker.engines.pg_rows import in_one_trip
from datelier.worker.engines.postgresql import PostgresEngine
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.walls.attacks import Wall
from tests.walls.tried import Tried
from tests.walls.world import CANARY, Sink, clear, listing

_ALLOWED_S: Final = 0.25
_WORLD: Final = (
    "CREATE TABLE t (id int)",
    "INSERT INTO t VALUES (1), (2), (3)",
    "CREATE TABLE orders AS SELECT i AS id, 'note ' || i AS note FROM generate_series(1, 40) i",
    "CREATE TABLE secret (word text)",
    f"INSERT INTO secret VALUES ('{CANARY}')",
    "CREATE SEQUENCE s",
    f"SELECT lo_from_bytea(1234, '{CANARY}')",
    (
        "CREATE FUNCTION sneaky(t) RETURNS text LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT word FROM secret'"
    ),
    (
        "CREATE FUNCTION evil_secdef() RETURNS int LANGUAGE sql SECURITY DEFINER"
        " AS 'INSERT INTO t VALUES (66) RETURNING id'"
    ),
    # Named like a harmless function of an extension.
    (
        "CREATE FUNCTION first(text) RETURNS int LANGUAGE sql SECURITY DEFINER"
        " AS 'INSERT INTO t VALUES (67) RETURNING id'"
    ),
    "CREATE PROCEDURE evil_procedure() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM t'",
    "CREATE TABLE numbers (n int)",
)
_ROLES: Final = (
    f"ALTER ROLE owner PASSWORD '{CANARY}'",
    "CREATE ROLE reader LOGIN PASSWORD 'reads'",
)
_GRANTS: Final = ("GRANT SELECT ON orders, t TO reader",)
_DIGEST: Final = {
    "tables": "SELECT c.oid::regclass::text, c.relkind, c.relacl::text, c.relrowsecurity,"
    " c.reltuples FROM pg_class c WHERE c.relkind IN ('r', 'S') AND c.relnamespace IN"
    " (SELECT oid FROM pg_namespace WHERE nspname = 'public' OR nspname LIKE 'pg_temp%')"
    " ORDER BY 1",
    "classes": "SELECT relname, relkind, relowner FROM pg_class WHERE oid >= 16384 ORDER BY 1",
    "functions": "SELECT oid, proname, prosrc FROM pg_proc WHERE oid >= 16384 ORDER BY 1",
    "types": "SELECT typname FROM pg_type WHERE oid >= 16384 ORDER BY 1",
    "large objects": "SELECT l.oid, md5(lo_get(l.oid)) FROM pg_largeobject_metadata l ORDER BY 1",
    "roles": "SELECT rolname, rolsuper, rolpassword FROM pg_authid ORDER BY 1",
    "grants": "SELECT count(*), md5(string_agg(defaclacl::text, ',')) FROM pg_default_acl",
    "role settings": "SELECT setdatabase, setrole, setconfig::text FROM pg_db_role_setting",
    "objects": "SELECT (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_namespace"
    " WHERE nspname NOT LIKE 'pg\\_t%'), (SELECT count(*) FROM pg_rewrite),"
    " (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_event_trigger),"
    " (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_statistic_ext),"
    " (SELECT count(*) FROM pg_description WHERE objoid >= 16384), (SELECT count(*) FROM pg_cast),"
    " (SELECT count(*) FROM pg_operator), (SELECT count(*) FROM pg_language),"
    " (SELECT count(*) FROM pg_subscription), (SELECT count(*) FROM pg_foreign_server),"
    " (SELECT count(*) FROM pg_collation), (SELECT count(*) FROM pg_replication_origin),"
    " (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_prepared_xacts)",
    "locks": "SELECT locktype, mode, relation::regclass::text FROM pg_locks"
    " WHERE pid <> pg_backend_pid() AND (locktype = 'advisory' OR relation >= 16384)",
    "settings": "SELECT md5(string_agg(name || '=' || coalesce(setting, ''), ',' ORDER BY name))"
    " FROM pg_file_settings",
}
_OTHERS: Final = (
    "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = 'app'"
    " AND pid <> ALL (%s) AND application_name = 'datelier' AND state IS NOT NULL"
    " AND state_change > now() - interval '3 s'"
)
_SESSION: Final = {
    "session settings": "SELECT name, setting FROM pg_settings WHERE name NOT IN"
    " ('application_name', 'in_hot_standby') ORDER BY 1",
    "custom settings": "SELECT coalesce(current_setting('app.tenant', true), ''), current_user,"
    " session_user",
    "listening": "SELECT * FROM pg_listening_channels()",
    "prepared": "SELECT name FROM pg_prepared_statements WHERE name NOT LIKE 'datelier%'",
    "temporary objects": "SELECT relname::text FROM pg_class WHERE relnamespace = pg_my_temp_schema()"
    " UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = pg_my_temp_schema()",
    "locks kept": "SELECT classid, objid, mode FROM pg_locks WHERE pid = pg_backend_pid()"
    " AND locktype = 'advisory'",
    "cursors": "SELECT name FROM pg_cursors WHERE is_holdable",
}


class OneWall(PostgresEngine):
    """The engine with some of its walls switched off."""

    def __init__(
        self, source: dict[str, Any], sessions: "KeptSessions", walls: Collection[Wall]
    ) -> None:
        super().__init__(source, sessions)
        self._walls = walls
        self._text = ""

    @override
    async def _begin(
        self, connection: Connection, sql: str, limits: Limits, outcome: Outcome
    ) -> PGresult:
        self._text = sql
        if "transaction" not in self._walls:
            self._begin_sql = b"BEGIN READ WRITE"
        prepared = sql if "protocol" in self._walls else "SELECT 1"
        if {"transaction", "limits"} & set(self._walls):
            unlimited = limits if "limits" in self._walls else Limits(timeout_s=86_400)
            return await super()._begin(connection, prepared, unlimited, outcome)
        pgconn = connection.pgconn
        _, described = await in_one_trip(
            connection,
            lambda: pgconn.send_prepare(self._name, prepared.encode()),
            lambda: pgconn.send_describe_prepared(self._name),
        )
        return described

    @override
    async def _read(
        self, described: PGresult, limits: Limits, outcome: Outcome
    ) -> AsyncIterator[Batch]:
        try:
            if "protocol" in self._walls:
                async for batch in super()._read(described, limits, outcome):
                    yield batch
            else:
                await self._simply(outcome)
        finally:
            if "transaction" not in self._walls and self._connection is not None:
                with suppress(psycopg.Error):
                    await self._connection.execute("COMMIT")

    async def _simply(self, outcome: Outcome) -> None:
        """Send the text as it is, by the protocol that takes several statements."""
        cursor = await self._opened().execute(self._text.encode())
        more = True
        while more:
            with suppress(psycopg.Error):
                outcome.notes.append(repr(await cursor.fetchmany(200)))
            more = bool(cursor.nextset())


class KeptSessions(IdleSessions):
    """Idle sessions, cleaned only behind the wall of the transaction."""

    def __init__(self, walls: Collection[Wall]) -> None:
        super().__init__()
        self._walls = walls
        self.unclean: list[Connection] = []

    @override
    def give_back(self, target: Target, connection: Connection) -> None:
        if "transaction" in self._walls:
            super().give_back(target, connection)
        else:
            self.unclean.append(connection)

    async def kept(self) -> list[Connection]:
        """The sessions that the next action would get, once they are clean."""
        while self._cleaning:
            await asyncio.wait(set(self._cleaning))
        return self.unclean + [one for held in self._idle.values() for one, _ in held]

    @override
    async def close(self) -> None:
        for connection in self.unclean:
            await connection.close()
        await super().close()


class PostgresWalls:
    """See `Walled`."""

    engine = "postgresql"
    dialect: Dialect = "postgres"
    lacks: dict[Wall, str] = {}

    def __init__(self, server: ScratchPostgres, folder: Path, sink: Sink) -> None:
        self._server = server
        self._folder = folder
        self._sink = sink
        self._neighbour: psycopg.Connection[Any] | None = None
        self._eyes: psycopg.Connection[Any] | None = None
        server.run(*_ROLES)
        with psycopg.connect(server.dsn(database="postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE pristine")
        with psycopg.connect(server.dsn(database="pristine"), autocommit=True) as connection:
            for statement in (*_WORLD, *_GRANTS):
                connection.execute(statement.encode())
        self._kept = {name for name, _ in listing(folder)}
        self.remake()
        self._fresh = asyncio.run(self._fresh_session())

    async def _fresh_session(self) -> dict[str, dict[str, Any]]:
        """What a new session of each role looks like."""
        found: dict[str, dict[str, Any]] = {}
        for user in ("reader", "owner"):
            made = await psycopg.AsyncConnection.connect(self._server.dsn(user), autocommit=True)
            found[user] = await _state_of(made)
            await made.close()
        return found

    def settings(self, user: str) -> dict[str, Any]:
        """The settings of a source in the product, for a role."""
        return {key: value for key, value in self._server.source(user).items() if key != "engine"}

    def written(self, sql: str) -> str:
        assert self._neighbour is not None
        values = {
            "{folder}": str(self._folder),
            "{port}": str(self._sink.port),
            "{pid}": str(self._neighbour.info.backend_pid),
            "{{": "{",
            "}}": "}",
        }
        for mark, value in values.items():
            sql = sql.replace(mark, value)
        return sql

    async def attempt(self, sql: str, walls: Collection[Wall], longest_s: float = 1.0) -> Tried:
        tried = Tried()
        user = "reader" if "role" in walls else "owner"
        sessions = KeptSessions(walls)
        engine = OneWall(self._server.source(user), sessions, walls)
        work = asyncio.create_task(self._run(engine, sql, walls, tried))
        _, late = await asyncio.wait({work}, timeout=longest_s)
        tried.ran_on = bool(late)
        if late:
            await engine.cancel()
            await asyncio.wait({work}, timeout=5)
            work.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({work})
        await engine.close()
        tried.session = await self._changes(sessions, user)
        await sessions.close()
        return tried

    async def _run(self, engine: OneWall, sql: str, walls: Collection[Wall], tried: Tried) -> None:
        outcome = Outcome()
        try:
            await engine.open()
            if "parser" in walls:
                sql = check(sql, "postgres", await engine.scope())
            async for batch in engine.stream(sql, Limits(rows=200, timeout_s=_ALLOWED_S), outcome):
                # Cells of bytes are only counted in JSON.
                tried.shown += repr(to_columnar_json(batch)) + repr([c.data for c in batch.columns])
        except WorkerError as error:
            tried.error = error
        tried.shown += "".join(outcome.notes)

    async def _changes(self, sessions: KeptSessions, user: str) -> list[str]:
        """What of a session that the next action would get is not as new."""
        for connection in await sessions.kept():
            if connection.closed:
                continue
            with suppress(psycopg.Error):
                await connection.execute("ROLLBACK")
            try:
                state = await _state_of(connection)
            except psycopg.Error:
                return ["the session is broken"]
            return [what for what in state if state[what] != self._fresh[user][what]]
        return []

    def digest(self) -> dict[str, Any]:
        try:
            found = self._look()
        except psycopg.OperationalError:  # an attack ended this session too
            found = self._look()
        found["files"] = listing(self._folder)
        found["calls"] = self._sink.accepted
        found["neighbour"] = self._alive()
        return found

    def _look(self) -> dict[str, Any]:
        if self._eyes is None or self._eyes.closed:
            self._eyes = psycopg.connect(self._server.dsn(), autocommit=True)
        assert self._neighbour is not None
        known = [self._eyes.info.backend_pid, self._neighbour.info.backend_pid]
        deadline = time.monotonic() + 3
        with self._eyes.cursor() as cursor:
            # What a session made for itself goes with it, a moment after it was closed.
            while cursor.execute(_OTHERS, (known,)).fetchone() and time.monotonic() < deadline:
                pass
            found: dict[str, Any] = {
                what: cursor.execute(sql.encode()).fetchall() for what, sql in _DIGEST.items()
            }
            rows = " UNION ALL ".join(
                f"SELECT '{name}', count(*), md5(string_agg(x::text, ',' ORDER BY x::text))"
                f" FROM (SELECT {'last_value, is_called' if kind == 'S' else '*'} FROM {name}) AS x"
                for name, kind, *_ in found["tables"]
            )
            found["rows"] = cursor.execute(rows.encode()).fetchall() if rows else []
        return found

    def _alive(self) -> str:
        assert self._neighbour is not None
        try:
            self._neighbour.execute("SELECT 1")
            heard = [note.channel for note in self._neighbour.notifies(timeout=0)]
        except psycopg.Error as error:
            return f"dead: {error}"
        return f"heard {heard}" if heard else "well"

    def remake(self) -> None:
        for connection in (self._neighbour, self._eyes):
            if connection is not None:
                connection.close()
        self._eyes = None
        with psycopg.connect(self._server.dsn(database="postgres"), autocommit=True) as own:
            for slot in own.execute("SELECT slot_name FROM pg_replication_slots").fetchall():
                own.execute("SELECT pg_drop_replication_slot(%s)", slot)
            for one in own.execute("SELECT roname FROM pg_replication_origin").fetchall():
                own.execute("SELECT pg_replication_origin_drop(%s)", one)
            own.execute("ALTER SYSTEM RESET ALL")
            own.execute("DROP DATABASE IF EXISTS app WITH (FORCE)")
            own.execute("CREATE DATABASE app TEMPLATE pristine")
            own.execute("ALTER ROLE reader RESET ALL")
            own.execute("ALTER ROLE reader NOSUPERUSER")
            own.execute("DROP ROLE IF EXISTS intruder")
        clear(self._folder, self._kept)
        self._neighbour = psycopg.connect(self._server.dsn(), autocommit=True)
        self._neighbour.execute("LISTEN neighbours")
        self._neighbour.execute("LISTEN a")

    def close(self) -> None:
        for connection in (self._neighbour, self._eyes):
            if connection is not None:
                connection.close()


async def _state_of(connection: psycopg.AsyncConnection[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for what, sql in _SESSION.items():
        found[what] = await (await connection.execute(sql.encode())).fetchall()
    return found


@contextmanager
def postgres_walls(_: Path) -> Generator[PostgresWalls]:
    """A server in which attacks are at home, with a watched folder that it may read and write."""
    watched = Path(tempfile.mkdtemp(prefix="dtl-watched-", dir="/tmp"))
    (watched / "canary.txt").write_text(CANARY, encoding="utf-8")
    (watched / "numbers.txt").write_text("7\n", encoding="utf-8")
    if os.geteuid() == 0:  # the server runs as nobody
        nobody = pwd.getpwnam("nobody")
        for path in (watched, *watched.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    sink = Sink()
    try:
        with running_postgres("autovacuum = off", "wal_level = logical") as server:
            subject = PostgresWalls(server, watched, sink)
            yield subject
            subject.close()
    finally:
        sink.close()
        shutil.rmtree(watched, ignore_errors=True)
