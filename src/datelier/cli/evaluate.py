"""`datelier eval`: how good are the answers? Suites of questions, and reports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from datelier.cli.client import connect
from datelier.cli.evaluate_output import print_report
from datelier.cli.evaluate_run import Wanted, evaluate_suites
from datelier.cli.evaluate_thread import ended, evaluate_thread
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note
from datelier.evals.against import Comparison, compare
from datelier.evals.errors import EvaluationError
from datelier.evals.report import Report, read_report

_SHARE = click.FloatRange(0, 1)


def _file(*names: str, help_text: str, exists: bool = False) -> Any:
    kind = click.Path(dir_okay=False, path_type=Path, exists=exists)
    return click.option(*names, type=kind, help=help_text)


@dataclass(frozen=True, slots=True)
class _Bars:
    """What an evaluation has to reach."""

    accuracy: float | None
    traced: bool
    no_regressions: bool


@click.command("eval")
@click.argument("suites", nargs=-1, metavar="SUITE…")
@click.option("-t", "--thread", help="Run the queries of this thread again and compare, no suite.")
@click.option(
    "-m",
    "--model",
    help="Model by name or number; `scripted` for the suite's scripts, `recorded:FILE` for a"
    " recording. The active one when left out.",
)
@_file("--record", help_text="Save the model's traffic, without keys, to be replayed.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="File with the model's key, needed for recording only; - for standard input.",
)
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
@click.option("--resume", is_flag=True, help="Go on where the same evaluation was interrupted.")
@_file("-o", "--output", help_text="Save the report as JSON.")
@_file("--html", help_text="Save the report as one page with charts.")
@_file("--against", help_text="Compare with an earlier report (JSON).", exists=True)
@click.option("--fail-under", type=_SHARE, help="Exit with 1 below this accuracy, such as 0.9.")
@click.option("--fail-if-untraced", is_flag=True, help="Exit with 1 if a number has no receipt.")
@click.option(
    "--fail-if-worse", is_flag=True, help="Exit with 1 if a question was right in --against."
)
@click.option(
    "--fail-if-changed", is_flag=True, help="Exit with 1 if a --thread is not what it was."
)
@with_options
def evaluate(
    options: Options,
    suites: tuple[str, ...],
    thread: str | None,
    model: str | None,
    record: Path | None,
    key_file: Path | None,
    agent: str | None,
    tags: tuple[str, ...],
    ids: tuple[str, ...],
    jobs: int,
    keep: str,
    resume: bool,
    output: Path | None,
    html: Path | None,
    against: Path | None,
    fail_under: float | None,
    fail_if_untraced: bool,
    fail_if_worse: bool,
    fail_if_changed: bool,
) -> int:
    """Ask the questions of SUITE… (files, or suites that come with Datelier) and judge the answers.

    With --thread, the queries of an old conversation run on today's data instead; what differs is
    listed cell by cell, and so are the figures that changed. Ends with 1 when a threshold is missed
    or a question could not be asked at all.
    """
    if bool(suites) == bool(thread):
        raise _usage("Name suites, or a --thread.")
    if thread is not None:
        again = evaluate_thread(options, connect(options), thread, output, html)
        return ended(options, again, strict=fail_if_changed)
    if fail_if_worse and against is None:
        raise _usage("--fail-if-worse needs a report: --against FILE.")
    wanted = Wanted(suites, model, record, key_file, agent, tags, ids, jobs, keep, resume)
    try:
        # What cannot be read is said before anything is asked.
        before = read_report(against) if against is not None else None
        report = evaluate_suites(options, connect(options), wanted)
    except EvaluationError as error:
        raise CommandFailed(
            error.message, hint=error.hint, exit_code=Exit.USAGE, code="usage"
        ) from None
    changes = compare(report, before) if before is not None else None
    _save(options, report, changes, output, html)
    print_report(options, report, changes)
    return _exit(options, report, changes, _Bars(fail_under, fail_if_untraced, fail_if_worse))


def _usage(message: str) -> CommandFailed:
    return CommandFailed(message, exit_code=Exit.USAGE, code="usage")


def _save(
    options: Options,
    report: Report,
    changes: Comparison | None,
    output: Path | None,
    html: Path | None,
) -> None:
    if output is not None:
        output.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        note(options, f"Saved the report to {output}.")
    if html is not None:
        from datelier.evals.page import report_page  # noqa: PLC0415  # lazy: only for pages

        html.write_text(report_page(report, changes), encoding="utf-8")
        note(options, f"Saved the page to {html}.")


def _exit(options: Options, report: Report, changes: Comparison | None, bars: _Bars) -> int:
    """Return the exit code, and say which threshold was missed."""
    summary = report.summary
    problems: list[str] = []
    if summary.errors:
        problems.append(f"{summary.errors} of {summary.cases} questions could not be asked.")
    if bars.accuracy is not None and (summary.accuracy or 0) < bars.accuracy:
        problems.append(f"Accuracy is {summary.accuracy or 0:.1%}, below {bars.accuracy:.1%}.")
    if bars.traced and summary.untraced:
        problems.append(f"{summary.untraced} of {summary.figures} numbers have no receipt.")
    if bars.no_regressions and changes is not None and changes.regressions:
        problems.append(f"{len(changes.regressions)} questions were right before.")
    for problem in problems:
        note(options, problem)
    return Exit.FAILED if problems else Exit.OK
