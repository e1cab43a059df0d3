"""`datelier worker list|join|remove`: the organization's workers."""

from typing import Any

import click

from datelier.cli.client import connect
from datelier.cli.options import Options, with_options
from datelier.cli.output import note, print_json, print_list, table
from datelier.cli.prompts import confirm


@click.command("list")
@with_options
def list_(options: Options) -> None:
    """List the organization's workers and how each is."""
    items = connect(options).every("/workers")
    if print_list(options, items):
        return
    if not items:
        note(options, "No worker yet. `datelier worker join` prints the command for one.")
        return
    headers = ["#", "name", "state", "health", "load", "version", "holds", "last error"]
    click.echo(table(headers, [_row(item) for item in items]))


def _row(item: dict[str, Any]) -> list[object]:
    return [
        item["number"],
        item["name"],
        item["state"],
        item["health"],
        "" if item["load"] is None else f"{item['load']}/{item['slots']}",
        item["version"] or "",
        ", ".join(source["name"] for source in item["sources"]),
        item["last_error"] or "",
    ]


@click.command("join")
@click.option("--name", help="What people call the new worker.")
@with_options
def join_(options: Options, name: str | None) -> None:
    """Print the one command that makes another machine a worker, within 15 minutes."""
    made = connect(options).call("POST", "/workers/join", {"name": name} if name else {})
    if options.as_json:
        print_json(made)
        return
    click.echo(made["command"])
    if made["loopback_only"]:
        note(
            options,
            "This server is reached from its own machine only; set DATELIER_GATEWAY_HOST and "
            "DATELIER_GATEWAY_ADDRESS for others.",
        )


@click.command("remove")
@click.argument("worker_name", metavar="WORKER")
@with_options
def remove(options: Options, worker_name: str) -> None:
    """Revoke WORKER (its name, number or id); its stream ends within five seconds."""
    client = connect(options)
    found = client.find("/workers", "worker", worker_name)
    confirm(options, f"Revoke the worker {found['name']}?")
    client.call("DELETE", f"/workers/{found['id']}")
    if options.as_json:
        print_json({"revoked": found["id"]})
    else:
        note(options, f"Revoked {found['name']}.")
