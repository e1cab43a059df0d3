"""Tables of the inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Request(Base, Tenant):
    """Something that waits for a person, or waited.

    Attributes:
        actions: What is asked for, as :class:`datelier.inbox.schemas.Action`, kept as text so
            that the very value that was shown is the one that is done.
        envelope: What a graph of another dialect passed, to be answered in kind.
        interrupt_id: The interrupt of the run that waits; None where no run does. What starts
            with ``$`` names something that happened to the run, once, and nothing waits for it.
        audience: Who may see it: the person whose chat it belongs to, or the organization.
        excludes_owner: The person who started the run may not decide.
        outcome: What was decided, by action id.
        used: Which call each approved action was used for; an approval is good for one.
        note: What ended it, where no person did.
    """

    __tablename__ = "request"

    number: Mapped[int]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    rule: Mapped[str] = mapped_column(default="")
    risk: Mapped[str] = mapped_column(default="read")
    dialect: Mapped[str] = mapped_column(default="native")
    envelope: Mapped[Any] = mapped_column(JSON(none_as_null=True))
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    interrupt_id: Mapped[str | None]
    run_id: Mapped[UUID | None]
    step_id: Mapped[str | None]
    thread_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    source_id: Mapped[UUID | None]
    correlation_id: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="organization")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    owner_name: Mapped[str] = mapped_column(default="")
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    requires: Mapped[int] = mapped_column(default=1)
    excludes_owner: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    on_expiry: Mapped[str] = mapped_column(default="reject")
    snoozed_until: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    used: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]

    @property
    def awaited(self) -> bool:
        """Whether a run waits for this."""
        return self.interrupt_id is not None and not self.interrupt_id.startswith("$")


class RequestEvent(Base, Tenant):
    """Something that people may have to be told of outside the app: the inbox's outbox.

    Written in the transaction of what happened; whoever tells people marks it as spread.

    Attributes:
        change: ``opened``, ``assigned`` or ``escalated``.
        actor_id: Who did it, where a person did; nobody is told of what they did themselves.
        spread_at: When it was decided who is told, and how.
    """

    __tablename__ = "request_event"

    request_id: Mapped[UUID]
    change: Mapped[str]
    actor_id: Mapped[UUID | None]
    spread_at: Mapped[datetime | None]


class ApprovalRule(Base, Tenant):
    """A standing approval: calls within its terms go on without a request.

    Attributes:
        definition_hash: Of the tool when it was saved; another definition asks again.
        terms: As :class:`datelier.kit.tools.Terms`, without the source.
        max_rows: The most rows of one call; None for calls that change no rows.
        after_reading: It also holds once a run has read what others wrote.
        request_id: The request in which it was seen and saved.
    """

    __tablename__ = "approval_rule"

    number: Mapped[int]
    agent_id: Mapped[UUID]
    tool: Mapped[str]
    definition_hash: Mapped[str]
    source_id: Mapped[UUID | None]
    terms: Mapped[dict[str, Any]]
    max_rows: Mapped[int | None]
    after_reading: Mapped[bool]
    request_id: Mapped[UUID | None]
    saved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    saved_by_name: Mapped[str]
    deleted_at: Mapped[datetime | None]


class RuleUse(Base, Tenant):
    """One call that a rule allowed; kept before the call is made."""

    __tablename__ = "approval_rule_use"

    rule_id: Mapped[UUID]
    run_id: Mapped[UUID]
    tool_call_id: Mapped[str]
    args_hash: Mapped[str]


class Decision(Base, Tenant):
    """What one person decided; a request that requires several has several.

    Attributes:
        decision_id: Chosen by the client, so that sending it again changes nothing.
        content_hash: What exactly was decided; approvals count together only if it is equal.
        before: The request's revision that the person saw.
    """

    __tablename__ = "decision"

    request_id: Mapped[UUID]
    decision_id: Mapped[UUID]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    type: Mapped[str]
    decisions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    content_hash: Mapped[bytes]
    before: Mapped[int]
    after: Mapped[int]
