"""What commands print: results on stdout, everything else on stderr."""

import json
import shutil
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from datelier.cli.options import Options
from datelier.kit.hidden import without_controls

_SPINNER = "|/-\\"
_NARROWEST = 8  # characters of a column that is cut


def print_json(value: Any) -> None:
    """Print exactly one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_list(options: Options, items: Sequence[dict[str, Any]]) -> bool:
    """Print `items` as one document, or one per line, and say whether JSON was asked for."""
    if options.as_json:
        print_json(items)
    elif options.as_jsonl:
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False))
    return options.as_json or options.as_jsonl


def print_done(options: Options, made: dict[str, Any], said: str) -> None:
    """Print what a command made as a document where JSON was asked for, else in a sentence."""
    if options.as_json:
        print_json(made)
    else:
        click.echo(said)


def note(options: Options, text: str) -> None:
    """Print a remark for people on stderr, unless they asked for quiet."""
    if not (options.quiet or options.as_json or options.as_jsonl):
        click.echo(text, err=True)


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return an aligned table fitted to the terminal; NULL is shown as such, never as 0.

    What is too wide is cut where it is widest; an ``id`` never is, because people copy it.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max([len(header), *(len(row[index]) for row in cells)])
        for index, header in enumerate(headers)
    ]
    room = shutil.get_terminal_size((100, 24)).columns
    cut = [name != "id" for name in headers]
    limit = max(widths, default=0)
    while limit > _NARROWEST and sum(widths) + 2 * len(widths) > room:
        limit -= 1
        widths = [min(w, limit) if cut[index] else w for index, w in enumerate(widths)]
    lines = [_line(headers, widths), "  ".join("─" * width for width in widths)]
    lines.extend(_line(row, widths) for row in cells)
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "NULL" if value is None else without_controls(str(value).replace("\n", " "))


def _line(values: Sequence[str], widths: Sequence[int]) -> str:
    cut = (
        value if len(value) <= width else value[: max(0, width - 1)] + "…"
        for value, width in zip(values, widths, strict=True)
    )
    return "  ".join(text.ljust(width) for text, width in zip(cut, widths, strict=True)).rstrip()


def rows_of(page: dict[str, Any], limit: int = 20) -> list[list[Any]]:
    """Return the first rows of a columnar page."""
    return [list(row) for row in zip(*page["data"], strict=True)][:limit]


@contextmanager
def progress(options: Options, label: str) -> Generator[Callable[[str], None]]:
    """Show on stderr that something goes on, once it has taken half a second.

    A spinner on a terminal; elsewhere a plain line every ten seconds. What is yielded changes the
    label.
    """
    now = [label]

    def say(text: str) -> None:
        now[0] = text

    if not options.show_progress:
        yield say
        return
    done = threading.Event()
    painter = threading.Thread(target=_spin, args=(done, now, sys.stderr.isatty()), daemon=True)
    painter.start()
    try:
        yield say
    finally:
        done.set()
        painter.join()


def _spin(done: threading.Event, now: list[str], terminal: bool) -> None:
    if done.wait(0.5):
        return
    turn = widest = 0
    while True:
        label = now[0]
        widest = max(widest, len(label))
        if terminal:
            click.echo(f"\r{_SPINNER[turn % 4]} {label.ljust(widest)}", nl=False, err=True)
        else:
            click.echo(f"{label} …", err=True)
        turn += 1
        if done.wait(0.12 if terminal else 10):
            break
    if terminal:
        click.echo("\r" + " " * (widest + 2) + "\r", nl=False, err=True)
