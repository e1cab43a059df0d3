"""What is known about one figure of an answer."""

from dataclasses import dataclass, field
from typing import Literal

from datelier.queries.trace.evaluate import UsedCell

Kind = Literal["exact", "derived", "matched", "document", "asked", "untraced"]
TRACED: frozenset[Kind] = frozenset({"exact", "derived", "matched", "document"})


@dataclass(frozen=True, slots=True)
class Cite:
    """A figure and where it comes from; offsets are in the text as shown, in code points.

    Attributes:
        value: As stored, or computed; None where it is not known.
        type: The cell's type, ``decimal`` for what was computed.
        formula: As the model wrote it; empty for a typed figure.
        reason: Why it is untraced; empty otherwise.
    """

    start: int
    end: int
    kind: Kind
    value: str | None = None
    type: str = ""
    formula: str = ""
    form: str = ""
    cells: tuple[UsedCell, ...] = ()
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many figures of an answer have a receipt.

    Attributes:
        traced: Figures with a receipt.
        total: Figures that need one; those the user asked with do not.
        by_kind: How many of each kind.
    """

    traced: int = 0
    total: int = 0
    by_kind: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def is_clean(self) -> bool:
        """Whether every figure has a receipt."""
        return self.traced == self.total


def tally(cites: list[Cite]) -> Tally:
    """Count the figures of an answer."""
    by_kind: dict[str, int] = {}
    for cite in cites:
        by_kind[cite.kind] = by_kind.get(cite.kind, 0) + 1
    traced = sum(count for kind, count in by_kind.items() if kind in TRACED)
    return Tally(traced, traced + by_kind.get("untraced", 0), by_kind)
