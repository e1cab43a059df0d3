"""`datelier …` in a process of its own, with no server and nothing of this machine's set-up."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.support.installation import ROOT


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
