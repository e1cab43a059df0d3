"""Places where a test can make a process die, by name; shared by the platform and the worker.

With ``DATELIER_FAIL_POINTS`` set to a folder, a process that reaches a point whose name is the
name of a file there removes the file and ends at once, as if it had been killed. Without it a
point costs one comparison.
"""

import os
import signal
from pathlib import Path
from typing import Final

HIT: Final = "hit"
"""File to which a process adds the name of the point it died at, one a line."""

# Read here because the worker has no settings: it imports nothing of the platform.
_FOLDER: Final = os.getenv("DATELIER_FAIL_POINTS") or None  # noqa: TID251  # see above


def reach_named(point: str) -> None:
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
