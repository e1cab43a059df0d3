"""How a command ends: one line what, one line what to do, and an exit code.

0 ok · 1 failed · 2 usage · 3 not signed in · 4 not found · 5 conflict · 6 approval needed ·
7 limit or budget · 8 no worker or server · 124 timeout · 130 interrupted
"""

import json
import os
import sys
from enum import IntEnum
from typing import Any

import click

from datelier.kit.environment import environment
from datelier.kit.hidden import without_controls


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    NOT_FOUND = 4
    CONFLICT = 5
    APPROVAL = 6
    LIMIT = 7
    UNAVAILABLE = 8
    TIMEOUT = 124
    INTERRUPTED = 130


_BY_STATUS = {
    401: Exit.NOT_SIGNED_IN,
    404: Exit.NOT_FOUND,
    409: Exit.CONFLICT,
    412: Exit.CONFLICT,
    413: Exit.LIMIT,
    415: Exit.USAGE,
    422: Exit.USAGE,
    429: Exit.LIMIT,
    503: Exit.UNAVAILABLE,
    504: Exit.TIMEOUT,
}


class CommandFailed(Exception):
    """A command cannot go on.

    Args:
        message: What happened.
        hint: What to do next.
        exit_code: The process's exit code.
        code: The stable error code for ``--json``.
        error_id: The correlation id, when a server answered.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        exit_code: Exit = Exit.FAILED,
        code: str = "failed",
        error_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.code = code
        self.error_id = error_id

    @classmethod
    def from_problem(cls, status: int, problem: dict[str, Any]) -> "CommandFailed":
        """Return the failure for a problem+json answer."""
        errors: list[dict[str, str]] = problem.get("errors") or []
        details = "; ".join(f"{error.get('path')}: {error.get('message')}" for error in errors)
        message = problem.get("detail") or problem.get("title") or f"The server answered {status}."
        hint = problem.get("hint")
        if status == 401 and problem.get("code") != "credentials_wrong":
            hint = "Run `datelier login`."
        return cls(
            f"{message} ({details})" if details and details not in message else message,
            hint=hint,
            exit_code=_BY_STATUS.get(status, Exit.FAILED),
            code=str(problem.get("code", "failed")),
            error_id=problem.get("correlation_id"),
        )

    def show(self, *, as_json: bool) -> None:
        """Print the failure: JSON on stdout with ``--json``, else two lines on stderr."""
        if as_json:
            body = {
                "code": self.code,
                "message": self.message,
                "hint": self.hint,
                "id": self.error_id,
            }
            click.echo(json.dumps({"error": body}))
            return
        said = without_controls(self.message)  # which may repeat what a model or a database said
        click.secho(f"Error: {said}", fg="red", err=True, color=wants_colour())
        if self.hint:
            click.echo(f"  {without_controls(self.hint)}", err=True)


def wants_colour() -> bool | None:
    """Return what the environment says about colour; None leaves it to the terminal."""
    if environment("NO_COLOR"):
        return False
    if environment("FORCE_COLOR"):
        return True
    return False if environment("TERM") == "dumb" else None


def run(command: click.Command) -> int:
    """Run `command` with the process's arguments and return the exit code."""
    as_json = "--json" in sys.argv or "--jsonl" in sys.argv
    try:
        result = command.main(standalone_mode=False, color=wants_colour())
    except (CommandFailed, click.ClickException, OSError) as error:
        return _failed(error, as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return Exit.INTERRUPTED
    return result if isinstance(result, int) else Exit.OK


def _failed(error: CommandFailed | click.ClickException | OSError, *, as_json: bool) -> Exit:
    """Print the failure and return its exit code."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; what is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    if isinstance(error, click.UsageError) and not as_json:
        error.show()
        return Exit.USAGE
    if isinstance(error, CommandFailed):
        failure = error
    elif isinstance(error, click.UsageError):
        failure = CommandFailed(error.format_message(), exit_code=Exit.USAGE, code="usage")
    elif isinstance(error, click.ClickException):
        failure = CommandFailed(error.format_message())
    else:
        reason = error.strerror or str(error)
        failure = CommandFailed(f"{error.filename}: {reason}." if error.filename else reason)
    failure.show(as_json=as_json)
    return failure.exit_code
