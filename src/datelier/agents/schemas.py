"""What goes in and out of the agents API."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from datelier.agents.definition import AgentDefinition, Policy
from datelier.kit.lines import LineOut
from datelier.kit.tools import Effect, Partition, Where

Visibility = Literal["organization", "private"]
MOST_NAME = 80  # characters
MOST_NOTE = 1_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=(), str_strip_whitespace=True)


class _Named(_Strict):
    @field_validator("name", "description", check_fields=False)
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise ValueError("must be one line of readable text")
        return value


class AgentIn(_Named):
    """A new agent. It begins as a draft: blank, a copy of another agent's draft, or as given."""

    name: str = Field(min_length=1, max_length=MOST_NAME)
    description: str = Field(default="", max_length=300)
    visibility: Visibility = "organization"
    copy_of_agent_id: UUID | None = None
    definition: AgentDefinition | None = None


class AgentPatch(_Named):
    """Changes to what people see of an agent; what is absent stays.

    They hold at once, without publishing. `archived: false` brings an archived agent back.
    """

    name: str | None = Field(default=None, min_length=1, max_length=MOST_NAME)
    description: str | None = Field(default=None, max_length=300)
    visibility: Visibility | None = None
    archived: bool | None = None


class PublishIn(_Strict):
    """What is new in the version; `revision` refuses to publish a draft that was not seen."""

    note: str = Field(default="", max_length=MOST_NOTE)
    revision: int | None = Field(default=None, ge=1)


class RestoreIn(_Strict):
    """The version that the draft becomes again."""

    version: int = Field(ge=1)


class PersonOut(BaseModel):
    """Somebody of the organization."""

    id: UUID
    name: str


class AgentOut(BaseModel):
    """An agent as people choose it.

    `model_id`, `source_ids` and `starters` are those of the published version, or of the draft
    while nothing is published. `has_changes` says that the draft differs from it.
    """

    model_config = ConfigDict(protected_namespaces=())

    id: UUID
    number: int
    name: str
    slug: str
    description: str
    visibility: Visibility
    owner: PersonOut | None
    builtin: bool
    published_version: int | None
    draft_revision: int
    has_changes: bool
    model_id: UUID | None
    source_ids: list[UUID] | None
    starters: list[str]
    archived_at: datetime | None
    last_run_at: datetime | None
    created_at: datetime
    updated_at: datetime


class AgentDetail(AgentOut):
    """An agent with its draft and what is published."""

    draft: AgentDefinition
    published: AgentDefinition | None


class DraftOut(BaseModel):
    """A draft and the revision that an edit of it names in `If-Match`."""

    revision: int
    has_changes: bool
    definition: AgentDefinition


class VersionOut(BaseModel):
    """A published version, without what it says."""

    version: int
    note: str
    published_by: PersonOut | None
    created_at: datetime
    current: bool


class VersionDetail(VersionOut):
    """A published version."""

    definition: AgentDefinition


class ChangeOut(BaseModel):
    """One field that differs; `path` like `limits.max_rows`."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class DiffOut(BaseModel):
    """What differs between two versions, or a version and the draft.

    `changes` are all fields but the instructions; `lines` are those of the instructions, and
    empty when they are the same.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    changes: list[ChangeOut]
    lines: list[LineOut]


class ToolOut(BaseModel):
    """A tool that an agent may be given.

    `policies` are those that can be chosen for it; `default` holds when nothing is chosen.
    """

    name: str
    title: str
    description: str
    effect: Effect
    partition: Partition
    contexts: list[Where]
    default: Policy
    policies: list[Policy]


class NoteIn(_Strict):
    """A note to keep, or the new text of one."""

    content: str = Field(min_length=1, max_length=400)


class NoteOut(BaseModel):
    """Something that an agent remembers for you; `thread_id` is where it noted it."""

    id: UUID
    content: str
    saved_by: Literal["agent", "user"]
    thread_id: UUID | None
    created_at: datetime
    updated_at: datetime
