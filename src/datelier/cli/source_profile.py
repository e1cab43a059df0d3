"""`datelier source profile`: what the columns of a table hold."""

import time
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, table

_PAUSE = 0.3
_SHOWN = 40


@click.command("profile")
@click.argument("source")
@click.argument("table_name", metavar="TABLE")
@click.option("--last", is_flag=True, help="Show the last profile instead of making a new one.")
@with_options
def profile(options: Options, source: str, table_name: str, last: bool) -> int:
    """Profile TABLE of SOURCE (id, number or name): nulls, distinct values, ranges, duplicates."""
    client = connect(options)
    path = f"/sources/{client.find('/sources', 'source', source)['id']}/profile"
    made = _show(client, path, table_name) if last else _make(options, client, path, table_name)
    if options.as_json or options.as_jsonl:
        print_json(made)
    elif made["profile"] is not None:
        _print(options, made["profile"])
    if made["status"] == "failed":
        raise CommandFailed(
            made["error"]["message"], hint=made["error"].get("hint"), code=made["error"]["code"]
        )
    if made["status"] == "none":
        note(options, f"{table_name} has not been profiled yet.")
    return Exit.OK


def _show(client: Client, path: str, table_name: str) -> dict[str, Any]:
    return client.call("GET", path, params={"table": table_name})


def _make(options: Options, client: Client, path: str, table_name: str) -> dict[str, Any]:
    """Start a profile and wait for its end; Ctrl-C stops it at the source too."""
    deadline = time.monotonic() + options.timeout
    with progress(options, f"Profiling {table_name}"):
        made = client.call("POST", path, {"table": table_name})
        try:
            while made["status"] == "running":
                if time.monotonic() > deadline:
                    raise CommandFailed(
                        "The profile is not finished yet; it goes on.",
                        hint="Look again with --last, or allow more with --timeout.",
                        exit_code=Exit.TIMEOUT,
                        code="timeout",
                    )
                time.sleep(_PAUSE)
                made = _show(client, path, table_name)
        except KeyboardInterrupt:
            client.call("POST", f"{path}/stop", {"table": table_name})
            raise
    return made


def _print(options: Options, facts: dict[str, Any]) -> None:
    rows = [
        [
            column["name"],
            column["type"],
            _share(column["completeness"]),
            _count(column["distinct"], exact=column["distinct_exact"]),
            _unknown(column["min"]),
            _unknown(column["max"]),
            _frequent(column),
        ]
        for column in facts["columns"]
    ]
    headers = ["column", "type", "filled", "distinct", "min", "max", "most frequent"]
    click.echo(table(headers, rows))
    repeated = facts["duplicate_rows"]
    note(options, facts["basis"]["words"])
    note(options, f"Duplicate rows: {'unknown' if repeated is None else f'{repeated:,}'}.")
    for words in facts["not_computed"]:
        note(options, words)


def _share(value: float | None) -> str:
    # What is not whole is never shown as whole.
    return "unknown" if value is None else f"{int(value * 1000) / 10:g} %"


def _count(value: int | None, *, exact: bool) -> str:
    return "unknown" if value is None else f"{'' if exact else 'about '}{value:,}"


def _unknown(value: str | None) -> str:
    return "" if value is None else value[:_SHOWN]


def _frequent(column: dict[str, Any]) -> str:
    top: list[dict[str, Any]] = column["top_values"] or []
    return f"{top[0]['value']} ({top[0]['count']:,})" if top else ""
