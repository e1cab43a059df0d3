"""Tables of charts."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Chart(Tenant, Base):
    """A chart, `C1` within its thread, in its newest version."""

    __tablename__ = "chart"

    thread_id: Mapped[UUID | None]
    handle: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    description: Mapped[str]
    spec: Mapped[dict[str, Any]]
    figures: Mapped[list[Any]] = mapped_column(default=list)
    query_version_id: Mapped[UUID]
    result_id: Mapped[UUID]
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]


class ChartVersion(Tenant, Base):
    """A chart as it was drawn once."""

    __tablename__ = "chart_version"

    chart_id: Mapped[UUID]
    version: Mapped[int]
    title: Mapped[str]
    spec: Mapped[dict[str, Any]]
    figures: Mapped[list[Any]] = mapped_column(default=list)
    author_kind: Mapped[str]
    author_name: Mapped[str]
