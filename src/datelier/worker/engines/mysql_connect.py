"""Connecting to MySQL or MariaDB: an allow-list of settings, a few idle sessions, threads."""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from typing import Any, Final, Literal, get_args

from datelier.worker.engines.hosts import (
    CONNECT_SECONDS,
    allowed,
    bad_setting,
    digest,
    place,
    plain,
)
from datelier.worker.engines.mysql_errors import ServerError, failure
from datelier.worker.engines.mysql_wire import EXTENDED_METADATA, Session
from datelier.worker.errors import WorkerError, clean

# PyMySQL ships no types, so it is imported as Any.
_pymysql: Any = import_module("pymysql")
_connections: Any = import_module("pymysql.connections")

Tls = Literal["disable", "prefer", "require", "verify"]
DEFAULT_PORT: Final = 3306
IDLE_SECONDS: Final = 60.0
IDLE_MAX: Final = 2
_THREADS: Final = 32
_STOPPING_THREADS: Final = 8  # of their own: Stop never waits behind what it is to stop
_KEYS: Final = frozenset({"engine", "host", "port", "database", "user", "password", "tls"})
_MYSQL_OWN: Final = 1  # who sets this bit has no capabilities of MariaDB's


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as whom to connect; made only by `read_target`."""

    host: str
    port: int
    database: str
    user: str
    password: str | None
    tls: Tls

    @property
    def key(self) -> str:
        """Same key, same session."""
        return digest(self.host, self.port, self.database, self.user, self.password, self.tls)


def read_target(source: Mapping[str, Any]) -> Target:
    """Check the settings of a source: only known keys pass, no driver option does."""
    settings = allowed(source, _KEYS, "MySQL")
    host, port = place(settings, DEFAULT_PORT)
    tls = settings.get("tls") or "prefer"
    if tls not in get_args(Tls):
        raise bad_setting(f"tls must be one of {', '.join(get_args(Tls))}.")
    return Target(
        host=host,
        port=port,
        database=plain(settings, "database"),
        user=plain(settings, "user"),
        password=settings.get("password") or None,
        tls=tls,
    )


class _Refusing:
    """Ways to sign in that would hand the password to whoever asks for it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def authenticate(self, _packet: object) -> None:
        raise _pymysql.err.OperationalError(
            2059, "The server asks for the password in clear text, which is not sent."
        )


def connect(target: Target, addresses: list[str]) -> Session:
    """Open a new session, blocking; raises WorkerError unreachable or auth_failed."""
    raw: Any = _connections.Connection(
        host=target.host,
        port=target.port,
        user=target.user,
        password=(target.password or "").encode(),
        database=target.database,
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=CONNECT_SECONDS,
        write_timeout=CONNECT_SECONDS,
        autocommit=None,
        local_infile=False,
        defer_connect=True,
        program_name="datelier",
        # Nothing is taken from the worker's own option files.
        read_default_file=None,
        auth_plugin_map=dict.fromkeys(
            (b"mysql_clear_password", b"dialog", b"mysql_old_password"), _Refusing
        ),
        **_tls_options(target),
    )
    extended = _asking_for_types(raw)
    try:
        raw.connect(_socket(target, addresses))
    except _pymysql.err.Error as error:
        raise connect_failure(target, error) from None
    except (OSError, RuntimeError) as error:
        raise _unreachable(target, str(error)) from None
    return Session(raw, extended=bool(extended))


def _socket(target: Target, addresses: list[str]) -> socket.socket:
    reason = "no address"
    for address in addresses:
        try:
            made = socket.create_connection((address, target.port), CONNECT_SECONDS)
        except OSError as error:
            reason = error.strerror or "no answer"
            continue
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return made
    raise _unreachable(target, reason)


def _tls_options(target: Target) -> dict[str, Any]:
    if target.tls == "disable":
        return {"ssl_disabled": True}
    if target.tls == "prefer":
        return {}  # encrypted where the server can, by PyMySQL's default
    context = ssl.create_default_context()
    if target.tls == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def _asking_for_types(raw: Any) -> list[bool]:
    """Claim MariaDB's extended metadata when the server's greeting offers it.

    PyMySQL leaves the bytes of MariaDB's capabilities empty; they are filled in here. Returns a
    list that holds True once it was claimed.
    """
    read, write = raw._read_packet, raw.write_packet  # noqa: SLF001 - no public place for this
    claimed: list[bool] = []
    greeting: list[bytes] = []

    def reading(*parts: Any) -> Any:
        packet = read(*parts)
        if not greeting:
            greeting.append(packet.get_all_data())
        return packet

    def writing(payload: bytes) -> None:
        if _offers_types(greeting[0]) and len(payload) >= 32 and not any(payload[9:32]):
            flags = int.from_bytes(payload[:4], "little") & ~_MYSQL_OWN
            own = struct.pack("<I", EXTENDED_METADATA)
            payload = struct.pack("<I", flags) + payload[4:28] + own + payload[32:]
            claimed[:] = [True]
        write(payload)

    raw._read_packet, raw.write_packet = reading, writing  # noqa: SLF001 - as above
    return claimed


def _offers_types(greeting: bytes) -> bool:
    at = greeting.index(b"\0", 1) + 1 + 4 + 8 + 1
    low = int.from_bytes(greeting[at : at + 2], "little")
    own = int.from_bytes(greeting[at + 14 : at + 18], "little")
    return not low & _MYSQL_OWN and bool(own & EXTENDED_METADATA)


def connect_failure(target: Target, error: Exception) -> WorkerError:
    """Say why a connection failed, without the password."""
    number, text = _parts(error)
    if target.password:
        text = text.replace(target.password, "***")
    known = failure(ServerError(number, clean(text)))
    where = f"{target.host}:{target.port}"
    if known.code == "auth_failed" or number == 2059:
        hint = known.hint or "Let the user sign in with a password the server hashes."
        return WorkerError(
            "auth_failed", f"{where} refused the sign-in of {target.user!r}: {text}", hint=hint
        )
    if known.code != "sql_failed":
        return WorkerError(known.code, f"{where} refused the connection: {text}", hint=known.hint)
    if number == 1044:
        return WorkerError("auth_failed", f"{where}: {text}", hint="Grant the user the database.")
    return _unreachable(target, text)


def _parts(error: Exception) -> tuple[int, str]:
    found = error.args
    if len(found) >= 2 and isinstance(found[0], int):
        return found[0], str(found[1])
    return 0, str(error)


def _unreachable(target: Target, reason: str) -> WorkerError:
    hint = "Check host and port, and that the database listens and the firewall lets this pass."
    if "SSL" in reason or "certificate" in reason:
        hint = "Check the tls setting of the source and the certificate of the server."
    return WorkerError(
        "unreachable", f"No connection to {target.host}:{target.port}: {reason}", hint=hint
    )


class Sessions:
    """The threads of all sessions, and a few clean sessions per target.

    A session comes back only after ROLLBACK and a reset; what is doubtful is closed.

    Args:
        most_idle: How many are kept per target.
    """

    def __init__(self, most_idle: int = IDLE_MAX) -> None:
        self._most_idle = most_idle
        self.threads = ThreadPoolExecutor(_THREADS, "mysql")
        self.stopping = ThreadPoolExecutor(_STOPPING_THREADS, "mysql-stop")
        self._idle: dict[str, list[tuple[Session, float]]] = {}
        self._lock = Lock()  # sessions come back in threads

    def take(self, target: Target) -> Session | None:
        with self._lock:
            kept = self._idle.get(target.key, [])
            while kept:
                session, until = kept.pop()
                if until > time.monotonic():
                    return session
                session.close()
        return None

    def give_back(self, target: Target, session: Session) -> None:
        """Clean a session and keep it, or close it; blocking, for a thread."""
        session.patience(2)
        try:
            session.command("ROLLBACK")
            clean_again = session.reset()
        except (ServerError, WorkerError):
            clean_again = False
        with self._lock:
            kept = self._idle.setdefault(target.key, [])
            if clean_again and len(kept) < self._most_idle:
                kept.append((session, time.monotonic() + IDLE_SECONDS))
                return
        session.close()

    def purge(self) -> None:
        """Close what nobody took for a minute, such as sessions with a password that changed."""
        now = time.monotonic()
        with self._lock:
            for key, kept in list(self._idle.items()):
                for session, until in kept:
                    if until <= now:
                        session.close()
                self._idle[key] = [entry for entry in kept if entry[1] > now]
                if not self._idle[key]:
                    del self._idle[key]

    async def close(self) -> None:
        """Close every session and end the threads."""
        for kept in self._idle.values():
            for session, _ in kept:
                session.close()
        self._idle.clear()
        await asyncio.to_thread(self._end_threads)

    def _end_threads(self) -> None:
        self.threads.shutdown(cancel_futures=True)
        self.stopping.shutdown(cancel_futures=True)
