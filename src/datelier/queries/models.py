"""Tables of queries, their versions and results."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Query(Tenant, Base):
    """A question to a source, `Q3` within its thread; what was asked lies in its versions."""

    __tablename__ = "query"

    thread_id: Mapped[UUID | None]
    handle: Mapped[int]
    title: Mapped[str | None]
    source_id: Mapped[UUID]


class QueryVersion(Tenant, Base):
    """One statement that was run, and what came of it."""

    __tablename__ = "query_version"

    query_id: Mapped[UUID]
    version: Mapped[int]
    sql: Mapped[str]
    requested_sql: Mapped[str]
    status: Mapped[str]
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
    run_id: Mapped[UUID | None]
    result_id: Mapped[UUID | None]
    row_limit: Mapped[int]
    elapsed_ms: Mapped[int | None]
    database_user: Mapped[str | None]
    error: Mapped[dict[str, Any] | None]
    notes: Mapped[list[Any]] = mapped_column(server_default="[]")
    ran_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Result(Tenant, Base):
    """Rows as they came, never changed: an Arrow stream in a blob.

    `batches` lists `[byte offset, byte length, rows]` of every record batch in the blob; what lies
    before the first one is the schema.
    """

    __tablename__ = "result"

    columns: Mapped[list[Any]]
    row_count: Mapped[int]
    byte_count: Mapped[int]
    truncated: Mapped[bool]
    total: Mapped[int | None]
    batches: Mapped[list[Any]]
    blob_key: Mapped[str]
