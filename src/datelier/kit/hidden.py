"""Signs that nobody sees: they make a text look like another, or a terminal do something."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

# Controls but line ends and tabs, marks of direction, zero-width signs, fillers, tags, and the
# selectors of variants, apart from the one that makes an emoji of a sign; and halves of signs.
_SIGNS: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e"
    "\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
)
# Between the letters of some scripts, and the parts of an emoji, joiners belong to how a word is
# written; elsewhere they only hide.
_JOINERS: Final = "(?<![\u0590-\u1fff\ufe0f\U0001f000-\U0001faff\u2600-\u27bf])[\u200c\u200d]"
_HIDDEN: Final = re.compile(f"\r(?!\n)|[{_SIGNS}]|{_JOINERS}")
_AROUND: Final = 60
_LONGEST: Final = 600
_CONTROLS: Final = re.compile("\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def revealed(text: str) -> str:
    """Return a text in which every sign that nobody sees is shown by its number, as ⟨U+202E⟩."""
    return _HIDDEN.sub(_number, text)


def without_controls(text: str) -> str:
    """Return a text that makes a terminal do nothing: controls are shown by their numbers."""
    return _CONTROLS.sub(_number, text)


def revealed_deep(value: Any) -> Any:
    """Return JSON whose texts are :func:`revealed`; the names of fields stay as they are."""
    if isinstance(value, str):
        return revealed(value)
    if isinstance(value, list):
        return [revealed_deep(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: revealed_deep(one) for name, one in cast("dict[str, Any]", value).items()}
    return value


def hidden_texts(value: Any) -> Iterator[str]:
    """Yield from the texts of JSON, names of fields among them, where they hold signs nobody sees.

    They are :func:`revealed`, with a few words around them.
    """
    if isinstance(value, str):
        at = [found.start() for found in _HIDDEN.finditer(value)]
        if at:
            begin = max(0, at[0] - _AROUND)
            yield revealed(value[begin : min(at[-1] + _AROUND, begin + _LONGEST)])
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from hidden_texts(one)
    elif isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            yield from hidden_texts(name)
            yield from hidden_texts(one)


def _number(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"
