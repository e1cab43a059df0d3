"""Real processes for fault tests, and waiting for what they do."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar

from tests.support.forks import Fork

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
_LOOK = 0.03


async def until(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = 40) -> T:
    """Return the first true result of `look`, or fail with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = await look()
        if found:
            return found
        await asyncio.sleep(_LOOK)
    raise AssertionError(f"never happened: {what}")


class Process:
    """A Python module running in a process of its own."""

    def __init__(self, module: str, *args: object, **more: str) -> None:
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115  # closed with the process
        environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "HOME": str(Path.home())}
        environment |= more
        self._popen = Fork(
            module,
            *map(str, args),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd=ROOT,
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    async def ready(self) -> "Process":
        """Wait for the first line of output."""
        assert self._popen.stdout is not None
        line = await asyncio.to_thread(self._popen.stdout.readline)
        assert line, self.errors()
        return self

    def errors(self) -> str:
        """What the process has logged so far."""
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size, 0).decode(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    async def ended(self) -> int:
        return await asyncio.to_thread(self._popen.wait, 40)

    def close(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGCONT)
            self._popen.kill()
        self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        self._errors.close()


@contextmanager
def processes() -> Generator[Callable[..., Process]]:
    """Start processes that do not outlive the test."""
    started: list[Process] = []

    def start(module: str, *args: object, **more: str) -> Process:
        started.append(Process(module, *args, **more))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.close()
