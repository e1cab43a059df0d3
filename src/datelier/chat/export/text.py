"""A text of an exported answer with its numbered receipts, in Markdown and in HTML."""

import html
import re
from dataclasses import dataclass
from typing import Any, Final

from datelier.chat.export.markdown import inline, to_html
from datelier.queries.trace.receipts import code_points
from datelier.queries.trace.written import Numbered, one_line, receipt_line, with_marks

Part = dict[str, Any]
_CARD: Final = re.compile(r"\{\{\s*card\s+([A-Z]\d+)\s*\}\}")
# Where a link stands while the words around it become HTML; such a sign in the words is nothing.
_OPEN, _CLOSE = "\ue000", "\ue001"
_HOLE: Final = re.compile(f"{_OPEN}(\\w+){_CLOSE}")


@dataclass(slots=True)
class TextBlock:
    """A text with its numbered receipts; a refusal's words have its reason."""

    text: str
    cites: list[Numbered]
    reason: str = ""


def markdown_text(block: TextBlock) -> str:
    """Return a text as Markdown, with a footnote behind every figure."""
    said = _CARD.sub(r"[\1]", with_marks(block.text, block.cites)).strip()
    if not block.reason:
        return said
    return "\n".join(f"> {line}".rstrip() for line in f"**{block.reason}**\n\n{said}".split("\n"))


def html_text(block: TextBlock) -> str:
    """Return a text as HTML, with a link at every figure."""
    said = _linked(block, to_html(_with_holes(block)))
    if not block.reason:
        return said
    return f"<blockquote><p><strong>{html.escape(block.reason)}</strong></p>{said}</blockquote>"


def html_line(block: TextBlock) -> str:
    """Return a text of one line as HTML, for a heading or an item of a list."""
    return _linked(block, inline(one_line(_with_holes(block))))


def anchor(number: int, cite: Part, shown: str) -> str:
    """Return a figure as a link to its receipt; `shown` is HTML."""
    tip = html.escape(receipt_line(cite), quote=True)
    return f'<a class="cite {cite["kind"]}" href="#r{number}" title="{tip}">{shown}</a>'


def _with_holes(block: TextBlock) -> str:
    text = block.text.replace(_OPEN, "\ufffd").replace(_CLOSE, "\ufffd")
    out, at = "", 0
    for number, cite in block.cites:
        start, end = code_points(text, cite["start"]), code_points(text, cite["end"])
        out += f"{text[at:start]}{_OPEN}{number}{_CLOSE}"
        at = end
    return _CARD.sub(rf"{_OPEN}\1{_CLOSE}", out + text[at:])


def _linked(block: TextBlock, made: str) -> str:
    cites = {str(number): cite for number, cite in block.cites}

    def link(match: re.Match[str]) -> str:
        cite = cites.get(match[1])
        if cite is None:
            return f'<a href="#{match[1]}">[{match[1]}]</a>'
        start, end = (code_points(block.text, cite[edge]) for edge in ("start", "end"))
        return anchor(int(match[1]), cite, inline(block.text[start:end]))

    return _HOLE.sub(link, made)
