"""What goes over the wire about requests and decisions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from datelier.kit.pagination import MAX_LIMIT

Kind = Literal["approval", "question", "review", "problem", "finished", "mention"]
Status = Literal[
    "pending",
    "approved",
    "edited",
    "rejected",
    "responded",
    "expired",
    "withdrawn",
    "superseded",
]
Risk = Literal["read", "write", "external", "destructive", "spend"]
Dialect = Literal["native", "human_interrupt", "hitl", "ag_ui", "generic"]
DecisionType = Literal["approve", "edit", "reject", "respond"]
OnExpiry = Literal["reject", "escalate", "keep"]
View = Literal["needs_me", "assigned", "open", "snoozed", "done"]
MOST_ACTIONS = 100
MOST_BULK = 100

Message = Annotated[str, Field(max_length=10_000)]


class Allow(BaseModel):
    """Which decisions an action takes."""

    approve: bool = False
    edit: bool = False
    reject: bool = False
    respond: bool = False


class Action(BaseModel):
    """One thing a request asks for.

    Attributes:
        name: The tool, or what another graph calls the action.
        args: The exact arguments; JSON, with its types.
        args_schema: JSON Schema that edited arguments must satisfy.
        response_schema: JSON Schema of a response that is more than text.
        args_hash: Of name and arguments; an approval is good for these alone.
        definition_hash: Of the tool as it was when it was asked for.
    """

    id: str = Field(max_length=200)
    name: str = Field(max_length=200)
    title: str | None = None
    args: Any = None
    args_schema: dict[str, Any] | None = None
    response_schema: dict[str, Any] | None = None
    description: str | None = None
    tool_call_id: str | None = None
    allow: Allow = Field(default_factory=Allow)
    args_hash: str = ""
    definition_hash: str | None = None


class PersonRef(BaseModel):
    """A person by id and name."""

    id: UUID | None
    name: str


class ActionDecision(BaseModel):
    """What a person says about one action.

    `args` are the changed arguments of an edit, or a structured response.
    """

    model_config = ConfigDict(extra="forbid")

    action_id: str = Field(max_length=200)
    type: DecisionType
    args: Any = None
    message: Message | None = None


class DecideIn(BaseModel):
    """A decision on every action of a request, sent once.

    Attributes:
        decision_id: Chosen by the client; the same id again gives the same answer.
        revision: Of the request that the person saw.
    """

    model_config = ConfigDict(extra="forbid")

    decision_id: UUID
    revision: int = Field(ge=1)
    decisions: list[ActionDecision] = Field(min_length=1, max_length=MOST_ACTIONS)


class RequestQuery(BaseModel):
    """Which requests a list shows; what is absent does not matter."""

    view: View = "needs_me"
    kind: Kind | None = None
    risk: Risk | None = None
    agent_id: UUID | None = None
    source_id: UUID | None = None
    correlation_id: Annotated[str | None, Field(max_length=200)] = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class AssignIn(BaseModel):
    """Who is to decide; null for everybody."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None


class SnoozeIn(BaseModel):
    """When the request comes back; null for now."""

    model_config = ConfigDict(extra="forbid")

    until: datetime | None


class ReadIn(BaseModel):
    """Whether the request counts as read."""

    model_config = ConfigDict(extra="forbid")

    read: bool = True


class BulkIn(BaseModel):
    """One decision for several requests."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(min_length=1, max_length=MOST_BULK)
    type: Literal["approve", "reject"]
    message: Message | None = None


class DecisionOut(BaseModel):
    """What one person decided."""

    decision_id: UUID
    by: PersonRef
    at: datetime
    type: DecisionType
    decisions: list[ActionDecision]
    before: int
    after: int


class HistoryOut(BaseModel):
    """One thing that happened to a request."""

    at: datetime
    by: str
    what: str
    detail: dict[str, Any]


class SimilarOut(BaseModel):
    """An earlier request for the same action of the same agent."""

    id: UUID
    number: int
    title: str
    status: Status
    decided_at: datetime
    decided_by: str | None
    message: str | None


class RequestOut(BaseModel):
    """A request as people see it.

    Attributes:
        may_decide: Whether the caller may decide now.
        approvals: How many people have approved so far, of `requires`.
        note: Why nobody can decide any more, where no person did.
    """

    id: UUID
    number: int
    kind: Kind
    status: Status
    title: str
    description: str
    reason: str
    rule: str
    risk: Risk
    dialect: Dialect
    actions: list[Action]
    preview: dict[str, Any] | None
    run_id: UUID | None
    step_id: str | None
    thread_id: UUID | None
    agent: PersonRef | None
    source: PersonRef | None
    owner: PersonRef | None
    assignee: PersonRef | None
    requires: int
    approvals: int
    excludes_owner: bool
    created_at: datetime
    expires_at: datetime | None
    on_expiry: OnExpiry
    snoozed_until: datetime | None
    escalated_at: datetime | None
    read_at: datetime | None
    decided_at: datetime | None
    decided_by: PersonRef | None
    note: str
    revision: int
    correlation_id: str
    may_decide: bool


class RequestDetail(RequestOut):
    """A request with everything that is known about it."""

    envelope: Any
    decisions: list[DecisionOut]
    history: list[HistoryOut]
    similar: list[SimilarOut]


class CountOut(BaseModel):
    """How many requests need the caller."""

    needs_me: int


class BulkResult(BaseModel):
    """What became of one of several requests."""

    id: UUID
    ok: bool
    status: Status
    code: str | None = None
    message: str | None = None


class BulkOut(BaseModel):
    """What became of several requests, in the order they were named."""

    results: list[BulkResult]
