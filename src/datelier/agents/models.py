"""Tables of the agents slice."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Agent(Tenant, Base):
    """Instructions and a preferred model; `builtin` agents ship with the product."""

    __tablename__ = "agent"

    name: Mapped[str]
    slug: Mapped[str]
    instructions: Mapped[str]
    model_id: Mapped[UUID | None]
    builtin: Mapped[bool] = mapped_column(default=False)
