"""What goes over the wire about many runs at once."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from datelier.runs.schemas import RunOut

RunKind = Literal["chat", "background", "test"]


class Starter(BaseModel):
    """Who started a run, as it was then: a person, a token, a trigger."""

    kind: str
    name: str


class Named(BaseModel):
    """An object and what people call it."""

    id: UUID
    name: str


class AgentOfRun(Named):
    """The agent, and the published version that the run was pinned to; None for a draft."""

    version: int | None = None


class RunRow(RunOut):
    """A run with what people need to recognise it.

    `title` is the question or the goal. `cost_at_least` is what is known of a cost that is not
    known as a whole (US dollars as text). `step_count` and `error_count` (failed tool calls) are
    None until the run has ended. `mine`: the caller may stop it or run it again.
    """

    kind: RunKind
    graph: str
    title: str
    thread_title: str | None
    agent: AgentOfRun | None
    sources: list[Named]
    started_by: Starter
    mine: bool
    cost_at_least: str | None
    step_count: int | None
    error_count: int | None
    rerun_of: UUID | None
    correlation_id: str | None
    parent_run_id: UUID | None
    waiting_since: datetime | None


class RunDetail(RunRow):
    """A run with what it was given and what it gave."""

    payload: dict[str, Any] | None
    result: dict[str, Any] | None


class HistogramBar(BaseModel):
    """Runs that began to wait within one stretch of time, by how they stand now."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    active: int = 0

    def plus(self, state: str, count: int) -> "HistogramBar":
        """Return the bar with `count` more runs of a state."""
        return self.model_copy(update={state: self.model_dump()[state] + count})


class Histogram(BaseModel):
    """Runs over time, oldest bar first, without gaps; `total` counts them all."""

    since: datetime
    until: datetime
    bucket_seconds: float
    bars: list[HistogramBar]
    total: int
