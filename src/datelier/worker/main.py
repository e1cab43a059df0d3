"""The worker as a process: signals, the parent's death, one session."""

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from datelier.worker.engines.opening import Engines
from datelier.worker.session import Options, Session

_PR_SET_PDEATHSIG = 1
_PARENT_CHECK_S = 1.0
_KILLED = 130
_log = logging.getLogger(__name__)


def run(options: Options, engines: Engines, parent_pid: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, until `parent_pid` is gone, or in mode job until one action.

    The first signal finishes what runs; the second ends the process at once.

    Raises:
        Refused: The server will not have this worker.
    """
    _run_loop(_serve(options, engines, parent_pid))


def _run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run on the fastest event loop there is: a result is hundreds of reads of a socket."""
    try:
        import uvloop  # noqa: PLC0415  # not on every platform
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _serve(options: Options, engines: Engines, parent_pid: int | None) -> None:
    session = Session(options, engines)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, session)
    watching: asyncio.Task[None] | None = None
    if parent_pid is not None:
        die_with_parent()
        watching = asyncio.create_task(_watch_parent(parent_pid, session))
    try:
        await session.run()
    finally:
        if watching is not None:
            watching.cancel()


def _stop(session: Session) -> None:
    if session.stopping:
        os._exit(_KILLED)
    session.stop()


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies (Linux; elsewhere the watch does it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _watch_parent(parent_pid: int, session: Session) -> None:
    """A parent that died before the kernel was asked, or on another system, is noticed here."""
    gone = asyncio.Event()
    while os.getppid() == parent_pid:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(gone.wait(), _PARENT_CHECK_S)
    _log.warning("The parent process is gone; the worker stops")
    session.stop()
