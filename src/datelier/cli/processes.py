"""What the commands that start processes share: settings, logging, the event loop, failures."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import click
from pydantic import ValidationError

from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import print_json
from datelier.kit.errors import DatelierError
from datelier.kit.log import setup_logging
from datelier.kit.settings import Settings


def settings_from(**flags: Any) -> Settings:
    """Return the settings with the flags that were given; a flag wins over a variable.

    Raises:
        CommandFailed: A variable or a flag has a value that cannot be.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        # Values are left out: one of them may be a secret.
        wrong = "; ".join(
            f"{_spelled(problem['loc'], given)}{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise CommandFailed(
            f"A setting is wrong. {wrong}.",
            hint="docs/reference/settings.md lists them all.",
            exit_code=Exit.USAGE,
            code="usage",
        ) from None
    setup_logging(settings)
    return settings


def _spelled(place: tuple[int | str, ...], flags: dict[str, Any]) -> str:
    """Return the setting at fault as it was given; nothing where several do not go together."""
    if not place:
        return ""
    plain = str(place[0]).lower().removeprefix("datelier_")
    flag = plain.replace("_", "-")
    return f"--{flag}: " if plain in flags else f"DATELIER_{plain.upper()}: "


def say_to(options: Options) -> Callable[[str], None]:
    """Return what tells a starting process's steps: on stderr, unless quiet was asked for."""

    def say(text: str) -> None:
        if not (options.quiet or options.as_json or options.as_jsonl):
            click.echo(text, err=True)

    return say


def tell_address(options: Options, address: str) -> None:
    """Print where a server answers; that is the result of starting one."""
    if options.as_json or options.as_jsonl:
        print_json({"url": address})
    else:
        click.echo(f"Open {address}")


def run_process(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end on the fastest event loop there is.

    Raises:
        CommandFailed: An expected failure, with what to do about it.
    """
    try:
        import uvloop  # noqa: PLC0415  # not on every platform
    except ImportError:
        run = asyncio.run
    else:
        run = uvloop.run
    try:
        run(work)
    except DatelierError as error:
        code = Exit.NOT_FOUND if error.status == 404 else Exit.FAILED
        raise CommandFailed(
            error.detail, hint=error.hint, exit_code=code, code=error.code
        ) from None
