"""What an exported answer consists of: texts, cards, refusals, ways to go on, in order."""

from collections.abc import Callable
from dataclasses import dataclass, field

from datelier.artifacts.documents.schemas import DocumentDetail
from datelier.artifacts.schemas import ChartOut
from datelier.chat.export.charts import ChartBlock, chart_block
from datelier.chat.export.documents import DocumentBlock, document_block
from datelier.chat.export.text import Part, TextBlock
from datelier.chat.part_names import FOLLOWUPS_PART
from datelier.chat.refresh import cites_by_text
from datelier.chat.refusal_reasons import REFUSAL_REASONS
from datelier.queries.trace.written import Numbered


@dataclass(slots=True)
class CardBlock:
    """A card as tables: each has a heading, and rows of a label and a figure."""

    title: str
    tables: list[tuple[str, list[tuple[str, Numbered]]]] = field(
        default_factory=list[tuple[str, list[tuple[str, Numbered]]]]
    )


@dataclass(slots=True)
class ListBlock:
    """Questions under a line that says what they are."""

    lead: str
    items: list[str]


Block = TextBlock | CardBlock | ListBlock | DocumentBlock


@dataclass(slots=True)
class Shown:
    """What an answer shows beside its texts, by id, as far as the reader may see it.

    Attributes:
        charts: Charts as they are now.
        documents: Documents that the answer wrote, as it left them.
    """

    charts: dict[str, ChartOut] = field(default_factory=dict[str, ChartOut])
    documents: dict[str, DocumentDetail] = field(default_factory=dict[str, DocumentDetail])


class Document:
    """An answer's blocks, the receipts of its figures, its charts and queries, and a count.

    Args:
        parts: The answer's.
        shown: What it shows beside its texts.
    """

    def __init__(self, parts: list[Part], shown: Shown) -> None:
        self.blocks: list[Block] = []
        self.receipts: list[Part] = []
        self.charts: list[ChartBlock] = []
        self.queries: dict[str, Part] = {}
        self.count = ""
        refusal = _data(parts, "data-refusal")
        cites = cites_by_text(parts)
        listed = False
        for index, part in enumerate(parts):
            data: Part = part.get("data") or {}
            # A text behind the follow-ups says the same for clients that show text alone.
            if part["type"] == "text" and not listed:
                self._text(part["text"], cites.get(index, []), refusal)
            elif part["type"] == "data-card":
                self.blocks.append(_card(data, self._number))
            elif part["type"] == "data-document" and data["document_id"] in shown.documents:
                written = shown.documents[data["document_id"]]
                self.blocks.append(document_block(written, self._number))
            elif part["type"] == "data-query" and data.get("status") == "done":
                self.queries[f"{data['handle']} v{data['version']}"] = data
            elif part["type"] == "data-numbers":
                self.count = f"{data['traced']} of {data['total']} numbers traced"
            elif part["type"] == FOLLOWUPS_PART:
                self.blocks.append(ListBlock("Go on with", data["questions"]))
                listed = True
        self._add_unsaid(parts, refusal)
        # After the texts, so that receipts are numbered in the order in which they are read.
        for chart in chart_parts(parts):
            self.charts.append(chart_block(chart, shown.charts, self._number))

    def _text(self, text: str, cites: list[Part], refusal: Part | None) -> None:
        is_refusal = refusal is not None and _one_line(text).startswith(
            _one_line(refusal["explanation"])
        )
        reason = REFUSAL_REASONS[refusal["reason"]] if refusal is not None and is_refusal else ""
        shown = sorted(cites, key=lambda cite: cite["start"])
        numbered = [self._number(cite) for cite in shown if cite["kind"] != "asked"]
        self.blocks.append(TextBlock(text, numbered, reason))

    def _number(self, cite: Part) -> Numbered:
        self.receipts.append(cite)
        return len(self.receipts), cite

    def _add_unsaid(self, parts: list[Part], refusal: Part | None) -> None:
        """Add what buttons said and no text did."""
        said = " ".join(_one_line(b.text) for b in self.blocks if isinstance(b, TextBlock))
        options = _data(parts, "data-options")
        if options is not None and options["options"][0] not in said:
            self.blocks.append(ListBlock(options["question"], options["options"]))
        nearest = refusal.get("nearest") if refusal is not None else None
        if nearest and nearest not in said:
            self.blocks.append(ListBlock("Ask instead", [nearest]))


def chart_parts(parts: list[Part]) -> list[Part]:
    """Return what an answer knows of its charts, each once."""
    return _each(parts, "data-chart")


def document_parts(parts: list[Part]) -> list[Part]:
    """Return what an answer knows of the documents it wrote, each once."""
    return _each(parts, "data-document")


def _each(parts: list[Part], kind: str) -> list[Part]:
    return list({part["id"]: part["data"] for part in parts if part["type"] == kind}.values())


def _data(parts: list[Part], kind: str) -> Part | None:
    return next((part["data"] for part in reversed(parts) if part["type"] == kind), None)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _card(card: Part, number: Callable[[Part], Numbered]) -> CardBlock:
    unit = f" ({card['unit']})" if card["unit"] else ""
    block = CardBlock(f"{card['title']}{unit}")

    def figure(value: Part) -> Numbered:
        return number(_cite(value["text"], [_cell(card, value)], value["raw"]))

    def difference(delta: Part) -> Numbered:
        percent = f" ({delta['percent_text']})" if delta["percent_text"] else ""
        cells = [_cell(card, delta["minuend"]), _cell(card, delta["subtrahend"])]
        cite = _cite(delta["text"] + percent, cells, delta["text"])
        return number(cite | {"kind": "derived", "formula": delta["formula"]})

    if card["kind"] == "single_fact":
        about = ", ".join(part for part in (card["subject"], card["period"]) if part)
        block.tables.append(("", [(about or card["title"], figure(card["value"]))]))
    elif card["kind"] == "comparison":
        rows = [(entry["label"], figure(entry["value"])) for entry in card["entries"]]
        if card["delta"]:
            rows.append(("Difference", difference(card["delta"])))
        block.tables.append((card["dimension"] or "", rows))
    else:
        for group in card["groups"]:
            rows = [(point["x"], figure(point["value"])) for point in group["points"]]
            rows.append((group["direction"].capitalize(), difference(group["change"])))
            block.tables.append((group["label"] or card["dimension"], rows))
    return block


def _cite(shown: str, cells: list[Part], value: str) -> Part:
    return {"shown": shown, "kind": "exact", "value": value, "cells": cells, "reason": None}


def _cell(card: Part, value: Part) -> Part:
    ref, query = value["ref"], card["query"]
    return {
        "query": query["handle"],
        "version": ref["version"],
        "row": ref["row"],
        "key": ref["key"],
        "column": ref["column"],
        "value": value["raw"],
        "source": card["source_name"],
        "ran_at": query["ran_at"],
    }
