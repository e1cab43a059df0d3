"""What `datelier eval` prints."""

import json

import click

from datelier.cli.options import Options
from datelier.cli.output import print_json, table
from datelier.evals.against import Comparison
from datelier.evals.report import CaseReport, Report
from datelier.evals.wording import change_lines, seconds, summary_lines

_MARKS = {"passed": ("right", "green"), "failed": ("wrong", "red"), "error": ("error", "yellow")}
_BAR = 30


def show_case(options: Options, case: CaseReport) -> None:
    """Print one entry as a line of JSON, where such lines were asked for."""
    if options.as_jsonl:
        click.echo(json.dumps(case.model_dump(mode="json"), ensure_ascii=False))


def print_report(options: Options, report: Report, changes: Comparison | None) -> None:
    """Print the report: the questions, what was wrong, what it adds up to and what has changed."""
    if options.as_json:
        whole = report.model_dump(mode="json")
        print_json(whole | ({"against": changes.model_dump(mode="json")} if changes else {}))
        return
    if options.as_jsonl:
        return
    _show_cases(options, report)
    _show_tags(options, report)
    for name, value in summary_lines(report.summary):
        click.echo(f"{name:<18} {value}")
    if changes is not None:
        _show_changes(options, changes)


def _show_cases(options: Options, report: Report) -> None:
    alone = len(report.suites) == 1
    rows = [
        [
            case.id if alone else case.key,
            _MARKS[case.status][0],
            seconds(case.seconds),
            _figures(case),
            case.question,
        ]
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


def _show_tags(options: Options, report: Report) -> None:
    if len(report.tags) < 2:
        return
    width = max(len(tag.tag) for tag in report.tags)
    for tag in report.tags:
        right = round(_BAR * tag.passed / tag.cases)
        bar = click.style("█" * right, fg="green" if options.human else None)
        click.echo(f"{tag.tag:<{width}}  {bar}{'░' * (_BAR - right)}  {tag.passed}/{tag.cases}")
    click.echo()


def _show_changes(options: Options, changes: Comparison) -> None:
    click.echo(f"\nagainst {changes.model}, {changes.finished_at[:16]}")
    for name, value in change_lines(changes):
        click.echo(f"{name:<18} {value}")
    marks = [("worse", "red", changes.regressions), ("better", "green", changes.fixed)]
    for word, colour, found in marks:
        for change in found:
            line = f"{word:<7} {change.key}  {change.question}"
            click.secho(line, fg=colour if options.human else None)
            if word == "worse":
                click.echo(f"        {change.why}")


def _figures(case: CaseReport) -> str:
    return f"{case.traced}/{case.figures}" if case.figures else ""
