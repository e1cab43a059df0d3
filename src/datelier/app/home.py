"""One `datelier up` per home: two would fight over its worker, its port and its key."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from datelier.app.resources import StartFailed
from datelier.kit.postgres_locks import FileLock
from datelier.kit.settings import Settings


class AlreadyRunning(StartFailed):
    """Another `datelier up` uses this home."""

    code = "already_running"


@contextmanager
def alone_in_home(settings: Settings) -> Generator[None]:
    """Hold this home meanwhile; the kernel gives it back when the process dies.

    Raises:
        AlreadyRunning: Another process holds it; the error says where it answers.
        StartFailed: The home cannot be written.
    """
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "up.lock")
    except OSError as error:
        raise StartFailed(
            f"The data folder {home} cannot be used: {error.strerror}.",
            hint="Choose another with --data-dir or DATELIER_HOME.",
        ) from None
    note = home / "up.json"
    try:
        if not lock.try_exclusive():
            raise AlreadyRunning(
                f"Datelier is already running on {home}{_where(note)}.",
                hint="Open that address, or start another with --data-dir and --port.",
            )
        note.write_text(
            json.dumps({"pid": os.getpid(), "url": settings.base_url}), encoding="utf-8"
        )
        yield
    finally:
        lock.close()


def address_of(settings: Settings) -> str:
    """Return where people open the installation: where `up` last said, unless a setting names it.

    A command typed beside it does not know with which `--port` it was started.
    """
    if settings.public_url or settings.database_url:
        return settings.base_url
    try:
        return str(json.loads((settings.home / "up.json").read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError):
        return settings.base_url


def _where(note: Path) -> str:
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        return f", at {told['url']} (pid {told['pid']})"
    except (OSError, ValueError, KeyError):
        return ""
