"""`datelier run`: agents that work in the background, and every other run."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from datelier.cli.client import Client, Json, connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, print_list, progress, table
from datelier.cli.requests import approval_needed, parse_json
from datelier.kit.hidden import without_controls

_MOST = 50


@click.group(cls=NounGroup)
def run() -> None:
    """Start agents in the background; list, watch, cancel, repeat and export runs."""


@run.command("start")
@click.argument("goal")
@click.option("-a", "--agent", help="Agent by name, slug or number; the analyst when left out.")
@click.option("-s", "--source", "sources", multiple=True, help="Source by name or number.")
@click.option("-m", "--model", help="Model by name or number.")
@click.option("--payload", help="JSON object that belongs to the goal.")
@click.option(
    "--payload-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File with the payload, - for standard input.",
)
@click.option("--correlation-id", help="Ties the run to something of yours.")
@click.option("--key", help="Starting again with the same key gives the same run.")
@click.option("--watch", "wait", is_flag=True, help="Wait for the end and print the result.")
@with_options
def start(
    options: Options,
    goal: str,
    agent: str | None,
    sources: tuple[str, ...],
    model: str | None,
    payload: str | None,
    payload_file: Path | None,
    correlation_id: str | None,
    key: str | None,
    wait: bool,
) -> int:
    """Start an agent with GOAL; what it needs or finds reaches the inbox."""
    client = connect(options)
    body: Json = {"goal": goal}
    if agent:
        body["agent_id"] = client.find("/agents", "agent", agent)["id"]
    if sources:
        body["source_ids"] = [client.find("/sources", "source", name)["id"] for name in sources]
    if model:
        body["model_id"] = client.find("/models", "model", model)["id"]
    if payload_file is not None:
        with click.open_file(str(payload_file), encoding="utf-8") as file:
            payload = file.read()
    if payload is not None:
        body["payload"] = parse_json(payload, "The payload")
    if correlation_id:
        body["correlation_id"] = correlation_id
    # A key of our own, so that a repeated request after a broken line starts nothing twice.
    headers = {"Idempotency-Key": key or str(uuid4())}
    made = client.call("POST", "/runs", body, headers=headers)
    if wait:
        return _watch(options, client, made["id"])
    if options.as_json:
        print_json(made)
    else:
        click.echo(made["id"])
        note(options, f"Follow it with `datelier run watch {made['id']}`.")
    return Exit.OK


@run.command("list")
@click.option("--status", help="queued, running, waiting, succeeded, failed or cancelled.")
@click.option("--kind", help="chat, background or test.")
@click.option("--limit", type=int, default=_MOST, show_default=True, help="Most runs.")
@with_options
def list_runs(options: Options, status: str | None, kind: str | None, limit: int) -> int:
    """List runs, the newest first."""
    given = {"status": status, "kind": kind, "limit": str(limit)}
    params = {name: value for name, value in given.items() if value is not None}
    items = connect(options).call("GET", "/runs", params=params)["data"]
    if print_list(options, items):
        return Exit.OK
    rows = [
        [item["id"], item["status"], item["kind"], item["created_at"][:16], item["title"]]
        for item in items
    ]
    click.echo(table(["id", "status", "kind", "started", "what"], rows))
    return Exit.OK


@run.command("show")
@click.argument("run_id", metavar="RUN")
@with_options
def show(options: Options, run_id: str) -> int:
    """Show RUN: its state, what it used, its result or why it failed."""
    found = connect(options).call("GET", f"/runs/{run_id}")
    if options.as_json:
        print_json(found)
        return Exit.OK
    for label in ("status", "kind", "title", "correlation_id", "started_at", "finished_at", "cost"):
        if found.get(label) is not None:
            click.echo(f"{label}: {without_controls(str(found[label]))}")
    if found.get("result"):
        click.echo(without_controls(str(found["result"].get("text", found["result"]))))
    if found.get("error"):
        click.echo(f"error: {without_controls(found['error']['message'])}")
    return Exit.OK


@run.command("watch")
@click.argument("run_id", metavar="RUN")
@with_options
def watch(options: Options, run_id: str) -> int:
    """Wait until RUN ends and print its result; ends with 6 when it needs a decision."""
    return _watch(options, connect(options), run_id)


@run.command("cancel")
@click.argument("run_id", metavar="RUN")
@with_options
def cancel(options: Options, run_id: str) -> int:
    """Stop RUN; what it has produced is kept."""
    found = connect(options).call("POST", f"/runs/{run_id}/stop")
    if options.as_json:
        print_json(found)
    else:
        note(options, f"The run is {found['status']}.")
    return Exit.OK


@run.command("rerun")
@click.argument("run_id", metavar="RUN")
@click.option(
    "--from",
    "from_step",
    metavar="STEP",
    help="Id of a step, as `run export` lists them: what came before is done again as it was.",
)
@click.option("--watch", "wait", is_flag=True, help="Wait for the end and print the result.")
@with_options
def rerun(options: Options, run_id: str, from_step: str | None, wait: bool) -> int:
    """Do RUN again: the same question or goal, as a run of its own."""
    client = connect(options)
    made = client.call("POST", f"/runs/{run_id}/rerun", {"from_step": from_step})
    if wait:
        return _watch(options, client, made["run_id"])
    if options.as_json:
        print_json(made)
    else:
        click.echo(made["run_id"])
        note(options, f"Follow it with `datelier run watch {made['run_id']}`.")
    return Exit.OK


@run.command("export")
@click.argument("run_id", metavar="RUN")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write a file."
)
@with_options
def export(options: Options, run_id: str, output: Path | None) -> int:
    """Print RUN as one JSON document: the run, its steps and its whole log."""
    # Nothing is written before all of it is here.
    content = b"".join(connect(options).download(f"/runs/{run_id}/export"))
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return Exit.OK
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CommandFailed(
            f"{output} cannot be written: {error.strerror}.", exit_code=Exit.USAGE, code="usage"
        ) from None
    note(options, f"Saved as {output}.")
    return Exit.OK


def _watch(options: Options, client: Client, run_id: str) -> int:
    texts: list[str] = []
    asked: dict[str, Json] = {}
    last: Json = {}
    with progress(options, "Working") as say:
        for seq, part in client.events(f"/runs/{run_id}/events"):
            if options.as_jsonl:
                click.echo(json.dumps({"seq": seq, **part}, ensure_ascii=False))
            last = part
            if part["type"] == "data-stage":
                say(part["data"]["label"])
            _read(part, texts, asked)
            waiting = part["type"] == "data-stage" and part["data"]["stage"] == "waiting"
            open_ones = [one for one in asked.values() if one["status"] == "pending"]
            if waiting and open_ones and _still_waits(client, run_id):
                raise approval_needed(client, open_ones[0])
    return _ended(options, client, run_id, (texts, last))


def _read(part: Json, texts: list[str], asked: dict[str, Json]) -> None:
    kind = part["type"]
    if kind == "text-start":
        texts.append("")
    elif kind == "text-delta" and texts:
        texts[-1] += part["delta"]
    elif kind in {"start-step", "reset-step"}:
        # The result is what is said in the last step; one that was interrupted is done again.
        texts.clear()
    elif kind == "data-request":
        asked[part["id"]] = part["data"]


def _still_waits(client: Client, run_id: str) -> bool:
    # The log tells of waits that were over long ago, too.
    return client.call("GET", f"/runs/{run_id}")["status"] == "waiting"


def _ended(options: Options, client: Client, run_id: str, told: tuple[list[str], Any]) -> int:
    texts, last = told
    if last.get("type") == "error":
        raise CommandFailed(
            last["errorText"],
            hint=last.get("hint"),
            code=last.get("code", "run_failed"),
            error_id=last.get("error_id"),
        )
    if options.as_json:
        print_json(client.call("GET", f"/runs/{run_id}"))
    elif not options.as_jsonl:
        said = "\n\n".join(text for text in texts if text.strip()).strip()
        click.echo(without_controls(said))
    if last.get("type") == "abort":
        note(options, "The run was stopped.")
        return Exit.FAILED
    return Exit.OK
