"""Which name of a sentence a figure belongs to: "North had 100 and South 200" names two."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from datelier.queries.trace.facts import Mention

_APART: Final = re.compile(
    r"[,;:()\u2013—|]|(?<![^\W_])(?:and|but|while|whereas|than|versus|vs|against|compared|followed|ahead|"
    r"behind|after|before|unlike|und|aber|während|als|gegenüber|et|mais|tandis|que|contre|y|pero|"
    r"mientras|frente)(?![^\W_])",
    re.IGNORECASE,
)
Unclear = Literal["none", "unclear"]


def bound(
    mentions: Sequence[Mention], figures: Sequence[tuple[int, int]], figure: int, text: str
) -> tuple[str, Unclear | None]:
    """Return the name that a figure belongs to.

    Args:
        mentions: Names of one column in the sentence, in order.
        figures: Spans of the sentence's figures, in order.
        figure: Which of them is meant.
        text: The plain text.

    Returns:
        The name and None; or nothing and why: the sentence has none, or it is not clear.
    """
    if not mentions:
        return "", "none"
    names = {mention.value for mention in mentions}
    if len(names) == 1:
        return mentions[0].value, None
    events = sorted(
        [(mention.start, "L", i) for i, mention in enumerate(mentions)]
        + [(start, "F", i) for i, (start, _) in enumerate(figures)]
    )
    shape = "".join(kind for _, kind, _ in events)
    place = next(i for i, (_, kind, n) in enumerate(events) if kind == "F" and n == figure)
    found: int | None = None
    count = len(mentions)
    if shape == "L" * count + "F" * count:
        found = figure
    elif re.fullmatch(r"(?:LF+)+", shape):
        found = max(n for _, kind, n in events[:place] if kind == "L")
    elif re.fullmatch(r"(?:F+L)+", shape):
        found = min(n for _, kind, n in events[place:] if kind == "L")
    if found is not None:
        return mentions[found].value, None
    return _in_clause(mentions, figures[figure], text)


def _in_clause(
    mentions: Sequence[Mention], figure: tuple[int, int], text: str
) -> tuple[str, Unclear | None]:
    """Return the only name of the figure's own clause."""
    start, end = figure
    first = min(mention.start for mention in mentions)
    last = max(mention.end for mention in mentions)
    inner = [(m.start, m.end) for m in mentions]
    cuts = [
        match.start()
        for match in _APART.finditer(text, min(first, start), max(last, end))
        if not any(a <= match.start() < b for a, b in [*inner, figure])
    ]
    low = max((cut for cut in cuts if cut < start), default=-1)
    high = min((cut for cut in cuts if cut >= end), default=len(text))
    names = {m.value for m in mentions if low <= m.start and m.end <= high}
    if len(names) == 1:
        return names.pop(), None
    return "", "unclear"
