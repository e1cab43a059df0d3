"""An answer as one document with the receipts of its figures: Markdown or HTML that needs nothing."""

import html
import re
from typing import Final, Literal
from uuid import UUID

from datelier.chat.export_parts import Block, CardBlock, Document, ListBlock, Part, TextBlock
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.queries.trace.receipts import code_points
from datelier.threads.models import Message
from datelier.threads.service import get_own_thread

Form = Literal["md", "html"]
_CARD: Final = re.compile(r"\{\{\s*card\s+([A-Z]\d+)\s*\}\}")
_LINE_ENDS: Final = re.compile(r"\s*\n\s*")
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f0f2f5;padding:.75rem;overflow-x:auto;white-space:pre-wrap}"
    "a.cite{color:inherit;text-underline-offset:3px}"
    "table{border-collapse:collapse;margin:.75rem 0}th,td{padding:.2rem 1rem .2rem 0;"
    "border-bottom:1px solid #8884;font-weight:400;text-align:left}td{text-align:right}"
    "blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:3px solid #8888}"
    "a.untraced{text-decoration:underline dotted #855300 2px}li{margin:.35rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#11151b;color:#e6eaf0}"
    "pre{background:#0c1015}a.untraced{text-decoration-color:#e5b95a}}"
)


async def export_answer(ctx: Context, thread_id: UUID, message_id: UUID, form: Form) -> str:
    """Return an answer as a answer.

    Raises:
        NotFound: No such message in a thread of the caller's.
    """
    thread = await get_own_thread(ctx, thread_id)
    statement = owned(ctx, Message).where(Message.thread_id == thread_id, Message.id == message_id)
    message = (await ctx.session.execute(statement)).scalar_one_or_none()
    if message is None:
        raise NotFound("message", message_id)
    asked = owned(ctx, Message).where(Message.id == message.parent_id)
    question = (await ctx.session.execute(asked)).scalar_one_or_none()
    said = question.text if question is not None else thread.title
    return document(said, message.parts, form)


def document(question: str, parts: list[Part], form: Form) -> str:
    """Return an answer's parts, and what was asked, as a answer."""
    return (_markdown if form == "md" else _html)(question, parts)


def receipt_line(cite: Part) -> str:
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
    first: Part = cite["cells"][0] if cite["cells"] else {}
    if first.get("source"):
        said.append(f"{first['source']}, {first.get('ran_at') or ''}".rstrip(", "))
    return _LINE_ENDS.sub(" ", " · ".join(said))


def _markdown(question: str, parts: list[Part]) -> str:
    answer = Document(parts)
    out = [f"# {_LINE_ENDS.sub(' ', question)}", *map(_markdown_block, answer.blocks)]
    if answer.count:
        out.append(f"*{answer.count}*")
    for name, query in answer.queries.items():
        fence = "`" * max(3, 1 + max((len(m) for m in re.findall(r"`+", query["sql"])), default=0))
        out.append(f"## {name}: {query.get('title') or query['source_name']}")
        out.append(f"{query['source_name']}, {query['ran_at']}, {query['row_count']} rows")
        out.append(f"{fence}sql\n{query['sql']}\n{fence}")
    notes = [f"[^{n}]: {receipt_line(cite)}" for n, cite in enumerate(answer.receipts, 1)]
    return "\n\n".join([*out, *(["\n".join(notes)] if notes else [])]) + "\n"


def _markdown_block(block: Block) -> str:
    if isinstance(block, ListBlock):
        return "\n".join([f"**{block.lead}**", "", *(f"- {item}" for item in block.items)])
    if isinstance(block, CardBlock):
        tables = [
            "\n".join(
                [
                    f"| {_cell_text(heading)} | {_cell_text(block.title)} |",
                    "|---|---:|",
                    *(
                        f"| {_cell_text(a)} | {_cell_text(c['shown'])}[^{n}] |"
                        for a, (n, c) in rows
                    ),
                ]
            )
            for heading, rows in block.tables
        ]
        return "\n\n".join(tables)
    shown, at = "", 0
    for number, cite in block.cites:
        end = code_points(block.text, cite["end"])
        shown += f"{block.text[at:end]}[^{number}]"
        at = end
    said = _CARD.sub(r"[\1]", shown + block.text[at:]).strip()
    if not block.reason:
        return said
    return "\n".join(f"> {line}".rstrip() for line in f"**{block.reason}**\n\n{said}".split("\n"))


def _cell_text(text: str) -> str:
    return _LINE_ENDS.sub(" ", text).replace("|", "\\|")


def _html(question: str, parts: list[Part]) -> str:
    answer = Document(parts)
    title = html.escape(question)
    out = [f"<h1>{title}</h1>", *map(_html_block, answer.blocks)]
    if answer.count:
        out.append(f"<p><em>{answer.count}</em></p>")
    for name, query in answer.queries.items():
        label = html.escape(f"{name}: {query.get('title') or query['source_name']}")
        facts = f"{query['source_name']}, {query['ran_at']}, {query['row_count']} rows"
        out.append(f'<h2 id="{html.escape(query["handle"])}">{label}</h2>')
        out.append(f"<p>{html.escape(facts)}</p><pre>{html.escape(query['sql'])}</pre>")
    if answer.receipts:
        notes = "".join(
            f'<li id="r{n}">{html.escape(receipt_line(cite))}</li>'
            for n, cite in enumerate(answer.receipts, 1)
        )
        out.append(f"<h2>Receipts</h2><ol>{notes}</ol>")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(out)}</body></html>\n'


def _html_block(block: Block) -> str:
    if isinstance(block, ListBlock):
        items = "".join(f"<li>{html.escape(item)}</li>" for item in block.items)
        return f"<p><strong>{html.escape(block.lead)}</strong></p><ul>{items}</ul>"
    if isinstance(block, CardBlock):
        return "".join(
            f"<table><thead><tr><th>{html.escape(heading)}</th>"
            f"<th>{html.escape(block.title)}</th></tr></thead><tbody>"
            + "".join(
                f"<tr><th>{html.escape(label)}</th>"
                f"<td>{_anchor(number, cite, cite['shown'])}</td></tr>"
                for label, (number, cite) in rows
            )
            + "</tbody></table>"
            for heading, rows in block.tables
        )
    said = _html_text(block)
    if not block.reason:
        return said
    return f"<blockquote><p><strong>{html.escape(block.reason)}</strong></p>{said}</blockquote>"


def _html_text(block: TextBlock) -> str:
    text, shown, at = block.text, "", 0
    for number, cite in block.cites:
        start, end = code_points(text, cite["start"]), code_points(text, cite["end"])
        shown += html.escape(text[at:start]) + _anchor(number, cite, text[start:end])
        at = end
    shown = _CARD.sub(r'<a href="#\1">[\1]</a>', shown + html.escape(text[at:]))
    return "".join(
        f"<p>{piece.strip().replace(chr(10), '<br>')}</p>"
        for piece in re.split(r"\n{2,}", shown)
        if piece.strip()
    )


def _anchor(number: int, cite: Part, shown: str) -> str:
    tip = html.escape(receipt_line(cite), quote=True)
    return (
        f'<a class="cite {cite["kind"]}" href="#r{number}" title="{tip}">{html.escape(shown)}</a>'
    )
