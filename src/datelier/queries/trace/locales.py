"""How numbers and dates are written in the languages we know; others are written as in English."""

from dataclasses import dataclass
from typing import Final

NBSP: Final = "\u00a0"
NARROW: Final = "\u202f"


@dataclass(frozen=True, slots=True)
class Locale:
    """One way of writing.

    Attributes:
        group: Between thousands.
        least_grouped: Fewest digits that are grouped (Spanish leaves 1234 alone).
        percent: A number with its percent sign.
        money: A number with its currency.
        date: With ``{d}``, ``{m}`` (the month's name) and ``{y}``.
        scales: Short names of 10^3, 10^6, 10^9, 10^12.
    """

    tag: str
    decimal: str
    group: str
    percent: str
    money: str
    date: str
    months: tuple[str, ...]
    scales: tuple[str, str, str, str]
    least_grouped: int = 4


_EN_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DE_MONTHS: Final = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
    "Oktober", "November", "Dezember",
)  # fmt: skip
_FR_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_ES_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip
_IT_MONTHS: Final = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
    "ottobre", "novembre", "dicembre",
)  # fmt: skip
_PT_MONTHS: Final = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
    "outubro", "novembro", "dezembro",
)  # fmt: skip
_NL_MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november", "december",
)  # fmt: skip
MONTHS: Final = (
    _EN_MONTHS, _DE_MONTHS, _FR_MONTHS, _ES_MONTHS, _IT_MONTHS, _PT_MONTHS, _NL_MONTHS,
)  # fmt: skip

_BEHIND: Final = "{n}" + NBSP + "{c}"
_PERCENT: Final = "{n}" + NBSP + "%"
_ENGLISH_SCALES: Final = ("K", "M", "B", "T")

ENGLISH: Final = Locale(
    "en", ".", ",", "{n}%", "{c}{n}", "{m} {d}, {y}", _EN_MONTHS, _ENGLISH_SCALES
)
_KNOWN: Final = {
    locale.tag: locale
    for locale in (
        ENGLISH,
        Locale("en-GB", ".", ",", "{n}%", "{c}{n}", "{d} {m} {y}", _EN_MONTHS, _ENGLISH_SCALES),
        Locale(
            "de", ",", ".", _PERCENT, _BEHIND, "{d}. {m} {y}", _DE_MONTHS,
            ("Tsd.", "Mio.", "Mrd.", "Bio."),
        ),
        Locale(
            "de-CH", ".", "\u2019", "{n}%", "{c}" + NBSP + "{n}", "{d}. {m} {y}", _DE_MONTHS,
            ("Tsd.", "Mio.", "Mrd.", "Bio."),
        ),
        Locale(
            "fr", ",", NARROW, "{n}" + NARROW + "%", _BEHIND, "{d} {m} {y}", _FR_MONTHS,
            ("k", "M", "Md", "Bn"),
        ),
        Locale(
            "es", ",", ".", _PERCENT, _BEHIND, "{d} de {m} de {y}", _ES_MONTHS,
            ("mil", "M", "mil M", "B"), 5,
        ),
        Locale(
            "it", ",", ".", "{n}%", _BEHIND, "{d} {m} {y}", _IT_MONTHS,
            ("mila", "Mln", "Mrd", "Bln"),
        ),
        Locale(
            "pt", ",", ".", "{n}%", "{c}" + NBSP + "{n}", "{d} de {m} de {y}", _PT_MONTHS,
            ("mil", "mi", "bi", "tri"),
        ),
        Locale(
            "nl", ",", ".", "{n}%", "{c}" + NBSP + "{n}", "{d} {m} {y}", _NL_MONTHS,
            ("K", "mln.", "mld.", "bln."),
        ),
    )
}  # fmt: skip


def locale_of(tag: str | None) -> Locale:
    """Return the locale of a language tag such as ``de-AT``; English for an unknown one."""
    wanted = (tag or "").replace("_", "-")
    language = wanted.partition("-")[0].lower()
    region = f"{language}-{wanted.partition('-')[2].upper()}"
    return _KNOWN.get(region) or _KNOWN.get(language) or ENGLISH
