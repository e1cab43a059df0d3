"""Whether four digits are a year or an amount: “in 2024” is one, “sold 2024 units” the other.

A year is traced by the dates of a result; an amount has to be a value of it. So a figure is a year
only where its words say so, and whatever may be an amount is looked up as one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datelier.queries.trace.facts import Facts, column_phrase, stem, words_of
from datelier.queries.trace.sentences import Sentence
from datelier.queries.trace.tables import value_columns
from datelier.queries.trace.units import column_words

_WORD: Final = re.compile(r"[^\W\d_]+")
_LABEL_WORD: Final = re.compile(r"[^\W_]+")
_MARKUP: Final = "*_\"'\u201c\u201d\u2018\u2019(\u00a0 \t"
_YEAR_WORDS: Final = frozenset(
    (
        *(
            "year",
            "years",
            "yearly",
            "annual",
            "fy",
            "cy",
            "fiscal",
            "calendar",
            "period",
            "season",
        ),
        *(
            "jahr",
            "jahre",
            "jahres",
            "jahren",
            "geschäftsjahr",
            "année",
            "années",
            "an",
            "exercice",
        ),
        *("año", "años", "ejercicio", "anno"),
    )
)
# Before a year, and scarcely ever before an amount.
_CUES: Final = _YEAR_WORDS | frozenset(
    (
        *(
            "in",
            "since",
            "during",
            "until",
            "till",
            "throughout",
            "before",
            "after",
            "early",
            "late",
        ),
        *(
            "mid",
            "end",
            "start",
            "beginning",
            "spring",
            "summer",
            "autumn",
            "winter",
            "versus",
            "vs",
        ),
        *("im", "seit", "ende", "anfang", "mitte", "ab", "vor", "nach", "gegenüber", "frühjahr"),
        *(
            "sommer",
            "herbst",
            "en",
            "depuis",
            "fin",
            "début",
            "pendant",
            "desde",
            "hasta",
            "durante",
        ),
        *("finales", "principios"),
    )
)
# Before a year where it is used like an adjective: "the 2024 revenue".
_OWNERS: Final = frozenset(
    (
        *(
            "the",
            "our",
            "its",
            "their",
            "this",
            "that",
            "your",
            "my",
            "his",
            "her",
            "s",
            "whole",
            "full",
        ),
        *("entire", "overall", "total", "annual", "for", "of", "by", "from", "to", "through"),
        *("between", "and", "or", "than", "with", "against", "pour", "de", "du", "des", "von"),
        *("bis", "und", "oder", "für", "et", "ou", "y", "o", "del", "para", "entre", "à", "a"),
    )
)
# Of these, the ones that stand before amounts as often: "revenue of 2024", "rose to 2024".
_AMOUNTS: Final = frozenset(
    ["of", "by", "to", "de", "von", "a", "à", "and", "or", "und", "et", "y"]
)
_ENDS_BEFORE: Final = re.compile(r"[.!?;:\n|]\s*$")
# "2023 and 2024", "from 2023 to 2024", "2023-2024"
_YEAR_THEN: Final = re.compile(r"(?<!\d)(?:19|20)\d\d\s*(?:[-\u2013/,&]|[^\W\d_]{1,4})\s*$")
_THEN_YEAR: Final = re.compile(r"\s*(?:[-\u2013/,&]|[^\W\d_]{1,4})\s*(?:19|20)\d\d(?!\d)")
_BRACKET_OF_A_FIGURE: Final = re.compile(r"\d\S{0,3}\s?\($")
_MOVED: Final = frozenset(["came", "come", "comes", "went", "go", "goes", "stem", "stems", "of"])


def reads_as_year(
    text: str,
    span: tuple[int, int],
    sentence: Sentence,
    facts: Facts,
    figures: Sequence[tuple[int, int]],
) -> bool:
    """Whether a figure of four digits stands where a year stands.

    Args:
        text: The whole text, made plain.
        span: The figure.
        sentence: What it stands in.
        facts: The results, whose columns and rows have names.
        figures: The other figures of the sentence that are neither years nor dates.
    """
    if sentence.cells:
        return not _under_measure(span[0], sentence, facts)
    before, after = text[sentence.start : span[0]], text[span[1] : sentence.end]
    rows = _row_names(text, sentence, facts)
    if _YEAR_WORDS & {word.casefold() for word in _WORD.findall(before)}:
        return True
    if _BRACKET_OF_A_FIGURE.search(before) and after.startswith(")"):
        return True
    last = _word_before(before)
    following = [word.casefold() for word in _WORD.findall(after[:40])]
    others = any(not any(a <= start and end <= b for a, b in rows) for start, end in figures)
    if last is not None:
        said = _Said(before, after, last, following, others=others)
        return _behind_a_word(said, facts, names_a_row=bool(rows))
    if before.rstrip().endswith(","):
        return not following and not rows  # "Revenue by region, 2024"
    # "2024 was the best", "2024: …", but "2024 orders came from Paris".
    return _begins(before) and _as_subject(following, facts, others=others)


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands around a figure in its sentence; `others` are figures that name nothing."""

    before: str
    after: str
    last: str
    following: Sequence[str]
    others: bool


def _behind_a_word(said: _Said, facts: Facts, *, names_a_row: bool) -> bool:
    measured = bool(said.following) and _is_measure(said.following[0], facts)
    listed = _YEAR_THEN.search(said.before) or _THEN_YEAR.match(said.after)
    if said.last in _CUES or (listed and not measured):
        return True
    if said.last in _OWNERS:
        plain = said.last not in _AMOUNTS and (measured or said.others)
        return plain or "compared" in said.before.casefold()
    # "Revenue 2024" as in titles; "Paris 2024" may be what Paris had.
    return _is_measure(said.last, facts) and not names_a_row


def _word_before(before: str) -> str | None:
    """Return the word that a figure directly follows; None where something stands between."""
    match = re.search(r"([^\W\d_]+)['\u2019]?$", before.rstrip(_MARKUP + "-\u2013"))
    return match[1].casefold() if match is not None else None


def _begins(before: str) -> bool:
    bare = before.strip(_MARKUP + "-\u2013#>+•")
    return not bare or bool(_ENDS_BEFORE.search(before) and not bare.endswith(":"))


def _as_subject(following: Sequence[str], facts: Facts, *, others: bool) -> bool:
    if not following:
        return True
    if following[0] in _MOVED:
        return False
    return others or not _is_measure(following[0], facts)


def _under_measure(at: int, sentence: Sentence, facts: Facts) -> bool:
    for place, (start, end) in enumerate(sentence.cells):
        if start <= at < end and place < len(sentence.header):
            return any(_is_measure(word, facts) for word in words_of(sentence.header[place]))
    return False


def _is_measure(word: str, facts: Facts) -> bool:
    told = stem(word)
    for table in facts.tables:
        for column in value_columns(table):
            name = table.columns[column]
            if told in column_phrase(name) or word in column_words(name):
                return True
    return False


def _row_names(text: str, sentence: Sentence, facts: Facts) -> list[tuple[int, int]]:
    """Return where rows are named."""
    words = list(_LABEL_WORD.finditer(text, sentence.start, sentence.end))
    labels = facts.labels
    return [
        (words[at].start(), words[at + length - 1].end())
        for at in range(len(words))
        for length in range(1, min(5, len(words) - at + 1))
        if tuple(word[0].casefold() for word in words[at : at + length]) in labels
    ]
