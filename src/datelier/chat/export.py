"""An answer as one document with the receipts of its figures: Markdown or HTML that needs nothing."""

import html
import re
from contextlib import suppress
from typing import Final, Literal
from uuid import UUID

from datelier.artifacts.documents.schemas import DocumentDetail
from datelier.artifacts.documents.showing import show
from datelier.chat.export_documents import DocumentBlock, document_html, document_markdown
from datelier.chat.export_html import CARD, anchor, cited_html
from datelier.chat.export_parts import Block, CardBlock, Document, ListBlock, Part, Shown
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.queries.trace.written import notes, one_line, receipt_line, with_marks
from datelier.threads.models import Message
from datelier.threads.service import get_own_thread

Form = Literal["md", "html"]
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
    """Return an answer as one document.

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
    return document(said, message.parts, form, await _documents(ctx, message.parts))


async def _documents(ctx: Context, parts: list[Part]) -> Shown:
    """Return the documents of an answer as it left them; what is gone is left out."""
    found: dict[str, DocumentDetail] = {}
    for part in parts:
        if part["type"] == "data-document":
            data = part["data"]
            with suppress(NotFound):
                key = UUID(data["document_id"])
                found[data["document_id"]] = await show(ctx, key, data["version"])
    return found


def document(question: str, parts: list[Part], form: Form, shown: Shown | None = None) -> str:
    """Return an answer's parts, and what was asked, as one document.

    Args:
        question: What was asked.
        parts: The answer.
        form: The format.
        shown: Documents that the answer wrote, by id.
    """
    answer = Document(parts, shown or {})
    return (_markdown if form == "md" else _html)(question, answer)


def _markdown(question: str, answer: Document) -> str:
    out = [f"# {one_line(question)}", *map(_markdown_block, answer.blocks)]
    if answer.count:
        out.append(f"*{answer.count}*")
    for name, query in answer.queries.items():
        fence = "`" * max(3, 1 + max((len(m) for m in re.findall(r"`+", query["sql"])), default=0))
        out.append(f"## {name}: {query.get('title') or query['source_name']}")
        out.append(f"{query['source_name']}, {query['ran_at']}, {query['row_count']} rows")
        out.append(f"{fence}sql\n{query['sql']}\n{fence}")
    footnotes = notes(answer.receipts)
    return "\n\n".join([*out, *([footnotes] if footnotes else [])]) + "\n"


def _markdown_block(block: Block) -> str:
    if isinstance(block, DocumentBlock):
        return document_markdown(block)
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
    said = CARD.sub(r"[\1]", with_marks(block.text, block.cites)).strip()
    if not block.reason:
        return said
    return "\n".join(f"> {line}".rstrip() for line in f"**{block.reason}**\n\n{said}".split("\n"))


def _cell_text(text: str) -> str:
    return one_line(text).replace("|", "\\|")


def _html(question: str, answer: Document) -> str:
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
    if isinstance(block, DocumentBlock):
        return document_html(block)
    if isinstance(block, ListBlock):
        items = "".join(f"<li>{html.escape(item)}</li>" for item in block.items)
        return f"<p><strong>{html.escape(block.lead)}</strong></p><ul>{items}</ul>"
    if isinstance(block, CardBlock):
        return "".join(
            f"<table><thead><tr><th>{html.escape(heading)}</th>"
            f"<th>{html.escape(block.title)}</th></tr></thead><tbody>"
            + "".join(
                f"<tr><th>{html.escape(label)}</th>"
                f"<td>{anchor(number, cite, cite['shown'])}</td></tr>"
                for label, (number, cite) in rows
            )
            + "</tbody></table>"
            for heading, rows in block.tables
        )
    said = cited_html(block.text, block.cites)
    if not block.reason:
        return said
    return f"<blockquote><p><strong>{html.escape(block.reason)}</strong></p>{said}</blockquote>"
