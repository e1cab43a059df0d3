"""What a figure counts in: percent, money, time, weight … and whether a column can mean it."""

import re
from typing import Final

from datelier.queries.trace.formats import CURRENCIES

SCALES: Final = {
    "k": 3, "K": 3, "M": 6, "m": 6, "B": 9, "G": 9, "T": 12, "bn": 9, "mn": 6, "tn": 12,
    "thousand": 3, "million": 6, "millions": 6, "billion": 9, "billions": 9, "trillion": 12,
    "mio": 6, "Mio": 6, "Mrd": 9, "mrd": 9, "Tsd": 3, "Bio": 12, "tausend": 3, "Tausend": 3,
    "Million": 6, "Millionen": 6, "Milliarde": 9, "Milliarden": 9, "mille": 3, "milliers": 3,
    "milliard": 9, "milliards": 9, "Md": 9, "mil": 3, "millón": 6, "millones": 6, "lakh": 5,
    "crore": 7, "hundred": 2, "Thousand": 3, "Billion": 9, "mln": 6, "mld": 9, "dozen": 0,
    "万": 4, "萬": 4, "亿": 8, "億": 8, "千": 3,
}  # fmt: skip
del SCALES["dozen"]

_PERCENT: Final = (
    "%", "‰", "percent", "per cent", "pct", "Prozent", "prozent", "pour cent", "pourcent",
    "por ciento", "por cento", "procent", "per mille",
)  # fmt: skip
_POINTS: Final = (
    "percentage points", "percentage point", "pp", "Prozentpunkte", "Prozentpunkten",
    "points de pourcentage", "puntos porcentuales", "basis points", "bps",
)  # fmt: skip
_MONEY: Final = {
    "€": "eur", "$": "usd", "£": "gbp", "¥": "jpy", "₹": "inr", "₩": "krw", "₺": "try",
    "₽": "rub", "₪": "ils", "₫": "vnd", "฿": "thb", "US$": "usd", "A$": "aud", "C$": "cad",
    "CA$": "cad", "MX$": "mxn", "R$": "brl", "CN¥": "cny", "zł": "pln", "Kč": "czk", "kr": "kr",
    "euro": "eur", "euros": "eur", "Euro": "eur", "Euros": "eur", "dollar": "usd",
    "dollars": "usd", "Dollar": "usd", "dólares": "usd", "pounds": "gbp", "pound": "gbp",
    "pounds sterling": "gbp", "yen": "jpy", "yuan": "cny", "rupees": "inr", "francs": "chf",
    "Franken": "chf", "pesos": "mxn", "reais": "brl", "cents": "cent", "RUB": "rub",
    **{code.upper(): code for code in CURRENCIES},
}  # fmt: skip
_OTHERS: Final = {
    "second": ("seconds", "second", "secs", "sec", "s", "Sekunden", "secondes", "segundos"),
    "millisecond": ("milliseconds", "millisecond", "ms", "Millisekunden"),
    "minute": ("minutes", "minute", "mins", "min", "Minuten", "Minute", "minutos"),
    "hour": ("hours", "hour", "hrs", "hr", "h", "Stunden", "Stunde", "heures", "heure", "horas"),
    "day": ("days", "day", "Tage", "Tagen", "jours", "jour", "días", "d"),
    "week": ("weeks", "week", "Wochen", "Woche", "semaines", "semanas"),
    "month": ("months", "month", "Monate", "Monaten", "mois", "meses"),
    "year": ("years", "year", "Jahre", "Jahren", "ans", "années", "años"),
    "kilogram": ("kilograms", "kilogram", "kg", "kilos", "kilo", "Kilo"),
    "gram": ("grams", "gram", "g", "Gramm"),
    "tonne": ("tonnes", "tonne", "tons", "ton", "t", "Tonnen"),
    "pound_weight": ("lbs", "lb"),
    "ounce": ("ounces", "ounce", "oz"),
    "kilometre": ("kilometres", "kilometers", "kilometre", "kilometer", "km"),
    "metre": ("metres", "meters", "metre", "meter", "Meter"),
    "centimetre": ("centimetres", "centimeters", "cm"),
    "millimetre": ("millimetres", "millimeters", "mm"),
    "mile": ("miles", "mile", "mi"),
    "foot": ("feet", "foot", "ft"),
    "inch": ("inches", "inch"),
    "litre": ("litres", "liters", "litre", "liter", "L", "l", "Liter"),
    "celsius": ("°C", "celsius", "Celsius"),
    "fahrenheit": ("°F", "fahrenheit", "Fahrenheit"),
    "degree": ("degrees", "°", "Grad"),
    "kilobyte": ("KB", "kB", "KiB", "kilobytes"),
    "megabyte": ("MB", "MiB", "megabytes"),
    "gigabyte": ("GB", "GiB", "gigabytes"),
    "terabyte": ("TB", "TiB", "terabytes"),
    "byte": ("bytes", "byte"),
    "kilowatthour": ("kWh", "kilowatt hours"),
    "watt": ("W", "watts", "kW", "MW"),
}  # fmt: skip
_NAMES: Final[dict[str, str]] = {
    **{word: unit for unit, words in _OTHERS.items() for word in words},
    **_MONEY,
    **dict.fromkeys(_PERCENT, "%"),
    **dict.fromkeys(_POINTS, "pp"),
    "%": "%",
}
_SYMBOLS: Final = frozenset("€$£¥₹₩₺₽₪₫฿%‰°")


def _pattern(names: list[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


UNIT_BEFORE: Final = re.compile(
    rf"(?<![^\W_])({_pattern([n for n in _MONEY if not n.islower() or n == 'zł'])})[ \u00a0\u202f]?"
)
UNIT_AFTER: Final = re.compile(
    rf"[ \u00a0\u202f-]?({_pattern([n for n in _NAMES if n[0] in _SYMBOLS])}"
    rf"|(?:{_pattern([n for n in _NAMES if n[0] not in _SYMBOLS])})(?![^\W_]))"
)
# Words of column names that tell a unit.
_COLUMN_WORDS: Final[dict[str, frozenset[str]]] = {
    **{unit: frozenset({unit, *(w.lower() for w in words)}) for unit, words in _OTHERS.items()},
    "%": frozenset(
        [
            "percent",
            "percentage",
            "pct",
            "share",
            "rate",
            "ratio",
            "anteil",
            "quote",
            "taux",
            "pourcentage",
            "porcentaje",
            "tasa",
            "occupancy",
            "utilization",
            "utilisation",
            "completeness",
            "ctr",
            "cvr",
        ]
    ),
}
_COLUMN_WORDS["pp"] = _COLUMN_WORDS["%"] | {"points", "pp"}
# These may be percentages or not: a model that reads the cell may say so, a typed figure may not.
_PERHAPS: Final = frozenset(
    [
        "margin",
        "growth",
        "conversion",
        "yield",
        "churn",
        "retention",
        "discount",
        "change",
        "part",
        "increase",
        "decrease",
    ]
)
_MONEY_WORDS: Final = frozenset(
    [
        "revenue",
        "price",
        "amount",
        "cost",
        "costs",
        "sales",
        "value",
        "spend",
        "budget",
        "profit",
        "income",
        "salary",
        "pay",
        "paid",
        "fee",
        "fees",
        "tax",
        "turnover",
        "total",
        "balance",
        "payment",
        "payments",
        "margin",
        "gross",
        "net",
        "discount",
        "refund",
        "refunds",
        "umsatz",
        "preis",
        "betrag",
        "kosten",
        "gewinn",
        "gehalt",
        "prix",
        "montant",
        "chiffre",
        "precio",
        "importe",
        "ventas",
        "ingresos",
        "coste",
        "arpu",
        "ltv",
        "mrr",
        "arr",
        "gmv",
        "earnings",
        "expense",
        "expenses",
        "wage",
        "wages",
        "charge",
        "charges",
    ]
)
_RATES: Final = frozenset({"%", "pp"})


def unit_of(written: str) -> str:
    """Return the one name of a unit as it was written."""
    return _NAMES.get(written) or _NAMES.get(written.lower(), "")


def column_words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, in small letters."""
    apart = re.sub(r"([a-zß-ÿ0-9])([A-Z])", r"\1 \2", name)
    return tuple(re.findall(r"[^\W_]+|%|€|\$|£", apart.lower()))


_TELLING: Final = frozenset({"percent", "percentage", "pct", "%"}) | {
    word for unit, words in _COLUMN_WORDS.items() if unit not in {"%", "pp"} for word in words
}  # fmt: skip


def is_unit_word(word: str) -> bool:
    """Whether a word of a column's name tells its unit: ``eur``, ``minutes``, ``pct``."""
    return word in _TELLING or word in CURRENCIES or word in _MONEY


def fits_unit(column: str, unit: str, *, typed: bool) -> bool:
    """Whether a figure of a column may be said in a unit.

    Args:
        column: The column's name.
        unit: As from :func:`unit_of`; empty fits always.
        typed: The model typed the figure: then its unit has to be in the column's name.
    """
    if not unit:
        return True
    words = frozenset(column_words(column))
    if unit in _RATES:
        perhaps = not typed and bool(words & _PERHAPS)
        return perhaps or bool(words & _COLUMN_WORDS[unit]) or "%" in words
    if unit in _COLUMN_WORDS:
        told = {
            name for name, known in _COLUMN_WORDS.items() if known & words and name not in _RATES
        }
        return unit in told if typed or told else True
    return _fits_money(words, unit, typed=typed)


def _fits_money(words: frozenset[str], unit: str, *, typed: bool) -> bool:
    told = {_MONEY[w] for w in words if w in _MONEY} | {w for w in words if w in CURRENCIES}
    if told:
        return unit in told
    if typed:
        return False
    return bool(words & _MONEY_WORDS)
