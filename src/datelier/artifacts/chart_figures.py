"""Figures in a chart's words, traced like those of an answer; annotations stand at cells of results.

Placeholders such as ``{{Q1[0].revenue | eur 0}}`` are filled from stored results, what is typed is
looked up in them, and an annotation's `datum` is a placeholder, never a number that a model typed.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from datelier.artifacts.chart_guard import check_size
from datelier.artifacts.chart_texts import Slot, with_slots
from datelier.artifacts.errors import ChartRefused, Problem
from datelier.kit.context import Context
from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.cites import Cite, tally
from datelier.queries.trace.filled import Piece, ThreadResults, filled, pieces_of, references_of
from datelier.queries.trace.fills import Fill, Read
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.languages import language_of
from datelier.queries.trace.locales import ENGLISH, Locale
from datelier.queries.trace.numerals import numerals
from datelier.queries.trace.plain import plain
from datelier.queries.trace.receipts import cite_part

Numbers = Literal["allow", "warn", "block"]
# A filled text is Markdown, whose signs are escaped; a chart's words are drawn as they are.
_ESCAPED: Final = re.compile(r"\\([\\`*_\[\]<>{}|~])")
_BIND: Final = (
    'an annotation stands at a cell of a result: write "datum": "{{Q1[0].column}}" (or a formula '
    'such as "{{= avg(Q1.column)}}"), never a number'
)
_WRITE: Final = "write it as a placeholder such as {{Q1[0].revenue | eur 0}}, or leave it out"


@dataclass(frozen=True, slots=True)
class Account:
    """What a chart's figures are held against.

    Attributes:
        result: The result that the chart is drawn from.
        thread_id: Where other results are found by name; None for a chart outside of chats.
        question: What was asked; its figures need no receipt.
        numbers: What becomes of figures without one.
        by_person: A person wrote the words: what they type needs no receipt.
        strict: Paths of words that the agent wrote all the same.
    """

    result: Reference
    thread_id: UUID | None
    question: str = ""
    locale: Locale = ENGLISH
    numbers: Numbers = "warn"
    by_person: bool = False
    strict: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """A chart's words with their receipts.

    Attributes:
        figures: One entry per text that has a figure: ``{path, text, cites}``; the path of the
            title is empty. A cite is as in the `data-citation` part of a run's log.
        numbers: How many figures have a receipt.
    """

    title: str
    spec: object
    figures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    numbers: dict[str, Any] = field(default_factory=dict[str, Any])
    texts: frozenset[tuple[str, str]] = frozenset()

    def says(self, path: str, text: str) -> bool:
        """Whether a text still stands at a place, as it is drawn there."""
        return (path, _ESCAPED.sub(r"\1", text)) in self.texts


async def told(ctx: Context, title: str, spec: object, account: Account) -> Told:
    """Fill and check the words of a chart; no transaction may be open.

    Raises:
        ChartRefused: A placeholder cannot be filled, an annotation is a typed number, or a figure
            has no receipt and the agent's policy is *block*.
    """
    check_size(spec)
    made, slots = with_slots(spec)
    head: dict[str, Any] = {"title": title}
    slots = [Slot("", title, head, "title"), *slots]
    found = _Figures(ctx, account)
    await found.load(slots)
    entries = [entry for slot in slots if (entry := await asyncio.to_thread(found.take, slot))]
    if found.problems:
        raise ChartRefused(found.problems)
    count = tally(found.cites)
    numbers = {"traced": count.traced, "total": count.total, "by_kind": count.by_kind}
    texts = frozenset((slot.path, str(slot.now)) for slot in slots)
    return Told(str(head["title"]), made, entries, numbers, texts)


class _Figures:
    def __init__(self, ctx: Context, account: Account) -> None:
        self._account = account
        self._results = ThreadResults(ctx, account.thread_id)
        self.problems: list[Problem] = []
        self.cites: list[Cite] = []

    async def load(self, slots: Sequence[Slot]) -> None:
        """Open the results that the words name, and the chart's own."""
        texts = [slot.value for slot in slots if isinstance(slot.value, str)]
        named = references_of(piece for text in texts for piece in pieces_of(text))
        wanted = [self._account.result] if _has_figures(slots) else []
        await self._results.load([*named, *wanted])

    def take(self, slot: Slot) -> dict[str, Any] | None:
        """Fill a slot; return its text with receipts when it has figures."""
        if slot.is_datum:
            return self._datum(slot)
        text, fills = self._filled(pieces_of(str(slot.value)))
        for note in fills:
            if note.error is not None:
                self._refuse(slot, f"{{{{{note.formula}}}}}: {note.error.message}")
        cites = self._checked(slot, text, fills)
        slot.put(_ESCAPED.sub(r"\1", text))
        for cite in cites:
            if cite.kind == "untraced" and not cite.code and self._account.numbers == "block":
                shown = text[cite.start : cite.end]
                self._refuse(slot, f"{shown} is in no result ({cite.reason}): {_WRITE}")
        return self._entry(slot.path, text, cites)

    def _entry(self, path: str, text: str, cites: list[Cite]) -> dict[str, Any] | None:
        self.cites += cites
        if not cites:
            return None
        parts = [cite_part(cite, text, path, 0)["data"] for cite in cites]
        return {"path": path, "text": text, "cites": parts}

    def _refuse(self, slot: Slot, message: str) -> None:
        self.problems.append(Problem(slot.path or "title", message))

    def _filled(self, pieces: Sequence[Piece]) -> tuple[str, list[Fill]]:
        return filled(pieces, self._results.find, self._account.locale)

    def _checked(self, slot: Slot, text: str, fills: Sequence[Fill]) -> list[Cite]:
        against = Checked(self._results.tables, self._account.question, self._account.locale)
        found = check(text, fills, against)
        if not self._account.by_person or slot.path in self._account.strict:
            return found
        return [cite for cite in found if cite.kind != "untraced"]

    def _datum(self, slot: Slot) -> dict[str, Any] | None:
        value = slot.value
        if not isinstance(value, str):
            return self._typed(slot, value)
        pieces = pieces_of(value)
        if not any(isinstance(piece, Read) for piece in pieces):
            return None  # the name of a category
        text, fills = self._filled(pieces)
        note = fills[0]
        if len(pieces) > 1 or note.value is None:
            why = note.error.message if note.error else _BIND
            self._refuse(slot, f"{{{{{note.formula}}}}}: {why}")
            return None
        number = note.value.number
        slot.put(_plain(note.value.raw) if number is None else float(number))
        return self._entry(slot.path, text, self._checked(slot, text, fills))

    def _typed(self, slot: Slot, value: float) -> dict[str, Any] | None:
        """A typed number: zero is a base line, and one that was asked for is the reader's own."""
        if value == 0 or self._account.by_person:
            return None
        if not any(abs(float(asked) - value) <= 1e-9 * abs(value) for asked in self._asked()):
            self._refuse(slot, f"{value}: {_BIND}")
        return None

    def _asked(self) -> list[Decimal]:
        """The figures of the question."""
        words, locale = plain(self._account.question), self._account.locale
        language = language_of(self._account.question, locale)
        found = numerals(words, locale, language)
        return [reading.value for numeral in found for reading in numeral.readings]


def _plain(raw: object) -> object:
    return raw if isinstance(raw, str | int | float) else str(raw)


def _has_figures(slots: Sequence[Slot]) -> bool:
    return any(sign.isnumeric() for slot in slots for sign in str(slot.value)) or any(
        check(str(slot.value), (), Checked()) for slot in slots if not slot.is_datum
    )
