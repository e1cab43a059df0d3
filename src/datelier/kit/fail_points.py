"""Places where a test can make a process die, by name.

With ``DATELIER_FAIL_POINTS`` set to a folder, a process that reaches a point whose name is the
name of a file there removes the file and ends at once, as if it had been killed. Without it a
point costs one comparison.
"""

import os
import signal
from pathlib import Path
from typing import Final, Literal

from datelier.kit.environment import environment

Point = Literal[
    "run.before_commit",
    "run.after_commit",
    "claim.before_commit",
    "run.claimed",
    "interrupt.before_commit",
    "interrupt.after_commit",
    "decision.before_commit",
    "decision.after_commit",
    "resume.before",
    "approval.before_commit",
    "approval.after_commit",
    "report.before_commit",
    "report.after_commit",
    "drain.begun",
    "release.before_commit",
    "run.released",
    "model.before_request",
    "model.first_chunk",
    "events.before_commit",
    "events.after_commit",
    "notify.before",
    "tool.before",
    "tool.after",
    "checkpoint.before_commit",
    "checkpoint.after_commit",
    "finish.before_commit",
    "finish.after_commit",
    "effect.before_intended",
    "effect.after_intended",
    "effect.before_begun",
    "effect.after_begun",
    "effect.before_settled",
    "effect.after_settled",
    "stop.requested",
    "stop.reached",
    "stop.after_commit",
    "stop.waiting",
]
HIT: Final = "hit"
"""File to which a process adds the name of the point it died at, one a line."""

_FOLDER: Final = environment("DATELIER_FAIL_POINTS")


def reach(point: Point) -> None:
    """Die here if the point is armed."""
    if _FOLDER is not None:
        _die_if_armed(Path(_FOLDER), point)


def _die_if_armed(folder: Path, point: str) -> None:
    try:
        (folder / point).unlink()  # whoever removes it is the one that dies
    except FileNotFoundError:
        return
    with (folder / HIT).open("a") as hits:
        hits.write(f"{point}\n")
    os.kill(os.getpid(), signal.SIGKILL)
