"""`datelier model`: LLM configurations."""

from pathlib import Path
from typing import Any

import click

from datelier.cli.client import connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import Exit
from datelier.cli.output import note, print_json, print_list, progress, table
from datelier.cli.prompts import ask_secret, read_secret


@click.group(cls=NounGroup)
def model() -> None:
    """Add, test and list models."""


@model.command("list")
@with_options
def list_models(options: Options) -> int:
    """List the models of your organization."""
    items = connect(options).every("/models")
    if print_list(options, items):
        return Exit.OK
    rows = [
        [
            item["number"],
            item["name"],
            item["provider"],
            item["model_name"],
            "active" if item["is_active"] else "",
            {True: "passed", False: "failed", None: "not tested"}[item["test_ok"]],
        ]
        for item in items
    ]
    click.echo(table(["#", "name", "provider", "model", "state", "test"], rows))
    return Exit.OK


@model.command("add")
@click.option("--name", help="What to call it.")
@click.option("--provider", required=True, help="openai, anthropic, ollama or generic.")
@click.option("--model-name", help="The provider's name of the model.")
@click.option("--endpoint", help="Base URL, for ollama and generic.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="File with the API key, - for standard input; else it is asked for.",
)
@click.option("--no-key", is_flag=True, help="The endpoint needs no key.")
@click.option("--activate", is_flag=True, help="Test it and make it the organization's model.")
@with_options
def add(
    options: Options,
    name: str | None,
    provider: str,
    model_name: str | None,
    endpoint: str | None,
    key_file: Path | None,
    no_key: bool,
    activate: bool,
) -> int:
    """Add a model; the key is read from a file or asked for, never from the command line."""
    client = connect(options)
    body: dict[str, Any] = {"name": name or model_name or provider, "provider": provider}
    if model_name:
        body["model_name"] = model_name
    if endpoint:
        body["endpoint_url"] = endpoint
    if key_file:
        body["api_key"] = read_secret(key_file)
    elif not no_key and provider != "ollama":
        body["api_key"] = ask_secret(options, "API key", instead="--key-file or --no-key")
    added = client.call("POST", "/models", body)
    if activate:
        report = _test(options, added["id"])
        if not (report["ok"] and options.as_json):  # one document: the model, or why not
            _show(options, report)
        if not report["ok"]:
            return Exit.FAILED
        added = client.call("POST", f"/models/{added['id']}/activate")
    if options.as_json:
        print_json(added)
    else:
        click.echo(f"{added['name']} (model {added['number']})")
        if not activate:
            note(options, f"Test it with `datelier model test {added['number']}`.")
    return Exit.OK


@model.command("test")
@click.argument("wanted", metavar="MODEL")
@with_options
def test(options: Options, wanted: str) -> int:
    """Check that MODEL (name or number) replies, streams, calls tools and writes JSON."""
    found = connect(options).find("/models", "model", wanted)
    report = _test(options, found["id"])
    _show(options, report)
    return Exit.OK if report["ok"] else Exit.FAILED


def _test(options: Options, model_id: str) -> dict[str, Any]:
    with progress(options, "Testing the model"):
        return connect(options).call("POST", f"/models/{model_id}/test")


def _show(options: Options, report: dict[str, Any]) -> None:
    if options.as_json:
        print_json(report)
        return
    for check in report["checks"]:
        mark = "ok    " if check["ok"] else "failed"
        click.echo(
            f"{mark}  {check['name']:<10}  {check['elapsed_ms']:>6} ms  {check.get('detail') or ''}".rstrip()
        )
