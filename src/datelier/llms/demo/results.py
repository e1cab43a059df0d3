"""Reading what tools answered, from the artifact or, without one, from the text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

_HANDLE = re.compile(r"\b([QC]\d+)(?:[. ]?v(\d+))?\b")
_TOTAL = re.compile(r"Rows \((?:\d+) shown, (\d+) total\)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished tool call.

    Attributes:
        handle: ``Q3`` or ``C1``; empty when the call failed.
        rows: At most the rows shown to a model; every cell is text or None.
        row_count: Rows of the whole result.
    """

    tool: str
    sql: str
    failed: bool
    text: str
    handle: str = ""
    version: int = 1
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    row_count: int = 0
    truncated: bool = False

    def column(self, name: str) -> int:
        """Return the position of a column; the last one when there is none of that name."""
        return self.columns.index(name) if name in self.columns else len(self.columns) - 1


def outcomes(messages: Sequence[BaseMessage]) -> list[Outcome]:
    """Return every finished tool call of some messages, in order."""
    calls = {
        call["id"]: call
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    found: list[Outcome] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            call = calls.get(message.tool_call_id)
            name = message.name or (call["name"] if call else "")
            arguments = call["args"] if call else {}
            found.append(_outcome(message, name, str(arguments.get("sql", ""))))
    return found


_EARLIER = re.compile(r"^- (Q\d+) v(\d+): (\d+) rows \((.*?)\) from .*?: (.*)$", re.MULTILINE)
_DRAWN = re.compile(r"^- C\d+: chart .* of (Q\d+)$", re.MULTILINE)
_PERIODS = frozenset({"day", "week", "month", "quarter", "year", "period", "date"})


def earlier_results(messages: Sequence[BaseMessage]) -> list[Outcome]:
    """Return the results of earlier turns, which the system prompt lists without their rows.

    The one that was drawn last comes last: "now as a bar chart" means that one.
    """
    text = "\n".join(m.text for m in messages if isinstance(m, SystemMessage))
    found = [_earlier(match) for match in _EARLIER.finditer(text)]
    drawn = _DRAWN.findall(text)
    return sorted(found, key=lambda result: bool(drawn) and result.handle == drawn[-1])


def _earlier(match: re.Match[str]) -> Outcome:
    handle, version, rows, names, statement = match.groups()
    columns = tuple(name.strip() for name in names.split(","))
    types = [_likely_type(name, statement) for name in columns]
    if "decimal" not in types:
        types[-1] = "decimal"
    return Outcome(
        tool="execute_sql_query",
        sql=statement,
        failed=False,
        text="",
        handle=handle,
        version=int(version),
        columns=columns,
        types=tuple(types),
        row_count=int(rows),
    )


def _likely_type(name: str, statement: str) -> str:
    """Guess a type: a period by its name, a number by the function that made it."""
    if name.lower() in _PERIODS:
        return "date"
    made = re.search(rf"\)\s+AS\s+\"?{re.escape(name)}\"?(?!\w)", statement, re.IGNORECASE)
    return "decimal" if made else "string"


def _outcome(message: ToolMessage, name: str, sql: str) -> Outcome:
    text = message.text
    if message.status == "error":
        return Outcome(name, sql, failed=True, text=text)
    output = message.artifact
    if isinstance(output, Mapping) and output.get("handle"):
        return _from_artifact(cast("Mapping[str, Any]", output), name, sql, text)
    handle = _HANDLE.search(text)
    if handle is None:
        return Outcome(name, sql, failed=name in {"execute_sql_query", "create_chart"}, text=text)
    columns, rows = _from_text(text)
    total = _TOTAL.search(text)
    return Outcome(
        name, sql, False, text, handle.group(1), int(handle.group(2) or 1), columns, (), rows,
        int(total.group(1)) if total else len(rows),
    )  # fmt: skip


def _from_artifact(output: Mapping[str, Any], name: str, sql: str, text: str) -> Outcome:
    columns = [cast("Mapping[str, Any]", column) for column in output.get("columns") or ()]
    rows = tuple(
        tuple(None if cell is None else str(cell) for cell in cast("Sequence[Any]", row))
        for row in output.get("rows") or ()
    )
    return Outcome(
        tool=name,
        sql=sql,
        failed=False,
        text=text,
        handle=str(output["handle"]),
        version=int(output.get("version") or 1),
        columns=tuple(str(column["name"]) for column in columns),
        types=tuple(str(column.get("type", "")) for column in columns),
        rows=rows,
        row_count=int(output.get("row_count") or len(rows)),
        truncated=bool(output.get("truncated")),
    )


def _from_text(text: str) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    """Read the table of contract Q38: a `` | `` header row, a dashed rule, rows."""
    lines = text.splitlines()
    for number, line in enumerate(lines[1:], 1):
        if line and set(line) <= {"-", "+", "|", " "}:
            header = tuple(cell.strip() for cell in lines[number - 1].split("|"))
            cells = [
                tuple(c.strip() or None for c in row.split("|")) for row in lines[number + 1 :]
            ]
            return header, tuple(row for row in cells if len(row) == len(header))
    return (), ()


def number(cell: str | None) -> Decimal | None:
    """Return a cell as a number, if it is one."""
    try:
        value = Decimal(cell) if cell is not None else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None
