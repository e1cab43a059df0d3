"""Tables of this slice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Thread(Base, Tenant):
    """A conversation of one person; `leaf_id` is the newest message of the branch in use."""

    __tablename__ = "thread"

    # Clients choose ids, so two organizations may have the same: rows are known by both.
    org_id: Mapped[UUID] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(default="chat")
    client_id: Mapped[str | None]
    title: Mapped[str] = mapped_column(default="")
    title_origin: Mapped[str] = mapped_column(default="none")
    owner_id: Mapped[UUID | None]
    agent_id: Mapped[UUID]
    model_id: Mapped[UUID | None]
    source_ids: Mapped[list[Any]]
    leaf_id: Mapped[UUID | None]
    last_message_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class Message(Base, Tenant):
    """One message; its parent is what it follows, so edits branch instead of deleting."""

    __tablename__ = "message"

    thread_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    client_id: Mapped[str | None]
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default="complete")
    parts: Mapped[list[Any]]
    text: Mapped[str] = mapped_column(default="")
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
    run_id: Mapped[UUID | None]
    # `metadata` is taken by SQLAlchemy itself.
    details: Mapped[dict[str, Any]] = mapped_column("metadata")
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))


class IdempotencyKey(Base, Tenant):
    """One effect per key, route and caller; the answer is given again to a repetition."""

    __tablename__ = "idempotency_key"

    key: Mapped[str]
    route: Mapped[str]
    actor_id: Mapped[UUID]
    body_hash: Mapped[bytes]
    status: Mapped[int | None]
    response: Mapped[dict[str, Any] | None]
