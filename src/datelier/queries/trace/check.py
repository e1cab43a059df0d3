"""The check of a finished text: every figure gets its class."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from datelier.queries.trace.cites import Cite
from datelier.queries.trace.facts import Facts
from datelier.queries.trace.fills import Fill
from datelier.queries.trace.glue import judge_fill
from datelier.queries.trace.languages import language_of
from datelier.queries.trace.locales import ENGLISH, Locale, locale_of
from datelier.queries.trace.match import Place, Question, judge
from datelier.queries.trace.names import Names
from datelier.queries.trace.numerals import Numeral, numerals
from datelier.queries.trace.plain import plain
from datelier.queries.trace.sentences import Sentence, sentences, zones
from datelier.queries.trace.tables import Table
from datelier.queries.trace.years import reads_as_year

_MAY_COUNT: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text is checked against.

    Attributes:
        tables: The results it may have its figures from.
        question: What was asked; its figures need no receipt.
        locale: How the reader writes numbers.
    """

    tables: Sequence[Table] = ()
    question: str = ""
    locale: Locale = ENGLISH


def check(text: str, fills: Sequence[Fill], against: Checked) -> list[Cite]:
    """Return every figure of a text with its class, in order.

    Args:
        text: As the reader sees it, placeholders filled.
        fills: What was put in, with offsets in `text`.
        against: Results, question and locale.
    """
    if not fills and _MAY_COUNT.search(text) is None:
        return []
    cites = _Check(text, fills, against).cites()
    return sorted(cites, key=lambda cite: cite.start)


class _Check:
    def __init__(self, text: str, fills: Sequence[Fill], against: Checked) -> None:
        self._plain = plain(text)
        self._fills = fills
        self._against = against
        self._language = language_of(text, against.locale)
        self._facts = Facts(against.tables)
        self._spans = [(self._plain.at(f.start), self._plain.at(f.end)) for f in fills]
        self._around: dict[int, tuple[Names, tuple[Numeral, ...]]] = {}

    @cached_property
    def _zones(self) -> list[tuple[int, int, bool]]:
        return zones(self._plain.text)

    @cached_property
    def _sentences(self) -> list[Sentence]:
        return sentences(self._plain.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self._sentences]

    @cached_property
    def _numerals(self) -> list[Numeral]:
        locale = self._against.locale
        if not locale.tag.startswith(self._language):
            # Small words may mislead (El Prado): where a separator is open, both readings count.
            told = locale_of(self._language)
            group = told.group if told.group not in ".," else "?"
            locale = replace(told, group=group, decimal="?")
        found = [
            numeral
            for numeral in numerals(self._plain, locale, self._language)
            if not any(start <= numeral.core[0] < end for start, end, _ in self._zones)
            or self._fill_of(numeral) is not None
        ]
        return [
            replace(numeral, amount=True)
            if numeral.is_year and not self._is_dated(numeral, found)
            else numeral
            for numeral in found
        ]

    def _is_dated(self, numeral: Numeral, among: Sequence[Numeral]) -> bool:
        sentence = self._sentence(numeral.start)
        others = [
            (n.start, n.end)
            for n in among
            if sentence.start <= n.start < sentence.end and n.moment is None and not n.is_year
        ]
        span = (numeral.start, numeral.end)
        return reads_as_year(self._plain.text, span, sentence, self._facts, others)

    def _sentence(self, at: int) -> Sentence:
        return self._sentences[max(0, bisect_right(self._starts, at) - 1)]

    @cached_property
    def _numeral_starts(self) -> list[int]:
        return [numeral.start for numeral in self._numerals]

    def _fill_of(self, numeral: Numeral) -> int | None:
        for i, (start, end) in enumerate(self._spans):
            if numeral.start < end and start < numeral.end:
                return i
        return None

    @cached_property
    def _question(self) -> Question:
        asked = plain(self._against.question)
        language = language_of(self._against.question, self._against.locale)
        locale = self._against.locale
        return Question(asked.text, numerals(asked, locale, language))

    def cites(self) -> list[Cite]:
        typed = [n for n in self._numerals if self._fill_of(n) is None]
        found = [self._of_fill(i, fill) for i, fill in enumerate(self._fills)]
        for numeral in typed:
            cite = judge(self._place(numeral.start), numeral, self._question)
            if cite is not None:
                start, end = self._plain.span(numeral.start, numeral.end)
                found.append(_moved(cite, start, end))
        return found

    def _of_fill(self, index: int, fill: Fill) -> Cite:
        span = self._spans[index]
        around = [n for n in self._numerals if n.start < span[1] and span[0] < n.end]
        cite = judge_fill(self._place(span[0]), fill, span, around)
        start, end = self._plain.span(cite.start, cite.end)
        return _moved(cite, min(start, fill.start), max(end, fill.end))

    def _place(self, at: int) -> Place:
        """Return what surrounds a figure."""
        number = max(0, bisect_right(self._starts, at) - 1)
        sentence = self._sentences[number]
        if number not in self._around:
            # Found once a sentence: a document may hold tens of thousands of figures.
            first = bisect_left(self._numeral_starts, sentence.start)
            last = bisect_left(self._numeral_starts, sentence.end)
            inside = tuple(self._numerals[first:last])
            span = (sentence.start, sentence.end)
            self._around[number] = Names(self._plain, span, self._facts, inside), inside
        names, figures = self._around[number]
        return Place(self._plain.text, sentence, names, self._facts, figures)


def _moved(cite: Cite, start: int, end: int) -> Cite:
    return Cite(
        start, end, cite.kind, cite.value, cite.type, cite.formula, cite.form, cite.cells,
        cite.reason, cite.code,
    )  # fmt: skip
