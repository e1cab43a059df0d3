"""What the API takes and gives for charts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Title = Annotated[str, Field(min_length=1, max_length=200)]


class ChartPatch(BaseModel):
    """What to change; the result a chart is drawn from never changes."""

    model_config = ConfigDict(extra="forbid")

    spec: dict[str, Any] | None = None
    title: Title | None = None


class ChartOut(BaseModel):
    """A chart with the rows it is drawn from, at most 20,000, one object per row."""

    id: UUID
    handle: str
    version: int
    title: str
    description: str
    spec: dict[str, Any]
    result_id: UUID
    query_handle: str
    query_version: int
    row_count: int
    data: list[dict[str, Any]]
    created_at: datetime

    def to_part(self) -> dict[str, Any]:
        """Return the `data-chart` part of a run's log."""
        return {"type": "data-chart", "id": str(self.id), "data": self.reference()}

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
