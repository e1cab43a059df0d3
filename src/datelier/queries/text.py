"""Results as a model reads them (contract Q38): short, flat, and honest about what is left out."""

from collections.abc import Sequence
from typing import Any, Final

from datelier.queries.schemas import QueryVersionOut
from datelier.sources.schemas import ColumnOut

CELL: Final = 80
_COLUMNS_MAX: Final = 60
_NOTE: Final = 300


def cell_text(value: object, width: int = CELL) -> str:
    """Return a cell on one line, cut to `width`; NULL is blank."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "(binary)"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.replace("|", "¦").split()) if not text.isalnum() else text
    return text if len(text) <= width else text[: width - 1] + "…"


def rows_of_columns(data: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Turn columns into rows."""
    return [list(row) for row in zip(*data, strict=True)]


def result_text(version: QueryVersionOut, rows: Sequence[Sequence[Any]]) -> str:
    """Return a result with its first rows.

    Args:
        version: The finished version.
        rows: The first rows, JSON values.
    """
    shown = len(rows)
    columns = version.columns[:_COLUMNS_MAX]
    lines = [f"Result {version.reference}", f"Execution time: {version.elapsed_ms or 0}ms"]
    lines.append(f"SQL: {cell_text(version.sql, 2000)}")
    lines.append("Columns: " + ", ".join(f"{c.name} ({c.type})" for c in columns))
    if len(version.columns) > len(columns):
        lines.append(f"({len(version.columns) - len(columns)} further columns are not shown)")
    lines.append(f"Rows ({shown} shown, {_total(version)} total):")
    lines += _table(columns, rows)
    if shown < (version.row_count or 0) or version.truncated:
        lines.append("... truncated")
    if version.truncated:
        lines.append(
            f"The result was cut at {version.row_count} rows: compute totals and shares in SQL, "
            "not from these rows."
        )
    lines += [f"Note: {cell_text(note, _NOTE)}" for note in version.notes]
    if not rows:
        lines.append("The query ran and returned no rows.")
    return "\n".join(lines)


def _total(version: QueryVersionOut) -> str:
    if version.total is not None:
        return str(version.total)
    return f"more than {version.row_count}" if version.truncated else str(version.row_count or 0)


def _table(columns: Sequence[ColumnOut], rows: Sequence[Sequence[Any]]) -> list[str]:
    header = " | ".join(cell_text(c.name) for c in columns)
    body = [" | ".join(cell_text(cell) for cell in row[: len(columns)]) for row in rows]
    return [header, "-" * max(3, len(header)), *body]


def error_text(code: str, message: str, hint: str | None, position: int | None = None) -> str:
    """Return a failure as the model should read it: what happened, and what to do."""
    text = f"Error {code}: {message}"
    if position is not None:
        text += f" (at character {position})"
    return f"{text}\nHint: {hint}" if hint else text
