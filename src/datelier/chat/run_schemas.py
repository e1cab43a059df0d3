"""What goes over the wire to start a run in the background."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from datelier.chat.schemas import readable
from datelier.threads.schemas import Strict

Report = Literal["all", "problems", "none"]
MOST_GOAL = 20_000  # characters


class RunIn(Strict):
    """A goal for an agent to reach without anybody watching.

    Attributes:
        agent: Slug of the agent; `agent_id` names it by id; the analyst when neither is given.
        payload: JSON that belongs to the goal. It is data to the agent, never an instruction.
        source_ids: What the run may read; every source when left out.
        correlation_id: Ties the run to something of the caller's.
        report: What reaches the inbox when the run ends; the agent's own setting when left out.
    """

    agent_id: UUID | None = None
    agent: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    goal: Annotated[str, Field(min_length=1, max_length=MOST_GOAL)]
    payload: dict[str, Any] | None = None
    source_ids: Annotated[list[UUID], Field(max_length=200)] | None = None
    correlation_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    model_id: UUID | None = None
    report: Report | None = None

    @field_validator("goal")
    @classmethod
    def _readable(cls, value: str) -> str:
        return readable(value)
