"""Connecting to PostgreSQL: an allow-list of settings, names resolved by us, a few idle sessions."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, conninfo, pq

from datelier.worker.engines.hosts import (
    CONNECT_SECONDS,
    allowed,
    bad_setting,
    digest,
    place,
    plain,
    resolve,
)
from datelier.worker.errors import WorkerError, clean

Connection = AsyncConnection[tuple[Any, ...]]
SSL_MODES: Final = ("disable", "prefer", "require", "verify-full")
IDLE_SECONDS: Final = 60
_PATIENCE_S: Final = 0.1  # less than a sign-in over a network often takes
_NO_FILE: Final = "/nonexistent"  # an empty name would mean ~/.pgpass
IDLE_MAX: Final = 2
_KEYS: Final = frozenset(
    {"engine", "host", "port", "database", "user", "password", "sslmode", "schemas"}
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as whom to connect; made only by `read_target`."""

    host: str
    port: int
    database: str
    user: str
    password: str | None
    sslmode: str
    schemas: frozenset[str] | None

    @property
    def key(self) -> str:
        """Same key, same session."""
        return digest(self.host, self.port, self.database, self.user, self.password, self.sslmode)


def read_target(source: Mapping[str, Any]) -> Target:
    """Check the settings of a source; a connection string is code, so only known keys pass."""
    settings = allowed(source, _KEYS, "PostgreSQL")
    host, port = place(settings, 5432)
    sslmode = settings.get("sslmode") or "prefer"
    if sslmode not in SSL_MODES:
        raise bad_setting(f"sslmode must be one of {', '.join(SSL_MODES)}.")
    schemas: list[str] | None = settings.get("schemas") or None
    return Target(
        host=host,
        port=port,
        database=plain(settings, "database"),
        user=plain(settings, "user"),
        password=settings.get("password") or None,
        sslmode=sslmode,
        schemas=frozenset(map(str, schemas)) if schemas else None,
    )


async def connect(target: Target, addresses: list[str] | None = None) -> Connection:
    """Open a new session; raises WorkerError unreachable or auth_failed."""
    addresses = addresses or await resolve(target.host)
    text = conninfo.make_conninfo(
        host=",".join([target.host] * len(addresses)),
        hostaddr=",".join(addresses),
        port=target.port,
        dbname=target.database,
        user=target.user,
        sslmode=target.sslmode,
        # Nothing is taken from the worker's own files and environment.
        passfile=_NO_FILE,
        sslcert="",
        sslkey="",
        gssencmode="disable",
        target_session_attrs="any",
        client_encoding="UTF8",
        application_name="datelier",
        options="",
        connect_timeout=CONNECT_SECONDS,
        **({"sslrootcert": "system"} if target.sslmode == "verify-full" else {}),
        **({"password": target.password} if target.password else {}),
    )
    try:
        # DISCARD ALL forgets statements that psycopg would prepare by itself.
        return await AsyncConnection.connect(text, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise connect_failure(target, error) from None


def connect_failure(target: Target, error: psycopg.Error) -> WorkerError:
    """Say why a connection failed without the conninfo or the password."""
    text = clean(str(error))
    if target.password:
        text = text.replace(target.password, "***")
    place = f"{target.host}:{target.port}"
    reason = text.rpartition("FATAL:")[2].strip() or text
    if "FATAL:" in text and ("authentication" in text or "role" in text or "pg_hba" in text):
        return WorkerError(
            "auth_failed",
            f"{place} refused the sign-in of {target.user!r}: {reason}",
            hint="Check user, password and the server's pg_hba.conf.",
        )
    if "FATAL:" in text:
        return WorkerError("unreachable", f"{place} refused the connection: {reason}")
    hint = "Check host and port, and that the database listens and the firewall lets this pass."
    if "SSL" in text or "certificate" in text:
        hint = "Check the sslmode of the source and the certificate of the server."
    return WorkerError(
        "unreachable", f"No connection to {place}: {text.splitlines()[-1]}", hint=hint
    )


@dataclass(frozen=True, slots=True)
class Functions:
    """Names of a database's functions that the guard must know; see `Scope`."""

    of_rows: frozenset[str]
    own: frozenset[str]


class IdleSessions:
    """A few clean sessions per target, so that a question does not wait for a new sign-in.

    A session comes back only after ROLLBACK and DISCARD ALL; what is doubtful is closed. That
    happens behind the back of whoever gave it back: the answer does not wait for it.
    """

    def __init__(self) -> None:
        self._idle: dict[str, list[tuple[Connection, float]]] = {}
        self._cleaning: dict[asyncio.Task[None], str] = {}
        self._functions: dict[str, tuple[Functions, float]] = {}

    def functions(self, target: Target) -> Functions | None:
        """What `remember` was told less than a minute ago."""
        known, until = self._functions.get(target.key, (None, 0.0))
        return known if until > time.monotonic() else None

    def remember(self, target: Target, known: Functions) -> None:
        """Keep what is known of a database's functions for a minute."""
        self._functions[target.key] = (known, time.monotonic() + IDLE_SECONDS)

    async def take(self, target: Target) -> Connection | None:
        """A clean session, after a short wait for one that is being cleaned."""
        found = self._take(target.key)
        under_way = {task for task, key in self._cleaning.items() if key == target.key}
        if found is None and under_way:
            await asyncio.wait(under_way, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            found = self._take(target.key)
        return found

    def _take(self, key: str) -> Connection | None:
        kept = self._idle.get(key, [])
        while kept:
            connection, until = kept.pop()
            if not connection.closed and until > time.monotonic():
                return connection
            connection.pgconn.finish()
        return None

    def give_back(self, target: Target, connection: Connection) -> None:
        """Take a session that nobody uses any more; it is cleaned and kept, or closed."""
        task = asyncio.create_task(self._clean(target.key, connection))
        self._cleaning[task] = target.key
        task.add_done_callback(lambda done: self._cleaning.pop(done, None))

    async def _clean(self, key: str, connection: Connection) -> None:
        try:
            async with asyncio.timeout(2):
                if connection.info.transaction_status != pq.TransactionStatus.IDLE:
                    await connection.execute("ROLLBACK", binary=True)
                await connection.execute("DISCARD ALL", binary=True)
        except BaseException as error:
            await connection.close()
            if not isinstance(error, psycopg.Error | TimeoutError):
                raise
            return
        self.purge()
        kept = self._idle.setdefault(key, [])
        if len(kept) >= IDLE_MAX:
            await connection.close()
        else:
            kept.append((connection, time.monotonic() + IDLE_SECONDS))

    def purge(self) -> None:
        """Close what nobody took for a minute, such as sessions with a password that changed."""
        now = time.monotonic()
        for key in list(self._idle):
            for connection, until in self._idle[key]:
                if until <= now:
                    connection.pgconn.finish()
            self._idle[key] = [entry for entry in self._idle[key] if entry[1] > now]
            if not self._idle[key]:
                del self._idle[key]

    async def close(self) -> None:
        """Close every session, also those that are being cleaned."""
        while self._cleaning:
            await asyncio.wait(set(self._cleaning))
        for kept in self._idle.values():
            for connection, _ in kept:
                await connection.close()
        self._idle.clear()
