"""`datelier query`: SQL on a source, through the same walls as everything else."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.lazy import DefaultGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, rows_of, table

_EXITS = {
    "no_worker": Exit.UNAVAILABLE,
    "unreachable": Exit.UNAVAILABLE,
    "timeout": Exit.TIMEOUT,
    "limit_exceeded": Exit.LIMIT,
    "xlsx_limit": Exit.LIMIT,
}
FORMATS = ("csv", "parquet", "jsonl", "xlsx", "arrow")


@dataclass(frozen=True, slots=True)
class _Saved:
    """Where rows go and how. `path` None is stdout; `every` runs the query again for all rows."""

    path: Path | None
    form: str
    every: bool


@click.group(cls=DefaultGroup, default="run")
def query() -> None:
    """Run SQL on a source, read-only. `datelier query "SELECT 1"` runs it."""


@query.command("run")
@click.argument("sql")
@click.option("-s", "--source", help="Source by name or number; optional when there is one.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Save the rows to a file; its ending says the format. - is stdout.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Format of the rows; to stdout without --output.",
)
@click.option(
    "--all", "every", is_flag=True, help="Save all rows: the query runs again without a row limit."
)
@click.option("--limit", type=click.IntRange(min=1), help="Most rows to fetch.")
@with_options
def run_query(
    options: Options,
    sql: str,
    source: str | None,
    output: str | None,
    form: str | None,
    every: bool,
    limit: int | None,
) -> int:
    """Run SQL and print its rows, or save them."""
    saved = _saved(options, output, form, every)
    client = connect(options)
    body = {"source_id": _source(client, source)["id"], "sql": sql}
    with progress(options, "Running the query"):
        version = client.call("POST", "/queries", body | ({"limit": limit} if limit else {}))
    if version["status"] != "done":
        raise _failure(version.get("error") or {}, f"The query was {version['status']}.")
    if saved is not None:
        return _save(options, client, version, saved)
    result = version["result_id"]
    page = client.call("GET", f"/results/{result}/rows?limit={1000 if options.as_json else 20}")
    if options.as_json:
        print_json(version | {"rows": page})
        return Exit.OK
    click.echo(table([column["name"] for column in page["columns"]], rows_of(page)))
    shown = min(20, version["row_count"])
    more = "more than " if version["truncated"] else ""
    note(options, f"{shown:,} of {more}{version['row_count']:,} rows · {version['elapsed_ms']} ms")
    for said in version["notes"]:
        note(options, said)
    return Exit.OK


def _saved(options: Options, output: str | None, form: str | None, every: bool) -> _Saved | None:
    """What the options say about saving, or None.

    Raises:
        CommandFailed: They contradict each other.
    """
    if output is None and form is None:
        if every:
            raise _usage("--all saves rows.", "Name a file with --output, or a --format.")
        return None
    path = None if output in {None, "-"} else Path(str(output))
    if path is None and options.as_json:
        raise _usage("--json and the rows cannot both go to stdout.", "Name a file with --output.")
    ending = path.suffix.removeprefix(".").lower() if path else ""
    if form is None and ending not in FORMATS:
        raise _usage("In which format?", f"End the file in .{', .'.join(FORMATS)} or add --format.")
    return _Saved(path, form or ending, every)


def _usage(message: str, hint: str) -> CommandFailed:
    return CommandFailed(message, hint=hint, exit_code=Exit.USAGE, code="usage")


def _source(client: Client, source: str | None) -> dict[str, Any]:
    if source:
        return client.find("/sources", "source", source)
    known = client.every("/sources")
    if len(known) != 1:
        raise _usage("Which source?", "Name one with --source.")
    return known[0]


def _failure(error: dict[str, str], otherwise: str) -> CommandFailed:
    code = error.get("code", "")
    return CommandFailed(
        error.get("message", otherwise),
        hint=error.get("hint"),
        exit_code=_EXITS.get(code, Exit.FAILED),
        code=code or "failed",
    )


def _save(options: Options, client: Client, version: dict[str, Any], saved: _Saved) -> int:
    rows, path = version["row_count"], f"/results/{version['result_id']}"
    told = version["notes"]
    if saved.every:
        made = _export(options, client, path, saved)
        rows, path, told = made["rows"], f"/exports/{made['id']}", made["notes"]
    else:
        path = f"{path}/download?format={saved.form}"
    chunks = client.download(path)
    if saved.path is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    else:
        # Under its name only when complete: a broken download leaves what was there.
        partial = saved.path.with_name(f".{saved.path.name}.part")
        try:
            with partial.open("wb") as file:
                file.writelines(chunks)
            partial.replace(saved.path)
        except OSError as error:
            raise CommandFailed(
                f"{saved.path} cannot be written: {error.strerror}.",
                exit_code=Exit.USAGE,
                code="usage",
            ) from None
        finally:
            partial.unlink(missing_ok=True)
        note(options, f"Saved {rows:,} rows to {saved.path}.")
    for said in told:
        note(options, said)
    if version["truncated"] and not saved.every:
        note(options, f"The query has more than these {rows:,} rows; --all saves them all.")
    if options.as_json:
        print_json(version | {"saved_to": str(saved.path), "saved_rows": rows})
    return Exit.OK


def _export(options: Options, client: Client, result: str, saved: _Saved) -> dict[str, Any]:
    """Have the server write all rows to a file, and say how far it is. Ctrl-C stops it."""
    last: dict[str, Any] = {}
    with progress(options, "Fetching all rows") as say:
        for last in client.json_lines(f"{result}/exports", {"format": saved.form}):
            say(f"Fetching all rows: {last['rows']:,} rows, {last['bytes'] / 1e6:,.1f} MB")
    if last.get("status") != "done":
        raise _failure(last.get("error") or {}, "The server stopped before the file was complete.")
    if last["truncated"]:
        note(options, f"The server allows no more than {last['rows']:,} rows in one file.")
    return last
