"""Sheets with cells of their own: CSV in, columns and files out."""

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from datelier.artifacts.documents.errors import ContentRefused, DocumentTooLarge
from datelier.artifacts.documents.schemas import SheetRows
from datelier.artifacts.errors import Problem
from datelier.queries.arrow_store import StoredRows, join
from datelier.queries.export import chunks_of
from datelier.queries.sheet import require_sheet
from datelier.sources.schemas import ColumnOut
from datelier.wire.arrow import encode_columns
from datelier.wire.types import ColumnType

MOST_ROWS: Final = 5_000  # besides the header
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 10_000  # characters
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_DIGITS: Final = 30
_ESCAPED: Final = re.compile(r"\\([\\`*_\[\]<>{}|~])")
Cells = list[list[str]]
"""Lines of a sheet, the header first; every line has as many cells as the header."""


def read_csv(text: str) -> Cells:
    """Return the cells of a CSV text; empty lines are left out.

    Raises:
        ContentRefused: It is not CSV, has no header, or its lines differ in length.
        DocumentTooLarge: It has too many rows or columns, or a cell is too long.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: Cells = []
    problems: list[Problem] = []
    try:
        for line in reader:
            if not line:
                continue
            if lines and len(line) != len(lines[0]):
                said = (
                    f"has another number of cells ({len(line)}) than the header ({len(lines[0])})"
                )
                problems.append(Problem(f"line {reader.line_num}", said))
            lines.append(line)
            _require_room(lines)
    except csv.Error as error:
        raise ContentRefused(
            [Problem(f"line {reader.line_num}", f"is not CSV: {error}")],
            hint="Put cells with commas, quotes or line ends in double quotes.",
        ) from None
    if not lines:
        raise ContentRefused([Problem("content", "a sheet begins with the names of its columns")])
    if problems:
        hint = "Put cells with commas in double quotes."
        raise ContentRefused(problems, hint=hint)
    return lines


def _require_room(lines: Cells) -> None:
    hint = "Let the sheet show a stored result: those may be of any size."
    if len(lines) > MOST_ROWS + 1:
        raise DocumentTooLarge(f"A sheet holds {MOST_ROWS:,} rows.", hint=hint)
    line = lines[-1]
    if len(line) > MOST_COLUMNS:
        raise DocumentTooLarge(f"A sheet holds {MOST_COLUMNS} columns.", hint=hint)
    if any(len(cell) > LONGEST_CELL for cell in line):
        raise DocumentTooLarge(f"A cell holds {LONGEST_CELL:,} characters.", hint=hint)


def write_csv(cells: Cells) -> str:
    """Return cells as CSV, one line each."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(cells)
    return out.getvalue()


def unescaped(text: str) -> str:
    """Return a filled value as a cell shows it: without the marks that Markdown needs."""
    return _ESCAPED.sub(r"\1", text)


def as_table(cells: Cells) -> tuple[str, list[list[int]]]:
    """Return a sheet as a table of Markdown, which is how figures in it are read.

    Args:
        cells: The sheet; cells have no line ends, and their bars are escaped.

    Returns:
        The table, and where each cell begins in it.
    """
    starts: list[list[int]] = []
    lines: list[str] = []
    at = 0
    for number, line in enumerate(cells):
        row: list[int] = []
        text = "|"
        for cell in line:
            row.append(at + len(text) + 1)
            text += f" {cell} |"
        if number == 0:
            text += "\n|" + "---|" * len(line)
        starts.append(row)
        lines.append(text)
        at += len(text) + 1
    return "\n".join(lines), starts


def sheet_rows(cells: Cells) -> SheetRows:
    """Return cells column by column; a column of plain numbers is one of decimals."""
    names, lines = cells[0], cells[1:]
    data: list[list[str | None]] = [[line[i] or None for line in lines] for i in range(len(names))]
    columns = [
        ColumnOut(name=name, type="decimal" if _is_numeric(column) else "string")
        for name, column in zip(names, data, strict=True)
    ]
    return SheetRows(columns=columns, data=data)


def _is_numeric(column: Sequence[str | None]) -> bool:
    present = [cell for cell in column if cell is not None]
    return bool(present) and all(
        len(cell) <= _DIGITS and _NUMBER.fullmatch(cell) is not None for cell in present
    )


def sheet_file(cells: Cells, form: Literal["csv", "xlsx"], *, protect: bool) -> bytes:
    """Return a sheet as a file, made as those of stored results are; it blocks.

    Args:
        cells: The sheet.
        form: The format.
        protect: Put ``'`` before CSV texts that a spreadsheet would run as a formula.
    """
    rows = sheet_rows(cells)
    types: list[ColumnType] = [column.type for column in rows.columns]
    stream = encode_columns([column.name for column in rows.columns], types, rows.data)
    joined = join([(stream, len(cells) - 1)], rows.columns)
    with tempfile.TemporaryDirectory(prefix="datelier-document-") as folder:
        path = Path(folder) / "sheet.arrow"
        path.write_bytes(joined.data)
        stored = StoredRows(path, joined.index, rows.columns)
        if form == "xlsx":
            require_sheet(stored)
        return b"".join(chunks_of(stored, form, protect=protect))
