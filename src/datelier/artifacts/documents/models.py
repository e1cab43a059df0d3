"""Tables of documents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Document(Tenant, Base):
    """A document, `D1` within its thread; `version` is its newest.

    `left_behind` is the version that could not be redone when its answer was updated.
    """

    __tablename__ = "document"

    owner_id: Mapped[UUID | None]
    thread_id: Mapped[UUID | None]
    handle: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None]
    left_behind: Mapped[int | None]


class DocumentVersion(Tenant, Base):
    """What a document said once.

    `figures` are receipts as in the `data-citation` part of a run's log. `call_id` names the tool
    call that wrote it, so that a call that is made again writes nothing twice.
    """

    __tablename__ = "document_version"

    document_id: Mapped[UUID]
    version: Mapped[int]
    title: Mapped[str]
    language: Mapped[str | None]
    content: Mapped[str]
    result_id: Mapped[UUID | None]
    figures: Mapped[list[Any]] = mapped_column(default=list)
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    restored_from: Mapped[int | None]
    renewed_from: Mapped[int | None]
    call_id: Mapped[str | None]
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
