"""Write `docs/reference` from the code: settings, error codes, commands, the OpenAPI document.

    python scripts/gen_reference.py [--check]

With --check nothing is written; the exit code says whether the files are current.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic_core import PydanticUndefined

import datelier
from datelier.app.server import openapi_document
from datelier.cli.main import cli
from datelier.cli.version import version
from datelier.kit.errors import DatelierError
from datelier.kit.settings import Settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def settings_page() -> str:
    """Return the table of settings."""
    lines = [
        "# Settings",
        "",
        "Every process reads these once, at start. Times are seconds, sizes are bytes.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if name == "home":
            default = "`~/.local/share/datelier`"
        elif field.default is PydanticUndefined or field.default is None:
            default = ""
        else:
            default = f"`{field.default}`"
        lines.append(f"| `DATELIER_{name.upper()}` | {default} | {field.description or ''} |")
    return "\n".join(lines) + "\n"


def _subclasses(root: type[DatelierError]) -> Iterator[type[DatelierError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _subclasses(kind)


def errors_page() -> str:
    """Return the table of error codes."""
    for module in pkgutil.walk_packages(datelier.__path__, "datelier."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    kinds = {
        (kind.code, kind.status): kind
        for kind in _subclasses(DatelierError)
        if kind.__module__.startswith("datelier")
    }
    lines = [
        "# Error codes",
        "",
        "Every error answer has one shape, `application/problem+json`: `type`, `title`, `status`, `detail`, `code`,",
        "and where they apply `hint`, `errors`, `resource`, `service`, `retry_after`, always with `correlation_id`.",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    for (code, status), kind in sorted(kinds.items(), key=lambda item: (item[0][1], item[0][0])):
        meaning = (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{code}` | {status} | {' '.join(meaning.split())} |")
    return "\n".join(lines) + "\n"


def _commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            yield from _commands(found, (*path, name))


def _arguments(command: click.Command, shared: set[str]) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield f"| `{parameter.make_metavar(click.Context(command))}` | |"
        elif isinstance(parameter, click.Option) and parameter.name not in shared:
            value = (
                "" if parameter.is_flag else f" {parameter.make_metavar(click.Context(command))}"
            )
            spelled = ", ".join(sorted(parameter.opts, key=len))
            yield f"| `{spelled}{value}` | {parameter.help or ''} |".replace("<path>", "FILE")


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def cli_page() -> str:
    """Return every command with its options, and what all of them share."""
    commands = list(_commands(cli, ("datelier",)))
    shared = {str(option.name) for option in version.params}
    lines = [
        "# Command line",
        "",
        "Standard output holds the result, standard error everything else. Nothing secret is taken from the command",
        "line: secrets are asked for, or read from a file, standard input or the environment.",
        "",
        "Exit codes: 0 ok, 1 failed, 2 usage, 3 not signed in, 4 not found, 5 conflict, 7 limit,",
        "8 no worker or server, 124 timeout, 130 interrupted.",
        "",
        "## Every command takes",
        "",
        "| option | meaning |",
        "|---|---|",
        *_arguments(version, set()),
    ]
    for path, command in commands:
        lines += ["", f"## `{' '.join(path)}`", "", _help(command)]
        rows = list(_arguments(command, shared))
        if rows:
            lines += ["", "| argument | meaning |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def openapi_text() -> str:
    """Return the OpenAPI document as stable JSON."""
    return json.dumps(openapi_document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the pages, or compare them with --check."""
    pages = {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "cli.md": cli_page(),
        "openapi.json": openapi_text(),
    }
    stale = [
        name
        for name, text in pages.items()
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        if stale:
            print(f"docs/reference is out of date ({', '.join(stale)}): run `make gen`")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(pages[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
