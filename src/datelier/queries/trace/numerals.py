"""Every figure in a text: digits of any script, words, dates, percentages, money, scales."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from datelier.queries.trace.locales import Locale
from datelier.queries.trace.moments import Moment, moments
from datelier.queries.trace.plain import Plain
from datelier.queries.trace.units import SCALES, UNIT_AFTER, UNIT_BEFORE, unit_of
from datelier.queries.trace.words import spoken

_SPACES: Final = "\u00a0\u202f"
_CORE: Final = re.compile(
    rf"(?:\d+(?:[.,'_{_SPACES}]\d+)*|(?<![\d.,])\.\d+)",
)
_PLAIN_GROUPS: Final = re.compile(r"\d{1,3}(?: \d{3})+(?![\d])(?:[.,]\d+)?")
_LONG_SCALES: Final = sorted((name for name in SCALES if len(name) > 1), key=len, reverse=True)
_SCALE: Final = re.compile(rf"[ {_SPACES}-]?({'|'.join(map(re.escape, _LONG_SCALES))})(?![^\W_])")
_GLUED_SCALE: Final = re.compile(rf"[{_SPACES}]?([kKMmBTG万萬亿億千])(?![a-zA-Z])")
_ORDINAL: Final = re.compile(r"(st|nd|rd|th|er|ère|ème|e|º|ª)(?![^\W_])")
_TIMES: Final = re.compile(r"[ \u00a0]?[x\u00d7](?![^\W_])|-?(?: )?(?:fold|times|mal)(?![^\W_])")
_FRACTION: Final = re.compile(r"(\d{1,4})[/\u2044](\d{1,4})(?![\d/\u2044])")
_VULGAR: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_HAN: Final = {
    "\u3007": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_HAN_SCALES: Final = {"十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}
_HAN_RUN: Final = re.compile(
    "(百分之)?([" + "".join([*_HAN, *_HAN_SCALES]) + "]{2,}|百分之[一二三四五六七八九])"
)
_FAINT: Final = frozenset("①②③④⑤⑥⑦⑧⑨⑩")


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a figure; `exponent` is the power of ten of its last digit."""

    value: Decimal
    exponent: int


@dataclass(frozen=True, slots=True)
class Numeral:
    """A figure in a text, with offsets in the plain text.

    Attributes:
        start: Where it begins, sign and currency included.
        end: Where it ends, scale, percent sign and currency included.
        core: Where its digits or words begin and end.
        kind: ``number``, ``date``, ``ordinal``, ``times`` or ``fraction``.
        unit: ``%``, a currency's code, another unit's name, or nothing.
        signed: Whether a sign was written.
        bracketed: It stands in parentheses alone, as accountants write minus.
        scaled: Thousands, millions … were said in a word or letter.
        moment: What a date says.
        amount: It looks like a year and stands where an amount stands.
    """

    start: int
    end: int
    core: tuple[int, int]
    readings: tuple[Reading, ...]
    kind: str = "number"
    unit: str = ""
    signed: bool = False
    bracketed: bool = False
    scaled: bool = False
    moment: Moment | None = None
    amount: bool = False

    @property
    def is_year(self) -> bool:
        """Whether it may be the number of a year."""
        value = self.readings[0].value if self.readings else Decimal(0)
        plain = self.kind == "number" and not (
            self.unit or self.signed or self.scaled or self.amount
        )
        whole = self.core[1] - self.core[0] == 4 and value == value.to_integral_value()
        return plain and whole and 1900 <= value <= 2100


def numerals(plain: Plain, locale: Locale, language: str) -> list[Numeral]:
    """Return every figure of a text in order; none overlaps another.

    Args:
        plain: The text.
        locale: Decides on ``1,234`` where both readings are possible.
        language: What the text is in.
    """
    text = plain.text
    taken = [
        Numeral(m.start, m.end, (m.start, m.end), (), "date", moment=m)
        for m in moments(text, locale)
    ]
    for found in (_digits(text, locale), _words(text, language), _others(text)):
        taken += [n for n in found if not _overlaps(n, taken)]
    return sorted(taken, key=lambda numeral: numeral.start)


def _overlaps(numeral: Numeral, taken: list[Numeral]) -> bool:
    return any(numeral.start < other.end and other.start < numeral.end for other in taken)


def _digits(text: str, locale: Locale) -> Iterator[Numeral]:
    at = 0
    while (match := _CORE.search(text, at)) is not None:
        start, end = match.span()
        spaced = _PLAIN_GROUPS.match(text, start) if locale.group in _SPACES else None
        if spaced is not None and spaced.end() > end:
            end = spaced.end()
        fraction = _FRACTION.match(text, start)
        at = end
        if fraction is not None and fraction.end() > end and int(fraction[2]):
            at = fraction.end()
            share = Decimal(int(fraction[1])) / int(fraction[2])
            yield Numeral(start, at, (start, at), (Reading(share, -6),), "fraction")
            continue
        found = _dressed(text, start, end, locale)
        if found is not None:
            at = max(at, found.end)
            yield found


def _dressed(text: str, start: int, end: int, locale: Locale) -> Numeral | None:
    """Return a number with all that belongs to it; None when it is part of a name."""
    before = _before(text, start)
    readings = () if before is None else read_core(text[start:end], locale)
    if before is None or not readings:
        return None
    first, unit, sign = before
    kind, last, power, unit = _after(text, end, unit)
    factor = Decimal(10) ** power
    negative = -1 if sign == "-" else 1
    scaled = tuple(Reading(r.value * factor * negative, r.exponent + power) for r in readings)
    bracketed = not sign and text[first - 1 : first] == "(" and text[last : last + 1] == ")"
    return Numeral(
        first, last, (start, end), scaled, kind, unit,
        signed=bool(sign), bracketed=bracketed, scaled=bool(power),
    )  # fmt: skip


def _before(text: str, start: int) -> tuple[int, str, str] | None:
    """Return where sign and currency begin, the currency, and the sign."""
    first, unit, sign = start, "", ""
    first, sign = _sign(text, first)
    match = UNIT_BEFORE.search(text, max(0, first - 6), first)
    if match is not None and match.end() == first:
        unit = unit_of(match[1])
        first = match.start(1)
        if not sign:
            first, sign = _sign(text, first)
    if not unit and first and (text[first - 1].isalpha() or text[first - 1] in "_#@/\\"):
        return (first, unit, sign) if text[first - 1] in "/#" else None
    return first, unit, sign


def _sign(text: str, first: int) -> tuple[int, str]:
    mark = text[first - 1 : first]
    if mark not in {"-", "+", "\u2013"} or not mark:
        return first, ""
    before = text[first - 2 : first - 1] if first >= 2 else ""
    if before and (before.isalnum() or before in "-_.%)" or before == mark):
        return first, ""  # a hyphen or a range
    if mark == "\u2013":
        return first, ""
    return first - 1, mark


def _after(text: str, end: int, unit: str) -> tuple[str, int, int, str]:
    """Return kind, end, power of ten and unit of what follows the digits."""
    ordinal = _ORDINAL.match(text, end)
    if ordinal is not None:
        return "ordinal", ordinal.end(), 0, unit
    times = _TIMES.match(text, end)
    if times is not None:
        return "times", times.end(), 0, unit
    power = 0
    scale = _GLUED_SCALE.match(text, end) or _SCALE.match(text, end)
    if scale is not None:
        power, end = SCALES[scale[1]], scale.end()
        if end < len(text) and text[end] == "." and scale[1] in {"Mio", "Mrd", "Tsd", "Bio"}:
            end += 1
    match = UNIT_AFTER.match(text, end)
    if match is not None and not (unit and match[1][0].isalpha()):
        unit, end = unit_of(match[1]), match.end()
    return "number", end, power, unit


def read_core(core: str, locale: Locale) -> tuple[Reading, ...]:
    """Return what digits with separators may mean; several only where the locale leaves it open."""
    core = core.rstrip(".,'_" + _SPACES)
    for space in (" ", "'", "_", *_SPACES):
        if space in core:
            groups = re.split(r"[.,]", core)[0].split(space)
            if any(len(group) != 3 for group in groups[1:]):
                return ()
            core = core.replace(space, "")
    if not core.isascii() or not core.replace(".", "").replace(",", "").isdigit():
        return ()
    return _marked(core, locale)


def _marked(core: str, locale: Locale) -> tuple[Reading, ...]:
    marks = [sign for sign in core if sign in ".,"]
    if not marks:
        return (Reading(Decimal(core), 0),)
    if len(set(marks)) == 2:
        if marks.count(marks[-1]) > 1:
            return ()
        return _decimal(core.replace(marks[0], ""), marks[-1])
    mark = marks[0]
    groups = core.split(mark)
    if len(marks) > 1:
        fits = len(groups[-1]) == 3 and all(len(group) in {2, 3} for group in groups[1:-1])
        return (Reading(Decimal(core.replace(mark, "")), 0),) if fits else ()
    return _one_mark(core, mark, groups, locale)


def _one_mark(core: str, mark: str, groups: list[str], locale: Locale) -> tuple[Reading, ...]:
    if len(groups[1]) != 3 or not 1 <= len(groups[0]) <= 3 or groups[0] == "0":
        return _decimal(core, mark)
    whole = (Reading(Decimal(core.replace(mark, "")), 0),)
    if mark == locale.group:
        return whole
    return _decimal(core, mark) if mark == locale.decimal else (*whole, *_decimal(core, mark))


def _decimal(core: str, mark: str) -> tuple[Reading, ...]:
    whole, _, fraction = core.partition(mark)
    return (Reading(Decimal(f"{whole or 0}.{fraction}"), -len(fraction)),)


def _words(text: str, language: str) -> Iterator[Numeral]:
    for said in spoken(text, language):
        match = UNIT_AFTER.match(text, said.end)
        unit, end = (unit_of(match[1]), match.end()) if match is not None else ("", said.end)
        exponent = said.exponent
        reading = Reading(said.value, exponent)
        yield Numeral(
            said.start, end, (said.start, said.end), (reading,), said.kind, unit,
            scaled=exponent > 0,
        )  # fmt: skip


def _others(text: str) -> Iterator[Numeral]:
    if text.isascii():
        return
    for at, sign in enumerate(text):
        share = _VULGAR.get(sign)
        if share is not None:
            reading = Reading(Decimal(share[0]) / share[1], -6)
            yield Numeral(at, at + 1, (at, at + 1), (reading,), "fraction")
        elif sign in _FAINT:
            continue  # a list's own number
    for match in _HAN_RUN.finditer(text):
        percent = match[0].startswith("百分之")
        digits = match[0].removeprefix("百分之")
        if digits:
            reading = Reading(_han(digits), 0)
            unit = "%" if percent else ""
            yield Numeral(*match.span(), match.span(), (reading,), unit=unit)


def _han(digits: str) -> Decimal:
    if not any(sign in _HAN_SCALES for sign in digits):
        return Decimal("".join(str(_HAN[sign]) for sign in digits))
    total = section = unit = Decimal()
    for sign in digits:
        power = _HAN_SCALES.get(sign)
        if power is None:
            unit = Decimal(_HAN[sign])
        elif power < 4:
            section += (unit or 1) * Decimal(10) ** power
            unit = Decimal()
        else:
            total += (section + unit or 1) * Decimal(10) ** power
            section = unit = Decimal()
    return total + section + unit
