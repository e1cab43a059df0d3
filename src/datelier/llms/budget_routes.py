"""The budgets and usage API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.llms import budgets
from datelier.llms.budget_schemas import BudgetIn, BudgetOut, BudgetPatch, GroupBy, UsageReport
from datelier.llms.usage_report import usage_report

router = APIRouter(tags=["llms"])

Reader = Annotated[Context, needs("usage:get")]
Manager = Annotated[Context, needs("budget:manage")]


@router.get("/usage")
async def get_usage(
    ctx: Reader, since: date | None = None, until: date | None = None, group_by: GroupBy = "model"
) -> UsageReport:
    """Return tokens and cost by day (UTC) and by model, agent or member."""
    return await usage_report(ctx, since=since, until=until, group_by=group_by)


@router.get("/budgets")
async def list_budgets(ctx: Reader) -> list[BudgetOut]:
    """List budgets with what is counted in the windows that are open now."""
    return await budgets.list_budgets(ctx)


@router.post("/budgets", status_code=status.HTTP_201_CREATED)
async def create_budget(ctx: Manager, body: BudgetIn) -> BudgetOut:
    """Set a budget; it holds from the next model call on."""
    return await budgets.create_budget(ctx, body)


@router.put("/budgets/{budget_id}")
async def update_budget(ctx: Manager, budget_id: UUID, body: BudgetPatch) -> BudgetOut:
    """Replace a budget's limits; what was counted stays."""
    return await budgets.update_budget(ctx, budget_id, body)


@router.delete("/budgets/{budget_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_budget(ctx: Manager, budget_id: UUID) -> None:
    """Remove a budget."""
    await budgets.delete_budget(ctx, budget_id)
