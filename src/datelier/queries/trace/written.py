"""Texts with the receipts of their figures, as files: Markdown with footnotes."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from datelier.queries.trace.receipts import code_points

Receipt = dict[str, Any]
Numbered = tuple[int, Receipt]
"""A receipt with the number of its note, from 1."""

_LINE_ENDS: Final = re.compile(r"\s*\n\s*")


def receipt_line(cite: Receipt) -> str:
    """Return a receipt on one line of plain text."""
    said = [f"{cite['shown']} ({cite['kind']})"]
    if cite.get("reason"):
        said.append(str(cite["reason"]))
    if cite["kind"] == "derived" and cite["formula"]:
        said.append(f"= {cite['formula']}")
    for cell in cite["cells"]:
        names = ", ".join(f"{name}={value}" for name, value in cell["key"].items())
        row = "all rows" if cell["row"] is None else names or f"row {cell['row'] + 1}"
        column = f", {cell['column']}" if cell["column"] else ""
        value = "" if cell["value"] is None else f" = {cell['value']}"
        said.append(f"{cell['query']} v{cell['version']}, {row}{column}{value}")
    first: Receipt = cite["cells"][0] if cite["cells"] else {}
    if first.get("source"):
        said.append(f"{first['source']}, {moment(first.get('ran_at') or '')}".rstrip(", "))
    return one_line(" · ".join(said))


def moment(text: str) -> str:
    """Return an ISO moment with a zone as people write it, in UTC; any other text as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def one_line(text: str) -> str:
    """Return a text without line ends."""
    return _LINE_ENDS.sub(" ", text)


def with_marks(text: str, cites: Sequence[Numbered]) -> str:
    """Return a Markdown text with the mark of a footnote behind each figure, in their order."""
    shown: list[str] = []
    at = 0
    for number, cite in cites:
        end = code_points(text, cite["end"])
        shown.append(f"{text[at:end]}[^{number}]")
        at = end
    return "".join([*shown, text[at:]])


def notes(receipts: Sequence[Receipt]) -> str:
    """Return the footnotes that :func:`with_marks` refers to; empty without receipts."""
    return "\n".join(f"[^{n}]: {receipt_line(cite)}" for n, cite in enumerate(receipts, 1))
