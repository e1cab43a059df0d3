"""What goes over the wire about the inside of a run: steps, their times, what went in and out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

StepKind = Literal["queue", "step", "attempt", "model", "tool", "wait"]
StepStatus = Literal["waiting", "running", "done", "failed", "cancelled", "withdrawn"]


class StepQuery(BaseModel):
    """The query that a step ran, as its log part names it."""

    query_id: str
    version: int
    handle: str
    source_id: str | None = None


class StepOut(BaseModel):
    """One row of a run's tree: structure, time and money, without what went in and out.

    `kind`: `queue` is the time before a process took the run, `step` holds one model call and the
    tools it asked for, `attempt` holds what one try of a step did, `wait` is a person's turn.
    A step that a dead process left is `withdrawn`. Tokens and `cost` (US dollars as text) are the
    row's own; None is unknown.
    """

    id: str
    parent_id: str | None
    kind: StepKind
    name: str
    title: str | None = None
    status: StepStatus
    attempt: int
    attempts: int = 1
    started_at: datetime
    finished_at: datetime | None
    duration_ms: int | None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None
    calls: int = 0
    error: str | None = None
    query: StepQuery | None = None
    request_id: UUID | None = None
    tool_call_id: str | None = None
    first_seq: int = 0
    last_seq: int = 0


class NoteOut(BaseModel):
    """One line of what the run said about itself."""

    seq: int
    at: datetime
    step_id: str | None
    kind: Literal["stage", "note", "error", "reset", "end"]
    text: str


class StepsOut(BaseModel):
    """The tree of a run, parents before their children, in the order in which things began.

    `total` counts all rows; `steps` holds at most the first 5,000 of them. `now` is the server's
    clock, for what still runs.
    """

    run_id: UUID
    steps: list[StepOut]
    notes: list[NoteOut]
    total: int
    truncated: bool
    last_seq: int
    now: datetime


class ValueOut(BaseModel):
    """A JSON value, or only the beginning of its text when it is large.

    `bytes` is the size of the whole as JSON; `cut` says that `value` is absent and `text` holds
    the beginning.
    """

    value: Any = None
    text: str | None = None
    bytes: int
    cut: bool = False


class StepDetail(BaseModel):
    """What went into a step and what came out of it; None where there was nothing."""

    step: StepOut
    input: ValueOut | None
    output: ValueOut | None
    notes: list[NoteOut]
