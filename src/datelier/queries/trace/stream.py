"""Finding placeholders in a text that arrives in pieces, holding back no more than one of them.

What stands in a fenced block of code stays as it is written, and so do escaped braces, templates
that are none of ours, and ``{{card Q1}}``, where a page puts a card.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 600  # characters between the braces; what is longer was not meant as one
_SPECIAL: Final = re.compile(r"[{\n\\]")
_END: Final = re.compile(r"\}\}|\{\{|\n")
_CARD: Final = re.compile(r"\s*card\s")
_OURS: Final = re.compile(
    r"\s*(=|[-+(\s]*[Qq]\d+\s*[\[.]|(?:sum|avg|min|max|count)\s*\()", re.IGNORECASE
)
_FENCE: Final = re.compile(r"[\s>*+-]*(`{3,}|~{3,})")
_LINE: Final = 40  # characters of a line that may tell that a fence begins


@dataclass(frozen=True, slots=True)
class Hole:
    """A placeholder: what stands between its braces, and whether both pairs came."""

    body: str
    complete: bool = True


Item = str | Hole


class PlaceholderStream:
    """Splits what is fed into text and holes; the outcome does not depend on the pieces."""

    __slots__ = ("_escaped", "_fence", "_held", "_line", "_passed")

    def __init__(self) -> None:
        self._held = ""
        self._passed: list[str] = []  # text that went through unread, newest last
        self._line = ""
        self._fence = ""
        self._escaped = False

    def passes(self, text: str) -> bool:
        """Whether a piece goes through as it is; if not, it must be fed."""
        if self._held or "{" in text:
            return False
        self._passed.append(text)
        return True

    def feed(self, text: str) -> list[Item]:
        """Take a piece; return what is certain now."""
        if self._passed:
            passed, self._passed = "".join(self._passed), []
            self._skim(passed)
        text, self._held = self._held + text, ""
        return self._split(text, last=False)

    def finish(self) -> list[Item]:
        """Return what is still held: text, or half a placeholder."""
        text, self._held = self._held, ""
        return self._split(text, last=True)

    def _skim(self, text: str) -> None:
        """Follow lines and fences through text without placeholders."""
        at = 0
        for match in _SPECIAL.finditer(text):
            if match.start() >= at:
                self._follow(text[at : match.start()])
                at = self._plain(text, match.start())
        self._follow(text[at:])

    def _follow(self, text: str) -> None:
        if text:
            self._escaped = False
            if len(self._line) < _LINE:
                self._line += text[:_LINE]

    def _plain(self, text: str, at: int) -> int:
        """Pass a special sign that begins no placeholder; return where to go on."""
        sign = text[at]
        if sign == "\n":
            self._end_line()
        elif sign == "\\":
            was = self._escaped
            self._follow(sign)
            self._escaped = not was
        else:
            self._follow(sign)
        return at + 1

    def _end_line(self) -> None:
        found = _FENCE.match(self._line)
        if found is not None:
            mark = found[1]
            if not self._fence:
                self._fence = mark
            elif mark[0] == self._fence[0] and len(mark) >= len(self._fence):
                self._fence = ""
        self._line = ""
        self._escaped = False

    def _split(self, text: str, *, last: bool) -> list[Item]:
        out: list[Item] = []
        start = at = 0
        while (match := _SPECIAL.search(text, at)) is not None:
            self._follow(text[at : match.start()])
            at = match.start()
            if text[at] != "{" or self._is_literal():
                at = self._plain(text, at)
                continue
            end = _end_of(text, at, last=last)
            if end is None:
                self._held = text[at:]
                break
            if end == at:
                at = self._plain(text, at)
                continue
            hole = _hole(text[at:end])
            if hole is not None:
                _add(out, text[start:at])
                out.append(hole)
                start = end
            self._follow(text[at:end])
            at = end
        else:
            self._follow(text[at:])
            at = len(text)
        _add(out, text[start:at])
        return out

    def _is_literal(self) -> bool:
        if self._escaped or self._fence:
            return True
        return _FENCE.match(self._line) is not None


def _add(out: list[Item], text: str) -> None:
    if text:
        out.append(text)


def _end_of(text: str, at: int, *, last: bool) -> int | None:
    """Return where what begins with a brace ends; `at` if it is only a brace, None to wait."""
    rest = len(text) - at
    if rest < 3 and not last and text[at:] in {"{", "{{"}:
        return None
    if not text.startswith("{{", at) or text.startswith("{{{", at):
        return at
    match = _END.search(text, at + 2, at + 2 + LONGEST + 2)
    if match is None:
        if last or rest > LONGEST + 3:
            return len(text) if last and rest <= LONGEST + 3 else at
        return None
    if match[0] == "}}":
        return match.end()
    return match.start()


def _hole(text: str) -> Hole | None:
    complete = text.endswith("}}") and len(text) > 3
    body = text[2:-2] if complete else text[2:]
    if _CARD.match(body) or not _OURS.match(body):
        return None
    return Hole(body, complete)
