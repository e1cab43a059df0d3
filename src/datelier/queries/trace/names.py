"""The names that a sentence mentions: rows' labels, dates, keys, columns."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from datelier.queries.trace.facts import (
    Facts,
    Mention,
    column_phrase,
    has_moment,
    number_keys,
    qualifier,
    stem,
    words_of,
)
from datelier.queries.trace.moments import Moment
from datelier.queries.trace.numerals import Numeral
from datelier.queries.trace.plain import Plain
from datelier.queries.trace.tables import Table, as_number, label_columns, value_columns
from datelier.queries.trace.units import column_words

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 10
_FEW: Final = 20_000
Slot = tuple[int, int]
"""Which result (its place among all) and which of its columns."""


class Names:
    """What a stretch of text names.

    Args:
        text: The whole text, made plain.
        start: Where the stretch begins.
        end: Where it ends.
        facts: The results.
        figures: The figures in the stretch.
    """

    def __init__(
        self, plain: Plain, span: tuple[int, int], facts: Facts, figures: Sequence[Numeral]
    ) -> None:
        self._text = plain.text
        self._facts = facts
        self._figures = figures
        self.words = [
            (m.start(), m.end(), m[0]) for m in _WORD.finditer(plain.text, span[0], span[1])
        ]
        self._places = {id(table): i for i, table in enumerate(facts.tables)}
        self.rows: dict[Slot, list[Mention]] = {}
        self._find_labels()
        self._find_dates_and_keys()
        for mentions in self.rows.values():
            mentions.sort(key=lambda mention: mention.start)

    def _find_labels(self) -> None:
        labels = self._facts.labels
        if not labels:
            return
        folded = [word.casefold() for _, _, word in self.words]
        at = 0
        while at < len(folded):
            for length in range(min(_LONGEST, len(folded) - at), 0, -1):
                found = labels.get(tuple(folded[at : at + length]))
                if found is not None and self._is_name(at, length, found[0][2]):
                    self._add(found, self.words[at][0], self.words[at + length - 1][1])
                    at += length - 1
                    break
            at += 1

    def _is_name(self, at: int, length: int, label: str) -> bool:
        start, end = self.words[at][0], self.words[at + length - 1][1]
        # A very short label ("A", "in") is a name only as it is written.
        return len(label) > 2 or self._text[start:end] == label

    def _add(self, found: Iterable[tuple[Table, int, str]], start: int, end: int) -> None:
        for table, column, value in found:
            slot = (self._places[id(table)], column)
            self.rows.setdefault(slot, []).append(Mention(start, end, value))

    def _find_dates_and_keys(self) -> None:
        dates = [(f, f.moment) for f in self._figures if f.moment is not None]
        dates += [
            (f, Moment(f.start, f.end, int(f.readings[0].value)))
            for f in self._figures
            if f.is_year
        ]
        for place, table in enumerate(self._facts.tables):
            for column in label_columns(table):
                if has_moment(table, column) or table.types[column] == "string":
                    self._find_dates((place, column), table, dates)
            for column in number_keys(table):
                self._find_keys((place, column), table)

    def _find_dates(
        self, slot: Slot, table: Table, dates: Sequence[tuple[Numeral, Moment]]
    ) -> None:
        if not dates or table.rows > _FEW:
            return
        cells = {str(cell) for cell in table.data[slot[1]] if cell is not None}
        for figure, moment in dates:
            covered = {cell for cell in cells if moment.covers(cell)}
            if len(covered) == 1:
                mention = Mention(figure.start, figure.end, covered.pop())
                self.rows.setdefault(slot, []).append(mention)

    def _find_keys(self, slot: Slot, table: Table) -> None:
        words = {stem(word) for word in column_words(table.columns[slot[1]])}
        for figure in self._figures:
            if figure.kind != "number" or figure.unit or figure.scaled or not figure.readings:
                continue
            value = figure.readings[0].value
            if not (figure.is_year or self._is_introduced(figure, words)):
                continue
            if any(as_number(cell) == value for cell in table.data[slot[1]][:_FEW]):
                cell = next(c for c in table.data[slot[1]] if as_number(c) == value)
                mention = Mention(figure.start, figure.end, str(cell))
                self.rows.setdefault(slot, []).append(mention)

    def _is_introduced(self, figure: Numeral, words: set[str]) -> bool:
        """Whether a number stands where a key stands: "store 12", "order #1042"."""
        if self._text[figure.start - 1 : figure.start] == "#":
            return True
        before = [w for _, end, w in self.words if end <= figure.start]
        return bool(before) and stem(before[-1].casefold()) in words

    def columns(self, table: Table, within: Sequence[tuple[int, int, str]] | None) -> list[Mention]:
        """Return where columns of numbers are named; `value` is the column's position.

        A phrase that names several columns alike is no mention of any.
        """
        words = self.words if within is None else within
        stems = [stem(word.casefold()) for _, _, word in words]
        found: list[Mention] = []
        for column in value_columns(table):
            phrase = column_phrase(table.columns[column])
            if not phrase:
                continue
            how = qualifier(column_words(table.columns[column]))
            for at in range(len(stems) - len(phrase) + 1):
                if tuple(stems[at : at + len(phrase)]) != phrase:
                    continue
                told = qualifier(stems[max(0, at - 2) : at])
                if told and how and told != how:
                    continue
                found.append(Mention(words[at][0], words[at + len(phrase) - 1][1], str(column)))
        return _longest(found)


def _longest(found: list[Mention]) -> list[Mention]:
    """Keep the longest of overlapping mentions; the same place may still name several columns."""
    kept = [
        m
        for m in found
        if not any(
            o.start <= m.start and m.end <= o.end and o.end - o.start > m.end - m.start
            for o in found
        )
    ]
    return sorted(kept, key=lambda mention: mention.start)


def shares_words(text: str, names: Iterable[str]) -> bool:
    """Whether a text has a word of any of some names that says something."""
    said = {stem(word) for word in words_of(text)}
    return any(
        stem(word) in said
        for name in names
        for word in column_words(name)
        if len(word) > 1 and word not in _EMPTY
    )


_EMPTY: Final = frozenset(
    [
        "the",
        "of",
        "in",
        "by",
        "per",
        "and",
        "or",
        "for",
        "from",
        "with",
        "to",
        "is",
        "are",
        "was",
        "were",
        "n",
        "all",
        "each",
        "this",
        "that",
        "how",
        "many",
        "much",
        "der",
        "die",
        "das",
        "von",
        "und",
        "le",
        "la",
        "les",
        "des",
        "du",
        "el",
        "los",
        "las",
        "de",
        "y",
        "et",
    ]
)
