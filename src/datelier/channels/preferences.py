"""How one is told: reading and saving preferences. Each verb needs an open transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from datelier.channels.models import NotificationPreference
from datelier.channels.people import concerns, find_member, waits_for
from datelier.channels.schedule import zone_of
from datelier.channels.schemas import (
    KindPreferences,
    MailOut,
    NoticeOut,
    NotificationsIn,
    NotificationsOut,
)
from datelier.identity.audit import record
from datelier.inbox.visibility import get_visible
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import Forbidden
from datelier.kit.ids import uuid7

_SAVE = text(
    "insert into notification_preference "
    "(id, org_id, person_id, kinds, time_zone, digest_hour, digest_at) "
    "values (:id, :org, :person, cast(:kinds as jsonb), :zone, :hour, :at) "
    "on conflict (org_id, person_id) do update set kinds = excluded.kinds, "
    "time_zone = excluded.time_zone, digest_hour = excluded.digest_hour, "
    "digest_at = excluded.digest_at, updated_at = now()"
)


def next_digest(after: datetime, time_zone: str | None, hour: int) -> datetime:
    """Return the next moment at which it is `hour` o'clock in a zone, later than `after`."""
    local = after.astimezone(zone_of(time_zone))
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    while due <= local:
        due = (due + timedelta(days=1)).replace(hour=hour)
    return due


def person_of(ctx: Context) -> UUID:
    """Return who asks.

    Raises:
        Forbidden: It is not a person.
    """
    if ctx.actor.id is None or ctx.actor.kind not in {"user", "token"}:
        raise Forbidden("Only people are told of requests.")
    return ctx.actor.id


async def get_notifications(ctx: Context) -> NotificationsOut:
    """Return how the caller is told, and whether mail is sent at all."""
    person_id = person_of(ctx)
    statement = owned(ctx, NotificationPreference).where(
        NotificationPreference.person_id == person_id
    )
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    member = await find_member(ctx, person_id)
    settings = ctx.resources.settings
    return NotificationsOut(
        kinds=KindPreferences.model_validate(row.kinds if row is not None else {}),
        time_zone=row.time_zone if row is not None else None,
        digest_hour=row.digest_hour if row is not None else 8,
        mail=MailOut(
            configured=settings.smtp_host is not None,
            sender=settings.smtp_from if settings.smtp_host else None,
            to=member.email if member is not None else None,
        ),
    )


async def save_notifications(ctx: Context, wanted: NotificationsIn) -> NotificationsOut:
    """Keep how the caller wants to be told."""
    values = {
        "id": uuid7(),
        "org": ctx.org_id,
        "person": person_of(ctx),
        "kinds": wanted.kinds.model_dump_json(),
        "zone": wanted.time_zone,
        "hour": wanted.digest_hour,
        "at": next_digest(now(), wanted.time_zone, wanted.digest_hour),
    }
    await ctx.session.execute(_SAVE, values)
    await record(ctx, action="notifications.updated", target=("person", ctx.actor.id))
    return await get_notifications(ctx)


async def get_notice(ctx: Context, request_id: UUID) -> NoticeOut:
    """Return whether the caller's browser is to tell of a request.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
    """
    row = await get_visible(ctx, request_id)
    member = await find_member(ctx, person_of(ctx))
    tell = member is not None and member.kinds.of(row.kind).browser and concerns(row, member)
    if tell and member is not None:
        tell = await waits_for(ctx, member, request_id) is not None
    return NoticeOut(
        tell=tell,
        id=row.id,
        number=row.number,
        kind=row.kind,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        title=row.title,
    )
