"""Words of questions and of identifiers, brought to one form so that they can be compared."""

import re
from collections.abc import Iterable
from typing import Final

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# What people say → stems under which a column may be found, best first.
SYNONYMS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "revenue": (
        ("revenue",), ("sale",), ("net", "amount"), ("total", "amount"), ("amount",),
        ("line", "total"), ("order", "total"), ("total", "price"), ("grand", "total"), ("total",),
        ("turnover",), ("value",),
    ),
    "spend": (("spend",), ("amount",), ("cost",), ("total",)),
    "cost": (("cost",), ("expense",), ("amount",)),
    "quantity": (("quantity",), ("qty",), ("unit",), ("count",)),
    "price": (("price",), ("unit", "price"), ("amount",)),
    "client": (("client",), ("customer",)),
    "customer": (("customer",), ("client",), ("buyer",), ("account",)),
    "country": (("country",), ("nation",), ("region",)),
    "employee": (("employee",), ("staff",), ("worker",)),
    "item": (("item",), ("product",), ("article",)),
    "product": (("product",), ("item",), ("article",), ("sku",)),
    "user": (("user",), ("customer",), ("member",)),
}  # fmt: skip
_SAME: Final = {
    "sales": "revenue", "sale": "revenue", "turnover": "revenue", "income": "revenue",
    "earning": "revenue", "qty": "quantity", "units": "quantity", "buyer": "customer",
}  # fmt: skip
_KEEP: Final = frozenset({"status", "address", "gas", "bus", "class", "process", "analysis", "series",
    "business", "access", "loss", "basis", "weekly", "his", "this", "is", "was", "as", "has", "news"})  # fmt: skip


def stem(word: str) -> str:
    """Return a word in lower case and in the singular."""
    word = word.lower()
    if word in _KEEP or len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def stems(identifier: str) -> tuple[str, ...]:
    """Return the stems of an identifier or a phrase: ``unitPrice``, ``unit_price``."""
    return tuple(stem(word) for word in _WORD.findall(_CAMEL.sub(" ", identifier)))


def tokens(question: str) -> list[str]:
    """Return the lower-case words of a question, in order."""
    return [word.lower() for word in _WORD.findall(question)]


def meaning(word: str) -> str:
    """Return the word under which a stem's synonyms are listed."""
    return _SAME.get(word, word)


def variants(word: str) -> tuple[tuple[str, ...], ...]:
    """Return the stem sequences a word may appear as in a schema, best first."""
    return ((word,), *SYNONYMS.get(meaning(word), ()))


def contains(haystack: Iterable[str], needle: tuple[str, ...]) -> bool:
    """Return whether every stem of `needle` is in `haystack`."""
    return set(needle) <= set(haystack)
