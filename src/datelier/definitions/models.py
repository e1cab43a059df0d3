"""Tables of the definitions slice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Definition(Tenant, Base):
    """A metric or term as it is now.

    `uses` lists the tables and columns of its SQL as the catalog had them at the newest check that
    went well, `checked` is how that check ended, and `lapsed` why it no longer holds.
    """

    __tablename__ = "definition"

    number: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    pattern: Mapped[str] = mapped_column(default="")
    sql: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    source_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="proposed")
    version: Mapped[int] = mapped_column(default=1)
    uses: Mapped[list[Any]] = mapped_column(default=list)
    checked: Mapped[dict[str, Any] | None]
    checked_at: Mapped[datetime | None]
    owner_id: Mapped[UUID | None]
    owner_name: Mapped[str] = mapped_column(default="")
    certified_by: Mapped[UUID | None]
    certified_by_name: Mapped[str] = mapped_column(default="")
    certified_at: Mapped[datetime | None]
    certified_version: Mapped[int | None]
    lapsed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    lapsed_at: Mapped[datetime | None]
    origin_query_id: Mapped[UUID | None]
    origin_version: Mapped[int | None]
    archived_at: Mapped[datetime | None]


class DefinitionVersion(Tenant, Base):
    """What a definition said from one edit to the next; never changed."""

    __tablename__ = "definition_version"

    definition_id: Mapped[UUID]
    version: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    pattern: Mapped[str] = mapped_column(default="")
    sql: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    source_id: Mapped[UUID | None]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(default="")


class DefinitionUse(Tenant, Base):
    """A query of an answer whose SQL was found to use a version of a definition."""

    __tablename__ = "definition_use"

    definition_id: Mapped[UUID]
    version: Mapped[int]
    query_id: Mapped[UUID]
    query_version: Mapped[int]
