"""Documents inside of an exported answer, with the receipts of their figures."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from datelier.artifacts.documents.schemas import DocumentDetail
from datelier.artifacts.documents.sheets import read_csv
from datelier.chat.export.text import TextBlock, anchor, html_text
from datelier.kit.markdown import code_block
from datelier.queries.trace.written import Numbered, Receipt, one_line, with_marks

Cell = tuple[str, list[Numbered]]


@dataclass(slots=True)
class DocumentBlock:
    """A document as an answer shows it.

    Attributes:
        shown: The document in the answer's version.
        cites: Receipts of a text, by their offsets.
        cells: Lines of a sheet with content of its own, the header first.
    """

    shown: DocumentDetail
    cites: list[Numbered] = field(default_factory=list[Numbered])
    cells: list[list[Cell]] = field(default_factory=list[list[Cell]])

    @property
    def heading(self) -> str:
        """Name, title and version on one line."""
        return one_line(f"{self.shown.handle}: {self.shown.title} (v{self.shown.version})")

    @property
    def bound(self) -> str:
        """What a sheet without cells of its own shows."""
        result = self.shown.result
        assert result is not None
        return f"{result.reference} of {result.source_name}, {result.row_count} rows"


def document_block(shown: DocumentDetail, number: Callable[[Receipt], Numbered]) -> DocumentBlock:
    """Return a document as a block, its receipts numbered.

    Args:
        shown: The document.
        number: Gives a receipt its number in the answer.
    """
    block = DocumentBlock(shown)
    cites = [cite for cite in shown.figures if cite["kind"] != "asked"]
    if shown.kind == "text":
        block.cites = [number(cite) for cite in sorted(cites, key=lambda cite: cite["start"])]
    elif shown.kind == "sheet" and shown.result is None:
        head, *lines = read_csv(shown.content)
        at: dict[tuple[int, int], list[Numbered]] = {}
        for cite in cites:
            row, column = cite["cell"]
            at.setdefault((row, column), []).append(number(cite))
        block.cells = [[(name, []) for name in head]]
        block.cells += [
            [(cell, at.get((row, column), [])) for column, cell in enumerate(line)]
            for row, line in enumerate(lines)
        ]
    return block


def document_markdown(block: DocumentBlock) -> str:
    """Return a document as Markdown under a heading."""
    shown = block.shown
    if shown.kind == "text":
        body = with_marks(shown.content, block.cites).strip()
    elif shown.kind == "code":
        body = code_block(shown.content.rstrip(), shown.language or "")
    elif shown.result is not None:
        body = block.bound
    else:
        lines = [f"| {' | '.join(map(_marked, line))} |" for line in block.cells]
        lines.insert(1, f"|{'---|' * len(block.cells[0])}")
        body = "\n".join(lines)
    return f"## {block.heading}\n\n{body}"


def _marked(cell: Cell) -> str:
    text, cites = cell
    escaped = re.sub(r"([\\`*_\[\]<>|])", r"\\\1", one_line(text))
    return escaped + "".join(f"[^{number}]" for number, _ in cites)


def document_html(block: DocumentBlock) -> str:
    """Return a document as HTML under a heading."""
    shown = block.shown
    if shown.kind == "text":
        body = html_text(TextBlock(shown.content, block.cites))
    elif shown.kind == "code":
        body = f"<pre>{html.escape(shown.content)}</pre>"
    elif shown.result is not None:
        body = f"<p>{html.escape(block.bound)}</p>"
    else:
        head, *lines = block.cells
        rows = "".join(f"<tr>{''.join(map(_cell_html, line))}</tr>" for line in lines)
        names = "".join(f"<th>{html.escape(name)}</th>" for name, _ in head)
        body = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>{html.escape(block.heading)}</h2>{body}"


def _cell_html(cell: Cell) -> str:
    text, cites = cell
    if not cites:
        return f"<td>{html.escape(text)}</td>"
    first, *more = cites
    marks = "".join(anchor(number, cite, f"[{number}]") for number, cite in more)
    return f"<td>{anchor(*first, html.escape(text))}{marks}</td>"
