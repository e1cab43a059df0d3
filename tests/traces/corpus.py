"""What both corpora are made of, and how a case is judged."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.cites import Cite
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.fills import Fill, fill, read_hole
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.locales import locale_of
from datelier.queries.trace.stream import Hole, PlaceholderStream
from datelier.queries.trace.tables import Table
from tests.traces.worlds import World, make_world

OPEN, CLOSE = "⟦", "⟧"


@dataclass(frozen=True)
class Case:
    """An answer as a model writes it; the figures in question stand between ⟦ and ⟧."""

    kind: str
    written: str
    tables: Sequence[Table]
    question: str = ""
    locale: str = "en"


Telling = Callable[[random.Random, World], Case | None]
"""Tells something of a world; None where it has nothing of the kind."""


def in_turn(kinds: Mapping[str, Telling], seed: int, count: int) -> list[Case]:
    """Cases of every kind in turn, each of a world of its own."""
    rnd = random.Random(seed)
    made: list[Case] = []
    while len(made) < count:
        tell = list(kinds.values())[len(made) % len(kinds)]
        case = tell(rnd, make_world(rnd))
        if case is not None:
            made.append(case)
    return made


@dataclass
class Outcome:
    """What the check made of a case."""

    case: Case
    text: str
    cites: list[Cite]
    spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def kinds(self, span: tuple[int, int]) -> list[str]:
        return [c.kind for c in self.cites if c.start < span[1] and span[0] < c.end]

    @property
    def is_caught(self) -> bool:
        """Every figure in question is untraced."""
        return all("untraced" in self.kinds(span) for span in self.spans)

    @property
    def is_traced(self) -> bool:
        """Every figure in question has a receipt, and nothing else is untraced."""
        found = [self.kinds(span) for span in self.spans]
        return all(found) and not any(cite.kind == "untraced" for cite in self.cites)

    def describe(self) -> str:
        lines = [f"{self.case.kind}: {self.text}"]
        lines += [
            f"    {self.text[c.start : c.end]!r}: {c.kind} {c.reason}".rstrip() for c in self.cites
        ]
        lines += [
            f"    no figure found in {self.text[a:b]!r}"
            for a, b in self.spans
            if not self.kinds((a, b))
        ]
        for table in self.case.tables:
            rows = list(zip(*table.data, strict=True))
            lines.append(f"    Q{table.handle}: {', '.join(table.columns)}: {rows}")
        return "\n".join(lines)


def answer(written: str, tables: Sequence[Table], locale: str) -> tuple[str, list[Fill]]:
    """Fill the placeholders of a text."""

    def find(reference: Reference) -> Table:
        for table in tables:
            if table.handle == reference.handle and reference.version in {None, table.version}:
                return table
        raise TraceError("no_such_query", f"There is no result Q{reference.handle}.")

    stream = PlaceholderStream()
    items = [*stream.feed(written), *stream.finish()]
    text = ""
    fills: list[Fill] = []
    for item in items:
        if isinstance(item, Hole):
            shown, note = fill(read_hole(item), find, locale_of(locale), len(text))
            fills.append(note)
            text += shown
        else:
            text += item
    return text, fills


def judge(case: Case) -> Outcome:
    """Fill, check and locate the marked figures."""
    marked, fills = answer(case.written, case.tables, case.locale)
    spans: list[tuple[int, int]] = []
    text = ""
    moved: dict[int, int] = {}
    for at, sign in enumerate(marked):
        moved[at] = len(text)
        if sign == OPEN:
            spans.append((len(text), 0))
        elif sign == CLOSE:
            spans[-1] = (spans[-1][0], len(text))
        else:
            text += sign
    moved[len(marked)] = len(text)
    fills = [
        Fill(moved[f.start], moved[f.end], f.formula, f.form, f.value, f.error, f.is_cell)
        for f in fills
    ]
    against = Checked(case.tables, case.question, locale_of(case.locale))
    return Outcome(case, text, check(text, fills, against), spans)
