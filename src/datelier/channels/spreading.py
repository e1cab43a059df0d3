"""From what happened to who is told: one event becomes deliveries, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import func, text
from sqlalchemy.exc import InterfaceError, OperationalError

from datelier.channels.models import Webhook
from datelier.channels.people import (
    SEE,
    Member,
    as_member,
    concerned,
    find_member,
    members_who_chose,
    told_of,
)
from datelier.channels.preferences import next_digest
from datelier.channels.schedule import next_delay
from datelier.channels.schemas import Change
from datelier.channels.wording import payload
from datelier.inbox.models import Request
from datelier.inbox.outbox import Event, open_events, read_event, take_event
from datelier.inbox.visibility import needs_me, visible
from datelier.kit.clock import now
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.db import owned
from datelier.kit.fail_points import reach
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger

log = get_logger(__name__)

MOST = 100
DIGEST_ROWS = 50

_ADD = text(
    "insert into delivery (id, org_id, event_key, once, channel, change, target, request_id, "
    "person_id, webhook_id, payload) "
    "values (:id, :org, :key, :once, :channel, :change, :target, :request, :person, :webhook, "
    "cast(:payload as jsonb)) on conflict (org_id, once) do nothing"
)
_SET_ASIDE = text(
    "insert into delivery (id, org_id, event_key, once, channel, change, target, request_id, "
    "attempts, next_at, last_error) values (:id, :org, :key, :key, 'event', :change, :event, "
    ":request, 1, now() + make_interval(secs => :wait), :error) "
    "on conflict (org_id, once) do nothing"
)
# Each digest holds all that waits: those that could not be sent are not sent beside it.
_TAKE_PLACE = text(
    "update delivery set status = 'dropped', ended_at = now(), held_until = null, "
    "last_error = 'A later digest took its place.', updated_at = now() "
    "where org_id = :org and person_id = :person and change = 'digest' and status = 'waiting' "
    "and event_key <> :key and (held_until is null or held_until <= now())"
)
_UNREAD = "It could not be decided who is told; the server's log says why."
_ORGANIZATION = text("select name from organization where id = :org")
# Every member has a row once they were seen here, so that the next digest has a moment.
_NEWCOMERS = text(
    "insert into notification_preference (id, org_id, person_id, digest_at) "
    "select gen_random_uuid(), m.org_id, m.person_id, :at from membership m "
    "where not exists (select 1 from notification_preference n "
    "where n.org_id = m.org_id and n.person_id = m.person_id) "
    "order by m.id limit :most on conflict (org_id, person_id) do nothing"
)
_DUE = text(
    "select org_id, person_id from notification_preference where digest_at <= now() "
    "order by digest_at limit :most"
)
_LOCKED = text(
    "select time_zone, digest_hour, digest_at from notification_preference "
    "where org_id = :org and person_id = :person and digest_at <= now() for update skip locked"
)
_NEXT = text(
    "update notification_preference set digest_at = :at, updated_at = now() "
    "where org_id = :org and person_id = :person"
)


@dataclass(frozen=True, slots=True)
class _To:
    """Where one notice goes."""

    channel: str
    target: UUID
    person_id: UUID | None = None
    webhook_id: UUID | None = None


def system(resources: Resources, org_id: UUID) -> Context:
    """Return the product itself as the actor in an organization."""
    actor = Actor("system", None, "Datelier")
    return Context(actor=actor, org_id=org_id, scopes=frozenset(), resources=resources)


async def spread_all(resources: Resources) -> int:
    """Take up events of any organization; return how many there were.

    One that fails is set aside among the deliveries, and tried again and given up like them.
    """
    found = await open_events(resources.db, MOST)
    for one in found:
        try:
            async with system(resources, one.org_id).begin() as tx:
                event = await take_event(tx, one.event_id)
                if event is not None:
                    await _spread(tx, event)
                reach("spread.before_commit")
            reach("spread.after_commit")
        except (OperationalError, InterfaceError):
            raise  # PostgreSQL is away, which is no fault of the event
        except Exception:
            # One that cannot be read must not keep the others from being told.
            log.exception("event_not_spread", event_id=str(one.event_id))
            async with system(resources, one.org_id).begin() as tx:
                await _set_aside(tx, one.event_id)
    return len(found)


async def _set_aside(tx: Context, event_id: UUID) -> None:
    event = await take_event(tx, event_id)
    if event is None:
        return
    values = {
        "id": uuid7(),
        "org": tx.org_id,
        "key": f"evt_{event.id.hex}",
        "change": event.change,
        "event": event.id,
        "request": event.request.id,
        "wait": next_delay(1),
        "error": _UNREAD,
    }
    await tx.session.execute(_SET_ASIDE, values)


async def spread_again(resources: Resources, org_id: UUID, event_id: UUID) -> str:
    """Decide anew who is told of an event that was set aside; return what is wrong, if anything."""
    try:
        async with system(resources, org_id).begin() as tx:
            await _spread(tx, await read_event(tx, event_id))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("event_not_spread", event_id=str(event_id))
        return _UNREAD
    return ""


async def _spread(tx: Context, event: Event) -> None:
    row = event.request
    if row.status != "pending":
        return
    if event.change == "assigned" and row.assignee_id is None:
        return
    members = await _members(tx, event)
    mailed = [m for m in members if m.kinds.of(row.kind).email == "now"]
    if tx.resources.settings.smtp_host is not None:
        for member in mailed:
            await _add(tx, event, _To("email", member.id, person_id=member.id))
    hooked = {m.id for m in members if m.kinds.of(row.kind).webhook}
    statement = owned(tx, Webhook).where(Webhook.enabled)
    hooks = [
        hook
        for hook in (await tx.session.execute(statement)).scalars()
        if _wanted(hook, row, hooked)
    ]
    if not hooks:
        return
    name = (await tx.session.execute(_ORGANIZATION, {"org": tx.org_id})).scalar_one()
    said = payload(tx.resources.settings, name, event.change, row, event.at)
    body = orjson.dumps(said).decode()
    for hook in hooks:
        await _add(tx, event, _To("webhook", hook.id, hook.owner_id, hook.id), body)


def _wanted(hook: Webhook, row: Request, hooked: set[UUID]) -> bool:
    if hook.owner_id is None:
        return row.audience == "organization" and row.kind in hook.kinds
    return hook.owner_id in hooked


async def _members(tx: Context, event: Event) -> Sequence[Member]:
    return [member for member in await members_who_chose(tx) if told_of(event, member)]


async def _add(tx: Context, event: Event, to: _To, body: str | None = None) -> None:
    await _insert(tx, to, f"evt_{event.id.hex}", event.change, event.request.id, body)


async def _insert(
    tx: Context, to: _To, key: str, change: Change, request_id: UUID | None, body: str | None
) -> None:
    values = {
        "id": uuid7(),
        "org": tx.org_id,
        "key": key,
        "once": f"{key}:{to.target.hex}",
        "channel": to.channel,
        "change": change,
        "target": to.target,
        "request": request_id,
        "person": to.person_id,
        "webhook": to.webhook_id,
        "payload": body,
    }
    await tx.session.execute(_ADD, values)


async def pending_for(tx: Context, member: Member) -> tuple[Sequence[Request], int]:
    """Return what waits for a member among the kinds that they want in the digest.

    The first of it, and how much it is.
    """
    if SEE not in member.scopes:
        return (), 0
    own = as_member(tx, member)
    daily = [k for k in type(member.kinds).model_fields if member.kinds.of(k).email == "daily"]
    found = visible(own).where(needs_me(own), concerned(member), Request.kind.in_(daily))
    first = found.order_by(Request.id).limit(DIGEST_ROWS)
    rows = (await tx.session.execute(first)).scalars().all()
    total = (await tx.session.execute(found.with_only_columns(func.count()))).scalar_one()
    return rows, total


async def digest_all(resources: Resources) -> int:
    """Order the digests that are due, in any organization; return how many were looked at."""
    first = next_digest(now(), None, 8)
    async with resources.db.system() as session:
        await session.execute(_NEWCOMERS, {"at": first, "most": 1000})
        due = (await session.execute(_DUE, {"most": MOST})).all()
    for one in due:
        try:
            async with system(resources, one.org_id).begin() as tx:
                await _digest(tx, one.person_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One that cannot be ordered must not keep the others from theirs; the next may work.
            log.exception("digest_not_ordered", person_id=str(one.person_id))
            async with system(resources, one.org_id).begin() as tx:
                await _next_digest(tx, one.person_id)
    return len(due)


async def _next_digest(tx: Context, person_id: UUID) -> datetime | None:
    """Let the next digest come a day later; return when this one was due, None if it is not."""
    values = {"org": tx.org_id, "person": person_id}
    row = (await tx.session.execute(_LOCKED, values)).one_or_none()
    if row is None:
        return None
    at = next_digest(now(), row.time_zone, row.digest_hour)
    await tx.session.execute(_NEXT, values | {"at": at})
    return row.digest_at


async def _digest(tx: Context, person_id: UUID) -> None:
    due = await _next_digest(tx, person_id)
    if due is None:
        return
    member = await find_member(tx, person_id)
    if member is None or tx.resources.settings.smtp_host is None:
        return
    _, total = await pending_for(tx, member)
    if total:
        key = f"digest_{tx.org_id.hex}_{person_id.hex}_{due:%Y%m%d%H}"
        values = {"org": tx.org_id, "person": person_id, "key": key}
        await tx.session.execute(_TAKE_PLACE, values)
        await _insert(tx, _To("email", person_id, person_id), key, "digest", None, None)
