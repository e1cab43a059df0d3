"""Work on a session in a thread, and stopping it: KILL QUERY from a second connection."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from datelier.worker.engines.hosts import resolve
from datelier.worker.engines.mysql_connect import Sessions, Target, connect
from datelier.worker.engines.mysql_errors import ServerError
from datelier.worker.engines.mysql_wire import Session
from datelier.worker.errors import WorkerError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_READER_S: Final = 0.25  # how long the thread that reads may take to see the statement's end
_QUERY_S: Final = 0.5  # then the whole connection is killed
_GONE_S: Final = 3.0
_LOOK_S: Final = 0.01


async def in_thread(
    sessions: Sessions,
    target: Target,
    session: Callable[[], Session | None],
    work: Callable[[], _T],
) -> _T:
    """Run blocking work; when the task is cancelled, stop the statement and wait for it.

    `session`: the one that the work uses by then, if there is one.
    """
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(sessions.threads, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        used = session()
        if used is not None and not used.closed:
            await end(sessions, target, used, future)
        if future.done():
            future.exception()
        else:
            # It still connects, at most for the time a connection may take.
            future.add_done_callback(_forget)
        raise


def _forget(future: "asyncio.Future[Any]") -> None:
    """What came too late: a new session nobody waits for is closed."""
    if not future.cancelled() and future.exception() is None:
        made: object = future.result()
        if isinstance(made, Session):
            made.close()


async def end(
    sessions: Sessions,
    target: Target,
    session: Session,
    reading: "asyncio.Future[Any] | None" = None,
) -> None:
    """Stop what runs on a session, which cannot be used afterwards.

    `reading` is the thread's work on it, if any; it is over, or nearly, when this returns.
    """
    loop = asyncio.get_running_loop()
    killed = asyncio.Event()
    released = threading.Event()

    def told() -> None:
        loop.call_soon_threadsafe(killed.set)

    addresses: list[str] = []
    with suppress(WorkerError):
        addresses = await resolve(target.host)
    stopping = loop.run_in_executor(
        sessions.stopping, lambda: _stop(sessions, target, addresses, session, told, released)
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(2 * _QUERY_S):
            await killed.wait()
    if reading is not None:
        await asyncio.wait({reading}, timeout=_READER_S)
    # A server that is busy sending rows would wait for us to read them.
    session.abort()
    released.set()
    await stopping
    if reading is not None:
        await asyncio.wait({reading}, timeout=1)


def _stop(
    sessions: Sessions,
    target: Target,
    addresses: list[str],
    session: Session,
    told: Callable[[], None],
    released: threading.Event,
) -> None:
    """Kill, say so, wait until our side has let go of the connection, and look; blocking."""
    try:
        killer = sessions.take(target) or connect(target, addresses)
    except WorkerError as error:
        _log.warning("A statement could not be stopped from a second connection: %s", error.message)
        told()
        return
    killer.patience(_GONE_S)
    try:
        _command(killer, f"KILL QUERY {session.id}")
        told()
        released.wait(_GONE_S)
        if not _gone(killer, session.id, _QUERY_S):
            _command(killer, f"KILL CONNECTION {session.id}")
            if not _gone(killer, session.id, _GONE_S):
                _log.warning("The statement of connection %s goes on", session.id)
        sessions.give_back(target, killer)
    except WorkerError as error:
        _log.warning("A statement could not be seen to stop: %s", error.message)
        told()
        killer.close()


def _command(killer: Session, sql: str) -> list[tuple[str | None, ...]]:
    """A session that is gone already is no failure."""
    try:
        return killer.command(sql)
    except ServerError:
        return []


def _gone(killer: Session, number: int, seconds: float) -> bool:
    """Whether the server's own list is free of the statement within that time."""
    looking = (
        "SELECT COMMAND FROM information_schema.PROCESSLIST"  # noqa: S608 - a number
        f" WHERE ID = {number} AND COMMAND <> 'Sleep'"
    )
    until = time.monotonic() + seconds
    while _command(killer, looking):
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_S)
    return True
