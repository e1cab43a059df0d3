"""What the commands that start processes share: settings, logging, the event loop, failures."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from datelier.cli.outcome import CommandFailed
from datelier.kit.errors import DatelierError
from datelier.kit.log import setup_logging
from datelier.kit.settings import Settings


def settings_from(**flags: Any) -> Settings:
    """Return the settings with the flags that were given; a flag wins over a variable."""
    settings = Settings(**{name: value for name, value in flags.items() if value is not None})
    setup_logging(settings)
    return settings


def run_process(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end on the fastest event loop there is.

    Raises:
        CommandFailed: An expected failure, with what to do about it.
    """
    try:
        import uvloop  # noqa: PLC0415  # not on every platform
    except ImportError:
        from asyncio import run  # noqa: PLC0415
    else:
        run = uvloop.run
    try:
        run(work)
    except DatelierError as error:
        raise CommandFailed(error.detail, hint=error.hint, code=error.code) from None


def read_secret(path: Path) -> str:
    """Return the secret in a file, without the line's end."""
    return path.read_text(encoding="utf-8").strip()
