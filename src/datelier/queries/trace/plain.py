"""A text as its reader sees it: digits of any script as 0-9, invisible signs gone."""

import html
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c")
_SIGNS: Final = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\ufe63": "-", "\uff0d": "-",
    "\u066a": "%", "\uff05": "%", "\ufe6a": "%", "\u066b": ".", "\u066c": ",", "\uff0e": ".",
    "\uff0c": ",", "\u2009": "\u202f", "\u2007": "\u00a0", "\u2019": "'", "\u02bc": "'",
}  # fmt: skip
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,12});")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text made plain, and where each of its characters came from.

    Attributes:
        text: One character for each visible one.
        starts: Offsets in the original, or None when nothing was changed in length.
    """

    text: str
    starts: list[int] | None

    def at(self, offset: int) -> int:
        """Return where an original offset is in `text`."""
        return offset if self.starts is None else bisect_left(self.starts, offset)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of `text[start:end]`."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.starts[end]


def plain(text: str) -> Plain:
    """Return a text with its digits, separators and signs in one spelling."""
    if text.isascii() and "&" not in text:
        return Plain(text, None)
    out: list[str] = []
    starts: list[int] = []
    at = 0
    while at < len(text):
        piece, length = _one(text, at)
        out.append(piece)
        starts.extend([at] * len(piece))
        at += length
    starts.append(len(text))
    return Plain("".join(out), starts)


def _one(text: str, at: int) -> tuple[str, int]:
    sign = text[at]
    if sign == "&":
        match = _ENTITY.match(text, at)
        decoded = html.unescape(match[0]) if match is not None else "&"
        if match is not None and len(decoded) == 1:
            return _one(decoded, 0)[0], len(match[0])
        return sign, 1
    if sign < "\u0080":
        return sign, 1
    if sign in _INVISIBLE:
        return "", 1
    if sign in _SIGNS:
        return _SIGNS[sign], 1
    digit = unicodedata.decimal(sign, None)
    return (sign if digit is None else str(digit)), 1
