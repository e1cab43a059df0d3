"""Run a command that must not outlive the process that wanted it.

Started by path as a program of its own: ``python -IS child_guard.py PARENT_PID PIPE_FD COMMAND…``.
It uses the standard library only, because it runs before the command's own environment.

On Linux the kernel is asked to kill the command when its parent dies, then this program
becomes the command (`exec`), so nothing of it stays in memory. Elsewhere it stays, and kills the
command when the pipe, whose other end the parent holds, is closed.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Run the command in `arguments`; return its exit code where `exec` is not possible."""
    parent, pipe, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    try:
        return _run(parent, pipe, command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127


def _run(parent: int, pipe: int, command: list[str]) -> int:
    if sys.platform == "linux" and _ask_kernel():
        if os.getppid() != parent:  # it died before we asked
            return 1
        os.close(pipe)
        os.execvp(command[0], command)  # noqa: S606  # becoming the command is the purpose
    return _stay(pipe, command)


def _ask_kernel() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0


def _stay(pipe: int, command: list[str]) -> int:
    child = subprocess.Popen(command)  # noqa: S603  # our caller's command

    def forward(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, forward)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while child.poll() is None:
            if selector.select(timeout=0.2):  # end of file: nobody holds the other end
                child.kill()
                child.wait()
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
