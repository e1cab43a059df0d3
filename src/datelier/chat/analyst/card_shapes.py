"""What a card is: three kinds, each value bound to the cell of a stored result."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["up", "down", "flat"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CellRef(_Shape):
    """Where a value lies; `key` names its row for people."""

    query_id: str
    version: int
    row: int
    column: str
    key: dict[str, str]


class CardValue(_Shape):
    """One cell.

    Attributes:
        text: As its reader writes numbers and dates.
        raw: As stored.
    """

    text: str
    raw: str
    ref: CellRef


class Delta(_Shape):
    """A difference between two cells, computed exactly.

    Attributes:
        text: With its sign, in the unit of the values; percentages differ by points.
        percent_text: Relative to the earlier or smaller value; None where that says nothing.
        minuend: Where the later or larger value is.
        subtrahend: Where the earlier or smaller value is.
        formula: How to compute `text`, as in placeholders; None where names forbid it.
    """

    text: str
    percent_text: str | None
    minuend: CardValue
    subtrahend: CardValue
    formula: str | None


class CardQuery(_Shape):
    """The result that a card is made from; `lines` are the lines of the SQL by column."""

    handle: str
    query_id: str
    version: int
    result_id: str | None
    source_id: str | None
    ran_at: str | None
    lines: dict[str, str]


class _Card(_Shape):
    title: str
    unit: str | None
    source_name: str
    query: CardQuery


class SingleFact(_Card):
    """One value; `subject` is whose, `period` is when."""

    kind: Literal["single_fact"] = "single_fact"
    value: CardValue
    subject: str | None
    period: str | None


class Entry(_Shape):
    """One side of a comparison."""

    label: str
    value: CardValue


class Comparison(_Card):
    """Two to six values of one measure; `dimension` is what the labels are."""

    kind: Literal["comparison"] = "comparison"
    dimension: str | None
    period: str | None
    entries: list[Entry]
    delta: Delta | None


class Point(_Shape):
    """A value and its moment.

    Attributes:
        x: As its reader writes it.
        at: As stored: text that sorts by time within a trend.
    """

    x: str
    at: str
    value: CardValue


class TrendGroup(_Shape):
    """One line of a trend; `change` is between its first and its last complete period.

    Attributes:
        label: Empty for the only one.
        partial: The last period had not ended when the query ran, and is not in `change`.
    """

    label: str
    points: list[Point]
    direction: Direction
    change_text: str
    change: Delta
    partial: bool


class Trend(_Card):
    """One measure over time."""

    kind: Literal["trend"] = "trend"
    dimension: str
    groups: list[TrendGroup]


Card = SingleFact | Comparison | Trend
AnyCard = Annotated[Card, Field(discriminator="kind")]


def card_part(card: Card, number: int) -> dict[str, Any]:
    """Return the `data-card` part of a run's log."""
    return {"type": "data-card", "id": f"card:{number}", "data": card.model_dump(mode="json")}
