"""Small numbers that people can say: per organization, per kind, without gaps on success."""

from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.context import Context
from datelier.kit.db import Base


class Counter(Base):
    """The last number given out per organization and kind."""

    __tablename__ = "counter"

    org_id: Mapped[UUID] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


# For statements of one trip: counts %(kind)s up and returns `value`.
COUNT_UP = (
    "insert into counter as c (org_id, kind, value) values (%(org)s, %(kind)s, 1) "
    "on conflict (org_id, kind) do update set value = c.value + 1 returning value"
)
# The same where a `chosen` before it in the statement has a row, and nothing where it has none.
COUNT_UP_IF_CHOSEN = (
    "insert into counter as c (org_id, kind, value) select %(org)s, %(kind)s, 1 from chosen "
    "on conflict (org_id, kind) do update set value = c.value + 1 returning value"
)

_NEXT = text(
    "insert into counter as c (org_id, kind, value) values (:org, :kind, 1) "
    "on conflict (org_id, kind) do update set value = c.value + 1 returning value"
)


async def next_number(ctx: Context, kind: str) -> int:
    """Return the organization's next number of `kind` (1, 2, 3 …), in the open transaction."""
    result = await ctx.session.execute(_NEXT, {"org": ctx.org_id, "kind": kind})
    return int(result.scalar_one())
