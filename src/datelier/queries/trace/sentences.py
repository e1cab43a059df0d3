"""Sentences, table rows and the parts of a text whose numbers are no claims."""

import re
from dataclasses import dataclass
from typing import Final

_END: Final = re.compile(
    r"(?:[.!?…](?=[\s)\"'”\u2019*_]|$)|[。\uff01\uff1f;\uff1b])[)\"'”\u2019*_]*"
)
_SHORT: Final = re.compile(
    r"(?:^|[\s(])(?:approx|ca|vs|e\.g|i\.e|z\.B|no|nr|st|mio|mrd|tsd|bio|mln|mld|env|aprox|fig|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|dr|mr|mrs|inc|ltd|co|\d{1,2})\.$",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"[\s|:-]+")
_ZONES: Final = re.compile(
    r"""
    (?P<fence>^[ >*+-]*(?P<mark>`{3,}|~{3,})[^\n]*\n(?:.*?)(?:^[ >]*(?P=mark)[`~]*[ ]*$|\Z))
  | (?P<code>(?P<tick>`+)                             # a figure alone is no code for its ticks
      (?!(?:[A-Z]{3}[ ])?[-+~≈]?[€$£¥]?[ ]?\d[\d.,' \u00a0\u202f]*
         (?:[%‰€$£¥kMB]|[A-Z]{3}|(?<=[ ])[^\W\d_]{1,12})?(?P=tick)(?!`))
      [^`\n]+?(?P=tick)(?!`))
  | \{\{card\s[^}\n]*\}\}
  | https?://[^\s)>\]]+
  | \]\([^)\n]*\)
  | ^[ >]*(?:[-*+][ ]+)?\d{1,3}[.)](?=[ ])            # list numbers
  | ^[ >]*\#{1,6}[ ]+\d+(?:\.\d+)*[.)]?(?=\s)        # numbered headings
  | \[\d{1,3}\]                                       # references
  | (?<![^\W_])[QCv]\d{1,4}(?:[ .]?v\d{1,4})?(?![^\W_])        # our own handles
  | (?<![^\W_])(?:sections?|steps?|tables?|figures?|fig\.|chapters?|part|appendix|pages?|lines?|
      options?|points?|notes?|abschnitt|schritt|tabelle|abbildung|kapitel|seite|étape|tableau|
      chapitre|paso|sección|capítulo|§)[ ]\d{1,3}(?:\.\d{1,3})*(?![\d%,.]*\d|[ ]?%|[ ]*[kKM]\b)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a heading, a list item or a row of a Markdown table.

    Attributes:
        cells: Spans of a table row's cells; empty for prose.
        header: The texts above those cells.
    """

    start: int
    end: int
    cells: tuple[tuple[int, int], ...] = ()
    header: tuple[str, ...] = ()


def zones(text: str) -> list[tuple[int, int, bool]]:
    """Return what holds no claims: (start, end, whether it is code)."""
    found: list[tuple[int, int, bool]] = []
    for match in _ZONES.finditer(text):
        is_code = match["fence"] is not None or match["code"] is not None
        found.append((match.start(), match.end(), is_code))
    return found


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text; together they cover every figure in it."""
    found: list[Sentence] = []
    at = 0
    header: tuple[str, ...] = ()
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare.startswith("|") and bare.count("|") >= 2:
            cells = _cells(text, at, at + len(line))
            if not header:
                header = tuple(text[start:end].strip() for start, end in cells)
            elif not _RULE.fullmatch(bare):
                found.append(Sentence(at, at + len(line), tuple(cells), header))
        else:
            header = ()
            found += _prose(text, at, at + len(line))
        at += len(line)
    # A table that is only its header has no row, and its figures still need a place.
    return found or [Sentence(0, len(text))]


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    bars = [at for at in range(start, end) if text[at] == "|"]
    return list(zip([bar + 1 for bar in bars], [*bars[1:], end], strict=True))[: len(bars) - 1]


def _prose(text: str, start: int, end: int) -> list[Sentence]:
    found: list[Sentence] = []
    first = start
    for match in _END.finditer(text, start, end):
        if _SHORT.search(text[first : match.start() + 1]) and text[match.end() : end].strip():
            continue
        found.append(Sentence(first, match.end()))
        first = match.end()
    if text[first:end].strip():
        found.append(Sentence(first, end))
    return found
