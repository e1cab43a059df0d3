"""`datelier agent`: who answers, and how it was told to work."""

from pathlib import Path
from typing import Any

import click

from datelier.cli.ask import converse, sources_named
from datelier.cli.client import Client, connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_done, print_json, print_list, table

_FILE = click.option(
    "-f",
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="YAML as `agent export` writes it, - for standard input.",
)


@click.group(cls=NounGroup)
def agent() -> None:
    """List, edit, try and publish agents."""


@agent.command("list")
@with_options
def list_agents(options: Options) -> int:
    """List the agents you may use."""
    items = connect(options).every("/agents")
    if print_list(options, items):
        return Exit.OK
    rows = [
        [i["number"], i["slug"], i["name"], _state(i), i["last_run_at"] or "never"] for i in items
    ]
    click.echo(table(["#", "slug", "name", "state", "last run"], rows))
    return Exit.OK


def _state(item: dict[str, Any]) -> str:
    if item["published_version"] is None:
        return "not published"
    changed = ", unpublished changes" if item["has_changes"] else ""
    private = ", private" if item["visibility"] == "private" else ""
    return f"version {item['published_version']}{changed}{private}"


@agent.command("show")
@click.argument("wanted", metavar="AGENT")
@with_options
def show(options: Options, wanted: str) -> int:
    """Show AGENT (name, slug or number): its state, versions and tools."""
    client = connect(options)
    found = _find(client, wanted)
    versions = client.every(f"/agents/{found['id']}/versions")
    if options.as_json:
        print_json(found | {"versions": versions})
        return Exit.OK
    click.echo(f"{found['name']} (agent {found['number']}, {found['slug']}): {_state(found)}")
    if found["description"]:
        click.echo(found["description"])
    for version in versions:
        said = f"  {version['note']}" if version["note"] else ""
        click.echo(f"  version {version['version']}  {version['created_at'][:16]}{said}")
    return Exit.OK


@agent.command("create")
@click.argument("name")
@click.option("--from", "copy", metavar="AGENT", help="Begin as a copy of this agent's draft.")
@_FILE
@with_options
def create(options: Options, name: str, copy: str | None, path: Path | None) -> int:
    """Create an agent called NAME as a draft."""
    client = connect(options)
    body: dict[str, Any] = {"name": name}
    if copy:
        body["copy_of_agent_id"] = _find(client, copy)["id"]
    if path:
        said = _parsed(path.name, click.open_file(str(path)).read())
        body = {**said, **body}
    made = client.call("POST", "/agents", body)
    print_done(
        options, made, f"{made['name']} (agent {made['number']}, {made['slug']}) is a draft."
    )
    note(options, f"Publish it with `datelier agent publish {made['slug']}`.")
    return Exit.OK


@agent.command("edit")
@click.argument("wanted", metavar="AGENT")
@_FILE
@with_options
def edit(options: Options, wanted: str, path: Path | None) -> int:
    """Edit the draft of AGENT in your editor, or take it from a file."""
    client = connect(options)
    found = _find(client, wanted)
    if path:
        text = click.open_file(str(path)).read()
    else:
        before = _exported(client, found)
        after = click.edit(before, extension=".yaml")
        if after is None or after == before:
            note(options, "Nothing was changed.")
            return Exit.OK
        text = after
    said = _parsed(str(path or "The text"), text)
    definition: dict[str, Any] = said.pop("definition", None) or {}
    # The draft first: when somebody else has changed it, nothing at all is changed.
    client.call(
        "PUT",
        f"/agents/{found['id']}/draft",
        definition,
        headers={"If-Match": str(found["draft_revision"])},
    )
    changed = {key: value for key, value in said.items() if found.get(key) != value}
    if changed:
        client.call("PATCH", f"/agents/{found['id']}", changed)
    shown = client.call("GET", f"/agents/{found['id']}")
    print_done(
        options, shown, f"The draft of {shown['name']} is at revision {shown['draft_revision']}."
    )
    return Exit.OK


@agent.command("publish")
@click.argument("wanted", metavar="AGENT")
@click.option("--note", "said", default="", help="What is new in this version.")
@with_options
def publish(options: Options, wanted: str, said: str) -> int:
    """Publish the draft of AGENT; runs that begin from now on use it."""
    client = connect(options)
    found = _find(client, wanted)
    body = {"note": said, "revision": found["draft_revision"]}
    made = client.call("POST", f"/agents/{found['id']}/publish", body)
    print_done(options, made, f"{found['name']} is published as version {made['version']}.")
    return Exit.OK


@agent.command("test")
@click.argument("wanted", metavar="AGENT")
@click.argument("question")
@click.option("-s", "--source", "sources", multiple=True, help="Source by name or number.")
@with_options
def test(options: Options, wanted: str, question: str, sources: tuple[str, ...]) -> int:
    """Ask the draft of AGENT a QUESTION; nothing of it appears among your chats."""
    client = connect(options)
    found = _find(client, wanted)
    body: dict[str, Any] = {"kind": "test", "agent_id": found["id"]}
    if sources:
        body["source_ids"] = sources_named(client, sources)
    thread_id = client.call("POST", "/threads", body)["id"]
    try:
        url = f"{client.server}/agents/{found['id']}"
        return converse(client, options, (thread_id, url), question)
    finally:
        client.call("DELETE", f"/threads/{thread_id}")


@agent.command("export")
@click.argument("wanted", metavar="AGENT")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write a file."
)
@with_options
def export(options: Options, wanted: str, output: Path | None) -> int:
    """Print the draft of AGENT as YAML."""
    client = connect(options)
    found = _find(client, wanted)
    if options.as_json:
        keys = ("name", "description", "visibility")
        print_json({key: found[key] for key in keys} | {"definition": found["draft"]})
        return Exit.OK
    text = _exported(client, found)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        note(options, f"Saved {found['name']} to {output}.")
    return Exit.OK


@agent.command("rules")
@click.argument("wanted", metavar="AGENT")
@with_options
def rules(options: Options, wanted: str) -> int:
    """List what AGENT does without asking each time, and who allowed it."""
    client = connect(options)
    items = client.every(f"/agents/{_find(client, wanted)['id']}/rules")
    if print_list(options, items):
        return Exit.OK
    # Whole sentences: where one is cut, two rules look the same.
    for item in items:
        times = "once" if item["uses"] == 1 else f"{item['uses']} times"
        click.echo(f"{item['number']}  {item['sentence']}")
        click.echo(f"   allowed by {item['saved_by']['name']}, used {times}")
        if item["why_not"]:
            click.echo(f"   does not hold: {item['why_not']}")
    if not items:
        note(options, "It asks each time.")
    return Exit.OK


@agent.command("forget-rule")
@click.argument("wanted", metavar="AGENT")
@click.argument("number", type=int)
@with_options
def forget_rule(options: Options, wanted: str, number: int) -> int:
    """Delete the rule NUMBER of AGENT: such calls are asked about again."""
    client = connect(options)
    path = f"/agents/{_find(client, wanted)['id']}/rules"
    found = next((item for item in client.every(path) if item["number"] == number), None)
    if found is None:
        raise CommandFailed(
            f"There is no rule {number}.",
            hint="`datelier agent rules` lists them.",
            exit_code=Exit.NOT_FOUND,
            code="not_found",
        )
    client.call("DELETE", f"{path}/{found['id']}")
    note(options, f"Rule {number} is deleted. Such calls are asked about again.")
    return Exit.OK


def _find(client: Client, wanted: str) -> dict[str, Any]:
    found = client.find("/agents", "agent", wanted)
    return client.call("GET", f"/agents/{found['id']}")


def _exported(client: Client, found: dict[str, Any]) -> str:
    return b"".join(client.download(f"/agents/{found['id']}/export")).decode()


def _parsed(name: str, text: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  # lazy: `datelier --help` stays quick

    try:
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CommandFailed(
            f"{name} is not YAML: {str(error).splitlines()[0]}", exit_code=Exit.USAGE, code="usage"
        ) from None
    if not isinstance(said, dict):
        raise CommandFailed(
            f"{name} does not hold an agent.",
            hint="`datelier agent export` shows how one looks.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    return {str(key): value for key, value in said.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # whatever the file holds; the server judges it
