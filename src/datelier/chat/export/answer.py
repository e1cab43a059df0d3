"""An answer as one document with the receipts of its figures: Markdown or HTML that needs nothing."""

import html
from contextlib import suppress
from typing import Final, Literal
from uuid import UUID

from datelier.artifacts.documents.showing import show
from datelier.artifacts.service import get_chart
from datelier.chat.export.charts import ChartBlock
from datelier.chat.export.documents import DocumentBlock, document_html, document_markdown
from datelier.chat.export.parts import (
    Block,
    CardBlock,
    Document,
    ListBlock,
    Shown,
    chart_parts,
    document_parts,
)
from datelier.chat.export.text import Part, anchor, html_line, html_text, markdown_text
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.kit.markdown import code_block
from datelier.queries.trace.written import moment, notes, one_line, receipt_line
from datelier.threads.models import Message
from datelier.threads.service import get_own_thread

Form = Literal["md", "html"]
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "overflow-wrap:anywhere}"
    "pre,code{background:#f0f2f5;border-radius:3px}code{padding:0 .2rem}"
    "pre{padding:.75rem;overflow-x:auto;white-space:pre-wrap}"
    "a.cite{color:inherit;text-underline-offset:3px}"
    ".wide{overflow-x:auto}.note{opacity:.8;font-size:.875rem}"
    "table{border-collapse:collapse;margin:.75rem 0;overflow-wrap:normal}"
    "th,td{padding:.2rem 1rem .2rem 0;"
    "border-bottom:1px solid #8884;font-weight:400;text-align:left}td.n{text-align:right}"
    "thead th{font-weight:600}"
    "blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:3px solid #8888}"
    "a.untraced{text-decoration:underline dotted #855300 2px}li{margin:.35rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#11151b;color:#e6eaf0}"
    "pre,code{background:#0c1015}a.untraced{text-decoration-color:#e5b95a}}"
)


async def export_answer(ctx: Context, thread_id: UUID, message_id: UUID, form: Form) -> str:
    """Return an answer as a document; no transaction may be open.

    Raises:
        NotFound: No such message in a thread of the caller's.
    """
    async with ctx.begin() as tx:
        thread = await get_own_thread(tx, thread_id)
        wanted = owned(tx, Message).where(Message.thread_id == thread_id, Message.id == message_id)
        message = (await tx.session.execute(wanted)).scalar_one_or_none()
        if message is None:
            raise NotFound("message", message_id)
        asked = owned(tx, Message).where(Message.id == message.parent_id)
        question = (await tx.session.execute(asked)).scalar_one_or_none()
        said = question.text if question is not None else thread.title
    return document(said, message.parts, form, await _shown(ctx, message.parts))


async def _shown(ctx: Context, parts: list[Part]) -> Shown:
    """Return what an answer shows beside its texts; what is gone or not the caller's is left out."""
    found = Shown()
    if "chart:get" in ctx.scopes:
        for part in chart_parts(parts):
            with suppress(NotFound):
                found.charts[part["chart_id"]] = await get_chart(ctx, UUID(part["chart_id"]))
    if "document:get" in ctx.scopes:
        for part in document_parts(parts):
            key = part["document_id"]
            with suppress(NotFound):
                async with ctx.begin() as tx:
                    found.documents[key] = await show(tx, UUID(key), part["version"])
    return found


def document(question: str, parts: list[Part], form: Form, shown: Shown | None = None) -> str:
    """Return an answer's parts, and what was asked, as a document.

    Args:
        question: What was asked.
        parts: The answer's.
        form: What the document is written in.
        shown: The answer's charts with their values, and the documents that it wrote.
    """
    answer = Document(parts, shown or Shown())
    return (_markdown if form == "md" else _html)(question, answer)


def _markdown(question: str, answer: Document) -> str:
    out = [f"# {one_line(question)}", *map(_markdown_block, answer.blocks)]
    if answer.count:
        out.append(f"*{answer.count}*")
    out += map(_markdown_chart, answer.charts)
    for name, query in answer.queries.items():
        out.append(f"## {name}: {query.get('title') or query['source_name']}")
        out.append(f"{query['source_name']}, {moment(query['ran_at'])}, {query['row_count']} rows")
        out.append(code_block(query["sql"], "sql"))
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
    return markdown_text(block)


def _markdown_chart(chart: ChartBlock) -> str:
    title = one_line(markdown_text(chart.title))
    out = [f"## {chart.handle}: {title}"]
    if chart.words:
        words = (f"- {what}{one_line(markdown_text(w))}" for what, w in chart.words)
        out.append("\n".join(words))
    if not chart.columns:
        return "\n\n".join(out)
    out += [f"{_cell_text(chart.description)}. {chart.note}"]
    lines = [[name for name, _ in chart.columns], *chart.rows]
    head, *rows = [f"| {' | '.join(map(_cell_text, line))} |" for line in lines]
    rule = "".join("|---:" if is_number else "|---" for _, is_number in chart.columns)
    return "\n\n".join([*out, "\n".join([head, f"{rule}|", *rows])])


def _cell_text(text: str) -> str:
    return one_line(text).replace("|", "\\|")


def _html(question: str, answer: Document) -> str:
    title = html.escape(question)
    out = [f"<h1>{title}</h1>", *map(_html_block, answer.blocks)]
    if answer.count:
        out.append(f"<p><em>{answer.count}</em></p>")
    out += map(_html_chart, answer.charts)
    for name, query in answer.queries.items():
        label = html.escape(f"{name}: {query.get('title') or query['source_name']}")
        facts = f"{query['source_name']}, {moment(query['ran_at'])}, {query['row_count']} rows"
        out.append(f'<h2 id="{html.escape(query["handle"])}">{label}</h2>')
        out.append(
            f'<p class="note">{html.escape(facts)}</p><pre>{html.escape(query["sql"])}</pre>'
        )
    if answer.receipts:
        receipts = "".join(
            f'<li id="r{n}">{html.escape(receipt_line(cite))}</li>'
            for n, cite in enumerate(answer.receipts, 1)
        )
        out.append(f"<h2>Receipts</h2><ol>{receipts}</ol>")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style>"
    )
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
                f'<td class="n">{anchor(number, cite, html.escape(cite["shown"]))}</td></tr>'
                for label, (number, cite) in rows
            )
            + "</tbody></table>"
            for heading, rows in block.tables
        )
    return html_text(block)


def _html_chart(chart: ChartBlock) -> str:
    handle = html.escape(chart.handle)
    out = [f'<h2 id="{handle}">{handle}: {html_line(chart.title)}</h2>']
    if chart.words:
        words = "".join(f"<li>{what}{html_line(w)}</li>" for what, w in chart.words)
        out.append(f"<ul>{words}</ul>")
    if not chart.columns:
        return "".join(out)
    out.append(f'<p class="note">{html.escape(f"{chart.description}. {chart.note}")}</p>')
    sides = [' class="n"' if is_number else "" for _, is_number in chart.columns]
    head = "".join(f"<th>{html.escape(name)}</th>" for name, _ in chart.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{html.escape(cell)}</td>" for side, cell in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in chart.rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return "".join([*out, f'<div class="wide">{table}</div>'])
