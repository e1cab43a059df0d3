"""A child process that is kept running, and that never outlives this one."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from datelier.kit.log import get_logger

logger = get_logger(__name__)

_GUARD = Path(__file__).with_name("child_guard.py")
_LONGEST_LINE = 64 * 1024


@dataclass(frozen=True)
class Patience:
    """Seconds: to stop after SIGTERM, before the first and before later restarts.

    The pause doubles with each restart and is reset once the child has run for `steady`.
    """

    grace: float = 10.0
    first_pause: float = 0.5
    longest_pause: float = 30.0
    steady: float = 60.0


class Child:
    """Keeps one command running: restarts it when it ends, forwards what it says.

    Args:
        name: What the log calls it.
        command: Program and arguments.
        env: Its whole environment; ours when None.
        on_line: Called with each line of its stdout and stderr; logged by default.
        patience: How long to wait for what.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = list(command)
        self._env = dict(env) if env is not None else None
        self._on_line = on_line or self._log_line
        self._patience = patience or Patience()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Start the command and keep it running until `stop`.

        Call it on a thread that lives as long as the child may: the kernel ties the child's
        life to the thread that started it.

        Raises:
            OSError: It cannot be started at all.
        """
        if self._task is not None:
            return
        self._stopping.clear()
        started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._supervise(started), name=f"child-{self.name}")
        try:
            await started
        except OSError:
            await self._task
            self._task = None
            raise

    async def stop(self) -> None:
        """End the command: SIGTERM, and after the grace SIGKILL to all its processes."""
        if self._task is None:
            return
        self._stopping.set()
        await self._task
        self._task = None

    async def _supervise(self, started: "asyncio.Future[None]") -> None:
        pause = self._patience.first_pause
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                code = await self._run_once(started)
            except OSError as error:
                if not started.done():
                    started.set_exception(error)
                    return
                logger.warning("child_not_started", child=self.name, reason=str(error))
                code = None
            if self._stopping.is_set():
                return
            if time.monotonic() - began > self._patience.steady:
                pause = self._patience.first_pause
            logger.warning("child_ended", child=self.name, exit_code=code, restart_in=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            pause = min(pause * 2, self._patience.longest_pause)
            self.restarts += 1

    async def _run_once(self, started: "asyncio.Future[None]") -> int:
        async with self._spawned() as process:
            self._process = process
            if not started.done():
                started.set_result(None)
            assert process.stdout is not None
            reading = asyncio.create_task(self._forward(process.stdout))
            ended = asyncio.create_task(process.wait())
            leaving = asyncio.create_task(self._stopping.wait())
            await asyncio.wait({ended, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if not ended.done():
                await self._end(process, ended)
            # A grandchild may hold the pipe open; what the child itself said is there by now.
            await asyncio.wait({reading}, timeout=1)
            reading.cancel()
            return await ended

    @asynccontextmanager
    async def _spawned(self) -> AsyncGenerator[asyncio.subprocess.Process]:
        read_end, write_end = os.pipe()
        try:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-IS", str(_GUARD), str(os.getpid()), str(read_end)),
                    *self._command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    env=self._env,
                    pass_fds=(read_end,),
                    start_new_session=True,  # Ctrl-C is for us: we end the child in order
                )
            finally:
                os.close(read_end)
            try:
                yield process
            finally:
                _kill_all(process.pid)  # with whatever it started; all of it when cancelled
                await process.wait()
        finally:
            os.close(write_end)

    async def _end(self, process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait({ended}, timeout=self._patience.grace)
        if not ended.done():
            logger.warning("child_killed", child=self.name, after=self._patience.grace)
            _kill_all(process.pid)
            await ended

    async def _forward(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(_LONGEST_LINE):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._on_line(line.decode("utf-8", "replace").rstrip("\r"))
            if len(rest) > _LONGEST_LINE:
                self._on_line(rest.decode("utf-8", "replace"))
                rest = b""
        if rest:
            self._on_line(rest.decode("utf-8", "replace"))

    def _log_line(self, line: str) -> None:
        if line:
            logger.info("child_said", child=self.name, line=line)


def _kill_all(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
