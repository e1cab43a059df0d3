"""`datelier ask`: one question, its answer, and the queries that made it."""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, rows_of, table
from datelier.cli.receipts import show_receipts

_CARD = re.compile(r"\{\{card [^}]*\}\}")
_STOP_SECONDS = 5.0
_BLANK_LINES = re.compile(r"\n{3,}")


@click.command()
@click.argument("question")
@click.option("-s", "--source", "sources", multiple=True, help="Source by name or number.")
@click.option("-m", "--model", help="Model by name or number.")
@click.option("-t", "--thread", help="Continue a thread by its id.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the last result as .csv.",
)
@click.option("--fail-if-untraced", is_flag=True, help="Exit with 1 if a number has no receipt.")
@click.option("--no-stream", is_flag=True, help="Print the answer when it is complete.")
@with_options
def ask(
    options: Options,
    question: str,
    sources: tuple[str, ...],
    model: str | None,
    thread: str | None,
    output: Path | None,
    fail_if_untraced: bool,
    no_stream: bool,
) -> int:
    """Ask QUESTION ("-" reads it from standard input) and print the answer.

    On a terminal the steps come first, dimmed, then the answer, the last table and the
    thread's address. Piped, only the answer's text is printed.
    """
    client = connect(options)
    text = sys.stdin.read().strip() if question == "-" else question
    if not text:
        raise CommandFailed("The question is empty.", exit_code=Exit.USAGE, code="usage")
    thread_id = thread or _new_thread(client, sources, model)
    sent = client.call("POST", f"/threads/{thread_id}/messages", {"text": text})
    answer = Answer(thread_id, sent["run_id"], f"{client.server}/chats/{thread_id}")
    try:
        _follow(client, answer, options, stream=not no_stream)
    except KeyboardInterrupt:
        _stop(client, answer, options)
    except CommandFailed as failure:
        if failure.exit_code == Exit.TIMEOUT:
            failure.hint = f"The answer goes on at {answer.url}; a larger --timeout waits for it."
        raise
    code = _finish(client, answer, options, output)
    untraced = answer.numbers.get("total", 0) - answer.numbers.get("traced", 0)
    if code == Exit.OK and fail_if_untraced and untraced:
        what = "1 number is" if untraced == 1 else f"{untraced} numbers are"
        raise CommandFailed(
            f"{what} not traced to a query.", exit_code=Exit.FAILED, code="untraced"
        )
    return code


@dataclass(slots=True)
class Answer:
    """What the run's log has told so far."""

    thread_id: str
    run_id: str
    url: str
    seq: int = 0
    text: str = ""
    queries: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    charts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    figures: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    numbers: dict[str, Any] = field(default_factory=dict[str, Any])
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    error: dict[str, Any] | None = None
    stopped: bool = False

    @property
    def prose(self) -> str:
        """The text without the places where a page shows cards."""
        return _BLANK_LINES.sub("\n\n", _CARD.sub("", self.text)).strip()


def _new_thread(client: Client, sources: tuple[str, ...], model: str | None) -> str:
    if sources:
        source_ids = [client.find("/sources", "source", name)["id"] for name in sources]
    else:
        known = client.every("/sources")
        if len(known) != 1:
            names = ", ".join(source["name"] for source in known)
            raise CommandFailed(
                "Which source?" if known else "There is no source yet.",
                hint=f"Name one with --source: {names}."
                if known
                else "Run `datelier source add --sample`.",
                exit_code=Exit.USAGE,
                code="usage",
            )
        source_ids = [known[0]["id"]]
    body: dict[str, Any] = {"source_ids": source_ids}
    if model:
        body["model_id"] = client.find("/models", "model", model)["id"]
    return client.call("POST", "/threads", body)["id"]


def _follow(client: Client, answer: Answer, options: Options, *, stream: bool) -> None:
    live = stream and options.human
    with (
        progress(options, "Working")
        if not live
        else progress(options, "Waiting for the first step")
    ):
        for seq, part in client.events(f"/runs/{answer.run_id}/events"):
            if options.as_jsonl:
                click.echo(json.dumps({"seq": seq, **part}, ensure_ascii=False))
            answer.seq = max(answer.seq, seq)
            _fold(answer, part)
            if live:
                _show(part)
    if live:
        click.echo()


def _stop(client: Client, answer: Answer, options: Options) -> None:
    """Ask the server to stop and wait a moment for the last parts; a second Ctrl-C leaves."""
    answer.stopped = True
    client.call("POST", f"/runs/{answer.run_id}/stop")
    try:
        log = client.events(
            f"/runs/{answer.run_id}/events", after=answer.seq, timeout=_STOP_SECONDS
        )
        for seq, part in log:
            if options.as_jsonl:
                click.echo(json.dumps({"seq": seq, **part}, ensure_ascii=False))
            _fold(answer, part)
    except CommandFailed as failure:
        if failure.exit_code != Exit.TIMEOUT:
            raise
        note(options, "The worker did not confirm; it will be stopped when it reports back.")
    else:
        note(options, "Stopped. What was produced is kept in the thread.")


def _fold(answer: Answer, part: dict[str, Any]) -> None:
    kind = part["type"]
    if kind == "text-start" and answer.text:
        answer.text += "\n\n"
    elif kind == "text-delta":
        answer.text += part["delta"]
    elif kind == "data-query":
        answer.queries[part["id"]] = part["data"]
    elif kind == "data-chart":
        answer.charts[part["id"]] = part["data"]
    elif kind == "data-citation":
        answer.figures[part["id"]] = part["data"]
    elif kind == "data-numbers":
        answer.numbers = part["data"]
    elif kind == "data-usage":
        answer.usage = part["data"]
    elif kind == "error":
        answer.error = part
    elif kind == "abort":
        answer.stopped = True


def _show(part: dict[str, Any]) -> None:
    kind = part["type"]
    if kind == "text-delta":
        click.echo(_CARD.sub("", part["delta"]), nl=False)
    elif kind == "data-query" and part["data"]["status"] != "running":
        query = part["data"]
        click.secho(f"{query['handle']}  {query['sql']}", dim=True, err=True)
    elif kind == "tool-output-error":
        click.secho(f"   {part['errorText']}", dim=True, err=True)
    elif kind == "reset-step":
        click.secho("\n   The step was interrupted and starts again.", dim=True, err=True)


def _finish(client: Client, answer: Answer, options: Options, output: Path | None) -> int:
    done = [query for query in answer.queries.values() if query.get("result_id")]
    if output is not None and done:
        with output.open("wb") as file:
            for chunk in client.download(f"/results/{done[-1]['result_id']}/download?format=csv"):
                file.write(chunk)
        note(options, f"Saved {done[-1]['handle']} to {output}.")
    if options.as_json:
        print_json(
            {
                "text": answer.prose,
                "thread_id": answer.thread_id,
                "run_id": answer.run_id,
                "url": answer.url,
                "queries": list(answer.queries.values()),
                "charts": list(answer.charts.values()),
                "figures": list(answer.figures.values()),
                "numbers": answer.numbers,
                "usage": answer.usage,
                "error": answer.error,
            }
        )
    elif options.human:
        if done:
            page = client.call("GET", f"/results/{done[-1]['result_id']}/rows?limit=20")
            names = [column["name"] for column in page["columns"]]
            click.echo(f"\n{done[-1]['handle']}\n{table(names, rows_of(page))}")
        show_receipts(list(answer.figures.values()), answer.numbers)
        click.secho(f"\n{answer.url}", dim=True)
    elif not options.as_jsonl:
        click.echo(answer.prose)
    if answer.error is not None and not answer.stopped:
        failure = CommandFailed(answer.error["errorText"], hint=answer.error.get("hint"))
        if not (options.as_json or options.as_jsonl):
            failure.show(as_json=False)
        return Exit.FAILED
    return Exit.INTERRUPTED if answer.stopped else Exit.OK
