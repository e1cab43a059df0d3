"""Charts of a report as SVG: no script, colours from the page's style, a description each."""

from collections.abc import Sequence
from html import escape
from typing import Final

from datelier.evals.report import Report, Tag

_WIDTH: Final = 400  # so that texts can be read where the page is a phone wide
_ROW: Final = 26
_LABEL: Final = 120
_BINS: Final = 24
_HEAD: Final = 34


def outcome_bar(report: Report) -> str:
    """Return one bar: right, wrong and without an answer."""
    summary = report.summary
    parts = [
        ("right", summary.passed, "good"),
        ("wrong", summary.failed, "bad"),
        ("no answer", summary.errors, "odd"),
    ]
    drawn: list[str] = []
    at = 0.0
    for name, count, kind in parts:
        if not count:
            continue
        wide = _WIDTH * count / summary.cases
        drawn.append(
            f'<g class="{kind}"><title>{count} {name}</title>'
            f'<rect x="{at:.1f}" y="0" width="{max(wide - 2, 1):.1f}" height="28" rx="3"/></g>'
        )
        if wide > 70:
            drawn.append(f'<text class="on" x="{at + 8:.1f}" y="19">{count} {name}</text>')
        at += wide
    said = ", ".join(f"{count} {name}" for name, count, _ in parts)
    return _svg(28, f"Answers: {said}", drawn)


def tag_bars(tags: Sequence[Tag]) -> str:
    """Return a bar per tag: how many of its questions were right."""
    drawn: list[str] = []
    room = _WIDTH - _LABEL - 70
    for place, tag in enumerate(tags):
        top = place * _ROW
        wide = room * tag.passed / tag.cases
        drawn += [
            f'<text x="0" y="{top + 16}">{escape(_cut(tag.tag, 17))}</text>',
            f'<rect class="track" x="{_LABEL}" y="{top + 4}" width="{room}" height="16" rx="3"/>',
            f'<rect class="good" x="{_LABEL}" y="{top + 4}" width="{wide:.1f}" height="16" rx="3"/>',
            f'<text x="{_LABEL + room + 10}" y="{top + 16}">{tag.passed} of {tag.cases}</text>',
        ]
    said = ", ".join(f"{tag.tag} {tag.passed} of {tag.cases}" for tag in tags)
    return _svg(len(tags) * _ROW, f"Right answers by tag: {said}", drawn)


def histogram(values: Sequence[float], marks: Sequence[tuple[str, float]], unit: str) -> str:
    """Return how values spread, with lines at the marks.

    Args:
        values: At least one.
        marks: Name and value of each line.
        unit: Written behind numbers.
    """
    most = max(values) or 1.0
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, int(value / most * _BINS))] += 1
    highest, tall, wide = max(counts), 90, _WIDTH / _BINS
    drawn: list[str] = []
    for bin_, count in enumerate(counts):
        high = tall * count / highest
        span = f"{most * bin_ / _BINS:.2f} to {most * (bin_ + 1) / _BINS:.2f} {unit}: {count}"
        drawn.append(
            f'<g class="plain"><title>{span}</title><rect x="{bin_ * wide + 1:.1f}"'
            f' y="{_HEAD + tall - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}" rx="2"/></g>'
        )
    for level, (name, value) in enumerate(marks):
        x = min(value / most, 1) * _WIDTH
        end = "end" if x > _WIDTH / 2 else "start"
        offset = -4 if end == "end" else 4
        top = 4 + 14 * level
        place = f'text-anchor="{end}" x="{x + offset:.1f}" y="{top + 8}"'
        drawn += [
            f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{_HEAD + tall}"/>',
            f'<text class="small" {place}>{escape(name)} {value:.2f} {unit}</text>',
        ]
    drawn += [
        f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_HEAD + tall}" y2="{_HEAD + tall}"/>',
        f'<text class="small" x="0" y="{_HEAD + 14 + tall}">0 {unit}</text>',
        f'<text class="small" text-anchor="end" x="{_WIDTH}" y="{_HEAD + 14 + tall}">{most:.2f} {unit}</text>',
    ]
    said = ", ".join(f"{name} {value:.2f} {unit}" for name, value in marks)
    return _svg(
        tall + _HEAD + 20, f"{len(values)} values from 0 to {most:.2f} {unit}; {said}", drawn
    )


def refusal_grid(report: Report) -> str:
    """Return four fields: what should have been refused, and what was."""
    kinds = report.summary.refusals
    answerable = sum(case.expected != "refusal" for case in report.cases if case.status != "error")
    fields = [
        ("good", 0, 0, answerable - kinds.wrong, "answered, and should be"),
        ("bad", 1, 0, kinds.wrong, "refused, can be answered"),
        ("bad", 0, 1, kinds.missed, "answered, should be refused"),
        ("good", 1, 1, kinds.right + kinds.other_reason, "refused, and should be"),
    ]
    wide, high = _WIDTH / 2, 54
    drawn: list[str] = []
    for kind, column, row, count, what in fields:
        x, y = column * wide, row * (high + 4)
        size = f'width="{wide - 4:.1f}" height="{high}" rx="4"'
        field, ink = (kind, "on ") if count else ("track", "")
        drawn += [
            f'<rect class="{field}" x="{x + 1:.1f}" y="{y}" {size}/>',
            f'<text class="{ink}big" x="{x + 14:.1f}" y="{y + 25}">{count}</text>',
            f'<text class="{ink}small" x="{x + 14:.1f}" y="{y + 43}">{what}</text>',
        ]
    said = "; ".join(f"{count} {what}" for _, _, _, count, what in fields)
    return _svg(2 * high + 4, said, drawn)


def _svg(height: float, said: str, drawn: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(said, quote=True)}">'
        f"{''.join(drawn)}</svg>"
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
