"""The outbox of the inbox: what happened to requests, in the transaction in which it happened.

A slice above takes the events up and tells people; a process that dies in between loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from datelier.inbox.models import Request, RequestEvent
from datelier.kit.context import Context
from datelier.kit.db import Database, add_owned, get_owned, owned

Change = Literal["opened", "assigned", "escalated"]

_OPEN = text("select org_id, id from request_event where spread_at is null order by id limit :most")
_SPREAD = text("update request_event set spread_at = now() where org_id = :org and id = :id")


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """An event that nobody has taken up."""

    org_id: UUID
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Event:
    """An event with its request as it is now.

    Attributes:
        at: When it happened.
    """

    id: UUID
    at: datetime
    change: Change
    actor_id: UUID | None
    request: Request


async def put_event(ctx: Context, row: Request, change: Change) -> None:
    """Note, in the open transaction, that something happened to a request."""
    event = RequestEvent(request_id=row.id, change=change, actor_id=ctx.actor.id)
    await add_owned(ctx, event)


async def open_events(db: Database, most: int) -> Sequence[OpenEvent]:
    """Return events of any organization that nobody has taken up, oldest first."""
    async with db.system() as session:
        rows = (await session.execute(_OPEN, {"most": most})).all()
    return [OpenEvent(row.org_id, row.id) for row in rows]


async def take_event(ctx: Context, event_id: UUID) -> Event | None:
    """Take an event up in the open transaction; None if another process has or does."""
    statement = (
        owned(ctx, RequestEvent)
        .where(RequestEvent.id == event_id, RequestEvent.spread_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    event = (await ctx.session.execute(statement)).scalar_one_or_none()
    if event is None:
        return None
    await ctx.session.execute(_SPREAD, {"org": ctx.org_id, "id": event_id})
    return await _read(ctx, event)


async def read_event(ctx: Context, event_id: UUID) -> Event:
    """Return an event that was taken up before.

    Raises:
        NotFound: It was forgotten since.
    """
    return await _read(ctx, await get_owned(ctx, RequestEvent, event_id))


async def _read(ctx: Context, event: RequestEvent) -> Event:
    found = owned(ctx, Request).where(Request.id == event.request_id)
    request = (await ctx.session.execute(found)).scalar_one()
    change: Change = event.change  # pyright: ignore[reportAssignmentType]  # the table's check
    return Event(event.id, event.created_at, change, event.actor_id, request)
