"""Processes forked from a server that has imported the product already.

Importing costs each process two to three seconds of a processor, and the tests start hundreds of
them. Forked ones are as much processes of their own as others: they have their own memory, can be
killed and frozen, and begin at `__main__` with their own arguments and environment.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import reload
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import IO, Any

from datelier.wire import fail_points


def fork_server() -> ForkServerContext:
    """Return the context whose processes are forked with the product imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.preloaded"])
    return context


class Fork:
    """What tests use of `subprocess.Popen`, for `python -m module arguments…`.

    Args:
        module: What runs as `__main__`.
        arguments: Its arguments.
        env: Its whole environment.
        cwd: Its folder; ours when None.
        stdout: A file, `subprocess.PIPE` or `subprocess.DEVNULL`.
        stderr: A file, `subprocess.STDOUT` or `subprocess.DEVNULL`.
        text: Whether the pipe is one of text.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        env: dict[str, str],
        stdout: IO[bytes] | int,
        stderr: IO[bytes] | int,
        cwd: Path | None = None,
        text: bool = False,
    ) -> None:
        self.args: Sequence[str] = (module, *arguments)
        self.stdout: IO[Any] | None = None
        if stdout == subprocess.PIPE:
            ours, theirs = os.pipe()
            self.stdout = os.fdopen(ours, "r" if text else "rb")
        else:
            theirs = _descriptor(stdout)
        errors = os.dup(theirs) if stderr == subprocess.STDOUT else _descriptor(stderr)
        # Connections are what multiprocessing knows how to hand over.
        with Connection(theirs, readable=False) as out, Connection(errors, readable=False) as err:
            self._process = fork_server().Process(
                target=_become,
                args=(self.args, env, str(cwd or Path.cwd()), out, err),
                daemon=True,
            )
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _descriptor(file: IO[bytes] | int) -> int:
    if isinstance(file, int):
        assert file == subprocess.DEVNULL
        return os.open(os.devnull, os.O_WRONLY)
    return os.dup(file.fileno())


def _become(
    args: Sequence[str],
    env: dict[str, str],
    folder: str,
    out: "Connection[bytes, bytes]",
    err: "Connection[bytes, bytes]",
) -> None:
    for connection, number in ((out, 1), (err, 2)):
        os.dup2(connection.fileno(), number)
        connection.close()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue]  # a TextIOWrapper here
    os.environ.clear()  # noqa: TID251  # as a child that is given its whole environment
    os.environ.update(env)  # noqa: TID251  # the same
    os.chdir(folder)
    # Tests that were started in the background of a shell do not hear Ctrl-C; what they start does.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The only module that looks at the environment when it is imported; functions stay valid,
    # since the namespace they look into is the same one.
    reload(fail_points)
    sys.argv = [args[0], *args[1:]]
    runpy.run_module(args[0], run_name="__main__", alter_sys=True)
