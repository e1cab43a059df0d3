"""The text of an answer on its way into the log: placeholders filled, every figure accounted for.

A piece without braces goes straight through. What follows a placeholder waits until it is filled,
which takes no longer than reading its result; with the policy *block* all of a text waits until it
was checked.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from datelier.agents.definition import Numbers
from datelier.chat.evidence import Evidence, evidence_of
from datelier.chat.human import REQUEST_HUMAN
from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.cites import Cite, Tally, tally
from datelier.queries.trace.fills import Fill, Read, fill, read_hole
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.locales import Locale, locale_of
from datelier.queries.trace.receipts import cite_part, tally_part
from datelier.queries.trace.stream import Hole, PlaceholderStream
from datelier.runs.execution import ActiveRun

_MANY_CELLS: Final = 5_000
NUMBERS_KEY: Final = "numbers"


@dataclass(slots=True)
class Segment:
    """One text of a step, as its reader sees it."""

    part_id: str
    number: int
    texts: list[str] = field(default_factory=list[str])
    length: int = 0
    fills: list[Fill] = field(default_factory=list[Fill])
    cites: list[Cite] = field(default_factory=list[Cite])
    said: dict[str, Cite] = field(default_factory=dict[str, Cite])

    @property
    def text(self) -> str:
        return "".join(self.texts)


class Figures:
    """The texts of one model call.

    Args:
        run: Whose log they go to.
        policy: What happens to figures without a receipt.
        before: What the run has said so far, with its tools' results.
        question: What was asked.
    """

    def __init__(
        self, run: ActiveRun, policy: Numbers, before: Sequence[AnyMessage], question: str
    ) -> None:
        self._run = run
        self._log = run.log
        self._policy: Numbers = policy
        self._before = before
        self._question = "\n".join([question, *_answers(before)])
        self._stream = PlaceholderStream()
        self._waiting: list[str | Read] = []
        self._open: Segment | None = None
        self._segments: list[Segment] = []
        self.refused = False

    @property
    def evidence(self) -> Evidence:
        """The results of this run."""
        return evidence_of(self._run)

    @property
    def _locale(self) -> Locale:
        return locale_of((self._run.claim.input or {}).get("locale"))

    @property
    def waits(self) -> bool:
        """Whether a placeholder waits for its result; :meth:`catch_up` reads it."""
        return bool(self._waiting)

    def feed(self, text: str, part_id: str) -> None:
        """Take a piece of the model's text for the part that is open, or opens with it."""
        if self._open is None:
            self._open = Segment(part_id, len(self._segments))
        if not self._waiting and self._stream.passes(text):
            self._show(text)
            return
        self._take(self._stream.feed(text))

    def _take(self, items: Sequence[str | Hole]) -> None:
        for item in items:
            read = read_hole(item) if isinstance(item, Hole) else item
            if self._waiting or (isinstance(read, Read) and self._needs(read)):
                self._waiting.append(read)
            elif isinstance(read, Read):
                self._fill(read)
            else:
                self._show(read)

    def _needs(self, read: Read) -> bool:
        evidence = self.evidence
        evidence.take(self._before)
        return evidence.lacks(read.references)

    async def catch_up(self) -> None:
        """Read the results that placeholders wait for, and fill them."""
        waiting, self._waiting = self._waiting, []
        references = [r for item in waiting if isinstance(item, Read) for r in item.references]
        await self.evidence.load(references)
        for item in waiting:
            if isinstance(item, Read):
                self._fill(item)
            else:
                self._show(item)

    def _fill(self, read: Read) -> None:
        segment = self._segment()
        text, note = fill(read, self.evidence.find, self._locale, segment.length)
        self._show(text)
        segment.fills.append(note)
        if self._policy != "block":
            self._cite(segment, _first_word(note), f"{segment.part_id}:{len(segment.fills) - 1}")

    def _segment(self) -> Segment:
        assert self._open is not None
        return self._open

    def _show(self, text: str) -> None:
        segment = self._segment()
        if not segment.texts and self._policy != "block":
            # The first words of a burst do not wait for others to share their commit.
            self._log.put({"type": "text-start", "id": segment.part_id}, at_once=True)
        segment.texts.append(text)
        segment.length += len(text)
        if self._policy != "block":
            self._log.delta("text-delta", segment.part_id, text)

    def _cite(self, segment: Segment, cite: Cite, part_id: str) -> None:
        if segment.said.get(part_id) != cite:
            segment.said[part_id] = cite
            self._log.put(cite_part(cite, segment.text, part_id, segment.number))

    def close(self) -> None:
        """End the text that is open."""
        segment = self._open
        if segment is None:
            return
        self._take(self._stream.finish())
        for item in self._waiting:  # only after a failure: nobody will read their results now
            self._show("") if isinstance(item, Read) else self._show(item)
        self._waiting = []
        self._open = None
        if segment.texts:
            self._segments.append(segment)
            if self._policy != "block":
                self._log.put({"type": "text-end", "id": segment.part_id})

    async def check(self) -> Tally:
        """Account for every figure of the texts, which have ended; what was held is still held."""
        for segment in self._segments:
            segment.cites = await self._check(segment)
            if self._policy != "block":
                self._say(segment)
        return tally(self._cites)

    @property
    def _cites(self) -> list[Cite]:
        return [cite for segment in self._segments for cite in segment.cites]

    async def _check(self, segment: Segment) -> list[Cite]:
        text, fills = segment.text, segment.fills
        found = check(text, fills, Checked((), self._question, self._locale))
        if not fills and all(cite.kind != "untraced" for cite in found):
            return found
        evidence = self.evidence
        references = evidence.take(self._before) or await evidence.of_thread()
        used = [
            Reference(cell.table.handle, cell.table.version)
            for cite in found
            for cell in cite.cells
        ]
        references = list(dict.fromkeys([*references, *used]))
        await evidence.load(references)
        tables = evidence.tables(references)
        if not tables:
            return found
        against = Checked(tables, self._question, self._locale)
        if sum(table.rows * len(table.columns) for table in tables) > _MANY_CELLS:
            return await asyncio.to_thread(check, text, fills, against)
        return check(text, fills, against)

    def _say(self, segment: Segment) -> None:
        for cite in segment.cites:
            self._cite(segment, cite, _cite_id(segment, cite))

    def release(self) -> None:
        """Let texts go that were held back until they were checked."""
        if self._policy != "block":
            return
        for segment in self._segments:
            self._log.put({"type": "text-start", "id": segment.part_id}, at_once=True)
            self._log.delta("text-delta", segment.part_id, segment.text)
            self._log.put({"type": "text-end", "id": segment.part_id})
            self._say(segment)

    def refuse(self, words: str) -> None:
        """Say something instead of the texts that were held back."""
        self.refused = True
        data = {"reason": "untraced", "explanation": words}
        self._log.put({"type": "data-refusal", "id": "refusal", "data": data})
        part_id = self._segments[0].part_id if self._segments else "refusal"
        self._log.put({"type": "text-start", "id": part_id}, at_once=True)
        self._log.delta("text-delta", part_id, words)
        self._log.put({"type": "text-end", "id": part_id})

    @property
    def text(self) -> str:
        """The texts as their reader sees them, or would if they were not held back."""
        return "\n\n".join(segment.text for segment in self._segments)

    @property
    def was_corrected(self) -> bool:
        """Whether the model was told before that its figures are not accounted for."""
        return any(isinstance(message, HumanMessage) for message in self._before)

    def count(self, own: Tally) -> dict[str, Any]:
        """Add this call's figures to those of the run's earlier calls, and say how many there are.

        Returns:
            What the call's message keeps, so that a run that goes on elsewhere counts on.
        """
        whole = own
        for message in self._before:
            if isinstance(message, AIMessage) and message.response_metadata.get(NUMBERS_KEY):
                whole = _sum(whole, message.response_metadata[NUMBERS_KEY])
        if whole.total:
            self._log.put(tally_part(whole, self._policy))
        return {"traced": own.traced, "total": own.total, "by_kind": own.by_kind}

    @property
    def problems(self) -> list[str]:
        """What the model has to put right, in words for it; each problem once."""
        found = [
            f"{{{{{cite.formula}}}}}: {cite.reason}" if cite.formula else _quoted(segment, cite)
            for segment in self._segments
            for cite in segment.cites
            if cite.kind == "untraced" and (cite.code or self._policy == "block")
        ]
        return list(dict.fromkeys(found))


def _answers(said: Sequence[AnyMessage]) -> list[str]:
    """Return what people answered in the inbox: their figures are asked, like the question's."""
    return [
        message.text
        for message in said
        if isinstance(message, ToolMessage)
        and message.name == REQUEST_HUMAN.name
        and message.status == "success"
    ]


def _quoted(segment: Segment, cite: Cite) -> str:
    return f"“{segment.text[cite.start : cite.end]}”: {cite.reason}"


def _cite_id(segment: Segment, cite: Cite) -> str:
    for number, note in enumerate(segment.fills):
        if note.start < cite.end and cite.start < note.end:
            return f"{segment.part_id}:{number}"
    return f"{segment.part_id}:t{cite.start}"


def _sum(own: Tally, earlier: dict[str, Any]) -> Tally:
    kinds = dict(own.by_kind)
    for kind, count in earlier["by_kind"].items():
        kinds[kind] = kinds.get(kind, 0) + count
    return Tally(own.traced + earlier["traced"], own.total + earlier["total"], kinds)


def _first_word(note: Fill) -> Cite:
    if note.value is None:
        error = note.error
        return Cite(
            note.start, note.end, "untraced", formula=note.formula, form=note.form,
            reason=error.message if error else "", code=error.code if error else "",
        )  # fmt: skip
    value = note.value
    kind = "exact" if note.is_cell else "derived"
    raw = str(value.raw).lower() if isinstance(value.raw, bool) else str(value.raw)
    return Cite(
        note.start, note.end, kind, raw, value.type, note.formula, note.form, value.cells
    )  # fmt: skip
