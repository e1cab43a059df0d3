"""The ledger of effects."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Effect(Tenant, Base):
    """One call with an effect outside of the platform.

    Attributes:
        key: ``run_id:tool_call_id``; a call has one row, however often it is begun.
        attempt: Raised each time a process takes the call up; only the last may go on.
        txid: By what the transaction can be found again at the source.
        begun_at: From here on the effect may have happened, though nobody has said so.
    """

    __tablename__ = "effect"

    key: Mapped[str]
    run_id: Mapped[UUID]
    tool_call_id: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="intended")
    attempt: Mapped[int] = mapped_column(default=1)
    source_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    txid: Mapped[str | None]
    begun_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None]
    note: Mapped[str] = mapped_column(default="")
