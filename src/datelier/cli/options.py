"""Options every command takes, and what they mean for output."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Options:
    """The global options of one invocation; `timeout` in seconds."""

    as_json: bool
    as_jsonl: bool
    quiet: bool
    verbose: bool
    no_color: bool
    no_progress: bool
    yes: bool
    profile: str | None = None
    server: str | None = None
    timeout: float = 300

    @property
    def human(self) -> bool:
        """Whether output is for a person at a terminal."""
        return not (self.as_json or self.as_jsonl) and sys.stdout.isatty()

    @property
    def show_progress(self) -> bool:
        """Whether progress belongs on stderr."""
        return not (self.as_json or self.as_jsonl or self.quiet or self.no_progress)


_GLOBAL: tuple[Callable[..., Any], ...] = (
    click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document."),
    click.option("--jsonl", "as_jsonl", is_flag=True, help="Print one JSON event per line."),
    click.option("--quiet", "-q", is_flag=True, help="Print only the result."),
    click.option("--verbose", "-v", is_flag=True, help="Print more detail on errors."),
    click.option("--no-color", is_flag=True, help="Print without colour; so does NO_COLOR."),
    click.option("--no-progress", is_flag=True, help="Show no progress."),
    click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation."),
)


_REMOTE = (
    click.option("--profile", help="Profile of the configuration file."),
    click.option("--server", envvar="DATELIER_URL", help="Address of the server."),
    click.option("--timeout", type=float, default=300, show_default=True, help="Seconds to wait."),
)


def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the global options to a command; it receives them as one `Options`, first."""
    return _with((*_GLOBAL, *_REMOTE), function)


def with_local_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the global options that make sense where no server is called."""
    return _with(_GLOBAL, function)


def _with(
    added: tuple[Callable[..., Any], ...], function: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(**values: Any) -> Any:
        names = values.keys() & Options.__dataclass_fields__.keys()
        options = Options(**{name: values.pop(name) for name in names})
        if options.no_color or options.as_json or options.as_jsonl:
            context = click.get_current_context()
            context.color = False
        return function(options, **values)

    for option in reversed(added):
        wrapper = option(wrapper)
    return wrapper
