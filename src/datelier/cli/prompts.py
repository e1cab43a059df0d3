"""Input that a person types, and what to say where nobody can."""

import sys
from pathlib import Path

import click

from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit


def ask_text(options: Options, label: str, *, instead: str) -> str:
    """Return a typed line; `instead` names the option that makes the question unnecessary.

    Raises:
        CommandFailed: Standard input is no terminal.
    """
    _require_terminal(options, label, instead)
    return click.prompt(label, err=True)


def ask_secret(options: Options, label: str, *, instead: str, empty: bool = False) -> str:
    """Return a typed secret, which is not shown; with `empty` it may be left out.

    Raises:
        CommandFailed: Standard input is no terminal.
    """
    _require_terminal(options, label, instead)
    default = "" if empty else None
    return click.prompt(label, hide_input=True, default=default, show_default=False, err=True)


def confirm(options: Options, question: str) -> None:
    """Ask before something that cannot be undone; ``--yes`` answers it.

    Raises:
        CommandFailed: The answer is no, or nobody can be asked.
    """
    if options.yes:
        return
    _require_terminal(options, "A confirmation", "--yes")
    if not click.confirm(question, err=True):
        raise CommandFailed("Nothing was changed.", exit_code=Exit.FAILED, code="declined")


def read_secret(path: Path) -> str:
    """Return the secret in a file without the line's end; ``-`` is standard input."""
    text = sys.stdin.readline() if str(path) == "-" else path.read_text(encoding="utf-8")
    return text.strip()


def _require_terminal(options: Options, label: str, instead: str) -> None:
    if sys.stdin.isatty() and not (options.as_json or options.as_jsonl):
        return
    raise CommandFailed(
        f"{label} is missing, and there is nobody to ask.",
        hint=f"Use {instead}.",
        exit_code=Exit.USAGE,
        code="usage",
    )
