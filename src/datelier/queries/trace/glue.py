"""Judging a filled placeholder: what is typed around it may change what it says."""

import re
from collections.abc import Sequence
from typing import Final

from datelier.queries.trace.cites import Cite
from datelier.queries.trace.facts import Fact
from datelier.queries.trace.fills import Fill
from datelier.queries.trace.match import Place, column_objection, row_objection, value_figures
from datelier.queries.trace.numerals import Numeral
from datelier.queries.trace.tables import label_columns, value_columns
from datelier.queries.trace.units import SCALES, UNIT_AFTER, column_words, fits_unit, unit_of

_HARMLESS: Final = re.compile(
    r"[\s.,;:!?()*_\"'\u2013—-]*|st|nd|rd|th|[ ]?[x\u00d7]|-?fold|[ ]?times"
)
_PLAIN: Final = "This is the value of"
_OPENERS: Final = "([*_\"' \u00a0"
_MONEY_SIGNS: Final = re.compile(r"(?:[€$£¥₹₩₺₪]|[A-Z]{1,3}[$]|[A-Z]{3})[ \u00a0\u202f]?")


def judge_fill(place: Place, fill: Fill, span: tuple[int, int], around: Sequence[Numeral]) -> Cite:
    """Return the class of a filled figure; offsets are in the plain text.

    Args:
        place: Where it stands.
        fill: What was filled.
        span: Its own offsets in the plain text.
        around: The numerals that touch it.
    """
    if fill.value is None:
        reason = fill.error.message if fill.error is not None else "It has no value."
        code = fill.error.code if fill.error is not None else ""
        return Cite(
            *span, "untraced", formula=fill.formula, form=fill.form, reason=reason, code=code
        )
    reason = _typed_around(place, fill, span, around) or _said_of_another(place, fill, span, around)
    start = min([span[0], *(n.start for n in around)]) if reason else span[0]
    end = max([span[1], *(n.end for n in around)]) if reason else span[1]
    kind = "exact" if fill.is_cell else "derived"
    value = fill.value
    return Cite(
        start, end, "untraced" if reason else kind, _raw(value.raw), value.type, fill.formula,
        fill.form, value.cells, reason,
    )  # fmt: skip


def _raw(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _typed_around(
    place: Place, fill: Fill, span: tuple[int, int], around: Sequence[Numeral]
) -> str:
    """Why what is typed directly before or behind makes another figure of it; empty if nothing."""
    if fill.value is None or fill.value.number is None:
        return ""
    text = place.text
    for numeral in around:
        before = text[numeral.start : span[0]] if numeral.start < span[0] else ""
        after = text[span[1] : numeral.end] if numeral.end > span[1] else ""
        if before and not _MONEY_SIGNS.fullmatch(before):
            return f"“{before.strip()}” was typed before the figure."
        if after and not _fits_after(fill, after):
            return f"“{after.strip()}” was typed behind the figure."
        if before and fill.is_cell:
            column = str(fill.value.cells[0].column)
            if not fits_unit(column, unit_of(before.strip(" \u00a0\u202f")), typed=False):
                return f"{column} is not in {before.strip()}."
    return ""


def _fits_after(fill: Fill, after: str) -> bool:
    if _HARMLESS.fullmatch(after):
        return True
    unit = UNIT_AFTER.fullmatch(after)
    column = str(fill.value.cells[0].column) if fill.value is not None and fill.value.cells else ""
    if unit is not None and unit_of(unit[1]):
        return not fill.is_cell or fits_unit(column, unit_of(unit[1]), typed=False)
    # "{{Q1[0].revenue_millions}} million": only the column's own scale may be said.
    scale = re.match(r"[ \u00a0\u202f-]?([^\W\d_]+)", after)
    if scale is None or scale[1] not in SCALES:
        return False
    powers = {SCALES[word] for word in column_words(column) if word in SCALES}
    return SCALES[scale[1]] in powers


def _said_of_another(
    place: Place, fill: Fill, span: tuple[int, int], around: Sequence[Numeral]
) -> str:
    """Why a cell's figure is said of another row or column; empty unless that is plain."""
    value = fill.value
    if value is None or value.number is None or not fill.is_cell:
        return ""
    cell = value.cells[0]
    table, row = cell.table, cell.row
    if row is None or not any(known is table for known in place.facts.tables):
        return ""
    if table.column(str(cell.column)) in label_columns(table):
        return ""
    own = next((n for n in around if span[0] <= n.start and n.end <= span[1]), None)
    if own is None:
        own = next(iter(around), None)
    if own is None:
        return ""
    spans, at = value_figures(place, own)
    reason = row_objection(place, table, row, spans, at)
    column = table.column(str(cell.column))
    # Among several figures it is seldom plain which word is about which: "6 of 90 rows (7 %)".
    alone = bool(place.sentence.cells) or len(spans) == 1
    if alone and not reason.startswith(_PLAIN) and column in value_columns(table):
        fact = Fact(table, row, column, value.number)
        reason = column_objection(place, fact, spans, at)
    return reason if reason.startswith(_PLAIN) else ""
