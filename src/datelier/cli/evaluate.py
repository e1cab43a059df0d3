"""`datelier eval`: how good are the answers? Suites of questions, and reports."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.evaluate_output import show_case, show_report
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress
from datelier.evals.api import Json
from datelier.evals.errors import EvaluationError
from datelier.evals.places import Places
from datelier.evals.report import CaseReport, Report, by_tag, summarize
from datelier.evals.running import Asked, Asking
from datelier.evals.suite import Suite, load_suite

_FATAL = frozenset({Exit.UNAVAILABLE, Exit.NOT_SIGNED_IN, Exit.LIMIT})
_SHARE = click.FloatRange(0, 1)


def _file(*names: str, help_text: str) -> Any:
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(*names, type=kind, help=help_text)


@click.command("eval")
@click.argument("suites", nargs=-1, required=True, metavar="SUITE…")
@click.option("-m", "--model", help="Model by name or number; the active one when left out.")
@click.option("-a", "--agent", help="Agent by name, slug or number, in place of the suite's.")
@click.option("--tag", "tags", multiple=True, help="Only questions with this tag.")
@click.option("--case", "ids", multiple=True, help="Only the question with this id.")
@click.option(
    "--jobs", type=click.IntRange(1, 32), default=1, show_default=True, help="Questions at once."
)
@click.option(
    "--keep",
    type=click.Choice(["all", "failed", "none"]),
    default="failed",
    show_default=True,
    help="Which threads stay to be looked at.",
)
@_file("-o", "--output", help_text="Save the report as JSON.")
@click.option("--fail-under", type=_SHARE, help="Exit with 1 below this accuracy, such as 0.9.")
@click.option("--fail-if-untraced", is_flag=True, help="Exit with 1 if a number has no receipt.")
@with_options
def evaluate(
    options: Options,
    suites: tuple[str, ...],
    model: str | None,
    agent: str | None,
    tags: tuple[str, ...],
    ids: tuple[str, ...],
    jobs: int,
    keep: str,
    output: Path | None,
    fail_under: float | None,
    fail_if_untraced: bool,
) -> int:
    """Ask the questions of SUITE… (files, or suites that come with Datelier) and judge the answers.

    Ends with 1 when a threshold is missed or a question could not be asked at all.
    """
    client = connect(options)
    try:
        loaded = [_narrowed(load_suite(wanted), tags, ids) for wanted in suites]
    except EvaluationError as error:
        raise failure_of(error) from None
    chosen = client.find("/models", "model", model) if model else _active(client)
    asking = Asking(client, CommandFailed, _is_fatal, {"model_id": chosen["id"]})
    asking.seconds, asking.keep = options.timeout, keep
    if agent:
        asking.thread["agent_id"] = client.find("/agents", "agent", agent)["id"]
    began = datetime.now(UTC)
    cases = _ask(options, client, asking, loaded, jobs)
    report = Report(
        suites=[suite.name for suite in loaded],
        model=chosen["name"],
        server=client.call("GET", "/status")["version"],
        started_at=began,
        finished_at=datetime.now(UTC),
        summary=summarize(cases),
        tags=by_tag(cases),
        cases=cases,
    )
    if output is not None:
        output.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        note(options, f"Saved the report to {output}.")
    if options.as_json:
        print_json(report.model_dump(mode="json"))
    elif not options.as_jsonl:
        show_report(options, report)
    return _exit(options, report, fail_under, strict=fail_if_untraced)


def _narrowed(suite: Suite, tags: tuple[str, ...], ids: tuple[str, ...]) -> Suite:
    """Return a suite with the questions that were asked for."""
    kept = [
        case
        for case in suite.cases
        if (not ids or case.id in ids) and (not tags or set(tags) & set(case.tags))
    ]
    return suite.model_copy(update={"cases": kept})


def _ask(
    options: Options, client: Client, asking: Asking, suites: list[Suite], jobs: int
) -> list[CaseReport]:
    places = Places(client)
    cases: list[CaseReport] = []
    asked: list[Asked] = []
    try:
        with progress(options, "Preparing the sources") as say:
            for suite in suites:
                sources = places.of(suite)
                asked += [Asked(suite, case, sources[str(case.source)]) for case in suite.cases]
            if not asked:
                raise CommandFailed(
                    "No question is left to ask.", exit_code=Exit.USAGE, code="usage"
                )
            say(f"0 of {len(asked)} questions")
            for report in asking.ask_all(asked, jobs):
                cases.append(report)
                right = sum(case.status == "passed" for case in cases)
                say(f"{len(cases)} of {len(asked)} questions, {right} right")
                show_case(options, report)
    except EvaluationError as error:
        raise failure_of(error) from None
    finally:
        places.remove()
    order = {one.key: place for place, one in enumerate(asked)}
    return sorted(cases, key=lambda case: order[case.key])


def _exit(options: Options, report: Report, fail_under: float | None, *, strict: bool) -> int:
    """Return the exit code, and say which threshold was missed."""
    summary = report.summary
    problems: list[str] = []
    if summary.errors:
        problems.append(f"{summary.errors} of {summary.cases} questions could not be asked.")
    if fail_under is not None and (summary.accuracy or 0) < fail_under:
        problems.append(f"Accuracy is {summary.accuracy or 0:.1%}, below {fail_under:.1%}.")
    if strict and summary.untraced:
        problems.append(f"{summary.untraced} of {summary.figures} numbers have no receipt.")
    for problem in problems:
        note(options, problem)
    return Exit.FAILED if problems else Exit.OK


def _active(client: Client) -> Json:
    for model in client.every("/models"):
        if model["is_active"]:
            return model
    raise CommandFailed(
        "No model is active.", hint="Name one with --model.", exit_code=Exit.USAGE, code="usage"
    )


def _is_fatal(error: Exception) -> bool:
    return isinstance(error, CommandFailed) and error.exit_code in _FATAL


def failure_of(error: EvaluationError) -> CommandFailed:
    """Return the failure of a command whose suite, recording or report is no good."""
    return CommandFailed(error.message, hint=error.hint, exit_code=Exit.USAGE, code="usage")
