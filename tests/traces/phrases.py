"""Writing numbers as people do, in several languages and scripts."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = [
    "zero",
    "ten",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_DE = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_DE_TENS = [
    "null",
    "zehn",
    "zwanzig",
    "dreißig",
    "vierzig",
    "fünfzig",
    "sechzig",
    "siebzig",
    "achtzig",
    "neunzig",
]
SCRIPTS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "devanagari": "०१२३४५६७८९",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "fullwidth": "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
    "bold": "\U0001d7ce\U0001d7cf\U0001d7d0\U0001d7d1\U0001d7d2\U0001d7d3\U0001d7d4\U0001d7d5\U0001d7d6\U0001d7d7",
}


@dataclass(frozen=True)
class Style:
    """How a language separates digits."""

    tag: str
    group: str
    decimal: str


STYLES = {
    "en": Style("en", ",", "."),
    "de": Style("de", ".", ","),
    "fr": Style("fr", "\u202f", ","),
    "es": Style("es", ".", ","),
    "de-CH": Style("de-CH", "\u2019", "."),
}


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def write(value: Decimal, style: Style, places: int | None = None) -> str:
    """A number with its thousands apart."""
    shown = value if places is None else rounded(value, places)
    whole, _, fraction = format(abs(shown), "f").partition(".")
    text = f"{int(whole):,}".replace(",", style.group)
    text += f"{style.decimal}{fraction}" if fraction else ""
    return f"-{text}" if shown < 0 else text


def in_script(text: str, script: str) -> str:
    """The same digits in another script."""
    return "".join(SCRIPTS[script][int(sign)] if sign in "0123456789" else sign for sign in text)


def in_words(value: int) -> str:
    """English words of a whole number below a million."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        rest = f"-{_ONES[value % 10]}" if value % 10 else ""
        return f"{_TENS[value // 10]}{rest}"
    if value < 1000:
        rest = f" and {in_words(value % 100)}" if value % 100 else ""
        return f"{_ONES[value // 100]} hundred{rest}"
    rest = ""
    if value % 1000:
        rest = (" and " if value % 1000 < 100 else " ") + in_words(value % 1000)
    return f"{in_words(value // 1000)} thousand{rest}"


def in_german_words(value: int) -> str:
    """German words of a whole number below a million."""
    if value < 20:
        return _DE[value]
    if value < 100:
        rest = f"{_DE[value % 10]}und" if value % 10 else ""
        return f"{rest}{_DE_TENS[value // 10]}"
    if value < 1000:
        return f"{_DE[value // 100]}hundert" + (in_german_words(value % 100) if value % 100 else "")
    return f"{in_german_words(value // 1000)}tausend" + (
        in_german_words(value % 1000) if value % 1000 else ""
    )
