"""What the scripts print: each step with its time, progress while it runs, its log when it fails.

Standard library only: this runs before anything is installed.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".make"
_TTY = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
_COLOUR = _TTY and "NO_COLOR" not in os.environ
_PLAIN_SECONDS = 10.0


class StepFailed(Exception):
    """A step failed; what there is to say has been printed."""


def clean_environment(**extra: str) -> dict[str, str]:
    """Return our environment without what would lead Python or pip astray."""
    dropped = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES", "VIRTUAL_ENV")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in dropped
    }
    return kept | extra


def say(mark: str, text: str, colour: int = 0) -> None:
    """Print one line after a mark such as ✓."""
    if _COLOUR and colour:
        mark = f"\x1b[{colour}m{mark}\x1b[0m"
    print(f"{mark} {text}", flush=True)


def done(text: str) -> None:
    """Say that a step is done."""
    say("✓", text, 32)


def failed(text: str) -> None:
    """Say that a step failed."""
    say("✗", text, 31)


class _Progress:
    """One line that is redrawn on a terminal, or a plain line every ten seconds."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.detail = ""
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def start(self) -> None:
        if not _TTY:
            say("»", f"{self.label} …")
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()
        if _TTY:
            print("\r\x1b[K", end="", flush=True)

    def _tick(self) -> None:
        spoken = 0.0
        while not self._ended.wait(0.1):
            text = f"{self.label} … {self.seconds:.0f} s {self.detail}"
            if _TTY:
                print(f"\r\x1b[K» {text[: _width()]}", end="", flush=True)
            elif self.seconds - spoken >= _PLAIN_SECONDS:
                spoken = self.seconds
                say("»", text)


def _width() -> int:
    try:
        return os.get_terminal_size().columns - 3
    except OSError:
        return 77


def run_step(
    label: str,
    command: list[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    watch: Callable[[str], str] | None = None,
) -> None:
    """Run a command quietly; its output goes to a log, whose end is shown when it fails.

    Args:
        label: What it does, for people.
        command: Program and arguments.
        cwd: Its working directory.
        env: Its environment; ours without Python's variables by default.
        watch: Turns each line of its output into what the progress line says.

    Raises:
        StepFailed: It ended with another code than 0.
    """
    LOGS.mkdir(exist_ok=True)
    name = re.sub(r"[^a-z0-9.]+", "-", label.lower()).strip("-")
    log = LOGS / f"{name}.log"
    progress = _Progress(label)
    progress.start()
    try:
        code = _pump(command, log, cwd, env or clean_environment(), watch, progress)
    finally:
        progress.stop()
    if code != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(f"  {line}" for line in lines[-60:]))
        failed(f"{label}: exit code {code}, the whole output is in {log.relative_to(ROOT)}")
        raise StepFailed(label)
    done(f"{label} ({progress.seconds:.1f} s)")


def _pump(
    command: list[str | Path],
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    watch: Callable[[str], str] | None,
    progress: _Progress,
) -> int:
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                file.write(line)
                if watch is not None:
                    progress.detail = watch(line.rstrip()) or progress.detail
        except KeyboardInterrupt:
            process.terminate()
            raise
        return process.wait()
