"""Which steps are done already: a hash of a step's inputs, kept in the virtual environment."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from scripts.console import ROOT

VENV = ROOT / ".venv"
_STAMPS = VENV / ".stamps"


def digest(*parts: str | Path) -> str:
    """Return the hash of texts and of files' contents; a missing file counts as such."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            found.update(str(part.relative_to(ROOT)).encode())
            found.update(part.read_bytes() if part.is_file() else b"\0missing")
        else:
            found.update(part.encode())
        found.update(b"\0")
    return found.hexdigest()


def tree(folder: Path, skipped: Iterable[str]) -> list[Path]:
    """Return the files below `folder`, sorted, without the folders named in `skipped`."""
    left_out = set(skipped)
    found: list[Path] = []
    todo = [folder]
    while todo:
        for path in todo.pop().iterdir():
            if path.name in left_out:
                continue
            (todo if path.is_dir() else found).append(path)
    return sorted(found)


def is_current(step: str, value: str) -> bool:
    """Whether `step` was last done with inputs of this hash."""
    stamp = _STAMPS / step
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == value


def set_done(step: str, value: str) -> None:
    """Remember that `step` was done with inputs of this hash."""
    _STAMPS.mkdir(exist_ok=True)
    (_STAMPS / step).write_text(value, encoding="utf-8")


def forget(step: str) -> None:
    """Make `step` run again, also when it is interrupted half-way."""
    (_STAMPS / step).unlink(missing_ok=True)
