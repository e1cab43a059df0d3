"""`datelier ask`: one question, its answer, and the queries that made it."""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from datelier.cli.answer_parts import LISTED, Extras, show_card, show_rest
from datelier.cli.client import Client, connect
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, rows_of, table
from datelier.cli.receipts import chart_figures, show_charts, show_receipts
from datelier.cli.requests import approval_needed
from datelier.kit.hidden import without_controls

# Known here because importing them would cost the start of every command.
INTENTS = ("quick_answer", "research", "explain", "clarify", "out_of_scope", "direct")
_CARD = re.compile(r"\{\{card [^}]*\}\}")
_STOP_SECONDS = 5.0
_BLANK_LINES = re.compile(r"\n{3,}")


@click.command()
@click.argument("question")
@click.option("-s", "--source", "sources", multiple=True, help="Source by name or number.")
@click.option("-m", "--model", help="Model by name or number.")
@click.option("-a", "--agent", help="Agent by name, slug or number.")
@click.option("-t", "--thread", help="Continue a thread by its id.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the last result as .csv.",
)
@click.option(
    "-i",
    "--intent",
    type=click.Choice(INTENTS),
    help="Kind of answer, in place of sorting the question (agents that sort questions).",
)
@click.option("--fail-if-untraced", is_flag=True, help="Exit with 1 if a number has no receipt.")
@click.option("--no-stream", is_flag=True, help="Print the answer when it is complete.")
@with_options
def ask(
    options: Options,
    question: str,
    sources: tuple[str, ...],
    model: str | None,
    agent: str | None,
    thread: str | None,
    output: Path | None,
    intent: str | None,
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
    thread_id = thread or _new_thread(client, sources, model, agent)
    place = (thread_id, f"{client.server}/chats/{thread_id}")
    wanted = Wanted(stream=not no_stream, output=output, strict=fail_if_untraced, intent=intent)
    return converse(client, options, place, text, wanted)


def converse(
    client: Client,
    options: Options,
    place: tuple[str, str],
    text: str,
    wanted: "Wanted | None" = None,
) -> int:
    """Ask `text` in a thread, print the answer and return the exit code.

    Args:
        client: The server.
        options: How to print.
        place: The thread's id, and the address to give for it.
        text: The question.
        wanted: How it is answered and shown.
    """
    thread_id, url = place
    wanted = wanted or Wanted()
    body = {"text": text} if wanted.intent is None else {"text": text, "intent": wanted.intent}
    sent = client.call("POST", f"/threads/{thread_id}/messages", body)
    answer = Answer(thread_id, sent["run_id"], url)
    try:
        _follow(client, answer, options, stream=wanted.stream)
    except KeyboardInterrupt:
        _stop(client, answer, options)
    except CommandFailed as failure:
        if failure.exit_code == Exit.TIMEOUT:
            failure.hint = f"The answer goes on at {answer.url}; a larger --timeout waits for it."
        raise
    code = _finish(client, answer, options, wanted)
    if code == Exit.OK and wanted.strict:
        missing = _without_receipt(answer)
        if missing and not options.as_json:
            raise CommandFailed(missing, exit_code=Exit.FAILED, code="untraced")
        # With --json, the one document that was printed says which.
        return Exit.FAILED if missing else code
    return code


def _without_receipt(answer: "Answer") -> str:
    """Return what is said of the numbers that have no receipt; empty when all have one."""
    if (answer.extras.refusal or {}).get("reason") == "untraced":
        return "The answer was held back: its numbers are not traced to a query."
    drawn = [figure for chart in answer.charts.values() for figure in chart_figures(chart)]
    untraced = answer.numbers.get("total", 0) - answer.numbers.get("traced", 0)
    untraced += sum(figure["kind"] == "untraced" for figure in drawn)
    if not untraced:
        return ""
    what = "1 number is" if untraced == 1 else f"{untraced} numbers are"
    return f"{what} not traced to a query."


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a question is answered and shown.

    Attributes:
        stream: Print the answer as it comes, on a terminal.
        output: Save the last result here.
        strict: Fail when a number of the answer has no receipt.
        intent: The kind of answer, for agents that sort questions first.
    """

    stream: bool = True
    output: Path | None = None
    strict: bool = False
    intent: str | None = None


_ById = dict[str, dict[str, Any]]
_Kept = tuple[str, _ById, _ById, _ById]


@dataclass(slots=True)
class Answer:
    """What the run's log has told so far."""

    thread_id: str
    run_id: str
    url: str
    seq: int = 0
    text: str = ""
    queries: _ById = field(default_factory=dict[str, dict[str, Any]])
    charts: _ById = field(default_factory=dict[str, dict[str, Any]])
    figures: _ById = field(default_factory=dict[str, dict[str, Any]])
    numbers: dict[str, Any] = field(default_factory=dict[str, Any])
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    error: dict[str, Any] | None = None
    stopped: bool = False
    cut: bool = False
    waits_for: dict[str, Any] | None = None
    extras: Extras = field(default_factory=Extras)
    kept: _Kept = ("", {}, {}, {})

    def begin_step(self) -> None:
        """Remember what earlier steps have said."""
        self.kept = (self.text, dict(self.queries), dict(self.charts), dict(self.figures))

    def reset_step(self) -> None:
        """Forget what the present step has said: it is done again from its beginning."""
        text, queries, charts, figures = self.kept
        self.text, self.queries = text, dict(queries)
        self.charts, self.figures = dict(charts), dict(figures)

    @property
    def prose(self) -> str:
        """The text without the places where a page shows cards."""
        return _BLANK_LINES.sub("\n\n", _CARD.sub("", self.text)).strip()


def sources_named(client: Client, names: tuple[str, ...]) -> list[str]:
    """Return the ids of sources by name or number."""
    return [client.find("/sources", "source", name)["id"] for name in names]


def _new_thread(
    client: Client, sources: tuple[str, ...], model: str | None, agent: str | None
) -> str:
    chosen = client.find("/agents", "agent", agent) if agent else None
    if sources:
        source_ids = sources_named(client, sources)
    elif chosen is not None and chosen["source_ids"] is not None:
        source_ids = chosen["source_ids"]
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
    if chosen is not None:
        body["agent_id"] = chosen["id"]
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
                _show(answer, part)
            if answer.waits_for is not None and part["type"] == "data-stage":
                raise approval_needed(client, answer.waits_for)
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
    if kind.startswith("text-") and part.get("id") == LISTED:
        return  # said by a part of its own
    if kind == "text-start" and answer.text:
        answer.text += "\n\n"
    elif kind == "text-delta":
        answer.text += part["delta"]
    elif kind == "start-step":
        answer.begin_step()
    elif kind == "reset-step":
        answer.reset_step()
    elif kind == "error":
        answer.error = part
    elif kind == "abort":
        answer.stopped = True
    elif kind == "finish":
        answer.cut = part.get("finishReason") == "length"
    elif kind.startswith("data-"):
        _fold_data(answer, kind, part)


def _fold_data(answer: Answer, kind: str, part: dict[str, Any]) -> None:
    data = part["data"]
    if kind == "data-query":
        answer.queries[part["id"]] = data
    elif kind == "data-chart":
        answer.charts[part["id"]] = data
    elif kind == "data-citation":
        answer.figures[part["id"]] = data
    elif kind == "data-numbers":
        answer.numbers = data
    elif kind == "data-usage":
        answer.usage = data
    elif kind == "data-request":
        answer.waits_for = data if data["status"] == "pending" else None
    else:
        answer.extras.take(part)


def _show(answer: Answer, part: dict[str, Any]) -> None:
    kind = part["type"]
    if kind == "data-card":
        show_card(part["data"])
    elif kind.startswith("text-") and part.get("id") == LISTED:
        return
    elif kind == "text-delta":
        click.echo(without_controls(_CARD.sub("", part["delta"])), nl=False)
    elif kind == "text-start" and answer.text:
        click.echo("\n")
    elif kind == "data-query" and part["data"]["status"] != "running":
        query = part["data"]
        click.secho(f"{query['handle']}  {without_controls(query['sql'])}", dim=True, err=True)
    elif kind == "tool-output-error":
        click.secho(f"   {without_controls(part['errorText'])}", dim=True, err=True)
    elif kind == "reset-step":
        click.secho("\n   The step was interrupted and starts again.", dim=True, err=True)


def _finish(client: Client, answer: Answer, options: Options, wanted: Wanted) -> int:
    output = wanted.output
    if answer.cut:
        note(options, "The model stopped at its longest answer, so this one is cut short.")
    done = [query for query in answer.queries.values() if query.get("result_id")]
    if output is not None and done:
        with output.open("wb") as file:
            for chunk in client.download(f"/results/{done[-1]['result_id']}/download?format=csv"):
                file.write(chunk)
        note(options, f"Saved {done[-1]['handle']} to {output}.")
    if options.as_json:
        print_json(_as_json(answer))
    elif options.human:
        _show_end(client, answer, done, streamed=wanted.stream)
    elif not options.as_jsonl:
        said = "\n\n".join(text for text in (answer.extras.card_text, answer.prose) if text)
        click.echo(without_controls(said))
    if answer.error is not None and not answer.stopped:
        failure = CommandFailed(answer.error["errorText"], hint=answer.error.get("hint"))
        if not (options.as_json or options.as_jsonl):
            failure.show(as_json=False)
        return Exit.FAILED
    return Exit.INTERRUPTED if answer.stopped else Exit.OK


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
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
        **answer.extras.as_json(),
    }


def _show_end(
    client: Client, answer: Answer, done: list[dict[str, Any]], *, streamed: bool
) -> None:
    """Print what follows the text, and the text itself if it was not shown while it came."""
    if not streamed:
        for card in answer.extras.cards.values():
            show_card(card)
        click.echo(without_controls(answer.prose))
    if done:
        page = client.call("GET", f"/results/{done[-1]['result_id']}/rows?limit=20")
        names = [column["name"] for column in page["columns"]]
        click.echo(f"\n{done[-1]['handle']}\n{table(names, rows_of(page))}")
    show_receipts(list(answer.figures.values()), answer.numbers)
    show_charts(list(answer.charts.values()))
    show_rest(answer.extras, answer.prose)
    click.secho(f"\n{answer.url}", dim=True)
