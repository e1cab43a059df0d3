"""What people do with a request besides deciding it."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from datelier.identity.audit import record
from datelier.identity.scopes import as_role, effective
from datelier.inbox.deciding import require_open
from datelier.inbox.models import Request
from datelier.inbox.notices import notify
from datelier.inbox.outbox import put_event
from datelier.inbox.visibility import DECIDE, get_visible
from datelier.kit.context import Context
from datelier.kit.errors import Invalid, NotFound

_MEMBER = text(
    "select p.name, m.role from membership m join person p on p.id = m.person_id "
    "where m.org_id = :org and m.person_id = :person"
)
_NOW = text("select now()")


async def assign(ctx: Context, request_id: UUID, person_id: UUID | None) -> Request:
    """Give a request to one member, or back to everybody who sees it.

    Raises:
        NotFound: No such request or member.
        Invalid: That member may not decide it, so that it would wait for nobody.
    """
    row = await _open(ctx, request_id)
    name = None
    if person_id is not None:
        found = await ctx.session.execute(_MEMBER, {"org": ctx.org_id, "person": person_id})
        member = found.one_or_none()
        if member is None:
            raise NotFound("member", person_id)
        name = member.name
        if DECIDE not in effective(as_role(member.role), None):
            raise Invalid.field("person_id", f"{name} may not decide requests")
        if row.excludes_owner and row.owner_id == person_id:
            raise Invalid.field("person_id", f"{name} started this and may not decide it")
    row.assignee_id = person_id
    if person_id is not None:
        await put_event(ctx, row, "assigned")
    return await _changed(ctx, row, "assigned", {"to": name})


async def snooze(ctx: Context, request_id: UUID, until: datetime | None) -> Request:
    """Put a request off; None brings it back now. Its expiry stays as it is.

    Raises:
        NotFound: No such request.
        Invalid: The time has passed already.
    """
    row = await _open(ctx, request_id)
    if until is not None:
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        if until <= (await ctx.session.execute(_NOW)).scalar_one():
            raise Invalid.field("until", "must be in the future")
    row.snoozed_until = until
    return await _changed(ctx, row, "snoozed", {"until": until.isoformat() if until else None})


async def escalate(ctx: Context, request_id: UUID) -> Request:
    """Show a request to the whole organization, whoever it was assigned to.

    Raises:
        NotFound: No such request.
    """
    row = await _open(ctx, request_id)
    row.escalated_at = (await ctx.session.execute(_NOW)).scalar_one()
    row.audience, row.assignee_id, row.snoozed_until = "organization", None, None
    await put_event(ctx, row, "escalated")
    return await _changed(ctx, row, "escalated", {"by": "hand"})


async def mark_read(ctx: Context, request_id: UUID, *, read: bool) -> Request:
    """Note that a request was read, or is to count as unread.

    Raises:
        NotFound: No such request.
    """
    row = await get_visible(ctx, request_id, for_update=True)
    row.read_at = (await ctx.session.execute(_NOW)).scalar_one() if read else None
    await ctx.session.flush()
    await record(
        ctx, action="request.read" if read else "request.unread", target=("request", row.id)
    )
    notify(ctx, row.id, "updated")
    return row


async def _open(ctx: Context, request_id: UUID) -> Request:
    row = await get_visible(ctx, request_id, for_update=True)
    ctx.require(DECIDE)
    require_open(row)
    return row


async def _changed(ctx: Context, row: Request, what: str, detail: dict[str, object]) -> Request:
    # The revision stays: what a person would approve has not changed.
    await ctx.session.flush()
    await record(ctx, action=f"request.{what}", target=("request", row.id), detail=detail)
    notify(ctx, row.id, "updated")
    return row
