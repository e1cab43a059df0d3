"""Receipts as they travel: in a run's log, in messages, in exports."""

import re
from typing import Any, Final

from datelier.queries.trace.cites import Cite, Tally
from datelier.queries.trace.evaluate import UsedCell
from datelier.queries.trace.tables import Table

_MOST_CELLS: Final = 12
_LINE: Final = 200
_VALUE: Final = 300


def cite_part(cite: Cite, shown: str, part_id: str, number: int) -> dict[str, Any]:
    """Return the `data-citation` part of a figure.

    Args:
        cite: The figure; its offsets are those of `shown`.
        shown: The whole text that it is part of.
        part_id: Unique in the run; the same id replaces an earlier word on the figure.
        number: Which text of its step it stands in, from 0.
    """
    start, end = utf16(shown, cite.start), utf16(shown, cite.end)
    data: dict[str, Any] = {
        "text": number,
        "start": start,
        "end": end,
        "shown": shown[cite.start : cite.end],
        "kind": cite.kind,
        "value": None if cite.value is None else cite.value[:_VALUE],
        "type": cite.type or None,
        "formula": cite.formula or None,
        "format": cite.form or None,
        "cells": [cell_receipt(cell) for cell in cite.cells[:_MOST_CELLS]],
        "reason": cite.reason or None,
    }
    return {"type": "data-citation", "id": part_id, "data": data}


def tally_part(tally: Tally, policy: str) -> dict[str, Any]:
    """Return the `data-numbers` part: how many figures of an answer have a receipt."""
    data = {"traced": tally.traced, "total": tally.total, "by_kind": tally.by_kind}
    return {"type": "data-numbers", "id": "numbers", "data": {**data, "policy": policy}}


def utf16(text: str, offset: int) -> int:
    """Return an offset as browsers count: characters beyond the first plane are two."""
    if text.isascii():
        return offset
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def code_points(text: str, offset: int) -> int:
    """Return an offset counted by a browser as Python counts."""
    if text.isascii():
        return offset
    whole = text.encode("utf-16-le", "surrogatepass")
    return len(whole[: offset * 2].decode("utf-16-le", "replace"))


def cell_receipt(used: UsedCell) -> dict[str, Any]:
    """Return where a value lies; `row` is null for a whole column, `column` for all rows."""
    table, facts = used.table, used.table.facts
    return {
        "query": table.name,
        "version": table.version,
        "query_id": facts.get("query_id"),
        "result_id": facts.get("result_id"),
        "row": used.row,
        "key": row_key(table, used.row) if used.row is not None else {},
        "column": used.column,
        "value": None if used.value is None else str(used.value)[:_VALUE],
        "line": _sql_line(str(facts.get("sql") or ""), used.column),
        "source": facts.get("source_name"),
        "source_id": facts.get("source_id"),
        "ran_at": facts.get("ran_at"),
    }


def row_key(table: Table, row: int) -> dict[str, str]:
    """Return what names a row in a receipt: its labels, long ones cut."""
    return {name: label[:_VALUE] for name, label in table.key(row).items()}


def _sql_line(sql: str, column: str | None) -> str | None:
    """Return the line of a statement that makes a column, as far as its text tells."""
    if not column or not sql:
        return None
    name = re.escape(column)
    for pattern in (rf"\bAS\s+[\"`]?{name}[\"`]?(?!\w)", rf"(?<!\w){name}(?!\w)"):
        for line in sql.splitlines():
            found = re.search(pattern, line, re.IGNORECASE)
            if found is not None:
                return _cut(line.strip(), max(0, found.end() - _LINE))
    return None


def _cut(line: str, start: int) -> str:
    return line if len(line) <= _LINE else f"…{line[start : start + _LINE]}"
