"""Filling an answer's figures anew from the newest versions of its queries, without a model.

Its charts are drawn from the newest results and its cards are built from them; one that a newest
result has no shape for stays as it was, and says from which version it is. Its documents get a
version with figures of the newest results, or say that theirs are of the earlier answer.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from datelier.artifacts.chart_renewal import newest_version
from datelier.artifacts.documents.renewal import (
    Renewed as RenewedDocument,
    read_from,
    renew_document,
)
from datelier.artifacts.documents.schemas import DocumentDetail
from datelier.artifacts.documents.showing import show
from datelier.artifacts.errors import ChartRefused
from datelier.artifacts.service import Reader, Renewed, renew_chart
from datelier.chat.analyst.card import build_card
from datelier.chat.errors import FiguresUntraced, NothingToUpdate
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.kit.log import get_logger
from datelier.queries.results import queries_of_thread
from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.cites import Cite, tally
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.fills import Fill, fill, read_hole
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.load import load_table
from datelier.queries.trace.locales import Locale, locale_of
from datelier.queries.trace.receipts import cite_part, code_points, tally_part
from datelier.queries.trace.stream import Hole
from datelier.queries.trace.tables import Table
from datelier.runs.start import tell_thread
from datelier.threads.models import Message
from datelier.threads.schemas import MessageOut
from datelier.threads.service import get_own_thread, message_out

log = get_logger(__name__)

Part = dict[str, Any]


@dataclass(slots=True)
class _Newest:
    """The newest results of a thread, as far as an answer uses them."""

    tables: dict[int, Table] = field(default_factory=dict[int, Table])
    missing: dict[int, TraceError] = field(default_factory=dict[int, TraceError])

    def find(self, reference: Reference) -> Table:
        found = self.tables.get(reference.handle)
        if found is not None:
            return found
        error = TraceError("no_such_query", f"This chat has no result Q{reference.handle}.")
        raise self.missing.get(reference.handle) or error

    def newer(self, handle: str, version: int) -> Table | None:
        """Return a query's newest result when it is newer than a version."""
        table = self.tables.get(int(handle[1:]))
        return table if table is not None and table.version > version else None


async def refresh_answer(
    ctx: Context, thread_id: UUID, message_id: UUID, locale: str | None
) -> MessageOut:
    """Write an answer's figures again from the newest results, its charts, cards and documents too.

    Its other words stay.

    Args:
        ctx: The thread's owner; no transaction may be open.
        thread_id: The thread.
        message_id: A finished answer of it.
        locale: How the reader writes numbers.

    Raises:
        NotFound: No such message in a thread of the caller's.
        NothingToUpdate: The answer has no figures that were filled from a result.
        DocumentChanged: One of its documents was changed meanwhile.
        FiguresUntraced: Its agent shows no figure without a receipt, and one would have none.
    """
    async with ctx.begin() as tx:
        await get_own_thread(tx, thread_id)
        message, question = await _read(tx, thread_id, message_id)
        documents = await _documents(tx, message.parts)
        versions = await queries_of_thread(tx, thread_id)
    used = {handle for part in message.parts for handle in _handles(part)}
    handles = sorted(used | {handle for shown in documents for handle, _ in read_from(shown)})
    if message.status != "complete" or not handles:
        raise NothingToUpdate("This answer has no figures that come from a query.")
    newest = _Newest()
    for handle in handles:
        try:
            newest.tables[handle] = await load_table(ctx, thread_id, Reference(handle, None))
        except TraceError as error:
            newest.missing[handle] = error
    against = Checked(list(newest.tables.values()), question, locale_of(locale))
    charts = await _renewed_charts(ctx, message.parts, newest, against)
    written = await _renewed_documents(ctx, message.parts, documents, newest, against)
    parts = _with_cards(_renewed(message.parts, newest, against), newest, against)
    known = {(p["type"], p.get("id")) for p in parts}
    for version in versions.data:
        part = version.to_part()
        if int(version.handle[1:]) in handles and ("data-query", part["id"]) not in known:
            parts.append(part)
    async with ctx.begin() as tx:
        row, _ = await _read(tx, thread_id, message_id, for_update=True)
        drawn = {key: (await chart.keep(tx)).to_part() for key, chart in charts.items()}
        drawn |= {str(one.shown.id): (await one.keep(tx)).to_part() for one in written}
        parts = [drawn.get(part.get("id", ""), part) for part in parts]
        row.parts = parts
        row.text = "\n\n".join(p["text"] for p in parts if p["type"] == "text" and p["text"])
        await record(tx, action="message.updated", target=("message", message_id))
        tell_thread(tx, thread_id, "message")
        await tx.session.flush()
        return message_out(row)


async def _read(
    ctx: Context, thread_id: UUID, message_id: UUID, *, for_update: bool = False
) -> tuple[Message, str]:
    statement = owned(ctx, Message).where(Message.thread_id == thread_id, Message.id == message_id)
    if for_update:
        statement = statement.with_for_update()
    message = (await ctx.session.execute(statement)).scalar_one_or_none()
    if message is None:
        raise NotFound("message", message_id)
    asked = owned(ctx, Message).where(Message.id == message.parent_id)
    question = (await ctx.session.execute(asked)).scalar_one_or_none()
    return message, question.text if question is not None else ""


def _handles(part: Part) -> list[int]:
    """Return the numbers of the queries whose results a part shows."""
    data: Part = part.get("data") or {}
    if part["type"] == "data-chart":
        cites = [cite for text in data.get("figures") or () for cite in text["cites"]]
        return [int(data["query_handle"][1:]), *(n for cite in cites for n in _cited(cite))]
    if part["type"] == "data-card":
        return [int(data["query"]["handle"][1:])]
    return _cited(data) if part["type"] == "data-citation" else []


def _cited(cite: Part) -> list[int]:
    return [int(cell["query"][1:]) for cell in cite["cells"]] if cite.get("formula") else []


async def _renewed_charts(
    ctx: Context, parts: list[Part], newest: _Newest, against: Checked
) -> dict[str, Renewed]:
    """Return the charts of which something is older than the newest results, by their parts' ids."""
    reader = Reader(against.question, against.locale)
    found: dict[str, Renewed] = {}
    for part in parts:
        if part["type"] != "data-chart" or not _is_old(part, newest):
            continue
        table = newest.tables.get(int(part["data"]["query_handle"][1:]))
        if table is None:
            continue
        chart_id, result_id = UUID(part["data"]["chart_id"]), UUID(str(table.facts["result_id"]))
        try:
            found[part["id"]] = await renew_chart(ctx, chart_id, result_id, reader)
        except (ChartRefused, NotFound) as error:
            log.info("chart_not_renewed", chart_id=str(chart_id), code=error.code)
    return found


def _is_old(part: Part, newest: _Newest) -> bool:
    """Whether a chart, card or figure shows something of an older result than the newest."""
    data: Part = part.get("data") or {}
    seen: list[tuple[str, int]] = []
    cites: list[Part] = [data] if part["type"] == "data-citation" else []
    if part["type"] == "data-chart":
        cites = [cite for text in data.get("figures") or () for cite in text["cites"]]
        seen.append((data["query_handle"], data["query_version"]))
    elif part["type"] == "data-card":
        seen.append((data["query"]["handle"], data["query"]["version"]))
    seen += [(cell["query"], cell["version"]) for cite in cites for cell in cite["cells"]]
    return any(newest.newer(handle, version) is not None for handle, version in seen)


async def _documents(ctx: Context, parts: list[Part]) -> list[DocumentDetail]:
    """Return the documents that an answer wrote, as they are now, those of the caller."""
    found: list[DocumentDetail] = []
    for part in parts:
        if part["type"] == "data-document":
            try:
                found.append(await show(ctx, UUID(part["data"]["document_id"])))
            except NotFound:
                continue
    return found


async def _renewed_documents(
    ctx: Context,
    parts: list[Part],
    documents: list[DocumentDetail],
    newest: _Newest,
    against: Checked,
) -> list[RenewedDocument]:
    """Return the documents that are to get a version, or to say that theirs is left behind."""
    read = [pair for shown in documents for pair in read_from(shown)]
    old = any(_is_old(part, newest) for part in parts) or any(
        newest.newer(f"Q{handle}", version) for handle, version in read
    )
    reader = Reader(against.question, against.locale)
    out: list[RenewedDocument] = []
    for shown in documents:
        # What shows no result is as old as the answer that it belongs to.
        if old or read_from(shown):
            made = await renew_document(ctx, shown, newest.tables, reader)
            out += [made] if made is not None else []
    return out


def _with_cards(parts: list[Part], newest: _Newest, against: Checked) -> list[Part]:
    """Return the parts with the cards that the newest results have the shape of."""
    return [_card(part, newest, against) if part["type"] == "data-card" else part for part in parts]


def _card(part: Part, newest: _Newest, against: Checked) -> Part:
    query: Part = part["data"]["query"]
    table = newest.newer(query["handle"], query["version"])
    made = table and build_card(table, against.question, against.locale)
    return {**part, "data": made.model_dump(mode="json")} if made else part


def _renewed(parts: list[Part], newest: _Newest, against: Checked) -> list[Part]:
    """Return the parts with every text filled again."""
    cites = cites_by_text(parts)
    out: list[Part] = []
    every: list[Cite] = []
    policy = _policy(parts)
    number = -1
    for index, part in enumerate(parts):
        if part["type"] == "step-start":
            number = -1
        if part["type"] in {"data-citation", "data-numbers"}:
            continue
        if part["type"] != "text":
            out.append(part)
            continue
        number += 1
        text, fills = _refill(part["text"], cites.get(index, []), newest, against.locale)
        found = check(text, fills, against)
        every += found
        out.append({**part, "text": text})
        out += [cite_part(c, text, f"u{index}:{n}", number) for n, c in enumerate(found)]
    counted = tally(every)
    if policy == "block" and not counted.is_clean:
        raise FiguresUntraced(
            "The newest results do not bear out every figure of this answer.",
            hint="Ask the question again.",
        )
    return [*out, tally_part(counted, policy)] if counted.total else out


def _policy(parts: list[Part]) -> str:
    """Return what the answer's agent does with figures without a receipt."""
    found = [part["data"].get("policy") for part in parts if part["type"] == "data-numbers"]
    return str(found[-1]) if found and found[-1] else "warn"


def cites_by_text(parts: list[Part]) -> dict[int, list[Part]]:
    """Return the receipts of every text by its place among a message's parts."""
    found: dict[int, list[Part]] = {}
    texts: list[int] = []
    for index, part in enumerate(parts):
        if part["type"] == "step-start":
            texts = []
        elif part["type"] == "text":
            texts.append(index)
        elif part["type"] == "data-citation":
            data: Part = part["data"]
            place = int(data["text"])
            if place < len(texts):
                found.setdefault(texts[place], []).append(data)
    return found


def _refill(
    text: str, cites: list[Part], newest: _Newest, locale: Locale
) -> tuple[str, list[Fill]]:
    out, fills, at = "", list[Fill](), 0
    for cite in sorted(cites, key=lambda cite: cite["start"]):
        if not cite.get("formula"):
            continue
        start, end = code_points(text, cite["start"]), code_points(text, cite["end"])
        out += text[at:start]
        form = f" | {cite['format']}" if cite.get("format") else ""
        body = newest_version(cite["formula"]) + form
        shown, note = fill(read_hole(Hole(body)), newest.find, locale, len(out))
        fills.append(note)
        out += shown
        at = end
    return out + text[at:], fills
