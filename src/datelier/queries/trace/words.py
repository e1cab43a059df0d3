"""Numbers written in words, in English, German, French and Spanish."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

_EN: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_DE: Final = {
    "null": 0, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13,
    "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18,
    "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50,
    "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_FR: Final = {
    "zéro": 0, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
    "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "septante": 70, "octante": 80, "huitante": 80, "nonante": 90,
}  # fmt: skip
_ES: Final = {
    "cero": 0, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14,
    "quince": 15, "dieciséis": 16, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18,
    "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiún": 21, "veintidós": 22,
    "veintidos": 22, "veintitrés": 23, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25,
    "veintiséis": 26, "veintiseis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
    "noventa": 90, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
    "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500,
    "quinientas": 500, "seiscientos": 600, "seiscientas": 600, "setecientos": 700,
    "setecientas": 700, "ochocientos": 800, "ochocientas": 800, "novecientos": 900,
    "novecientas": 900,
}  # fmt: skip
_SCALES: Final = {
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "dozen": -12,
    "hundert": 2, "tausend": 3, "millionen": 6, "milliarde": 9, "milliarden": 9,
    "cent": 2, "cents": 2, "mille": 3, "millions": 6, "milliard": 9, "milliards": 9,
    "cien": 2, "mil": 3, "millón": 6, "millon": 6, "millones": 6, "lakh": 5, "crore": 7,
}  # fmt: skip
_VALUES: Final = {**_EN, **_DE, **_FR, **_ES}
_JOINERS: Final = frozenset({"and", "et", "y", "und", "-"})
_POINTS: Final = frozenset({"point", "komma", "virgule", "coma"})
# Words that mean something else in another of the languages count only in their own.
_OWN: Final = {
    "once": "es", "dos": "es", "mil": "es", "cent": "fr", "cents": "fr", "neuf": "fr",
    "elf": "de", "null": "de", "acht": "de", "cien": "es", "sept": "fr", "quince": "es",
    "seize": "fr",
}  # fmt: skip
# Alone, these are scarcely ever a figure; with a number before them they are part of it.
_NEVER_ALONE: Final = frozenset({"hundert", "mille", "cent", "cents", "lakh", "crore"}) | {
    "hundred", "thousand", "million", "billion", "trillion", "dozen", "millions", "milliard",
    "milliards", "millionen", "milliarde", "milliarden", "millón", "millon", "millones", "mil",
    "tausend", "cien",
}  # fmt: skip
_ARTICLES: Final = frozenset({"a", "an", "ein", "eine", "un", "une", "una"})
_PRONOUN_AFTER: Final = frozenset(
    {"of", "another", "can", "could", "might", "may", "should", "would", "must", "has", "which"}
    | {"that", "who", "by", "more", "day", "time", "way", "thing", "is", "with", "would's"}
)
_PRONOUN_BEFORE: Final = frozenset(
    {"the", "this", "that", "which", "no", "every", "each", "any", "some", "other", "another"}
    | {"latter", "former", "only", "first", "last", "highest", "lowest", "largest", "smallest"}
)
_TIMES: Final = {
    "twice": 2, "double": 2, "doubled": 2, "doubles": 2, "triple": 3, "tripled": 3,
    "quadruple": 4, "quadrupled": 4, "twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5,
    "tenfold": 10, "doppelt": 2, "verdoppelt": 2, "verdreifacht": 3, "dreimal": 3, "zweimal": 2,
    "doublé": 2, "triplé": 3, "doble": 2, "duplicó": 2, "triplicó": 3, "thrice": 3,
}  # fmt: skip
_FRACTIONS: Final = {
    "half": 2, "halved": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
    "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10, "hälfte": 2, "halbiert": 2,
    "drittel": 3, "viertel": 4, "fünftel": 5, "moitié": 2, "tiers": 3, "mitad": 2, "tercio": 3,
    "tercios": 3,
}  # fmt: skip
_CLEAR_FRACTIONS: Final = frozenset(
    {"halved", "halves", "thirds", "fifths", "tenths", "hälfte", "halbiert", "drittel", "moitié"}
    | {"mitad", "tercio", "tercios"}
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_GERMAN: Final = re.compile(
    "(?:"
    + "|".join(sorted([*_DE, "ein", "und", "hundert", "tausend"], key=len, reverse=True))
    + ")"
)
_STARTS: Final = frozenset({*_VALUES, *_SCALES, *_TIMES, *_FRACTIONS, "ein"})
_START_LENGTHS: Final = sorted({len(start) for start in _STARTS})


@dataclass(frozen=True, slots=True)
class Said:
    """A number in words.

    Attributes:
        exponent: Power of ten of the last place it tells: 3 for "twelve thousand".
        kind: ``number``, ``times`` or ``fraction``.
    """

    start: int
    end: int
    value: Decimal
    exponent: int
    kind: str


class _Token(NamedTuple):
    """A word of the text, in small letters, and where it stands."""

    start: int
    end: int
    word: str


@dataclass(slots=True)
class _Sum:
    """Words added up as they come: "two hundred five thousand ten".

    Attributes:
        total: What is closed by a scale of a thousand or more: 205,000.
        part: What has come since: 10.
        scale: Power of ten of the last word, where it was such a scale.
        counted: How many words.
        joins: The last word was a hundred or a scale, so that any number may follow.
    """

    total: Decimal = Decimal()
    part: Decimal = Decimal()
    scale: int = 0
    counted: int = 0
    joins: bool = False

    def add(self, value: int) -> None:
        self.part += value
        self.scale = 0
        self.joins = value >= 100
        self.counted += 1

    def times(self, power: int) -> None:
        self.counted += 1
        factor = Decimal(12) if power == -12 else Decimal(10) ** power
        self.part = (self.part or Decimal(1)) * factor
        self.scale = power if power >= 3 else 0
        self.joins = power == 2 or power >= 3
        if power >= 3:
            self.total += self.part
            self.part = Decimal()

    @property
    def value(self) -> Decimal:
        return self.total + self.part


def spoken(text: str, language: str) -> list[Said]:
    """Return the numbers that are written in words.

    Args:
        text: Made plain.
        language: What the text is in; decides on words that several languages share.
    """
    # Nearly every text ends here: each of its words is looked at once, in no order.
    words = set(_WORD.findall(text.casefold()))
    if not any(word[:length] in _STARTS for word in words for length in _START_LENGTHS):
        return []
    tokens = [_Token(m.start(), m.end(), m[0].casefold()) for m in _WORD.finditer(text)]
    found: list[Said] = []
    at = 0
    while at < len(tokens):
        said, after = _from(tokens, at, text, language)
        if said is not None:
            found.append(said)
        at = max(after, at + 1)
    return found


def _from(tokens: list[_Token], at: int, text: str, language: str) -> tuple[Said | None, int]:
    """Return the number that begins with a word, if one does, and the place behind it."""
    word = tokens[at].word
    if word in _TIMES:
        return _multiple(tokens, at, text), at + 1
    if word in _FRACTIONS:
        return _fraction(tokens, at), at + 1
    begun = _begin(tokens, at, language)
    if begun is None:
        return None, at + 1
    total, after = begun
    after = _continue(tokens, after, text, language, total)
    start, end = tokens[at].start, tokens[after - 1].end
    value, exponent = total.value, total.scale
    point = _point(tokens, after, text)
    if point is not None:
        digits, after = point
        end = tokens[after - 1].end
        value += Decimal(f"0.{digits}")
        exponent = -len(digits)
    if after < len(tokens) and tokens[after].word in _FRACTIONS and total.counted == 1:
        share = value / _FRACTIONS[tokens[after].word]
        return Said(start, tokens[after].end, share, -6, "fraction"), after + 1
    if after == at + 1 and _is_idle(tokens, at):
        return None, after
    return Said(start, end, value, exponent, "number"), after


def _begin(tokens: list[_Token], at: int, language: str) -> tuple[_Sum, int] | None:
    """Take the first word of a number; "a" is one where a scale follows: a thousand."""
    word = tokens[at].word
    total = _Sum()
    if word in _ARTICLES:
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if following in _SCALES and _OWN.get(following, language) == language:
            total.add(1)
            return total, at + 1
        return None
    if not _take(word, language, total):
        return None
    return total, at + 1


def _take(word: str, language: str, total: _Sum) -> bool:
    """Add a word to a number, unless it is no part of any; say whether it is."""
    if _OWN.get(word, language) != language and not total.counted:
        return False
    if word in _VALUES:
        value = _VALUES[word]
        if word in {"vingt", "vingts"} and total.part % 100 == 4:
            value = 76  # quatre-vingts
        total.add(value)
        return True
    if word in _SCALES:
        total.times(_SCALES[word])
        return True
    if word in {"un", "une"} and total.counted:
        total.add(1)
        return True
    return _take_in_one(word, total)


def _take_in_one(word: str, total: _Sum) -> bool:
    """Add a German number, which is one word: zweihundertfünfundvierzig."""
    parts = _GERMAN.findall(word)
    if len(parts) < 2 or "".join(parts) != word:
        return False
    for part in parts:
        if part in _SCALES:
            total.times(_SCALES[part])
        elif part != "und":
            total.add(1 if part == "ein" else _DE[part])
    return True


def _continue(tokens: list[_Token], after: int, text: str, language: str, total: _Sum) -> int:
    """Add the words that go on with a number; return the place behind them."""
    while after < len(tokens):
        between = text[tokens[after - 1].end : tokens[after].start]
        if between.strip(" -\u00a0\u202f"):
            break
        word = tokens[after].word
        if word in _JOINERS:
            following = tokens[after + 1] if after + 1 < len(tokens) else None
            if following is None or not _joins(following[2], total, word):
                break
            after += 1
            continue
        if word in _VALUES and not _fits(word, between, total):
            break
        if not _take(word, language, total):
            break
        after += 1
    return after


def _joins(word: str, total: _Sum, joiner: str) -> bool:
    """Whether "and" goes on with the same number: one hundred and five, treinta y dos."""
    if word not in _VALUES and word not in {"un", "une"}:
        return False
    return total.joins if joiner in {"and", "und"} else total.part % 10 == 0


def _fits(word: str, between: str, total: _Sum) -> bool:
    """Whether a word can follow: "twenty five" is one number, "five six" are two."""
    value = _VALUES[word]
    if total.joins or not total.counted:
        return True
    if word in {"vingt", "vingts"}:
        return True
    last = total.part % 100
    if "-" in between and value < 20:
        return True
    return last >= 20 and last % 10 == 0 and value < 20


def _point(tokens: list[_Token], after: int, text: str) -> tuple[str, int] | None:
    """Return the decimals that are said digit by digit, "point two five", and the place behind."""
    if after >= len(tokens) or tokens[after].word not in _POINTS:
        return None
    digits = ""
    at = after + 1
    while at < len(tokens) and tokens[at].word in _VALUES and _VALUES[tokens[at].word] < 10:
        if text[tokens[at - 1].end : tokens[at].start].strip():
            break
        digits += str(_VALUES[tokens[at].word])
        at += 1
    return (digits, at) if digits else None


def _is_idle(tokens: list[_Token], at: int) -> bool:
    """Whether a lone word is no figure: "one of them", "thousands", "the one that"."""
    word = tokens[at].word
    if word in _NEVER_ALONE:
        before = tokens[at - 1].word if at else ""
        return before not in _ARTICLES
    if word != "one":
        return False
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return before in _PRONOUN_BEFORE or after in _PRONOUN_AFTER or not after


def _multiple(tokens: list[_Token], at: int, text: str) -> Said | None:
    start, end, word = tokens[at]
    if text[end : end + 1] == "-":
        return None  # double-check
    return Said(start, end, Decimal(_TIMES[word]), 0, "times")


def _fraction(tokens: list[_Token], at: int) -> Said | None:
    start, end, word = tokens[at]
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    clear = word in _CLEAR_FRACTIONS or after in {"of", "der", "des", "de", "du", "as"}
    if not clear or (before in {"first", "second", "last", "this", "the"} and word == "quarter"):
        return None
    if word == "half" and before in {"first", "second", "other", "latter"}:
        return None
    return Said(start, end, Decimal(1) / _FRACTIONS[word], -6, "fraction")
