"""What a dialect's own dictionary for the generator of analytics holds."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one dialect. In `json` and `special` a `#` becomes a number."""

    exact: Callable[[str], str]
    """A number as a type whose sums do not depend on their order."""
    month: Callable[[str], str]
    matches: Callable[[str, str], str]
    group_by: Callable[[list[str], bool], str]
    materialized: str
    aggregates: tuple[str, ...]
    statistics: tuple[str, ...]
    dates: tuple[str, ...]
    texts: tuple[str, ...]
    json: tuple[str, ...]
    pivots: tuple[str, ...]
    special: tuple[str, ...]

    def cast(self, expression: str, kind: str) -> str:
        return f"CAST({expression} AS {kind})"
