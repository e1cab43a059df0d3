"""Facts of a profile as the protocol carries them: numbers, short texts, None for unknown."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from datelier.worker import profile_sql
from datelier.worker.profile_sql import Column

TOP: Final = 10
VALUE_LENGTH: Final = 120
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def whole(value: object) -> int | None:
    """A count, however the engine spells it; None stays None."""
    return (
        None if value is None else int(float(str(value))) if "." in str(value) else int(str(value))
    )


def real(value: object) -> float | None:
    """A finite number, or None."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def short(value: object) -> str | None:
    """A value as a short text."""
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def plain(value: object) -> str | None:
    """A number as a short text, the same from every engine: 7 and not 7.0."""
    text = short(value)
    return None if text is None else text.removesuffix(".0")


def difference(whole: int | None, part: int | None) -> int | None:
    """What is missing of the whole; None when unknown."""
    return None if whole is None or part is None else whole - part


def length(facts: Json) -> Json | None:
    """Shortest, longest and mean length of a text column."""
    if facts.get("longest") is None:
        return None
    return {
        "min": whole(facts["shortest"]),
        "max": whole(facts["longest"]),
        "mean": real(facts["mean_length"]),
    }


def top(facts: Json) -> list[Json] | None:
    """The most frequent values."""
    pairs: list[tuple[Any, int]] | None = facts.get("values")
    if pairs is None:
        return None
    return [{"value": short(value), "count": count} for value, count in pairs[:TOP]]


def patterns(facts: Json) -> Json | None:
    """The most frequent shapes of a text column, and how many there are."""
    pairs: list[tuple[Any, int]] | None = facts.get("patterns")
    if pairs is None:
        return None
    top = [{"pattern": pattern, "count": count} for pattern, count in pairs[:TOP]]
    return {"kinds": facts.get("patterns_kinds", 0), "top": top}


def histogram(column: Column, facts: Json) -> list[Json] | None:
    """Bins of equal width with their counts."""
    pairs: list[tuple[Any, int]] | None = facts.get("bins")
    low, high = real(facts.get("low")), real(facts.get("high"))
    if pairs is None or low is None or high is None:
        return None
    steps = int(high - low) + 1 if column.whole else profile_sql.BINS
    bins = max(1, min(profile_sql.BINS, steps))
    counts = {int(float(value)): count for value, count in pairs}
    edges = [low + (high - low) * i / bins for i in range(bins)] + [high]
    shown: list[Any] = [_moment(edge) for edge in edges] if column.kind == "moment" else edges
    return [{"from": shown[i], "to": shown[i + 1], "count": counts.get(i, 0)} for i in range(bins)]


def _moment(seconds: float) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return f"{seconds:.0f} s"
