"""Which of the known languages a text is in, by its small words."""

import re
from typing import Final

from datelier.queries.trace.locales import Locale

_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = {
    "en": [
        "the",
        "of",
        "and",
        "in",
        "was",
        "were",
        "is",
        "are",
        "had",
        "has",
        "by",
        "with",
        "from",
        "to",
        "for",
        "at",
        "it",
        "this",
        "that",
    ],
    "de": [
        "der",
        "die",
        "das",
        "und",
        "von",
        "war",
        "waren",
        "ist",
        "sind",
        "hatte",
        "hatten",
        "im",
        "mit",
        "auf",
        "um",
        "bei",
        "zu",
        "betrug",
    ],
    "fr": [
        "le",
        "la",
        "les",
        "des",
        "et",
        "du",
        "était",
        "est",
        "sont",
        "avait",
        "ont",
        "de",
        "une",
        "dans",
        "avec",
        "pour",
        "au",
        "aux",
        "en",
    ],
    "es": [
        "el",
        "la",
        "los",
        "las",
        "y",
        "del",
        "fue",
        "fueron",
        "es",
        "son",
        "tuvo",
        "en",
        "con",
        "por",
        "para",
        "una",
        "de",
        "hubo",
        "al",
    ],
}
_LANGUAGES: Final = {
    word: tuple(language for language, words in _SMALL.items() if word in words)
    for words in _SMALL.values()
    for word in words
}


def language_of(text: str, locale: Locale) -> str:
    """Return the language of a text; the locale's where its words do not tell."""
    own = locale.tag.partition("-")[0]
    counts = dict.fromkeys(_SMALL, 0)
    for word in _WORD.findall(text[:4000].casefold()):
        for language in _LANGUAGES.get(word, ()):
            counts[language] += 1
    best = max(counts, key=lambda language: (counts[language], language == own))
    return best if counts[best] >= 1 and counts[best] > counts.get(own, 0) else own
