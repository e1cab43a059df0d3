"""A placeholder's value as people read it: ``eur 0``, ``pct 1``, ``compact``, ``month``."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context as Arithmetic, Decimal
from typing import Final

from datelier.kit.currencies import CURRENCY_CODES
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.evaluate import Value
from datelier.queries.trace.locales import Locale
from datelier.queries.trace.tables import DATES

MOST_PLACES: Final = 12
CURRENCIES: Final = {
    "eur": "€", "usd": "$", "gbp": "£", "jpy": "¥", "cny": "CN¥", "inr": "₹", "chf": "CHF",
    "brl": "R$", "krw": "₩", "pln": "zł", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "czk": "Kč",
    "aud": "A$", "cad": "CA$", "mxn": "MX$", "try": "₺", "zar": "ZAR", "huf": "HUF", "ils": "₪",
}  # fmt: skip
_DEFAULT_PLACES: Final = 2
_NO_PLACES: Final = frozenset({"jpy", "krw", "huf"})
_KINDS: Final = {
    "number": "number", "int": "integer", "integer": "integer", "compact": "compact",
    "pct": "ratio", "percent": "ratio", "ratio": "ratio", "%": "percent",
    "date": "date", "month": "month", "quarter": "quarter", "year": "year", "text": "text",
    "signed": "signed",
}  # fmt: skip
_FORM: Final = re.compile(r"(%|[a-zA-Z]+)?\s*(\d{1,2})?")
_ROUNDING: Final = Arithmetic(prec=200, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Format:
    """How to write a value; `places` is None for as many as the value has, at most two."""

    kind: str
    places: int | None = None
    currency: str = ""


def parse_format(form: str) -> Format:
    """Return what a format says.

    Raises:
        TraceError: There is no such format.
    """
    match = _FORM.fullmatch(form.strip())
    if match is None:
        raise _unknown(form)
    word, digits = (match[1] or "").lower(), match[2]
    places = int(digits) if digits is not None else None
    if places is not None and places > MOST_PLACES:
        raise TraceError("bad_format", f"At most {MOST_PLACES} decimals can be shown.")
    if word in CURRENCIES or word.upper() in CURRENCY_CODES:
        return Format("money", places, word)
    if not word:
        return Format("number" if digits is not None else "", places)
    if word not in _KINDS:
        raise _unknown(form)
    return Format(_KINDS[word], places)


def _unknown(form: str) -> TraceError:
    known = "number 2, int, compact, pct 1, % 1, eur 0 (any currency code), signed 1, date, month, "
    return TraceError(
        "bad_format", f"There is no format “{form[:40]}”. Formats: {known}quarter, year, text."
    )


def shown(value: Value, form: Format, locale: Locale) -> str:
    """Return a value as text.

    Raises:
        TraceError: The format does not fit the value.
    """
    kind = form.kind
    if kind in {"date", "month", "quarter", "year"} or (not kind and value.type in DATES):
        return _moment(value, kind or "date", locale)
    if kind == "text" or (not kind and value.number is None):
        return plain_text(value.raw)
    if value.number is None:
        raise TraceError("not_a_number", f"“{plain_text(value.raw)[:40]}” is not a number.")
    return _number(value.number, form, locale)


def plain_text(raw: object) -> str:
    """Return a cell as one line that Markdown takes for text."""
    text = str(raw).lower() if isinstance(raw, bool) else str(raw)
    return re.sub(r"([\\`*_\[\]<>{}|~])", r"\\\1", " ".join(text.split()))


def _number(number: Decimal, form: Format, locale: Locale) -> str:
    if form.kind == "compact":
        return _compact(number, form.places, locale)
    if form.kind == "ratio":
        scaled = number.scaleb(2, _ROUNDING)
        return _percent(scaled, 1 if form.places is None else form.places, locale)
    if form.kind == "percent":
        return _percent(number, form.places, locale)
    if form.kind == "integer":
        return grouped(number, 0, locale)
    if form.kind == "money":
        return _money(number, form, locale)
    text = grouped(number, form.places, locale)
    return f"+{text}" if form.kind == "signed" and number > 0 else text


def _percent(number: Decimal, places: int | None, locale: Locale) -> str:
    return locale.percent.replace("{n}", grouped(number, places, locale))


def _money(number: Decimal, form: Format, locale: Locale) -> str:
    places = form.places
    if places is None:
        places = 0 if form.currency in _NO_PLACES else 2
    sign = CURRENCIES.get(form.currency, form.currency.upper())
    text = grouped(abs(number), places, locale)
    if sign.isalpha() and locale.money.startswith("{c}{n}"):
        sign += "\u00a0"
    minus = "-" if number < 0 and any(digit in "123456789" for digit in text) else ""
    return minus + locale.money.replace("{n}", text).replace("{c}", sign)


def _compact(number: Decimal, places: int | None, locale: Locale) -> str:
    digits = 1 if places is None else places
    for power in (12, 9, 6, 3):
        scaled = number.scaleb(-power, _ROUNDING)
        if abs(_rounded(scaled, digits)) >= 1:
            text = grouped(scaled, digits, locale)
            if places is None and locale.decimal in text:
                text = text.rstrip("0").removesuffix(locale.decimal)
            scale = locale.scales[power // 3 - 1]
            return f"{text}{scale}" if locale.tag.startswith("en") else f"{text}\u00a0{scale}"
    return grouped(number, places, locale)


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def grouped(number: Decimal, places: int | None, locale: Locale) -> str:
    """Return a number with its thousands separated, rounded half up.

    Args:
        number: Any finite number below 10^150.
        places: Decimals; None for as many as there are, at most two.
        locale: Its separators are used.
    """
    if places is None:
        exponent = number.normalize(_ROUNDING).as_tuple().exponent
        places = min(_DEFAULT_PLACES, max(0, -exponent)) if isinstance(exponent, int) else 0
    rounded = _rounded(number, places)
    whole, _, fraction = format(abs(rounded), "f").partition(".")
    if len(whole) >= locale.least_grouped:
        whole = f"{int(whole):,}".replace(",", locale.group)
    text = f"{whole}{locale.decimal}{fraction}" if fraction else whole
    return f"-{text}" if rounded < 0 else text


def _moment(value: Value, kind: str, locale: Locale) -> str:
    text = str(value.raw)
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        if kind == "year" and value.number is not None:
            return format(value.number, "f").partition(".")[0]
        raise TraceError("bad_format", f"“{plain_text(text)[:40]}” is not a date.") from None
    if kind == "year":
        return f"{day.year}"
    month = locale.months[day.month - 1]
    if kind == "month":
        return f"{month} {day.year}"
    if kind == "quarter":
        return f"Q{(day.month + 2) // 3} {day.year}"
    return locale.date.format(d=day.day, m=month, y=day.year)
