"""Which definitions a question is about, by its words alone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import Final, TypeVar

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
# Scripts that write no spaces between words: pairs of characters stand for words.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_COMMON: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "did",
        "each",
        "for",
        "from",
        "give",
        "had",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "last",
        "list",
        "many",
        "me",
        "much",
        "my",
        "new",
        "number",
        "of",
        "on",
        "or",
        "our",
        "per",
        "please",
        "show",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "there",
        "this",
        "to",
        "total",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "year",
        "month",
        "week",
        "day",
        "der",
        "die",
        "das",
        "und",
        "wie",
        "viele",
        "viel",
        "ist",
        "sind",
        "von",
        "im",
        "in",
        "pro",
        "zeige",
        "was",
        "welche",
        "le",
        "la",
        "les",
        "des",
        "de",
        "du",
        "et",
        "combien",
        "quel",
        "quelle",
        "est",
        "sont",
        "par",
        "el",
        "los",
        "las",
        "cuantos",
        "cuantas",
        "que",
        "es",
        "son",
        "por",
    ]
)
_ENDINGS: Final = ("ies", "es", "s", "en", "n", "e")
_LEAST_STEM: Final = 4
_T = TypeVar("_T")


def words_of(text: str) -> list[str]:
    """Return the words of a text that carry meaning, folded: no case, accents or endings."""
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(char)
    )
    found: list[str] = []
    for run in _UNSPACED.findall(plain):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    for word in _WORD.findall(_UNSPACED.sub(" ", plain)):
        if word not in _COMMON:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


def relevant(question: str, texts: Iterable[tuple[_T, Sequence[tuple[str, float]]]]) -> list[_T]:
    """Return what shares words with a question, the closest first.

    Args:
        question: What was asked, with what was asked just before.
        texts: Each thing with its texts and how much a word in each of them counts. A word that
            many of them have counts less.
    """
    asked = set(words_of(question))
    if not asked:
        return []
    weighed: list[tuple[_T, dict[str, float]]] = []
    for thing, fields in texts:
        weights: dict[str, float] = {}
        for text, weight in fields:
            for word in words_of(text):
                weights[word] = max(weight, weights.get(word, 0.0))
        weighed.append((thing, weights))
    spread = Counter(word for _, weights in weighed for word in weights)
    scored = [
        (
            sum(
                weights[word] * (1 + log(len(weighed) / spread[word]))
                for word in asked & weights.keys()
            ),
            place,
            thing,
        )
        for place, (thing, weights) in enumerate(weighed)
    ]
    return [thing for score, _, thing in sorted(scored, key=_closest) if score > 0]


def _closest(scored: tuple[float, int, object]) -> tuple[float, int]:
    return -scored[0], scored[1]
