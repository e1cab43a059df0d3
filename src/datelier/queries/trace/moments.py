"""Dates as people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from datelier.queries.trace.locales import MONTHS, Locale


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as far as it was said; offsets are in the plain text."""

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    time: str = ""

    def covers(self, text: str) -> bool:
        """Whether a stored moment such as ``2025-03-01T00:00:00`` is what was said."""
        match = _STORED.match(text)
        if match is None:
            return False
        year, month, day = (int(part) for part in match.groups())
        if self.quarter is not None and (month + 2) // 3 != self.quarter:
            return False
        return (
            self.year in {None, year}
            and self.month in {None, month}
            and self.day in {None, day}
            and self.time in text
        )


_STORED: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH_NUMBERS: Final[dict[str, int]] = {
    name.casefold(): number for names in MONTHS for number, name in enumerate(names, 1)
}
_SHORT: Final = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "sept": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12, "janv": 1, "févr": 2,
    "juil": 7, "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12,
}  # fmt: skip
_MONTH_NUMBERS.update(_SHORT)
_MONTH: Final = "(?P<month>" + "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)) + r")\.?"
_TIME: Final = (
    r"(?:(?:T| at |,? )(?P<time>\d{1,2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?Z?)?"
)
_YEAR: Final = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?"
_PATTERNS: Final = tuple(
    re.compile(rf"(?<![\w.,-]){pattern}(?![^\W_])", re.IGNORECASE)
    for pattern in (
        rf"(?P<year>\d{{4}})-(?P<mm>\d{{2}})-(?P<dd>\d{{2}}){_TIME}",
        r"(?P<year>\d{4})-(?P<mm>0[1-9]|1[0-2])(?!-?\d)",
        rf"(?P<dd>\d{{1,2}})\.(?P<mm>\d{{1,2}})\.(?P<year>\d{{4}}){_TIME}",
        rf"(?P<either>\d{{1,2}}/\d{{1,2}})/(?P<year>\d{{4}}){_TIME}",
        rf"{_DAY} (?:de |of )?{_MONTH}(?:,? (?:de |del )?{_YEAR}{_TIME})?",
        rf"{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR}{_TIME})?(?![.,'\u00a0\u202f]?\d)",
        rf"{_MONTH},?[ -](?:de |del )?{_YEAR}",
        rf"(?:Q|T)(?P<quarter>[1-4])[ -/](?:of )?{_YEAR}",
        rf"{_YEAR}[ -]?Q(?P<quarter>[1-4])",
        r"(?P<time>\d{1,2}:\d{2})(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?",
    )
)
_HINT: Final = re.compile(r"\d(?:[-./:]\d|\d{3})")
_WORD: Final = re.compile(r"[^\W\d_]+")


def moments(text: str, locale: Locale) -> list[Moment]:
    """Return the dates and times of a text; a bare year is a number, not one of them.

    Args:
        text: Made plain.
        locale: Decides whether 3/4/2025 is in March or in April.
    """
    # Nearly every text ends here, without the patterns.
    if _HINT.search(text) is None and _MONTH_NUMBERS.keys().isdisjoint(
        _WORD.findall(text.casefold())
    ):
        return []
    found: list[Moment] = []
    for pattern in _PATTERNS:
        for moment in _matches(pattern, text, locale):
            if all(moment.end <= other.start or other.end <= moment.start for other in found):
                found.append(moment)
    return found


def _matches(pattern: re.Pattern[str], text: str, locale: Locale) -> Iterator[Moment]:
    for match in pattern.finditer(text):
        parts = match.groupdict()
        month = _number(parts.get("mm"))
        if parts.get("month"):
            month = _MONTH_NUMBERS.get(str(parts["month"]).casefold())
        day = _number(parts.get("dd") or parts.get("day"))
        if parts.get("either"):
            first, second = (int(part) for part in str(parts["either"]).split("/"))
            american = locale.tag == "en"
            month, day = (first, second) if american and first <= 12 else (second, first)
        if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
            continue
        yield Moment(
            match.start(), match.end(), _number(parts.get("year")), month, day,
            _number(parts.get("quarter")), parts.get("time") or "",
        )  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text else None
