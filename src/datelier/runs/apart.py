"""The last attempts at a step that has ended its processes: each in a process of its own.

A process carries many runs, and when it ends nobody can tell which of them ended it, or whether
somebody else did. So a run is not parked for that. What ended its process twice in one step goes
on in a child that executes nothing else, while this process looks on: if the child ends, that run
has ended it.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol
from uuid import UUID

import psycopg

from datelier.kit.log import get_logger
from datelier.runs.claim import Claim, Claims

log = get_logger(__name__)

_MOST: Final = 2  # children at once; each costs as much memory as a process that executes runs
_TRIES: Final = 20
_RETRY: Final = 0.5
_GRACE: Final = 10.0  # seconds in which a child that is told to go gives its run back


class ExecuteApart(Protocol):
    """Execute a run in a process of its own, until that has ended.

    Cancelled, it has the process give the run back, and waits for that.
    """

    async def __call__(self, run_id: UUID, epoch: int, /) -> bool:
        """Return whether the process ended in good order; `epoch` is the claim it takes over."""
        ...


class Apart:
    """The runs that this process has executed by others, and looks on.

    Args:
        claims: Of this process.
        execute: How such a process is started; None where none can be.
        begin: Executes a claim in this process.
    """

    def __init__(
        self, claims: Claims, execute: ExecuteApart | None, begin: Callable[[Claim], None]
    ) -> None:
        self._claims = claims
        self._execute = execute
        self._begin = begin
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def places(self) -> int | None:
        """How many more runs can be executed so; None where none ever can."""
        return None if self._execute is None else max(0, _MOST - len(self._tasks))

    def begin(self, claim: Claim) -> None:
        """Have a run executed in a process of its own."""
        task = asyncio.create_task(self._look_on(claim), name=f"apart {claim.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Have every such run given back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look_on(self, claim: Claim) -> None:
        assert self._execute is not None
        log.info("run_apart", run_id=str(claim.id), attempt=claim.attempt + 1)
        holding = asyncio.create_task(self._hold(claim))
        try:
            ended_well = await self._execute(claim.id, claim.epoch)
        except asyncio.CancelledError:
            # Does nothing where the child had the run: it has given it back itself.
            with suppress(psycopg.Error):
                await self._claims.release(claim.id, claim.epoch, counted=False)
            raise
        except OSError as error:
            log.warning("process_not_started", reason=str(error))
            ended_well = False
        finally:
            holding.cancel()
        await self._follow(claim, ended_well=ended_well)

    async def _hold(self, claim: Claim) -> None:
        """Keep the claim until the child has taken it over."""
        while True:
            await asyncio.sleep(self._claims.lease / 4)
            try:
                if not await self._claims.renew({claim.id: claim.epoch}):
                    return
            except psycopg.Error as error:
                log.warning("renew_failed", error=str(error))

    async def _follow(self, claim: Claim, *, ended_well: bool) -> None:
        """Do what is left to do for a run whose process has ended.

        Should PostgreSQL be away for long, the lease runs out and the step is tried again.
        """
        for _ in range(_TRIES):
            try:
                # A child that never took the run over could not be started: nobody is to blame.
                found = await self._claims.take_over(claim.id, claim.epoch)
                if found is not None:
                    log.warning("run_not_begun_apart", run_id=str(claim.id))
                elif not ended_well:
                    found = await self._claims.take_over(claim.id, claim.epoch + 1, attempts=0)
                    found = found and replace(found, crashes=found.attempt)
            except psycopg.Error as error:
                log.warning("run_apart_unknown", run_id=str(claim.id), error=str(error))
                await asyncio.sleep(_RETRY)
            else:
                if found is not None:
                    self._begin(found)
                return


async def child_process(command: Sequence[str], told: bytes, env: Mapping[str, str]) -> bool:
    """Run a command that reads `told` and gives up when its standard input ends.

    Its input is open as long as this process lives, so that it never outlives it for long.
    Cancelled, this ends the input, and kills the process when that was not enough.

    Raises:
        OSError: It cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        env=dict(env),
        start_new_session=True,  # Ctrl-C is for us: we end the child in order
    )
    assert process.stdin is not None
    try:
        with suppress(ConnectionError):
            process.stdin.write(told)
            await process.stdin.drain()
        return await process.wait() == 0
    finally:
        if process.returncode is None:
            process.stdin.close()
            try:
                async with asyncio.timeout(_GRACE):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def parent_gone(tell: Callable[[], object]) -> None:
    """In such a process: call `tell` once the parent is gone, from a thread, and end soon after."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        with suppress(RuntimeError):  # the loop is closed already
            tell()
        time.sleep(_GRACE)
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()
