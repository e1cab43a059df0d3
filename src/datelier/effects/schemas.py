"""What the API gives of the ledger."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class AllowedBy(BaseModel):
    """By what a call was allowed: a decided request, or a standing rule, and whose it was."""

    kind: Literal["request", "rule"]
    id: UUID
    number: int
    by: str


class EffectOut(BaseModel):
    """One call of a run with an effect outside of the platform, as the ledger has it.

    Attributes:
        state: `intended`: not known yet; `not_done`: for certain; `unknown`: a person was asked.
        detail: What was about to be done.
        outcome: What was done; null where nothing was.
        note: Why, where it did not go the usual way.
        allowed_by: Null where the agent's policy alone allowed it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    run_id: UUID
    tool_call_id: str
    kind: Literal["sql", "http"]
    state: Literal["intended", "done", "not_done", "unknown"]
    source_id: UUID | None
    detail: dict[str, Any]
    outcome: dict[str, Any] | None
    note: str
    created_at: datetime
    settled_at: datetime | None
    allowed_by: AllowedBy | None = None


class EffectList(BaseModel):
    """The effects of a run, oldest first."""

    data: list[EffectOut]
