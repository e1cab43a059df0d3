"""Tables of the llms slice."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class Model(Tenant, Base):
    """One LLM configuration. `api_key` is sealed; prices are USD per million tokens."""

    __tablename__ = "model"

    number: Mapped[int]
    name: Mapped[str]
    provider: Mapped[str]
    model_name: Mapped[str]
    endpoint_url: Mapped[str | None]
    api_key: Mapped[bytes | None]
    api_key_last4: Mapped[str | None]
    api_key_updated_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str] = mapped_column(default="user")
    price_input: Mapped[Decimal | None]
    price_output: Mapped[Decimal | None]
    context_window: Mapped[int | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tested_at: Mapped[datetime | None]
    test_ok: Mapped[bool | None]
    test_checks: Mapped[list[Any] | None]
    deleted_at: Mapped[datetime | None]


class LlmUsage(Tenant, Base):
    """Tokens and cost (USD) of one model call; NULL means unknown, never zero."""

    __tablename__ = "llm_usage"

    model_id: Mapped[UUID]
    run_id: Mapped[UUID | None]
    thread_id: Mapped[UUID | None]
    node: Mapped[str]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cost: Mapped[Decimal | None]
    person_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]


class Budget(Tenant, Base):
    """A limit on what models may use; without an id it holds for each member or each agent."""

    __tablename__ = "budget"

    subject: Mapped[str]
    member_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    unit: Mapped[str]
    period: Mapped[str]
    soft_limit: Mapped[Decimal | None]
    hard_limit: Mapped[Decimal | None]
    deleted_at: Mapped[datetime | None]


class BudgetCount(Tenant, Base):
    """What a budget has counted in one window, and what calls under way may still add."""

    __tablename__ = "budget_count"

    budget_id: Mapped[UUID]
    bucket: Mapped[str]
    spent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    warned_at: Mapped[datetime | None]
