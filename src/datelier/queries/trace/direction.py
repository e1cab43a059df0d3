"""Signs and the words that stand for them: "fell by 500" is -500 of a change."""

import re
from decimal import Decimal
from typing import Final

from datelier.queries.trace.numerals import Numeral
from datelier.queries.trace.units import column_words

_DOWN: Final = (
    r"fell|fall|falls|falling|fallen|drop|drops|dropped|dropping|decline|declines|declined|"
    r"declining|decrease|decreases|decreased|decreasing|down|lost|loss|losses|loses|losing|lower|"
    r"less|fewer|shrank|shrunk|shrink|shrinks|shrinking|minus|negative|reduced|reduction|deficit|"
    r"slipped|sank|plunged|below|gefallen|gesunken|sank|rückgang|verlust|weniger|fiel|baisse|"
    r"baissé|chute|perte|moins|cayó|bajó|caída|pérdida|descenso|menos"
)
_UP: Final = (
    r"rose|rise|rises|risen|rising|grew|grow|grows|grown|growing|increase|increases|increased|"
    r"increasing|up|gain|gains|gained|gaining|higher|climbed|climb|jumped|jump|surged|added|plus|"
    r"more|stieg|gestiegen|anstieg|wuchs|zuwachs|zugelegt|mehr|hausse|augmenté|augmentation|"
    r"progressé|subió|aumentó|aumento|creció|alza"
)
_BEFORE: Final = re.compile(
    rf"(?<![^\W_])(?P<word>{_DOWN}|{_UP})(?![^\W_])(?P<rest>[^.;:!?\n,]{{0,24}})$", re.IGNORECASE
)
_AFTER: Final = re.compile(
    rf"^(?P<rest>[^.;:!?\n,]{{0,16}}?)(?<![^\W_])(?P<word>{_DOWN}|{_UP})(?![^\W_])", re.IGNORECASE
)
_IS_DOWN: Final = re.compile(_DOWN, re.IGNORECASE)
# "fell by 5", "a drop of 5", "down 5", "5 less": the amount of a change, not what came of it.
_AMOUNT: Final = re.compile(
    r"^\W*(?:(?:by|of|um|von|de|en|about|roughly|almost|nearly|another|was|is)\W*)*"
    r"(?:[€$£¥₹]|[A-Z]{3})?\W*$",
    re.IGNORECASE,
)
_CHANGE_WORDS: Final = frozenset(
    [
        "change",
        "changed",
        "changes",
        "delta",
        "diff",
        "difference",
        "growth",
        "variance",
        "deviation",
        "increase",
        "decrease",
        "drop",
        "rise",
        "gain",
        "loss",
        "net",
        "balance",
        "profit",
        "margin",
        "trend",
        "yoy",
        "mom",
        "qoq",
        "differenz",
        "veränderung",
        "wachstum",
        "variation",
        "évolution",
        "cambio",
        "crecimiento",
        "adjustment",
        "gap",
        "result",
    ]
)


def is_change(column: str) -> bool:
    """Whether a column holds differences, by its name."""
    return bool(_CHANGE_WORDS & frozenset(column_words(column)))


def has_direction(text: str, numeral: Numeral) -> bool:
    """Whether a figure is said to be the amount of a rise or a fall."""
    return numeral.signed or _amount_direction(text, numeral) is not None


def fits_direction(text: str, numeral: Numeral, value: Decimal, column: str) -> bool:
    """Whether a figure's sign, written or in words, is that of the value it stands for.

    Args:
        text: The plain text.
        numeral: The figure.
        value: What the result has.
        column: Its column's name; only a change can be said by "fell by".
    """
    if numeral.signed:
        said = numeral.readings[0].value
        return (said < 0) == (value < 0) or said == value
    direction = _amount_direction(text, numeral)
    if direction is None:
        return value >= 0 or numeral.bracketed
    if not is_change(column) and value >= 0:
        return False
    return value == 0 or (value < 0) == (direction < 0)


def _amount_direction(text: str, numeral: Numeral) -> int | None:
    """Return -1 or 1 where the figure is the amount of a fall or a rise; None elsewhere."""
    before = _BEFORE.search(text[max(0, numeral.start - 48) : numeral.start])
    if before is not None and _AMOUNT.match(before["rest"]):
        return -1 if _IS_DOWN.fullmatch(before["word"]) else 1
    after = _AFTER.match(text[numeral.end : numeral.end + 28])
    if after is not None and not after["rest"].strip():
        return -1 if _IS_DOWN.fullmatch(after["word"]) else 1
    return None
