"""The words in names and in questions, made alike, so that one is found by the other."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_HISSING: Final = ("ses", "xes", "zes", "ches", "shes")
_NOT_PLURAL: Final = ("ss", "us", "is")
# Words of questions that say nothing about a table, in the languages people ask most in.
_EMPTY_TEXT: Final = (
    "a all am an and any are as at be been but by can could count did do does each every few find"
    " for from get give had has have how i if in into is it its last least less list many me mean"
    " more most much my no not number of on only or our out over per please share show some tell"
    " than that the their them there these they this those to top total us was we were what when"
    " where which who whose why will with would you your"
    " aber alle als am an auf aus bei das dem den der des die ein eine einen einer es fur gib hat"
    " ich im ist je mir mit nach nicht oder pro sind und uns viele vom von war was welche wer wie"
    " wieviel wir wo zeige zu zum zur"
    " au aux avec ce cette combien dans de du en est et la le les leur nous ou par pas pour que"
    " quel quelle quels qui son sont sur un une vos"
    " cual cuantos como con cuantas del donde el entre los las muestra para por se sin su una y"
)
_EMPTY: Final = frozenset(_EMPTY_TEXT.split())


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=8192)
def name_words(text: str) -> tuple[str, ...]:
    """Return the words of a name or a sentence: split at ``_``, case and digits, in the singular."""
    return tuple(_singular(word) for word in _split(text))


def question_words(text: str) -> list[str]:
    """Return the words of a question that can name something, each once, in their order."""
    words = (_singular(word) for word in _split(text) if word not in _EMPTY)
    return list(dict.fromkeys(words))


def _split(text: str) -> list[str]:
    return _WORD.findall(folded(_HUMPS.sub(" ", text)))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(_HISSING):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(_NOT_PLURAL):
        return word[:-1]
    return word
