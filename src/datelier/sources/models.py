"""Tables of sources and of the workers that read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from datelier.identity.models import Organization
from datelier.kit.db import Base, Stamped, Tenant
from datelier.kit.ids import uuid7


class Source(Tenant, Base):
    """A database or a set of files, with what is known about its contents."""

    __tablename__ = "source"

    number: Mapped[int]
    name: Mapped[str]
    engine: Mapped[str]
    config: Mapped[dict[str, Any]]
    secret: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(default="unchecked")
    last_error: Mapped[str | None]
    weak_role: Mapped[dict[str, Any] | None]
    sample: Mapped[bool] = mapped_column(default=False)
    catalog: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    catalog_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    private: Mapped[bool] = mapped_column(default=False)
    private_columns: Mapped[list[Any]] = mapped_column(default=list)
    values_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    credentials: Mapped[str] = mapped_column(default="platform")
    worker_source: Mapped[str | None]
    write_config: Mapped[dict[str, Any] | None]
    write_secret: Mapped[bytes | None]


class ColumnProfile(Tenant, Base):
    """The newest profile of a table, or the one that runs."""

    __tablename__ = "column_profile"

    source_id: Mapped[UUID]
    table_name: Mapped[str]
    status: Mapped[str]
    progress: Mapped[dict[str, Any] | None]
    profile: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ValueIndex(Tenant, Base):
    """All values of a text column, or why they are not kept."""

    __tablename__ = "value_index"

    source_id: Mapped[UUID]
    table_name: Mapped[str]
    column_name: Mapped[str]
    state: Mapped[str]
    distinct_count: Mapped[int | None]
    entries: Mapped[list[Any] | None]
    bytes: Mapped[int] = mapped_column(default=0)
    built_at: Mapped[datetime]


class Worker(Stamped, Base):
    """A worker's identity: one token. Without an organization it serves the whole platform."""

    __tablename__ = "worker"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[int] = mapped_column(Identity(always=True))
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id, ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[bytes]
    local: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[datetime | None]
    host: Mapped[str | None]
    version: Mapped[str | None]
    slots: Mapped[int | None]
    engines: Mapped[list[Any]] = mapped_column(default=list)
    sources: Mapped[list[Any]] = mapped_column(default=list)
    last_seen_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]


class WorkerJoin(Tenant, Base):
    """A token with which one machine becomes a worker of the organization, within minutes."""

    __tablename__ = "worker_join"

    name: Mapped[str]
    token_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    worker_id: Mapped[UUID | None]
    created_by: Mapped[UUID | None]


class WorkerSession(Base):
    """Which replica holds a worker's stream, and since when it has been silent."""

    __tablename__ = "worker_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    worker_id: Mapped[UUID] = mapped_column(ForeignKey("worker.id", ondelete="CASCADE"))
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id, ondelete="CASCADE"))
    replica: Mapped[str]
    address: Mapped[str]
    version: Mapped[str]
    engines: Mapped[list[Any]]
    slots: Mapped[int]
    sources: Mapped[list[Any]] = mapped_column(default=list)
    load: Mapped[int] = mapped_column(default=0)
    draining: Mapped[bool] = mapped_column(default=False)
    connected_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
