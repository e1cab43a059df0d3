"""What is on its way and what was given up: listing, and sending again by hand."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, text

from datelier.channels.endpoints import MANAGE, get_webhook
from datelier.channels.errors import StillWaiting
from datelier.channels.models import Delivery
from datelier.channels.preferences import person_of
from datelier.channels.schemas import DeliveryOut, DeliveryStatus
from datelier.identity.audit import record
from datelier.identity.listing import page_of
from datelier.inbox.models import Request
from datelier.inbox.visibility import seen_by
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.kit.pagination import Page

_AGAIN = text(
    "update delivery set status = 'waiting', ended_at = null, attempts = 0, next_at = now(), "
    "held_until = null, updated_at = now() "
    "where org_id = :org and id = :id and status <> 'waiting' returning id"
)
_UNTITLED = {"digest": "Daily digest"}


def _mine(ctx: Context) -> Select[Delivery]:
    """Return the deliveries to the caller and, for admins, to the organization's webhooks.

    Admins see as well of which events it could not be decided who is told.
    """
    own = Delivery.person_id == person_of(ctx)
    if MANAGE in ctx.scopes:
        theirs = or_(Delivery.webhook_id.is_not(None), Delivery.channel == "event")
        own = or_(own, and_(Delivery.person_id.is_(None), theirs))
    return owned(ctx, Delivery).where(own)


async def list_deliveries(
    ctx: Context,
    *,
    webhook_id: UUID | None,
    status: DeliveryStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[DeliveryOut]:
    """Return a page of deliveries to the caller and their webhooks, newest first.

    Raises:
        NotFound: The webhook is unknown, foreign, or another person's.
    """
    statement = _mine(ctx)
    if webhook_id is not None:
        await get_webhook(ctx, webhook_id)
        # An event that nobody could be told of may have been for this one, too.
        either = or_(Delivery.webhook_id == webhook_id, Delivery.channel == "event")
        statement = statement.where(either)
    if status is not None:
        statement = statement.where(Delivery.status == status)
    rows, following = await page_of(
        ctx, _with_title(ctx, statement), Delivery.id, cursor=cursor, limit=limit
    )
    return Page[DeliveryOut](data=[_out(row, title) for row, title in rows], next=following)


def _with_title(ctx: Context, statement: Select[Delivery]) -> Select[Any]:
    """Add the title of the request, for whoever may still see it."""
    same = and_(Request.org_id == Delivery.org_id, Request.id == Delivery.request_id)
    shown = and_(same, seen_by(ctx))
    return statement.outerjoin(Request, shown).add_columns(Request.title)


async def redeliver(ctx: Context, delivery_id: UUID) -> DeliveryOut:
    """Send a notice again, with all its attempts before it and under the same id.

    Raises:
        NotFound: Unknown, foreign, or to somebody else.
        StillWaiting: It is on its way.
    """
    statement = _with_title(ctx, _mine(ctx).where(Delivery.id == delivery_id))
    found: Any = (await ctx.session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound("delivery", delivery_id)
    row: Delivery = found[0]
    title: str | None = found[1]
    done = await ctx.session.execute(_AGAIN, {"org": ctx.org_id, "id": delivery_id})
    if done.one_or_none() is None:
        raise StillWaiting("It is on its way already.")
    await ctx.session.refresh(row)
    await record(ctx, action="delivery.redelivered", target=("delivery", row.id))
    return _out(row, title)


def _out(row: Delivery, title: str | None) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        event_key=row.event_key,
        channel=row.channel,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        change=row.change,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        webhook_id=row.webhook_id,
        request_id=row.request_id,
        title=title or _UNTITLED.get(row.change, "A request that is not yours to see any more"),
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        attempts=row.attempts,
        next_at=row.next_at if row.status == "waiting" else None,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
