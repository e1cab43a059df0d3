"""An answer as one document with the receipts of its figures: Markdown or HTML that needs nothing."""

import html
import re
from typing import Any, Final, Literal
from uuid import UUID

from datelier.chat.refresh import cites_by_text
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.queries.trace.receipts import code_points
from datelier.threads.models import Message
from datelier.threads.service import get_own_thread

Part = dict[str, Any]
Form = Literal["md", "html"]
_CARD: Final = re.compile(r"\{\{\s*card\s+([A-Z]\d+)\s*\}\}")
_LINE_ENDS: Final = re.compile(r"\s*\n\s*")
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f0f2f5;padding:.75rem;overflow-x:auto;white-space:pre-wrap}"
    "a.cite{color:inherit;text-underline-offset:3px}"
    "a.untraced{text-decoration:underline dotted #855300 2px}li{margin:.35rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#11151b;color:#e6eaf0}"
    "pre{background:#0c1015}a.untraced{text-decoration-color:#e5b95a}}"
)


async def export_answer(ctx: Context, thread_id: UUID, message_id: UUID, form: Form) -> str:
    """Return an answer as a document.

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
    return (_markdown if form == "md" else _html)(said, message.parts)


class _Document:
    """What both forms have in common: texts with numbered receipts, queries, a count."""

    def __init__(self, parts: list[Part]) -> None:
        self.texts: list[tuple[str, list[tuple[int, Part]]]] = []
        self.receipts: list[Part] = []
        self.queries: dict[str, Part] = {}
        self.count = ""
        cites = cites_by_text(parts)
        for index, part in enumerate(parts):
            data: Part = part.get("data") or {}
            if part["type"] == "text":
                self.texts.append((part["text"], self._numbered(cites.get(index, []))))
            elif part["type"] == "data-query" and data.get("status") == "done":
                self.queries[f"{data['handle']} v{data['version']}"] = data
            elif part["type"] == "data-numbers":
                self.count = f"{data['traced']} of {data['total']} numbers traced"

    def _numbered(self, cites: list[Part]) -> list[tuple[int, Part]]:
        numbered: list[tuple[int, Part]] = []
        for cite in sorted(cites, key=lambda cite: cite["start"]):
            if cite["kind"] == "asked":
                continue
            self.receipts.append(cite)
            numbered.append((len(self.receipts), cite))
        return numbered


def receipt_line(cite: Part) -> str:
    """Return a receipt on one line of plain text."""
    said = [f"{cite['shown']} ({cite['kind']})"]
    if cite.get("reason"):
        said.append(str(cite["reason"]))
    if cite["kind"] == "derived":
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
    document = _Document(parts)
    out = [f"# {_LINE_ENDS.sub(' ', question)}"]
    for text, cites in document.texts:
        shown, at = "", 0
        for number, cite in cites:
            end = code_points(text, cite["end"])
            shown += f"{text[at:end]}[^{number}]"
            at = end
        out.append(_CARD.sub(r"[\1]", shown + text[at:]).strip())
    if document.count:
        out.append(f"*{document.count}*")
    for name, query in document.queries.items():
        fence = "`" * max(3, 1 + max((len(m) for m in re.findall(r"`+", query["sql"])), default=0))
        out.append(f"## {name}: {query.get('title') or query['source_name']}")
        out.append(f"{query['source_name']}, {query['ran_at']}, {query['row_count']} rows")
        out.append(f"{fence}sql\n{query['sql']}\n{fence}")
    notes = [f"[^{n}]: {receipt_line(cite)}" for n, cite in enumerate(document.receipts, 1)]
    return "\n\n".join([*out, *(["\n".join(notes)] if notes else [])]) + "\n"


def _html(question: str, parts: list[Part]) -> str:
    document = _Document(parts)
    title = html.escape(question)
    out = [f"<h1>{title}</h1>"]
    for text, cites in document.texts:
        shown, at = "", 0
        for number, cite in cites:
            start, end = code_points(text, cite["start"]), code_points(text, cite["end"])
            tip = html.escape(receipt_line(cite), quote=True)
            shown += html.escape(text[at:start]) + (
                f'<a class="cite {cite["kind"]}" href="#r{number}" title="{tip}">'
                f"{html.escape(text[start:end])}</a>"
            )
            at = end
        shown = _CARD.sub(r'<a href="#\1">[\1]</a>', shown + html.escape(text[at:]))
        out += [
            f"<p>{block.strip().replace(chr(10), '<br>')}</p>"
            for block in re.split(r"\n{2,}", shown)
            if block.strip()
        ]
    if document.count:
        out.append(f"<p><em>{document.count}</em></p>")
    for name, query in document.queries.items():
        label = html.escape(f"{name}: {query.get('title') or query['source_name']}")
        facts = f"{query['source_name']}, {query['ran_at']}, {query['row_count']} rows"
        out.append(f'<h2 id="{html.escape(query["handle"])}">{label}</h2>')
        out.append(f"<p>{html.escape(facts)}</p><pre>{html.escape(query['sql'])}</pre>")
    if document.receipts:
        notes = "".join(
            f'<li id="r{n}">{html.escape(receipt_line(cite))}</li>'
            for n, cite in enumerate(document.receipts, 1)
        )
        out.append(f"<h2>Receipts</h2><ol>{notes}</ol>")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(out)}</body></html>\n'
