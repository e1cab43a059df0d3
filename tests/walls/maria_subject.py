"""The walls of MySQL and MariaDB, each of them alone, on a scratch MariaDB."""

import asyncio
import os
import pwd
import shutil
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

import pymysql
from typing_extensions import override

from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch
from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.mysql import MySqlEngine
from datelier.worker.engines.mysql_connect import Sessions, Target
from datelier.worker.engines.mysql_errors import ServerError, failure
from datelier.worker.engines.mysql_wire import Session
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.walls import maria_world as here
from tests.walls.attacks import Wall
from tests.walls.tried import Tried
from tests.walls.world import CANARY, Sink, clear, listing

_ALLOWED_S: Final = 0.25
_SET_OPTION: Final = 0x1B  # of the protocol: allow several statements in one text
_QUERY: Final = 0x03
_MORE: Final = 8  # a flag: another result follows
_WHOLE: Final = 0xFFFFFF
_Row = tuple[Any, ...]


class OpenSession(Session):
    """A session that takes several statements in one text, as drivers can be told to."""

    @classmethod
    def of(cls, session: Session) -> "OpenSession":
        parts = vars(session)
        made = cls(parts["_signed_in"], extended=parts["_extended"])
        made._send(_SET_OPTION, struct.pack("<H", 0))
        made._packet(_WHOLE)
        return made

    def simply(self, sql: str) -> list[str]:
        """Send a text by the protocol that takes several statements; what it showed."""
        self._send(_QUERY, sql.encode())
        shown: list[str] = []
        more = True
        while more:
            width = self._packet(_WHOLE)
            if width[0] == 0xFF:
                raise ServerError.read(width)
            if width[0] == 0:  # no rows: counts, then the flags
                more = bool(_flags_of(width) & _MORE)
                continue
            self._skip(width[0])
            while (packet := self._packet(_WHOLE))[0] != 0xFE or len(packet) > 8:
                if packet[0] == 0xFF:
                    raise ServerError.read(packet)
                shown.append(packet.decode("utf-8", "replace"))
            more = bool(struct.unpack_from("<H", packet, 3)[0] & _MORE)
        return shown


def _flags_of(answer: bytes) -> int:
    at = 1
    for _ in range(2):
        at += {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(answer[at], 1)
    return int.from_bytes(answer[at : at + 2], "little")


class OneWall(MySqlEngine):
    """The engine with some of its walls switched off."""

    def __init__(
        self, source: dict[str, Any], sessions: "KeptSessions", walls: Collection[Wall]
    ) -> None:
        super().__init__(source, sessions)
        self._walls = walls

    @override
    async def _connect(self) -> Session:
        session = await super()._connect()
        return session if "protocol" in self._walls else OpenSession.of(session)

    @override
    async def command(self, sql: str) -> list[tuple[str | None, ...]]:
        if "limits" not in self._walls:
            sql = sql.replace("lock_wait_timeout = 2", "lock_wait_timeout = 3600")
        if "transaction" not in self._walls:
            sql = sql.replace("TRANSACTION READ ONLY", "TRANSACTION READ WRITE")
            sql = sql.replace("SNAPSHOT, READ ONLY", "SNAPSHOT, READ WRITE")
        return await super().command(sql)

    @override
    async def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        if "limits" not in self._walls:
            limits = Limits(timeout_s=86_400)
        if "protocol" in self._walls:
            async for batch in super().stream(sql, limits, outcome):
                yield batch
            return
        await self._begin(limits, outcome)
        session = cast("OpenSession", self._opened())
        session.patience(60)
        self._clean = False
        try:
            outcome.notes += await self._in_thread(lambda: session.simply(sql))
        except ServerError as error:
            self._clean = True
            raise failure(error) from None
        self._clean = True


class KeptSessions(Sessions):
    """Idle sessions, cleaned only behind the wall of the transaction."""

    def __init__(self, walls: Collection[Wall]) -> None:
        super().__init__()
        self._walls = walls
        self.unclean: list[Session] = []

    @override
    def take(self, target: Target) -> Session | None:
        session = super().take(target)
        if session is None or "protocol" in self._walls or isinstance(session, OpenSession):
            return session
        session.close()  # it served to stop a statement, and takes one at a time
        return None

    @override
    def give_back(self, target: Target, session: Session) -> None:
        if "transaction" in self._walls:
            super().give_back(target, session)
            return
        with suppress(ServerError, WorkerError):
            session.command("COMMIT")
        self.unclean.append(session)

    def kept(self) -> list[Session]:
        """The sessions that the next action would get."""
        return self.unclean + [one for held in self._idle.values() for one, _ in held]

    def forget_unclean(self) -> None:
        for session in self.unclean:
            session.close()
        self.unclean.clear()


class MariaWalls:
    """See `Walled`."""

    engine = "mysql"
    dialect: Dialect = "mysql"
    lacks: dict[Wall, str] = {}

    def __init__(self, folder: Path, sink: Sink) -> None:
        self._folder = folder
        self._sink = sink
        self._kept_files = {name for name, _ in listing(folder)}
        self._stack = ExitStack()
        self._sessions: dict[frozenset[Wall], KeptSessions] = {}
        self._fresh: dict[frozenset[Wall], list[dict[str, Any]]] = {}
        self._neighbour: Any = None
        self._eyes: Any = None
        self._start()

    def _start(self) -> None:
        """A new server, where nothing has happened yet."""
        self._server: ScratchMariaDB = self._stack.enter_context(running_mariadb())
        with self._server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("INSTALL SONAME 'metadata_lock_info'")
            cursor.execute("DROP DATABASE app")
        self._eyes = None
        self._pristine: dict[str, Any] = {}
        self._build()
        self._globals = dict(self._rows(here.GLOBALS))
        self._pristine = self.digest()

    def _build(self) -> None:
        with self._server.connect() as connection, connection.cursor() as cursor:
            for statement in here.WORLD:
                cursor.execute(statement)
        if self._neighbour is not None:
            with suppress(pymysql.Error):
                self._neighbour.close()
        self._neighbour = pymysql.connect(
            unix_socket=str(self._server.folder / "s"), user="root", autocommit=True
        )

    def settings(self, user: str) -> dict[str, Any]:
        """The settings of a source in the product, for a role."""
        source = self._server.source(user, tls="disable")
        return {key: value for key, value in source.items() if key not in {"engine", "password"}}

    def written(self, sql: str) -> str:
        values = {
            "{folder}": str(self._folder),
            "{port}": str(self._sink.port),
            "{pid}": str(self._neighbour.thread_id()),
            "{{": "{",
            "}}": "}",
        }
        for mark, value in values.items():
            sql = sql.replace(mark, value)
        return sql

    async def attempt(self, sql: str, walls: Collection[Wall], longest_s: float = 1.0) -> Tried:
        tried = Tried()
        key = frozenset(walls)
        if key not in self._sessions:
            self._sessions[key] = KeptSessions(walls)
        if key not in self._fresh:
            # Just opened, as what the parser refuses leaves it; and after an honest query.
            self._fresh[key] = [await self._state_after(sql, walls) for sql in ("", "SELECT 1")]
        await self._once(sql, walls, tried, longest_s)
        found = await asyncio.to_thread(self._state_of_kept, key)
        tried.session = [
            what
            for what, state in found.items()
            if all(state != fresh.get(what) for fresh in self._fresh[key])
        ]
        sessions = self._sessions[key]
        sessions.forget_unclean()
        if tried.session:
            await sessions.close()
            del self._sessions[key]
        return tried

    async def _state_after(self, sql: str, walls: Collection[Wall]) -> dict[str, Any]:
        key = frozenset(walls)
        await self._once(sql, walls, Tried(), 20)
        state = await asyncio.to_thread(self._state_of_kept, key)
        self._sessions[key].forget_unclean()
        return state

    async def _once(
        self, sql: str, walls: Collection[Wall], tried: Tried, longest_s: float
    ) -> None:
        user = "reader" if "role" in walls else "owner"
        source = self._server.source(user, tls="disable")
        engine = OneWall(source, self._sessions[frozenset(walls)], walls)
        work = asyncio.create_task(self._run(engine, sql, walls, tried))
        _, late = await asyncio.wait({work}, timeout=longest_s)
        tried.ran_on = bool(late)
        if late:
            work.cancel()
            await asyncio.wait({work})
        await engine.close()

    async def _run(self, engine: OneWall, sql: str, walls: Collection[Wall], tried: Tried) -> None:
        outcome = Outcome()
        try:
            await engine.open()
            if not sql:
                return
            if "parser" in walls:
                sql = check(sql, "mysql", await engine.scope())
            async for batch in engine.stream(sql, Limits(rows=200, timeout_s=_ALLOWED_S), outcome):
                # Cells of bytes are only counted in JSON.
                tried.shown += repr(to_columnar_json(batch)) + repr([c.data for c in batch.columns])
        except WorkerError as error:
            tried.error = error
        tried.shown += "".join(outcome.notes)

    def _state_of_kept(self, key: frozenset[Wall]) -> dict[str, Any]:
        """What the next action's session is like; empty when it would get a new one."""
        for session in self._sessions[key].kept():
            session.patience(5)
            try:
                found: dict[str, Any] = {
                    what: session.command(sql) for what, sql in here.SESSION.items()
                }
                found["temporary objects"] = [
                    name for name in here.TEMPORARY if _is_temporary(session, name)
                ]
                found["prepared"] = _is_prepared(session, "p")
            except (ServerError, WorkerError):
                session.close()
                continue
            return found
        return {}

    def digest(self) -> dict[str, Any]:
        try:
            found = self._look()
        except pymysql.Error:  # an attack ended this session too, or the server
            self._eyes = None
            try:
                found = self._look()
            except pymysql.Error as error:
                return {"server": f"dead: {type(error).__name__}"}
        found["files"] = listing(self._folder)
        found["calls"] = self._sink.accepted
        found["neighbour"] = self._alive()
        return found

    def _rows(self, sql: str) -> list[_Row]:
        if self._eyes is None:
            self._eyes = pymysql.connect(
                unix_socket=str(self._server.folder / "s"), user="root", autocommit=True,
                charset="utf8mb4", read_timeout=20,
            )  # fmt: skip
        with self._eyes.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _look(self) -> dict[str, Any]:
        self._wait_for_the_gone()
        found: dict[str, Any] = {what: self._rows(sql) for what, sql in here.DIGEST.items()}
        tables = [f"`{schema}`.`{name}`" for schema, name, kind, *_ in found["tables"]
                  if kind == "BASE TABLE"]  # fmt: skip
        found["rows"] = self._rows(f"CHECKSUM TABLE {', '.join(tables)}") if tables else []
        found["sequence"] = [
            self._rows(f"SELECT next_not_cached_value FROM `{schema}`.`{name}`")
            for schema, name, kind, *_ in found["tables"]
            if kind == "SEQUENCE"
        ]
        found["server's files"] = here.names_below(self._server.folder)
        return found

    def _wait_for_the_gone(self) -> None:
        """What a closed session held goes with it, a moment later."""
        if not self._sessions:
            return  # the product's own sessions stay
        known = {session.id for kept in self._sessions.values() for session in kept.kept()}
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            others = {number for (number,) in self._rows(here.OTHERS)}
            if others <= known:
                return

    def _alive(self) -> str:
        try:
            with self._neighbour.cursor() as cursor:
                cursor.execute("SELECT 1")
        except pymysql.Error as error:
            return f"dead: {type(error).__name__}"
        return "well"

    def remake(self) -> None:
        clear(self._folder, self._kept_files)
        for kept in self._sessions.values():
            for session in kept.kept():
                session.close()
        self._sessions.clear()
        self._fresh.clear()
        try:
            self._undo()
        except pymysql.Error:
            self._restart()
            return
        again = self.digest()
        if {what for what in again if what != "calls" and again[what] != self._pristine[what]}:
            self._restart()

    def _undo(self) -> None:
        self._eyes = None
        for (number,) in self._rows(here.OTHERS):
            with suppress(pymysql.Error):
                self._rows(f"KILL {number}")
        for name, value in self._rows(here.GLOBALS):
            if self._globals.get(name) != value:
                with suppress(pymysql.Error):
                    self._rows(here.setting(name, self._globals.get(name)))
        for sql in here.CLEANING:
            for (statement,) in self._rows(sql):
                with suppress(pymysql.Error):
                    self._rows(statement)
        self._build()

    def _restart(self) -> None:
        self.close()
        self._stack = ExitStack()
        self._start()

    def close(self) -> None:
        for kept in self._sessions.values():
            for session in kept.kept():
                session.close()
        self._sessions.clear()
        self._fresh.clear()
        for connection in (self._neighbour, self._eyes):
            if connection is not None:
                with suppress(pymysql.Error):
                    connection.close()
        self._neighbour = None
        self._stack.close()


def _is_temporary(session: Session, name: str) -> bool:
    try:
        return "TEMPORARY" in str(session.command(f"SHOW CREATE TABLE {name}"))
    except ServerError:
        return False


def _is_prepared(session: Session, name: str) -> bool:
    """Whether the session keeps a statement of that name, as all attacks call theirs."""
    try:
        session.command(f"DEALLOCATE PREPARE {name}")
    except ServerError:
        return False
    return True


@contextmanager
def maria_walls(_: Path) -> Generator[MariaWalls]:
    """A server in which attacks are at home, with a watched folder that it may read and write."""
    watched = Path(tempfile.mkdtemp(prefix="dtl-watched-", dir="/tmp"))
    (watched / "canary.txt").write_text(CANARY, encoding="utf-8")
    (watched / "numbers.txt").write_text("7\n", encoding="utf-8")
    if os.geteuid() == 0:  # the server runs as nobody
        nobody = pwd.getpwnam("nobody")
        for path in (watched, *watched.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    watched.chmod(0o755)
    for path in watched.iterdir():
        path.chmod(0o644)  # LOAD_FILE() reads what all may read
    sink = Sink()
    try:
        subject = MariaWalls(watched, sink)
        try:
            yield subject
        finally:
            subject.close()
    finally:
        sink.close()
        shutil.rmtree(watched, ignore_errors=True)
