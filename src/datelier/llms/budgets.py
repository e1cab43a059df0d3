"""Verbs over budgets. Every one needs an open transaction."""

from collections import defaultdict
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned, owned
from datelier.kit.errors import Conflict, NotFound
from datelier.llms.budget_schemas import BudgetIn, BudgetOut, BudgetPatch, Window
from datelier.llms.models import Budget, BudgetCount
from datelier.llms.reservations import Windows


class BudgetExists(Conflict):
    """There is a budget for the same subject, unit and period."""

    code, title = "budget_exists", "Budget exists"


async def list_budgets(ctx: Context) -> list[BudgetOut]:
    """Return the organization's budgets with what is counted now, oldest first."""
    statement = owned(ctx, Budget).where(Budget.deleted_at.is_(None)).order_by(Budget.id)
    rows = list((await ctx.session.execute(statement)).scalars())
    counted = await _windows(ctx, rows)
    return [_render(row, counted[row.id]) for row in rows]


async def create_budget(ctx: Context, data: BudgetIn) -> BudgetOut:
    """Set a budget. It holds from the next model call on.

    Raises:
        BudgetExists: There is one for the same subject, unit and period.
        NotFound: The member or agent is unknown or foreign.
    """
    row = Budget(**data.model_dump())
    try:
        async with ctx.session.begin_nested():
            await add_owned(ctx, row)
    except IntegrityError as error:
        if isinstance(error.orig, ForeignKeyViolation):
            raise NotFound(data.subject) from None
        raise BudgetExists(
            "There is a budget for this already.", hint="Change its limits instead."
        ) from None
    await record(ctx, action="budget.created", target=("budget", row.id), detail=_detail(row))
    return _render(row, [])


async def update_budget(ctx: Context, budget_id: UUID, patch: BudgetPatch) -> BudgetOut:
    """Replace a budget's limits; what was counted stays.

    Raises:
        NotFound: Unknown, foreign or deleted.
    """
    row = await _live(ctx, budget_id)
    row.soft_limit, row.hard_limit = patch.soft_limit, patch.hard_limit
    row.updated_at = now()
    await ctx.session.flush()
    await record(ctx, action="budget.updated", target=("budget", row.id), detail=_detail(row))
    return _render(row, (await _windows(ctx, [row]))[row.id])


async def delete_budget(ctx: Context, budget_id: UUID) -> None:
    """Remove a budget.

    Raises:
        NotFound: Unknown, foreign or deleted.
    """
    row = await _live(ctx, budget_id)
    row.deleted_at = row.updated_at = now()
    await ctx.session.flush()
    await record(ctx, action="budget.deleted", target=("budget", row.id), detail=_detail(row))


async def _live(ctx: Context, budget_id: UUID) -> Budget:
    row = await get_owned(ctx, Budget, budget_id, for_update=True)
    if row.deleted_at is not None:
        raise NotFound("budget", budget_id)
    return row


async def _windows(ctx: Context, rows: list[Budget]) -> dict[UUID, list[Window]]:
    found: dict[UUID, list[Window]] = defaultdict(list)
    today = Windows.at(now())
    open_now = {row.id: today.of(row.period) for row in rows if row.period != "run"}
    statement = select(BudgetCount).where(BudgetCount.budget_id.in_(open_now))
    if ctx.db.tenant_filter:
        statement = statement.where(BudgetCount.org_id == ctx.org_id)
    for count in (await ctx.session.execute(statement)).scalars():
        window, _, subject = count.bucket.partition(" ")
        if window == open_now[count.budget_id]:
            of = UUID(subject) if subject else None
            found[count.budget_id].append(Window(of=of, spent=count.spent, reserved=count.reserved))
    for windows in found.values():
        windows.sort(key=lambda window: window.spent, reverse=True)
    return found


def _render(row: Budget, windows: list[Window]) -> BudgetOut:
    out = BudgetOut.model_validate(row)
    out.windows = windows
    return out


def _detail(row: Budget) -> dict[str, str | None]:
    return {
        "subject": row.subject,
        "unit": row.unit,
        "period": row.period,
        "soft_limit": None if row.soft_limit is None else format(row.soft_limit, "f"),
        "hard_limit": None if row.hard_limit is None else format(row.hard_limit, "f"),
    }
