"""`datelier …` in a process of its own, with no server and nothing of this machine's set-up."""

import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from datelier.cli.main import cli
from datelier.cli.outcome import CommandFailed
from tests.support.installation import ROOT, Installation


def environment(home: Path, **more: str) -> dict[str, str]:
    """Variables under which nothing of the person who runs the tests is found."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}  # noqa: TID251  # children inherit
    return {
        **kept,
        "HOME": str(home),
        "DATELIER_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONPATH": str(ROOT / "src"),
        **more,
    }


def datelier(
    home: Path, *arguments: str, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "datelier", *arguments],
        env=environment(home, **variables),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def on_a_terminal(home: Path, *arguments: str, **variables: str) -> str:
    """Run one command on a pseudo-terminal and return all that it printed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "datelier", *arguments],
        env=environment(home, TERM="xterm", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass  # Linux says so when the other end closes
    finally:
        os.close(ours)
    process.wait(30)
    return shown.decode()


@dataclass(frozen=True)
class Typed:
    """What came of a command: its exit code, its result, and what it said beside it."""

    code: int
    out: str
    said: str


def typed(running: Installation, *words: str, stdin: str = "") -> Typed:
    """Run one command in this very process; for those that only talk to a server."""
    environment = running.env | {"DATELIER_URL": running.url}
    done = CliRunner().invoke(cli, words, stdin, environment, standalone_mode=False)
    failed = done.exception
    if isinstance(failed, CommandFailed):
        return Typed(failed.exit_code, done.stdout, f"{failed.message} {failed.hint}")
    if failed is not None:
        raise failed
    return Typed(int(done.return_value or 0), done.stdout, done.stderr)
