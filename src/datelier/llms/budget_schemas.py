"""What goes in and out of the budgets and usage API."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datelier.llms.schemas import Strict

Subject = Literal["organization", "member", "agent", "run"]
Unit = Literal["usd", "tokens", "messages"]
Period = Literal["day", "month", "run"]
GroupBy = Literal["day", "model", "agent", "member"]
Limit = Field(default=None, max_digits=21, decimal_places=6, gt=0)
_RULE = "A budget per run has the period run, and only such a budget."


class BudgetIn(Strict):
    """A limit on what models may use.

    Attributes:
        subject: Whose it is; whoever is named by an id, if one is.
        member_id: One member; without it a budget of members holds for each of them.
        agent_id: One agent likewise.
        soft_limit: A warning is given once when this is reached.
        hard_limit: Nothing begins that could go beyond this.
    """

    subject: Subject = "organization"
    member_id: UUID | None = None
    agent_id: UUID | None = None
    unit: Unit
    period: Period
    soft_limit: Decimal | None = Limit
    hard_limit: Decimal | None = Limit

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.member_id is not None or self.agent_id is not None:
            self.subject = "member" if self.agent_id is None else "agent"
        if (self.subject == "run") != (self.period == "run"):
            raise ValueError(_RULE)
        if self.member_id is not None and self.agent_id is not None:
            raise ValueError("A budget is of a member or of an agent.")
        if self.subject == "run" and self.unit == "messages":
            raise ValueError("A run answers one message; limit its money or tokens.")
        _check_limits(self.soft_limit, self.hard_limit)
        return self


class BudgetPatch(Strict):
    """New limits for a budget; both are replaced."""

    soft_limit: Decimal | None = Limit
    hard_limit: Decimal | None = Limit

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        _check_limits(self.soft_limit, self.hard_limit)
        return self


def _check_limits(soft: Decimal | None, hard: Decimal | None) -> None:
    if soft is None and hard is None:
        raise ValueError("Give a soft limit, a hard limit, or both.")
    if soft is not None and hard is not None and soft > hard:
        raise ValueError("The soft limit lies above the hard limit.")


class Window(BaseModel):
    """What was counted in a window that is open now; `of` is the person or agent."""

    of: UUID | None
    spent: Decimal
    reserved: Decimal


class BudgetOut(BaseModel):
    """A budget, and its windows that are open now, the fullest first."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    subject: Subject
    member_id: UUID | None
    agent_id: UUID | None
    unit: Unit
    period: Period
    soft_limit: Decimal | None
    hard_limit: Decimal | None
    windows: list[Window] = Field(default_factory=list[Window])


class UsageRow(BaseModel):
    """What one group used in one day (UTC).

    Attributes:
        key: Id of the model, agent or person; None where it is not known.
        name: Its name, for models and people that are still there.
        cost: USD of the calls whose price is known; None when none is.
        unpriced_calls: Calls that are not in `cost`.
        uncounted_calls: Calls whose tokens the provider did not tell.
    """

    day: date
    key: UUID | None = None
    name: str | None = None
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    unpriced_calls: int
    uncounted_calls: int


class UsageReport(BaseModel):
    """Usage by day and by one more thing."""

    since: date
    until: date
    group_by: GroupBy
    rows: list[UsageRow]
