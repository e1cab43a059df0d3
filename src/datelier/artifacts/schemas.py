"""What the API takes and gives for charts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from datelier.artifacts.chart_choice import Wish
from datelier.artifacts.chart_makers import Kind

Title = Annotated[str, Field(min_length=1, max_length=200)]


ColumnName = Annotated[str, Field(max_length=500)]


class ChartWish(BaseModel):
    """What a chart should be, in short; what is left open follows from the result's columns."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    x: ColumnName | None = None
    y: ColumnName | None = None
    color: ColumnName | None = None
    facet: ColumnName | None = None

    def wish(self) -> Wish:
        """Return the wish as the choice takes it."""
        return Wish(self.kind, self.x, self.y, self.color, self.facet)


class ChartIn(ChartWish):
    """A chart to draw from a stored result: by a spec, or chosen by the result's columns."""

    result_id: UUID
    spec: dict[str, Any] | None = None
    title: Title | None = None


class ChartPatch(ChartWish):
    """What to change; the result a chart is drawn from never changes.

    A spec is taken as it is; without one, a kind or a column draws the chart anew.
    """

    spec: dict[str, Any] | None = None
    title: Title | None = None

    @property
    def draws_anew(self) -> bool:
        """Whether the chart is to be chosen anew."""
        return self.spec is None and self.wish() != Wish()


class ChartOut(BaseModel):
    """A chart with the rows it is drawn from, at most 20,000, one object per row."""

    id: UUID
    handle: str
    version: int
    title: str
    description: str
    spec: dict[str, Any]
    result_id: UUID
    query_id: UUID
    query_handle: str
    query_version: int
    row_count: int
    truncated: bool = False
    kinds: list[Kind] = Field(default=[], description="What else the columns can be drawn as.")
    figures: list[dict[str, Any]] = Field(
        default=[], description="Texts with figures, each with their receipts: path, text, cites."
    )
    data: list[dict[str, Any]]
    created_at: datetime

    def to_part(self) -> dict[str, Any]:
        """Return the `data-chart` part of a run's log: which chart, and its figures' receipts."""
        data = {**self.reference(), "figures": self.figures}
        return {"type": "data-chart", "id": str(self.id), "data": data}

    def reference(self) -> dict[str, Any]:
        """Return what a viewer needs to fetch the chart."""
        return {
            "chart_id": str(self.id),
            "handle": self.handle,
            "title": self.title,
            "version": self.version,
            "result_id": str(self.result_id),
            "query_handle": self.query_handle,
            "query_version": self.query_version,
        }
