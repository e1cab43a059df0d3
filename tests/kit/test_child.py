"""A supervised child comes back when it dies, ends when told, and never outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from datelier.kit.child import Child, Patience
from tests.support.processes import is_alive, until, until_soon

QUICK = Patience(grace=0.3, first_pause=0.01, longest_pause=0.05)
GUARD = Path(__file__).parents[2] / "src" / "datelier" / "kit" / "child_guard.py"


class Lines:
    """What a child said, to be awaited."""

    def __init__(self) -> None:
        self._queue = asyncio.Queue[str]()

    def __call__(self, line: str) -> None:
        self._queue.put_nowait(line)

    async def next(self) -> str:
        return await asyncio.wait_for(self._queue.get(), 20)


@asynccontextmanager
async def running(code: str, patience: Patience = QUICK) -> AsyncGenerator[tuple[Child, Lines]]:
    lines = Lines()
    child = Child("test", [sys.executable, "-c", code], on_line=lines, patience=patience)
    await child.start()
    try:
        yield child, lines
    finally:
        await child.stop()


WAIT = "import os, signal; print(os.getpid(), flush=True); signal.pause()"


async def test_lines_of_both_streams_are_forwarded() -> None:
    code = (
        "import os; os.write(1, b'out\\n'); os.write(2, b'err\\r\\n'); "
        "os.write(1, b'\\xff no newline')"
    )
    async with running(code) as (_, lines):
        assert [await lines.next() for _ in range(3)] == [
            "out",
            "err",
            "\N{REPLACEMENT CHARACTER} no newline",
        ]


async def test_an_endless_line_is_forwarded_in_pieces() -> None:
    async with running("print('x' * 1_000_000, flush=True); import signal; signal.pause()") as (
        _,
        lines,
    ):
        assert len(await lines.next()) < 200_000


async def test_a_child_that_is_killed_is_started_again() -> None:
    async with running(WAIT) as (child, lines):
        first = int(await lines.next())
        assert child.pid == first
        os.kill(first, signal.SIGKILL)
        second = int(await lines.next())
        assert second != first
        assert child.pid == second
        assert child.restarts == 1


async def test_stop_ends_a_child_that_listens_with_sigterm() -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'bye\\n'), "
        "os._exit(0))); os.write(1, b'up\\n'); signal.pause()"
    )
    async with running(code, Patience(grace=20)) as (child, lines):
        assert await lines.next() == "up"
        await child.stop()
        assert await lines.next() == "bye"
        assert child.pid is None
        assert child.restarts == 0


async def test_stop_kills_a_child_that_does_not_listen_after_the_grace() -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print(os.getpid(), flush=True)\nwhile True: signal.pause()"
    )
    async with running(code) as (child, lines):
        pid = int(await lines.next())
        await child.stop()
        assert not is_alive(pid)


async def test_what_a_killed_child_started_goes_with_it() -> None:
    code = (
        "import subprocess, sys, signal; p = subprocess.Popen([sys.executable, '-c', "
        "'import signal; signal.pause()']); print(p.pid, flush=True); signal.pause()"
    )
    async with running(code) as (child, lines):
        grandchild = int(await lines.next())
        await child.stop()
        await until_soon(lambda: not is_alive(grandchild))


async def test_stop_interrupts_the_pause_before_a_restart() -> None:
    async with running("print('x', flush=True)", Patience(first_pause=1000)) as (child, lines):
        await lines.next()
        await until_soon(lambda: child.pid is None)
        await asyncio.wait_for(child.stop(), 10)
        assert child.restarts == 0


async def test_a_command_that_does_not_exist_is_said() -> None:
    lines = Lines()
    child = Child("test", ["/nonexistent/program"], on_line=lines, patience=QUICK)
    await child.start()
    try:
        assert "No such file" in await lines.next()
    finally:
        await child.stop()


PARENT = """
import asyncio, sys
from datelier.kit.child import Child
async def main():
    child = Child("c", [sys.executable, "-c", sys.argv[1]], on_line=lambda line: print(line, flush=True))
    await child.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""


def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, WAIT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    until(lambda: not is_alive(pid))


STAY = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("guard", sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
guard._ask_kernel = lambda: False
sys.exit(guard.main(sys.argv[2:]))
"""


@pytest.fixture
def without_kernel_help() -> list[str]:
    """The guard as it runs where the kernel cannot tie a child to its parent."""
    return [sys.executable, "-c", STAY, str(GUARD)]


def test_without_the_kernels_help_the_child_dies_when_the_pipe_closes(
    without_kernel_help: list[str],
) -> None:
    read_end, write_end = os.pipe()
    command = [*without_kernel_help, str(os.getpid()), str(read_end), sys.executable, "-c", WAIT]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, pass_fds=(read_end,)
    ) as guard:
        os.close(read_end)
        assert guard.stdout is not None
        pid = int(guard.stdout.readline())
        os.close(write_end)
        until(lambda: not is_alive(pid))


def test_without_the_kernels_help_sigterm_and_the_exit_code_pass_through(
    without_kernel_help: list[str],
) -> None:
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); "
        "print('up', flush=True); signal.pause()"
    )
    read_end, write_end = os.pipe()
    command = [*without_kernel_help, str(os.getpid()), str(read_end), sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, pass_fds=(read_end,)
    ) as guard:
        assert guard.stdout is not None
        assert guard.stdout.readline() == "up\n"
        guard.terminate()
        assert guard.wait(20) == 7
    os.close(read_end)
    os.close(write_end)
