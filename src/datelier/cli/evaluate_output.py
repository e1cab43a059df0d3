"""What `datelier eval` prints."""

import json
from collections.abc import Sequence

import click

from datelier.cli.options import Options
from datelier.cli.output import table
from datelier.evals.report import CaseReport, Report, Summary

_MARKS = {"passed": ("right", "green"), "failed": ("wrong", "red"), "error": ("error", "yellow")}
_BAR = 30


def show_case(options: Options, case: CaseReport) -> None:
    """Print one entry as a line of JSON, where such lines were asked for."""
    if options.as_jsonl:
        click.echo(json.dumps(case.model_dump(mode="json"), ensure_ascii=False))


def show_report(options: Options, report: Report) -> None:
    """Print the report: the questions, what was wrong, and what it all adds up to."""
    rows = [
        [case.key, _MARKS[case.status][0], seconds(case.seconds), _figures(case), case.question]
        for case in report.cases
    ]
    headers = ["question", "answer", "time", "traced", "asked"]
    head, line, *body = table(headers, rows).splitlines()
    click.echo(f"{head}\n{line}")
    for text, case in zip(body, report.cases, strict=True):
        colour = _MARKS[case.status][1]
        click.secho(text, fg=colour if options.human and case.status != "passed" else None)
    for case in report.cases:
        if case.why:
            click.secho(f"\n{case.key}  {case.question}", bold=options.human)
            click.echo(f"  {case.why}")
    click.echo()
    _show_tags(options, report)
    for name, value in summary_lines(report.summary):
        click.echo(f"{name:<18} {value}")


def summary_lines(summary: Summary) -> Sequence[tuple[str, str]]:
    """Return what a report adds up to, as names and values for people."""
    refusals = summary.refusals
    known = f"{refusals.right} right, {refusals.other_reason} for another reason"
    missing = f"{refusals.missed} missed, {refusals.wrong} wrong"
    middle, late = seconds(summary.latency_median), seconds(summary.latency_p95)
    first = seconds(summary.first_text_median)
    lines = [
        ("accuracy", f"{share(summary.accuracy)} ({summary.passed} of {summary.cases} right)"),
        ("refusals", f"{known}, {missing}"),
        ("untraced", f"{share(summary.untraced_share)} ({summary.untraced} of {summary.figures})"),
        ("cost", money(summary)),
        ("tokens", f"{summary.input_tokens:,} in, {summary.output_tokens:,} out"),
        ("latency", f"median {middle}, p95 {late}, first words {first}"),
    ]
    if summary.intent_accuracy is not None:
        lines.insert(1, ("intents", f"{share(summary.intent_accuracy)} understood as expected"))
    if summary.errors:
        lines.insert(1, ("errors", f"{summary.errors} questions without an answer to judge"))
    return lines


def seconds(value: float | None) -> str:
    """Return a duration for people."""
    return "-" if value is None else f"{value:.2f} s"


def share(value: float | None) -> str:
    """Return a share for people."""
    return "-" if value is None else f"{value:.1%}"


def money(summary: Summary) -> str:
    """Return what an evaluation has cost, and for how many answers that is not known."""
    shown = "unknown" if summary.cost is None else f"${summary.cost:.4f}"
    return f"{shown}, unknown for {summary.unpriced} answers" if summary.unpriced else shown


def _show_tags(options: Options, report: Report) -> None:
    if len(report.tags) < 2:
        return
    width = max(len(tag.tag) for tag in report.tags)
    for tag in report.tags:
        right = round(_BAR * tag.passed / tag.cases)
        bar = click.style("█" * right, fg="green" if options.human else None)
        click.echo(f"{tag.tag:<{width}}  {bar}{'░' * (_BAR - right)}  {tag.passed}/{tag.cases}")
    click.echo()


def _figures(case: CaseReport) -> str:
    return f"{case.traced}/{case.figures}" if case.figures else ""
