"""Which of a column's values somebody may have meant."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from datelier.sources.name_words import folded

MOST: Final = 5
_CLOSE: Final = 0.6
_SAME_LETTERS: Final = 4.0
_SAME_WORDS: Final = 3.0
_NEAR: Final = 1.5
_APART: Final = re.compile(r"[^\w]+|_+")


def squashed(text: str) -> str:
    """Return a text without what people get wrong: capitals, accents, spaces, punctuation."""
    return _APART.sub(" ", folded(text)).strip()


def nearest(wanted: str, values: Iterable[str], most: int = MOST) -> list[str]:
    """Return the values that are most like a text, the likest first; none when none is like it.

    First those that differ in capitals, accents, spaces and punctuation alone, then those of the
    same words, then those that hold it or are held by it, then those of a few other letters.
    """
    key = squashed(wanted)
    if not key:
        return []
    words = sorted(key.split())
    ranked: list[tuple[float, int, str]] = []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(key)
    for value in dict.fromkeys(values):
        other = squashed(value)
        worth = _likeness(matcher, key, words, other)
        if worth > 0:
            ranked.append((-worth, abs(len(other) - len(key)), value))
    ranked.sort()
    # Beside the same words written otherwise, what is only somewhat like them is noise.
    least = _NEAR if ranked and -ranked[0][0] >= _SAME_WORDS else 0.0
    return [value for worth, _, value in ranked[:most] if -worth >= least]


def _likeness(matcher: "SequenceMatcher[str]", key: str, words: list[str], other: str) -> float:
    if other == key or other.replace(" ", "") == key.replace(" ", ""):
        return _SAME_LETTERS
    if sorted(other.split()) == words:
        return _SAME_WORDS
    if len(other) >= 3 and (key in other or (len(key) >= 3 and other in key)):
        return 1.0 + min(len(key), len(other)) / max(len(key), len(other))
    matcher.set_seq1(other)
    if matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE:
        return 0.0
    ratio = matcher.ratio()
    # A wrong letter or two is nearer than a longer name that holds the word.
    return 0.0 if ratio < _CLOSE else ratio + (1.0 if ratio > 0.8 else 0.0)
