"""What goes over the wire about runs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

RunState = Literal["queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled"]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})


class RunUsage(BaseModel):
    """Tokens of a run; None where the model did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class RunError(BaseModel):
    """Why a run failed, safe to show."""

    code: str
    message: str
    hint: str | None = None
    error_id: str | None = None


class RunOut(BaseModel):
    """A run as clients see it; `cost` is US dollars as text, None when unknown."""

    id: UUID
    thread_id: UUID | None
    message_id: UUID | None
    status: RunState
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    model: dict[str, Any] | None
    usage: RunUsage
    cost: str | None
    error: RunError | None
    queue_position: int | None
    last_seq: int
