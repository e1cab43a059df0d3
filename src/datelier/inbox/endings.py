"""Requests that end without a decision: expired, withdrawn, superseded. Never approved."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from datelier.identity.audit import record
from datelier.inbox.deciding import settle
from datelier.inbox.models import Request
from datelier.inbox.notices import notify
from datelier.inbox.outbox import put_event
from datelier.inbox.schemas import Status
from datelier.kit.context import Context
from datelier.kit.db import Database, owned

_NOW = text("select now()")


async def end_request(ctx: Context, row: Request, status: Status, note: str) -> None:
    """End a pending request without a decision; `note` says why, as a sentence."""
    row.note = note
    row.revision += 1
    settle(row, status, (await ctx.session.execute(_NOW)).scalar_one(), by=None)
    await ctx.session.flush()
    await record(ctx, action=f"request.{status}", target=("request", row.id), detail={"note": note})
    notify(ctx, row.id, "decided")


async def pending_of_run(ctx: Context, run_id: UUID) -> list[Request]:
    """Return the open requests of a run, locked, oldest first."""
    statement = (
        owned(ctx, Request)
        .where(Request.run_id == run_id, Request.status == "pending")
        .order_by(Request.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await ctx.session.execute(statement)).scalars())


async def waiting_of_run(ctx: Context, run_id: UUID) -> list[Request]:
    """Return the open requests that a run waits for, locked, oldest first."""
    return [row for row in await pending_of_run(ctx, run_id) if row.awaited]


async def interrupts_of_run(ctx: Context, run_id: UUID) -> list[Request]:
    """Return every request of a run that an interrupt made, oldest first."""
    statement = (
        owned(ctx, Request)
        .where(Request.run_id == run_id, Request.interrupt_id.is_not(None))
        .order_by(Request.id)
    )
    return [row for row in (await ctx.session.execute(statement)).scalars() if row.awaited]


async def expire(ctx: Context, row: Request) -> bool:
    """Do what a request says about its expiry; return whether it ended.

    Escalation shows it to everybody once and gives the same time again; then it expires.
    """
    if row.on_expiry == "escalate" and row.escalated_at is None and row.expires_at is not None:
        given = row.expires_at - row.created_at
        now = (await ctx.session.execute(_NOW)).scalar_one()
        row.escalated_at, row.expires_at = now, now + given
        row.audience, row.assignee_id, row.on_expiry = "organization", None, "reject"
        row.revision += 1
        await ctx.session.flush()
        await record(
            ctx, action="request.escalated", target=("request", row.id), detail={"by": "expiry"}
        )
        await put_event(ctx, row, "escalated")
        notify(ctx, row.id, "updated")
        return False
    await end_request(ctx, row, "expired", "Nobody decided in time.")
    return True


@dataclass(frozen=True, slots=True)
class Due:
    """A request for which a moment has come."""

    org_id: UUID
    request_id: UUID
    expired: bool


_DUE = text(
    "select org_id, id, (expires_at <= now() and on_expiry <> 'keep') is true as expired "
    "from request where status = 'pending' "
    "and ((expires_at <= now() and on_expiry <> 'keep') or snoozed_until <= now()) "
    "order by least(expires_at, snoozed_until) limit :most"
)


async def due_requests(db: Database, most: int) -> list[Due]:
    """Return what is due in any organization, `most` at once; for the tick alone."""
    async with db.system() as session:
        rows = (await session.execute(_DUE, {"most": most})).all()
    return [Due(row.org_id, row.id, row.expired) for row in rows]


async def wake(ctx: Context, row: Request) -> None:
    """Bring a request back that was put off until now."""
    row.snoozed_until = None
    await ctx.session.flush()
    notify(ctx, row.id, "updated")
