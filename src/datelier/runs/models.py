"""Tables of this slice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Run(Base, Tenant):
    """One execution of a graph; leases and epochs belong to the engine, not to verbs."""

    __tablename__ = "run"

    graph: Mapped[str]
    kind: Mapped[str] = mapped_column(default="chat")
    agent_id: Mapped[UUID | None]
    agent_version: Mapped[int | None]
    goal: Mapped[str | None]
    payload: Mapped[dict[str, Any] | None]
    correlation_id: Mapped[str | None]
    parent_run_id: Mapped[UUID | None]
    result: Mapped[dict[str, Any] | None]
    resume: Mapped[dict[str, Any] | None]
    waiting_since: Mapped[datetime | None]
    thread_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    user_message_id: Mapped[UUID | None]
    model_id: Mapped[UUID | None]
    actor: Mapped[dict[str, Any]]
    input: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=0)
    stop_requested_at: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    usage: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
