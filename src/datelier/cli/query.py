"""`datelier query`: SQL on a source, through the same walls as everything else."""

from pathlib import Path

import click

from datelier.cli.client import connect
from datelier.cli.lazy import DefaultGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, rows_of, table

_EXITS = {
    "no_worker": Exit.UNAVAILABLE,
    "unreachable": Exit.UNAVAILABLE,
    "timeout": Exit.TIMEOUT,
    "limit_exceeded": Exit.LIMIT,
}


@click.group(cls=DefaultGroup, default="run")
def query() -> None:
    """Run SQL on a source, read-only. `datelier query "SELECT 1"` runs it."""


@query.command("run")
@click.argument("sql")
@click.option("-s", "--source", help="Source by name or number; optional when there is one.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save as .csv or .arrow.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Most rows to fetch.")
@with_options
def run_query(
    options: Options, sql: str, source: str | None, output: Path | None, limit: int | None
) -> int:
    """Run SQL and print its rows."""
    client = connect(options)
    if source:
        found = client.find("/sources", "source", source)
    else:
        known = client.every("/sources")
        if len(known) != 1:
            raise CommandFailed(
                "Which source?", hint="Name one with --source.", exit_code=Exit.USAGE, code="usage"
            )
        found = known[0]
    body = {"source_id": found["id"], "sql": sql}
    with progress(options, "Running the query"):
        version = client.call("POST", "/queries", body | ({"limit": limit} if limit else {}))
    if version["status"] != "done":
        error: dict[str, str] = version.get("error") or {}
        raise CommandFailed(
            error.get("message", f"The query was {version['status']}."),
            hint=error.get("hint"),
            exit_code=_EXITS.get(error.get("code", ""), Exit.FAILED),
            code=error.get("code") or version["status"],
        )
    result = version["result_id"]
    if output is not None:
        kind = "arrow" if output.suffix == ".arrow" else "csv"
        with output.open("wb") as file:
            for chunk in client.download(f"/results/{result}/download?format={kind}"):
                file.write(chunk)
        note(options, f"Saved {version['row_count']:,} rows to {output}.")
        if options.as_json:
            print_json(version | {"saved_to": str(output)})
        return Exit.OK
    page = client.call("GET", f"/results/{result}/rows?limit={1000 if options.as_json else 20}")
    if options.as_json:
        print_json(version | {"rows": page})
        return Exit.OK
    click.echo(table([column["name"] for column in page["columns"]], rows_of(page)))
    shown = min(20, version["row_count"])
    more = "more than " if version["truncated"] else ""
    note(options, f"{shown:,} of {more}{version['row_count']:,} rows · {version['elapsed_ms']} ms")
    return Exit.OK
