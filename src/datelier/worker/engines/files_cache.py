"""Converted files on disk: found by the state of their originals, bounded, gone with them."""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datelier.worker.engines.files_load import FileTable

CACHE_BYTES: Final = 2 * 1024**3
_FOLDER: Final = ".converted"
_ABANDONED_S: Final = 600.0  # nobody still writes there: conversions are stopped before that
_VERSION: Final = 2  # of what `files_convert` makes


@dataclass(frozen=True, slots=True)
class Converted:
    """A Parquet file that stands for an original, and what was assumed about that one."""

    path: Path
    note: str | None = None


class Cache:
    """The converted files below one folder. Its methods block and may run in any thread.

    Args:
        root: Where the worker keeps files; a folder that cannot be written is replaced.
        scratch: What replaces it.
        most: Bytes kept; the files used longest ago go first.
    """

    def __init__(self, root: Path, scratch: Path, most: int = CACHE_BYTES) -> None:
        self._most = most
        self.folder = root / _FOLDER
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError:
            self.folder = scratch / _FOLDER
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def find(self, table: FileTable) -> Converted | None:
        """What was made of a file in its present state."""
        facts = self._facts_of(self._key(table))
        path = self._path(table)
        if facts is None or not path.is_file():
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used just now
        return Converted(path, facts.get("note"))

    def partial(self, table: FileTable) -> Path:
        """Where to write before `keep`; nobody else writes there."""
        descriptor, name = tempfile.mkstemp(".partial", self._key(table)[:16], self.folder)
        os.close(descriptor)
        return Path(name)

    def keep(self, table: FileTable, partial: Path, note: str | None) -> Converted:
        """Make what was written the file's conversion."""
        path = self._path(table)
        facts = path.with_suffix(".json")
        made = partial.with_suffix(".facts")
        made.write_text(json.dumps({"original": str(table.path), "note": note}), encoding="utf-8")
        made.replace(facts)  # first, so that no sweep takes the file for abandoned
        partial.replace(path)
        self.sweep()
        return Converted(path, note)

    def sweep(self) -> None:
        """Remove what has no original in that state any more, and what is too much."""
        size = 0
        for path in sorted(self.folder.glob("*.parquet"), key=_used, reverse=True):
            facts = self._facts_of(path.stem)
            original = None if facts is None else facts.get("original")
            with contextlib.suppress(OSError):
                size += path.stat().st_size
            state = path.stem.partition("-")[0]
            if original is None or size > self._most or _state(Path(original)) != state:
                self._remove(path)
        abandoned = time.time() - _ABANDONED_S
        for pattern in ("*.partial", "*.facts"):
            for path in self.folder.glob(pattern):
                if _used(path) < abandoned:
                    self._remove(path)

    def _remove(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()

    def _facts_of(self, key: str) -> dict[str, str | None] | None:
        try:
            return json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _path(self, table: FileTable) -> Path:
        return self.folder / f"{self._key(table)}.parquet"

    def _key(self, table: FileTable) -> str:
        sheet = hashlib.sha256(repr((table.format, table.sheet)).encode()).hexdigest()[:16]
        return f"{_state(table.path)}-{sheet}"


def _state(path: Path) -> str:
    """A digest of which file this is and when it was written last."""
    try:
        found = path.stat()
    except OSError:
        return "gone"
    facts = (_VERSION, str(path), found.st_mtime_ns, found.st_size)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
