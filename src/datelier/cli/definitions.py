"""`datelier definitions`: what metrics and terms mean, and as files to review."""

import re
from pathlib import Path
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_done, print_json, print_list, table
from datelier.cli.prompts import confirm

_SIGNS = {"create": "+", "change": "~", "same": "=", "conflict": "!"}


@click.group(cls=NounGroup)
def definitions() -> None:
    """List, certify, export and import definitions of metrics and terms."""


@definitions.command("list")
@click.option("--status", type=click.Choice(["proposed", "certified", "lapsed"]))
@with_options
def list_definitions(options: Options, status: str | None) -> int:
    """List the organization's definitions."""
    items = connect(options).every("/definitions")
    items = [item for item in items if status in {None, item["status"]}]
    if print_list(options, items):
        return Exit.OK
    rows = [
        [i["handle"], i["name"], i["kind"], i["source_name"] or "every source", i["status"]]
        for i in items
    ]
    click.echo(table(["#", "name", "kind", "source", "status"], rows))
    return Exit.OK


@definitions.command("show")
@click.argument("wanted", metavar="DEFINITION")
@with_options
def show(options: Options, wanted: str) -> int:
    """Show DEFINITION (name or handle, such as M4): its SQL, standing and versions."""
    client = connect(options)
    found = client.call("GET", f"/definitions/{_find(client, wanted)['id']}")
    versions = client.every(f"/definitions/{found['id']}/versions")
    if options.as_json:
        print_json(found | {"versions": versions})
        return Exit.OK
    click.echo(f"{found['name']} ({found['handle']}, {found['kind']}): {found['status']}")
    if found["lapsed"]:
        click.echo(f"  {found['lapsed']['detail']}")
    click.echo(_exported(client, found), nl=False)
    for version in versions:
        said = "  certified" if version["certified"] else ""
        when = version["created_at"][:16]
        click.echo(f"  version {version['version']}  {when}  {version['author']['name']}{said}")
    return Exit.OK


@definitions.command("certify")
@click.argument("wanted", metavar="DEFINITION")
@with_options
def certify(options: Options, wanted: str) -> int:
    """Certify DEFINITION as it is now, once its SQL ran on its source."""
    client = connect(options)
    found = _find(client, wanted)
    body = {"version": found["version"]}
    made = client.call("POST", f"/definitions/{found['id']}/certify", body)
    print_done(options, made, f"{made['name']} ({made['handle']}) is certified.")
    return Exit.OK


@definitions.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_options
def export(options: Options, folder: Path) -> int:
    """Write every definition into FOLDER, a YAML file each."""
    client = connect(options)
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    # By name, so that files are called the same wherever they are written.
    items = sorted(client.every("/definitions"), key=lambda item: str(item["name"]).casefold())
    for item in items:
        name = _file_name(str(item["name"]), taken)
        (folder / name).write_text(_exported(client, item), encoding="utf-8", newline="\n")
    print_done(options, {"files": sorted(taken)}, f"{len(items)} definitions written to {folder}.")
    return Exit.OK


def _file_name(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:80] or "definition"
    found, place = f"{plain}.yaml", 1
    while found in taken:
        place += 1
        found = f"{plain}-{place}.yaml"
    taken.add(found)
    return found


@definitions.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@with_options
def import_files(options: Options, paths: tuple[Path, ...]) -> int:
    """Take definitions from PATHS (files and folders), after showing what changes.

    New ones are proposed. One that changes gets a version, and lapses if it was certified. What is
    in no file stays as it is. With --json and without --yes it prints the plan and does nothing.
    """
    client = connect(options)
    documents = [{"file": str(path), "text": _text(path)} for path in _files(paths)]
    plan = client.call("POST", "/definitions/import", {"documents": documents})
    entries = plan["entries"]
    if not options.as_json:
        for entry in entries:
            click.echo(_line(entry))
    conflicts = [entry for entry in entries if entry["action"] == "conflict"]
    if conflicts:
        raise CommandFailed(
            f"Nothing was imported: {len(conflicts)} of {len(entries)} files cannot be taken.",
            hint="; ".join(f"{one['file']}: {one['problem']}" for one in conflicts[:5]),
            exit_code=Exit.CONFLICT,
            code="conflict",
        )
    changing = [entry for entry in entries if entry["action"] != "same"]
    if not changing:
        print_done(options, plan, "Nothing changes.")
        return Exit.OK
    if options.as_json and not options.yes:
        print_json(plan)
        return Exit.OK
    confirm(options, f"Import {len(changing)} of {len(entries)} definitions?")
    body = {"documents": documents, "apply": True, "digest": plan["digest"]}
    made = client.call("POST", "/definitions/import", body)
    print_done(options, made, f"{len(changing)} definitions imported.")
    note(options, "Certify each with `datelier definitions certify NAME`.")
    return Exit.OK


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = [*path.glob("*.yaml"), *path.glob("*.yml")] if path.is_dir() else [path]
        found += sorted(inside)
    if not found:
        raise CommandFailed(
            "There are no YAML files in it.",
            hint="`datelier definitions export FOLDER` writes some.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    return list(dict.fromkeys(found))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandFailed(
            f"{path} is not UTF-8 text.", exit_code=Exit.USAGE, code="usage"
        ) from None


def _line(entry: dict[str, Any]) -> str:
    sign, action = _SIGNS[entry["action"]], entry["action"]
    if action == "conflict":
        return f"{sign} {entry['file']}: {entry['problem']}"
    said = f": {', '.join(entry['fields'])}" if entry["fields"] else ""
    lapses = " (lapses until it is certified again)" if entry["lapses"] else ""
    return f"{sign} {action} {entry['name']}{said}{lapses}"


def _find(client: Client, wanted: str) -> dict[str, Any]:
    meant = wanted.strip().casefold()
    items = client.every("/definitions")
    for item in items:
        if meant in {item["handle"].casefold(), item["name"].casefold(), item["id"]}:
            return item
    for item in items:
        if meant == f"d{item['number']}":  # as it was labelled before documents had that letter
            return item
    raise CommandFailed(
        f"There is no definition {wanted!r}.",
        hint="`datelier definitions list` shows them.",
        exit_code=Exit.NOT_FOUND,
        code="not_found",
    )


def _exported(client: Client, found: dict[str, Any]) -> str:
    return b"".join(client.download(f"/definitions/{found['id']}/export")).decode()
