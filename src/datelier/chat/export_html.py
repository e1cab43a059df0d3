"""Figures with their receipts in an exported page."""

import html
import re
from collections.abc import Sequence
from typing import Final

from datelier.queries.trace.receipts import code_points
from datelier.queries.trace.written import Numbered, Receipt, receipt_line

CARD: Final = re.compile(r"\{\{\s*card\s+([A-Z]\d+)\s*\}\}")


def cited_html(text: str, cites: Sequence[Numbered]) -> str:
    """Return a text as paragraphs, each figure linked to its receipt."""
    shown, at = "", 0
    for number, cite in cites:
        start, end = code_points(text, cite["start"]), code_points(text, cite["end"])
        shown += html.escape(text[at:start]) + anchor(number, cite, text[start:end])
        at = end
    shown = CARD.sub(r'<a href="#\1">[\1]</a>', shown + html.escape(text[at:]))
    return "".join(
        f"<p>{piece.strip().replace(chr(10), '<br>')}</p>"
        for piece in re.split(r"\n{2,}", shown)
        if piece.strip()
    )


def anchor(number: int, cite: Receipt, shown: str) -> str:
    """Return a figure linked to its receipt."""
    tip = html.escape(receipt_line(cite), quote=True)
    return (
        f'<a class="cite {cite["kind"]}" href="#r{number}" title="{tip}">{html.escape(shown)}</a>'
    )
