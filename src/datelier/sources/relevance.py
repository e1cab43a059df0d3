"""Which tables of a large source a question is about, as far as words can tell.

An index is built once per version of a catalog. A question costs what its words hit, not what the
source holds; a small source needs none of this and is shown whole.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from datelier.sources.name_words import folded, name_words, question_words
from datelier.sources.schemas import CatalogTable

_NAME: Final = 4.0
_SCHEMA: Final = 2.0
_COLUMN: Final = 2.0
_VALUE: Final = 2.0
_NOTE: Final = 1.5
_COLUMN_NOTE: Final = 1.0
_PART: Final = 0.5  # of a word's worth, where only a part of a longer word is the same
_WHOLE_NAME: Final = 8.0
_USED: Final = 12.0
_NEIGHBOUR: Final = 0.35
_EMPTY_TABLE: Final = 0.85
_EARLIER: Final = (0.4, 0.2)  # of the worth of a word, in the questions before
_SEEDS: Final = 6
_SHORTEST_PART: Final = 4
_SHORTEST_START: Final = 3
_MOST_PARTS: Final = 40
_MOST_WORDS: Final = 60
_NAMED: Final = re.compile(r'\b(?:from|join)\s+([\w$."`\[\]]+)', re.IGNORECASE)
_KEY: Final = re.compile(r"(.+?)_?(?:id|key|code|fk|nr|no)$", re.IGNORECASE)
Values = Mapping[int, Collection[str]]


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question is about.

    Attributes:
        question: The question as it was asked.
        before: Earlier questions of the thread, newest first.
        statements: SQL that the thread has run, newest first.
    """

    question: str = ""
    before: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


class TableIndex:
    """The words of a catalog's tables.

    Args:
        tables: The tables; they are known by their places in it.
        values: Known values of a table's columns, by its place.
    """

    def __init__(self, tables: Sequence[CatalogTable], values: Values) -> None:
        self.size = len(tables)
        self._rows = [table.rows for table in tables]
        self._names = [f"{table.schema_name or ''}.{table.name}" for table in tables]
        self._words = [frozenset(name_words(table.name)) for table in tables]
        self._places: dict[str, list[int]] = defaultdict(list)
        posted: dict[str, dict[int, float]] = defaultdict(dict)
        for place, table in enumerate(tables):
            self._places[folded(table.name)].append(place)
            for word, weight in _weights(table, values.get(place, ())).items():
                posted[word][place] = weight
        self._posted: dict[str, dict[int, float]] = dict(posted)
        self._vocabulary = "\n".join(("", *self._posted, ""))
        self._near = self._neighbours(tables)
        self._largest = sorted(
            range(self.size),
            key=lambda p: (-(self._rows[p] or 0), -len(self._near[p]), self._names[p]),
        )

    def rank(self, focus: Focus) -> list[int]:
        """Return the places of the tables that a question is about, the likeliest first."""
        scores: dict[int, float] = defaultdict(float)
        self._score(question_words(focus.question), 1.0, scores)
        for text, worth in zip(focus.before, _EARLIER, strict=False):
            self._score(question_words(text), worth, scores)
        for age, statement in enumerate(focus.statements):
            for place in self.named(statement):
                scores[place] += _USED / (1 + age)
        best = sorted(scores, key=lambda place: -scores[place])[:_SEEDS]
        for seed in best:
            for place in self._near[seed]:
                scores[place] = max(scores[place], scores[seed] * _NEIGHBOUR)
        return self._sorted(scores)

    def search(self, text: str) -> list[int]:
        """Return the places of the tables that have one of these words, the best first."""
        scores: dict[int, float] = defaultdict(float)
        self._score(question_words(text) or name_words(text), 1.0, scores)
        return self._sorted(scores)

    def named(self, statement: str) -> list[int]:
        """Return the places of the tables that a statement reads, by its text."""
        places: list[int] = []
        for written in _NAMED.findall(statement):
            parts = [folded(part) for part in re.split(r"\.", re.sub(r'["`\[\]]', "", written))]
            found = self._places.get(parts[-1], [])
            if len(parts) > 1:
                exact = [p for p in found if folded(self._names[p]) == ".".join(parts[-2:])]
                found = exact or found
            places += found
        return list(dict.fromkeys(places))

    def largest(self) -> Sequence[int]:
        """Return all places, those of tables with many rows and many neighbours first."""
        return self._largest

    def alike(self, place: int) -> list[int]:
        """Return the places of the other tables of the same name."""
        name = folded(self._names[place].partition(".")[2])
        return [other for other in self._places[name] if other != place]

    def _sorted(self, scores: Mapping[int, float]) -> list[int]:
        def key(place: int) -> tuple[float, int, str]:
            rows = self._rows[place]
            worth = scores[place] * (_EMPTY_TABLE if rows == 0 else 1)
            return (-worth, -(rows or 0), self._names[place])

        return sorted(scores, key=key)

    def _score(self, words: Sequence[str], worth: float, scores: dict[int, float]) -> None:
        whole: Counter[int] = Counter()
        for word in (*words[:_MOST_WORDS], *_joined(words[:_MOST_WORDS])):
            for known, alike in self._like(word):
                posting = self._posted[known]
                rare = log(1 + self.size / len(posting))
                if len(posting) * 2 > self.size > 50:
                    continue  # a word of every second table tells none from the other
                for place, weight in posting.items():
                    scores[place] += worth * alike * rare * weight
                    if alike == 1.0 and weight == _NAME:
                        whole[place] += 1
        for place, count in whole.items():
            # Of "orders" and "orders_archive_2019", the first is meant unless more is said.
            scores[place] += worth * _WHOLE_NAME * count / len(self._words[place])

    def _like(self, word: str) -> Iterable[tuple[str, float]]:
        """Return the words of the index that this one is, holds, begins with or is a part of."""
        if word in self._posted:
            yield word, 1.0
        if word.isdigit():
            return
        for length in range(_SHORTEST_START, len(word)):
            if (start := word[:length]) in self._posted:
                yield start, _PART * length / len(word)
        if len(word) >= _SHORTEST_PART:
            for known in self._holding(word):
                yield known, _PART * len(word) / len(known)

    def _holding(self, part: str) -> list[str]:
        found: dict[str, None] = {}
        at = self._vocabulary.find(part)
        while at >= 0 and len(found) < _MOST_PARTS:
            start = self._vocabulary.rfind("\n", 0, at) + 1
            end = self._vocabulary.find("\n", at)
            known = self._vocabulary[start:end]
            if known != part:
                found[known] = None
            at = self._vocabulary.find(part, end)
        return list(found)

    def _neighbours(self, tables: Sequence[CatalogTable]) -> list[tuple[int, ...]]:
        """Return for each table those it refers to and those that refer to it.

        ``customer_id`` refers to the table ``customer`` or ``customers`` of its own schema.
        """
        by_words: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, table in enumerate(tables):
            by_words[name_words(table.name)].append(place)
        schemas = [table.schema_name for table in tables]
        near: list[dict[int, None]] = [{} for _ in tables]
        for place, table in enumerate(tables):
            for column in table.columns:
                match = _KEY.fullmatch(column.name)
                if match is None:
                    continue
                for other in by_words.get(name_words(match[1]), ()):
                    if other != place and schemas[other] == schemas[place]:
                        near[place][other] = None
                        near[other][place] = None
        return [tuple(found) for found in near]


def _joined(words: Sequence[str]) -> list[str]:
    """Return what two and three neighbouring words give without a space: names are written so."""
    return ["".join(words[at : at + n]) for n in (2, 3) for at in range(len(words) - n + 1)]


def _weights(table: CatalogTable, values: Iterable[str]) -> dict[str, float]:
    """Return the words of a table, each with the worth of the best place it stands in."""
    found: dict[str, float] = {}
    for value in values:
        found |= dict.fromkeys(name_words(value), _VALUE)
    for column in table.columns:
        _put(found, name_words(column.comment or ""), _COLUMN_NOTE)
        _put(found, name_words(column.name), _COLUMN)
    _put(found, name_words(table.comment or ""), _NOTE)
    _put(found, name_words(table.schema_name or ""), _SCHEMA)
    _put(found, name_words(table.name), _NAME)
    return found


def _put(found: dict[str, float], words: Iterable[str], weight: float) -> None:
    for word in words:
        if found.get(word, 0.0) < weight:
            found[word] = weight
