"""What goes in and out of the agents API."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AgentPatch(BaseModel):
    """Changes to an agent; what is absent stays. `model_id: null` removes the preference."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    instructions: str | None = Field(default=None, min_length=1, max_length=20_000)
    model_id: UUID | None = None


class AgentOut(BaseModel):
    """An agent as people see it."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())

    id: UUID
    name: str
    slug: str
    instructions: str
    model_id: UUID | None
    builtin: bool
