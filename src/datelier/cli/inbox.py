"""`datelier inbox`: what waits for a person, and the answer."""

import json
import time
from pathlib import Path

import click

from datelier.cli.client import Client, Json, connect
from datelier.cli.inbox_preview import indented, preview_lines
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, print_list, table
from datelier.cli.prompts import ask_text, confirm
from datelier.cli.requests import confirm_edit, decide, find_request, listed, parse_json
from datelier.kit.hidden import revealed

_LOOK_SECONDS = 1.0
_VIEWS = ("needs_me", "assigned", "open", "snoozed", "done")
_MESSAGE = click.option("-m", "--message", help="Why, for the agent and for later.")


@click.group(cls=NounGroup)
def inbox() -> None:
    """Read and answer what agents ask."""


@inbox.command("list")
@click.option("--view", type=click.Choice(_VIEWS), default="needs_me", show_default=True)
@click.option("--kind", help="approval, question, review, problem, finished or mention.")
@with_options
def list_requests(options: Options, view: str, kind: str | None) -> int:
    """List requests, what is due first."""
    items = listed(connect(options), view, kind=kind)
    if print_list(options, items):
        return Exit.OK
    rows = [
        [
            item["number"],
            item["kind"],
            item["risk"],
            item["status"],
            (item["expires_at"] or "")[:16],
            item["title"],
        ]
        for item in items
    ]
    click.echo(table(["#", "kind", "risk", "status", "due", "what"], rows))
    return Exit.OK


@inbox.command("show")
@click.argument("wanted", metavar="REQUEST")
@with_options
def show(options: Options, wanted: str) -> int:
    """Show REQUEST (number or id) with the exact arguments that would be approved."""
    found = find_request(connect(options), wanted)
    if options.as_json:
        print_json(found)
    else:
        _print(found)
    return Exit.OK


def _print(request: Json) -> None:
    click.echo(f"#{request['number']} {revealed(request['title'])}")
    click.echo(f"  {request['kind']}, {request['risk']}, {request['status']}")
    for label, text in (
        ("why", request["reason"]),
        ("rule", request["rule"]),
        ("about", request["description"]),
        ("note", request["note"]),
    ):
        if text:
            # Lines of its own stay below the label: nothing of a text looks like another field.
            click.echo(f"  {label}: {revealed(text)}".replace("\n", "\n      "))
    for action in request["actions"]:
        allowed = ", ".join(name for name, on in action["allow"].items() if on)
        click.echo(f"  [{action['id']}] {action['name']}  ({allowed})")
        click.echo(indented(action.get("args")))
    for line in preview_lines(request["preview"]):
        click.echo(line)
    for entry in request["history"]:
        what = revealed(entry["what"].replace("_", " "))
        click.echo(f"  {entry['at'][:16]}  {revealed(entry['by'])}  {what}")


@inbox.command("approve")
@click.argument("wanted", metavar="REQUEST")
@_MESSAGE
@with_options
def approve(options: Options, wanted: str, message: str | None) -> int:
    """Approve every action of REQUEST, exactly as `show` shows it."""
    client = connect(options)
    request = find_request(client, wanted)
    if request["risk"] == "destructive":
        confirm(options, f"{request['title']}. This destroys data. Approve?")
    return _decided(options, client, request, _same(request, "approve", message))


@inbox.command("reject")
@click.argument("wanted", metavar="REQUEST")
@_MESSAGE
@with_options
def reject(options: Options, wanted: str, message: str | None) -> int:
    """Reject every action of REQUEST."""
    client = connect(options)
    request = find_request(client, wanted)
    return _decided(options, client, request, _same(request, "reject", message))


@inbox.command("respond")
@click.argument("wanted", metavar="REQUEST")
@click.argument("text", required=False)
@click.option("--json-answer", help="A structured answer, where the request has a form.")
@with_options
def respond(options: Options, wanted: str, text: str | None, json_answer: str | None) -> int:
    """Answer REQUEST with TEXT."""
    client = connect(options)
    request = find_request(client, wanted)
    if json_answer is not None:
        said: Json = {"args": parse_json(json_answer, "--json-answer")}
    else:
        text = text or ask_text(options, "Answer", instead="TEXT")
        form = any(action.get("response_schema") for action in request["actions"])
        said = {"args": text} if form else {"message": text}
    decisions = [
        {"action_id": action["id"], "type": "respond", **said} for action in request["actions"]
    ]
    return _decided(options, client, request, decisions)


@inbox.command("edit")
@click.argument("wanted", metavar="REQUEST")
@click.option("--action", "action_id", help="Id of the action; needed where there are several.")
@click.option("--args", "typed", help="The arguments as JSON.")
@click.option(
    "--args-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File with the arguments as JSON, - for standard input.",
)
@with_options
def edit(
    options: Options,
    wanted: str,
    action_id: str | None,
    typed: str | None,
    args_file: Path | None,
) -> int:
    """Approve REQUEST with other arguments; other actions are approved as they are."""
    client = connect(options)
    request = find_request(client, wanted)
    chosen = _action(request, action_id)
    if args_file is not None:
        with click.open_file(str(args_file), encoding="utf-8") as file:
            typed = file.read()
    if typed is None:
        raise CommandFailed(
            "There are no arguments.", hint="Use --args or --args-file.", exit_code=Exit.USAGE
        )
    args = parse_json(typed, "The text")
    confirm_edit(options, client, request, {"action_id": chosen, "args": args})
    decisions: list[Json] = [
        {"action_id": key, "type": "edit", "args": args}
        if key == chosen
        else {"action_id": key, "type": "approve"}
        for key in (action["id"] for action in request["actions"])
    ]
    return _decided(options, client, request, decisions)


def _action(request: Json, wanted: str | None) -> str:
    """Return the id of the action that is meant; the only one need not be named."""
    ids: list[str] = [action["id"] for action in request["actions"]]
    chosen = wanted or (ids[0] if len(ids) == 1 else "")
    if chosen not in ids:
        raise CommandFailed(
            "Which action?",
            hint=f"Name one with --action: {', '.join(ids)}.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    return chosen


@inbox.command("always")
@click.argument("wanted", metavar="REQUEST")
@click.option("--action", "action_id", help="Id of the action; needed where there are several.")
@click.option(
    "--rows", type=click.IntRange(1), help="The most rows of one call; as many as here by default."
)
@click.option(
    "--after-reading", is_flag=True, help="Requests to the outside: also once it has read data."
)
@click.option("--dry-run", is_flag=True, help="Say the rule and save nothing.")
@with_options
def always(
    options: Options,
    wanted: str,
    action_id: str | None,
    rows: int | None,
    after_reading: bool,
    dry_run: bool,
) -> int:
    """Always allow calls like the one in REQUEST; it says the exact rule and asks before saving.

    REQUEST itself is not decided by that.
    """
    client = connect(options)
    request = find_request(client, wanted)
    chosen = _action(request, action_id)
    path = f"/requests/{request['id']}/rule"
    proposed = client.call("GET", path, params={"action_id": chosen})
    most = rows or proposed["rows"]
    said = proposed["sentence"] + (f", at most {most:,} rows at a time" if most else "")
    said += ", also once it has read data" if after_reading else ""
    if dry_run:
        if options.as_json:
            print_json({**proposed, "rows": most, "sentence": said})
        else:
            click.echo(f"{proposed['agent']['name']}, without asking: {said}")
        return Exit.OK
    note(options, f"{proposed['agent']['name']}, without asking: {said}")
    confirm(options, "Save this rule?")
    body = {"action_id": chosen, "max_rows": rows, "after_reading": after_reading}
    saved = client.call("POST", path, body)
    if options.as_json:
        print_json(saved)
    else:
        click.echo(f"Rule {saved['number']}: {saved['sentence']}")
        if request["status"] == "pending":
            note(options, f"#{request['number']} itself still waits for a decision.")
    return Exit.OK


@inbox.command("watch")
@click.option("--once", is_flag=True, help="End with the first request that needs you.")
@with_options
def watch(options: Options, once: bool) -> int:
    """Print requests that need you as they come, until Ctrl-C or --timeout."""
    client = connect(options)
    deadline = time.monotonic() + options.timeout
    known: set[str] = set()
    while time.monotonic() < deadline:
        for item in listed(client, "needs_me"):
            if item["id"] in known:
                continue
            known.add(item["id"])
            if options.as_json or options.as_jsonl:
                click.echo(json.dumps(item, ensure_ascii=False))
            else:
                click.echo(f"#{item['number']}  {item['kind']}  {revealed(item['title'])}")
            if once:
                return Exit.OK
        time.sleep(_LOOK_SECONDS)
    return Exit.TIMEOUT if once else Exit.OK


def _same(request: Json, kind: str, message: str | None) -> list[Json]:
    said = {"message": message} if message else {}
    return [{"action_id": action["id"], "type": kind, **said} for action in request["actions"]]


def _decided(options: Options, client: Client, request: Json, decisions: list[Json]) -> int:
    shown = decide(client, request, decisions)
    if options.as_json:
        print_json(shown)
    elif shown["status"] == "pending":
        note(options, f"{shown['approvals']} of {shown['requires']} people have approved.")
    else:
        click.echo(f"#{shown['number']} {shown['status']}")
    return Exit.OK
