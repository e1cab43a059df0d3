"""Judging a figure that the model typed: asked, a name, matched, or untraced."""

import re
from dataclasses import dataclass
from typing import Final

from datelier.queries.trace.binding import bound
from datelier.queries.trace.cites import Cite
from datelier.queries.trace.direction import fits_direction, has_direction, is_change
from datelier.queries.trace.evaluate import UsedCell
from datelier.queries.trace.facts import (
    Fact,
    Facts,
    Mention,
    stem,
    words_of,
)
from datelier.queries.trace.names import Names, Slot, shares_words
from datelier.queries.trace.numerals import Numeral
from datelier.queries.trace.ranks import is_ranked
from datelier.queries.trace.sentences import Sentence
from datelier.queries.trace.tables import Table, label_columns
from datelier.queries.trace.units import column_words, fits_unit

_NEAR: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")
_COMPARING: Final = frozenset(
    [
        "top",
        "last",
        "first",
        "past",
        "previous",
        "next",
        "above",
        "below",
        "over",
        "under",
        "more",
        "less",
        "than",
        "least",
        "most",
        "exceed",
        "exceeds",
        "exceeding",
        "limit",
        "threshold",
        "target",
        "goal",
        "between",
        "until",
        "since",
        "before",
        "after",
        "best",
        "worst",
        "über",
        "unter",
        "mehr",
        "als",
        "letzten",
        "ersten",
        "plus",
        "moins",
        "dernier",
        "derniers",
        "más",
        "menos",
        "últimos",
    ]
)
_ROW_WORDS: Final = frozenset(
    [
        "row",
        "rows",
        "result",
        "results",
        "value",
        "values",
        "group",
        "groups",
        "entry",
        "entries",
        "record",
        "records",
        "line",
        "lines",
        "zeile",
        "zeilen",
        "ergebnisse",
        "lignes",
        "filas",
    ]
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asked, made plain, and its figures."""

    text: str = ""
    figures: tuple[Numeral, ...] | list[Numeral] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure stands."""

    text: str
    sentence: Sentence
    names: Names
    facts: Facts
    figures: tuple[Numeral, ...]

    def cell_of(self, at: int) -> int | None:
        """Return which cell of a table's row an offset is in; None in prose."""
        for i, (start, end) in enumerate(self.sentence.cells):
            if start <= at < end:
                return i
        return None


def judge(place: Place, numeral: Numeral, question: Question) -> Cite | None:
    """Return a typed figure's class; None for a number that is part of a name."""
    named = _as_name(place, numeral)
    if named is not None:
        return named if named.kind == "matched" else None
    if _was_asked(place, numeral, question):
        return Cite(numeral.start, numeral.end, "asked")
    counted = _row_count(place, numeral)
    if counted is not None:
        return counted
    if numeral.kind == "ordinal":
        return _rank(place, numeral)
    if numeral.kind != "number" or not numeral.readings:
        reason = "No result says this." if numeral.moment is None else "No result has this date."
        return _untraced(numeral, reason)
    return _by_value(place, numeral)


def _untraced(numeral: Numeral, reason: str) -> Cite:
    return Cite(numeral.start, numeral.end, "untraced", reason=reason)


def _as_name(place: Place, numeral: Numeral) -> Cite | None:
    """A number inside a row's name is no figure; a date or key that names a row is matched."""
    for slot, mentions in place.names.rows.items():
        for mention in mentions:
            if not (mention.start <= numeral.start and numeral.end <= mention.end):
                continue
            if (mention.start, mention.end) != (numeral.start, numeral.end):
                return Cite(numeral.start, numeral.end, "asked")
            return _key_cite(place, numeral, slot, mention.value)
    if numeral.moment is not None or numeral.is_year:
        return _in_some_date(place, numeral)
    return None


def _key_cite(place: Place, numeral: Numeral, slot: Slot, value: str) -> Cite:
    table, column = place.facts.tables[slot[0]], slot[1]
    rows = [row for row, cell in enumerate(table.data[column]) if str(cell) == value]
    row = rows[0] if len(rows) == 1 else None
    cell = UsedCell(table, row, table.columns[column], value)
    kind = table.types[column]
    return Cite(numeral.start, numeral.end, "matched", value, kind, cells=(cell,))


def _in_some_date(place: Place, numeral: Numeral) -> Cite | None:
    """A period that holds several rows' dates, or that the query's own text names."""
    text = place.text[numeral.start : numeral.end]
    for table in reversed(place.facts.tables):
        for column in label_columns(table):
            for cell in table.data[column][:2000]:
                if cell is not None and _covers(numeral, str(cell)):
                    used = UsedCell(table, None, table.columns[column])
                    return Cite(numeral.start, numeral.end, "matched", text, "date", cells=(used,))
        sql = str(table.facts.get("sql", ""))
        if numeral.is_year and re.search(rf"(?<!\d){numeral.readings[0].value}(?!\d)", sql):
            used = UsedCell(table, None, None)
            return Cite(numeral.start, numeral.end, "matched", text, "date", cells=(used,))
    return None


def _covers(numeral: Numeral, cell: str) -> bool:
    if numeral.moment is not None:
        return numeral.moment.covers(cell)
    return bool(re.match(r"\d{4}-\d{2}", cell)) and cell[:4] == str(numeral.readings[0].value)


def _was_asked(place: Place, numeral: Numeral, question: Question) -> bool:
    for figure in question.figures:
        if numeral.moment is not None or figure.moment is not None:
            if _same_moment(numeral, figure):
                return True
            continue
        if not numeral.readings or not figure.readings or numeral.unit != figure.unit:
            continue
        if not {r.value for r in numeral.readings} & {r.value for r in figure.readings}:
            continue
        if numeral.is_year or _same_words(place.text, numeral, question.text, figure):
            return True
    return False


def _same_moment(numeral: Numeral, figure: Numeral) -> bool:
    one, other = numeral.moment, figure.moment
    if one is None:
        year = other.year if other is not None else None
        return numeral.is_year and year == numeral.readings[0].value
    if other is None:
        return figure.is_year and (one.year, one.month) == (int(figure.readings[0].value), None)
    return (one.year in {None, other.year} or other.year is None) and (
        (one.month, one.day, one.quarter, one.time)
        == (other.month, other.day, other.quarter, other.time)
    )


def _same_words(text: str, numeral: Numeral, asked: str, figure: Numeral) -> bool:
    """Whether a figure of the question stands among the same words as in the answer."""
    here = _around(text, numeral)
    there = _around(asked, figure)
    return bool(here & there) or bool(here & _COMPARING and there & _COMPARING)


def _around(text: str, numeral: Numeral) -> set[str]:
    before = _WORD.findall(text[max(0, numeral.start - 60) : numeral.start])[-_NEAR:]
    after = _WORD.findall(text[numeral.end : numeral.end + 60])[:_NEAR]
    words = {stem(word.casefold()) for word in (*before, *after) if len(word) > 2}
    return words - {"the", "and", "was", "were", "for", "with", "had", "has", "from", "that"}


def _row_count(place: Place, numeral: Numeral) -> Cite | None:
    """Match the number of rows: “5 regions” of a result with a row for each."""
    if numeral.kind != "number" or numeral.unit or numeral.signed or not numeral.readings:
        return None
    following = _WORD.findall(place.text[numeral.end : numeral.end + 40])[:2]
    nouns = {stem(word.casefold()) for word in following}
    value = numeral.readings[0].value
    for table in reversed(place.facts.tables):
        if table.rows != value or table.truncated:
            continue
        keys = {stem(w) for i in label_columns(table)[:1] for w in column_words(table.columns[i])}
        keys -= {"id", "name", "key", "code", "no"}
        if nouns & (keys | {stem(word) for word in _ROW_WORDS}):
            cell = UsedCell(table, None, None)
            raw = str(table.rows)
            return Cite(numeral.start, numeral.end, "matched", raw, "int64", cells=(cell,))
    return None


def _rank(place: Place, numeral: Numeral) -> Cite:
    value = int(numeral.readings[0].value) if numeral.readings else 0
    for slot, mentions in place.names.rows.items():
        table = place.facts.tables[slot[0]]
        names = {mention.value for mention in mentions}
        is_one = len(names) == 1 and 0 < value <= table.rows
        if not is_one or str(table.data[slot[1]][value - 1]) not in names:
            continue
        sentence = place.text[place.sentence.start : place.sentence.end]
        if is_ranked(table, value - 1, place.names, sentence):
            cell = UsedCell(table, value - 1, table.columns[slot[1]], names.pop())
            return Cite(numeral.start, numeral.end, "matched", str(value), "int64", cells=(cell,))
    return _untraced(numeral, "No result has this rank.")


def _by_value(place: Place, numeral: Numeral) -> Cite:
    facts = place.facts.numbers(numeral.readings, numeral.unit)
    if not facts:
        return _untraced(numeral, "No result has this value.")
    if len(facts) > 1:
        return _untraced(numeral, f"{len(facts)} cells have this value; it is not clear which.")
    fact = facts[0]
    reason = _objection(place, numeral, fact)
    if reason:
        return _untraced(numeral, reason)
    table = fact.table
    raw = table.data[fact.column][fact.row]
    name = table.columns[fact.column]
    cell = UsedCell(table, fact.row, name, raw)
    kind = table.types[fact.column]
    return Cite(numeral.start, numeral.end, "matched", str(raw), kind, cells=(cell,))


def _objection(place: Place, numeral: Numeral, fact: Fact) -> str:
    """Why a figure is not the fact whose value it has; empty when it is."""
    column = fact.table.columns[fact.column]
    if not fits_unit(column, numeral.unit, typed=True):
        return f"{column} is not in this unit."
    if not fits_direction(place.text, numeral, fact.value, column):
        return "The sign does not fit the value."
    spans, at = value_figures(place, numeral)
    # "Orders fell by 12" names the column whose change it tells.
    is_amount = is_change(column) and has_direction(place.text, numeral)
    objection = "" if is_amount else column_objection(place, fact, spans, at)
    if objection:
        return objection
    return row_objection(place, fact.table, fact.row, spans, at)


def value_figures(place: Place, numeral: Numeral) -> tuple[list[tuple[int, int]], int]:
    """Return the spans of the sentence's figures that are no names, and which one is meant."""
    names = [(m.start, m.end) for mentions in place.names.rows.values() for m in mentions]
    spans = [
        (figure.start, figure.end)
        for figure in place.figures
        if figure is numeral
        or not (
            figure.moment is not None
            or any(start <= figure.start and figure.end <= end for start, end in names)
        )
    ]
    return spans, spans.index((numeral.start, numeral.end))


def row_objection(
    place: Place, table: Table, row: int, spans: list[tuple[int, int]], at: int
) -> str:
    """Why a figure of a row is not said of that row; empty when its label is bound to it."""
    index = next(i for i, known in enumerate(place.facts.tables) if known is table)
    matching = list(range(table.rows))
    named = False
    for column in label_columns(table):
        mentions = place.names.rows.get((index, column), [])
        name, why = _bound_in(place, mentions, spans, at)
        if why == "none":
            continue
        label = str(table.data[column][row])
        if why == "unclear":
            return f"It is not clear which {table.columns[column]} it belongs to."
        if name != label:
            return f"This is the value of {label}, not of {name}."
        named = True
        matching = [r for r in matching if str(table.data[column][r]) == label]
    if not named:
        return _unlabelled(place, table)
    if len(matching) > 1:
        return "Several rows have the names in this sentence."
    return ""


def _bound_in(
    place: Place, mentions: list[Mention], spans: list[tuple[int, int]], at: int
) -> tuple[str, str | None]:
    cell = place.cell_of(spans[at][0])
    if cell is None:
        return bound(mentions, spans, at, place.text)
    names = {mention.value for mention in mentions}
    if len(names) == 1:
        return names.pop(), None
    return "", "unclear" if names else "none"


def _unlabelled(place: Place, table: Table) -> str:
    """A result of one row needs no label, but something has to say what the figure is."""
    if table.rows > 1:
        return "The sentence does not name the row of this value."
    sentence = place.sentence
    said = place.text[sentence.start : sentence.end]
    titles = [*table.columns, str(table.facts.get("title") or "")]
    if label_columns(table):
        titles += [str(table.data[i][0]) for i in label_columns(table)]
    return "" if shares_words(said, titles) else "The sentence does not say what this value is."


def column_objection(place: Place, fact: Fact, spans: list[tuple[int, int]], at: int) -> str:
    """Why a figure is said of another column than its own; empty when it is not."""
    cell = place.cell_of(spans[at][0])
    within = None
    if cell is not None and cell < len(place.sentence.header):
        header = place.sentence.header[cell]
        within = [(i, i + 1, word) for i, word in enumerate(words_of(header))]
    mentions = place.names.columns(fact.table, within)
    own = str(fact.column)
    if not mentions:
        return ""
    if within is not None:
        fits = own in {mention.value for mention in mentions}
    else:
        alike = {(m.start, m.end) for m in mentions if m.value == own}
        # Where one phrase names several columns alike, it may mean this one.
        settled = [
            Mention(m.start, m.end, own if (m.start, m.end) in alike else m.value) for m in mentions
        ]
        unique = list({(m.start, m.end): m for m in settled}.values())
        name, why = bound(unique, spans, at, place.text)
        if why == "unclear":
            return "It is not clear which column it belongs to."
        fits = name == own
    if fits:
        return ""
    told = {fact.table.columns[int(mention.value)] for mention in mentions}
    return (
        f"This is the value of {fact.table.columns[fact.column]}, not of {', '.join(sorted(told))}."
    )
