"""Tables of the agents slice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Agent(Tenant, Base):
    """An agent: its name, who may use it, and the draft of its next version.

    `published_version` is what new runs use; None until it was published once.
    """

    __tablename__ = "agent"

    number: Mapped[int]
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(default="organization")
    owner_id: Mapped[UUID | None]
    builtin: Mapped[bool] = mapped_column(default=False)
    draft: Mapped[dict[str, Any]]
    draft_revision: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None]
    archived_at: Mapped[datetime | None]


class AgentNote(Tenant, Base):
    """Something that an agent remembers for one person; `saved_by` is "agent" or "user"."""

    __tablename__ = "agent_note"

    agent_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    content: Mapped[str]
    saved_by: Mapped[str]
    thread_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]


class AgentVersion(Tenant, Base):
    """What an agent was when it was published; never changed."""

    __tablename__ = "agent_version"

    agent_id: Mapped[UUID]
    version: Mapped[int]
    definition: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    published_by: Mapped[UUID | None]
    published_by_name: Mapped[str] = mapped_column(default="")
