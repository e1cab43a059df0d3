"""`datelier eval --thread`: an old conversation on today's data."""

from pathlib import Path

import click

from datelier.cli.client import Client
from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, progress, table
from datelier.evals.again import QueryAgain, ThreadAgain, run_again

_SHOWN = 20
_COLOURS = {"same": None, "changed": "yellow", "failed": "red", "gone": "red", "lost": "red"}


def evaluate_thread(
    options: Options, client: Client, thread_id: str, output: Path | None, html: Path | None
) -> ThreadAgain:
    """Run a thread's queries again, print and save what changed, and return it."""
    with progress(options, "Reading the thread") as say:
        report = run_again(client, thread_id, CommandFailed, say)
    if output is not None:
        output.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        note(options, f"Saved the report to {output}.")
    if html is not None:
        from datelier.evals.again_page import again_page  # noqa: PLC0415  # lazy: only for pages

        html.write_text(again_page(report), encoding="utf-8")
        note(options, f"Saved the page to {html}.")
    if options.as_json or options.as_jsonl:
        print_json(report.model_dump(mode="json"))
    else:
        _show(options, report)
    return report


def ended(options: Options, report: ThreadAgain, *, strict: bool) -> int:
    """Return the exit code of a conversation that was run again."""
    broken = sum(query.status == "failed" for query in report.queries)
    if broken:
        note(options, f"{broken} of {len(report.queries)} queries do not run any more.")
    if strict and not report.is_same:
        note(options, "The answers are not what they were.")
    return Exit.FAILED if broken or (strict and not report.is_same) else Exit.OK


def _show(options: Options, report: ThreadAgain) -> None:
    click.secho(report.title, bold=options.human)
    rows = [[q.handle, q.status, _summary(q), q.title or q.sql] for q in report.queries]
    head, line, *body = table(["query", "today", "what", "of"], rows).splitlines()
    click.echo(f"{head}\n{line}")
    for text, query in zip(body, report.queries, strict=True):
        click.secho(text, fg=_COLOURS[query.status] if options.human else None)
    for query in report.queries:
        _show_cells(query)
    changed = [figure for figure in report.figures if figure.status != "same"]
    if changed:
        click.echo("\nFigures that are others today")
        lines = [[f.shown, f.now or f.why, f.where, f.question] for f in changed]
        click.echo(table(["then", "today", "where", "question"], lines))
    click.echo(f"\n{len(changed)} of {len(report.figures)} figures changed")


def _show_cells(query: QueryAgain) -> None:
    found = query.difference
    if found is None or found.is_none:
        return
    click.echo(f"\n{query.handle}  {query.question}")
    for text in found.columns:
        click.echo(f"  column {text}")
    rows = [[one.row, one.column, one.before, one.now] for one in found.cells[:_SHOWN]]
    rows += [[one, "(row)", "", "new"] for one in found.added[:_SHOWN]]
    rows += [[one, "(row)", "there", "gone"] for one in found.removed[:_SHOWN]]
    if rows:
        click.echo(table(["row", "column", "then", "today"], rows))
    left = found.cell_count + found.added_count + found.removed_count - len(rows)
    if left > 0:
        click.echo(f"  and {left} more")


def _summary(query: QueryAgain) -> str:
    found = query.difference
    if found is None:
        return query.why
    if found.is_none:
        return f"{found.rows_now} rows"
    return f"{found.cell_count} cells, {found.added_count} new rows, {found.removed_count} gone"
