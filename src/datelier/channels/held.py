"""Holding deliveries: which process tries which, and what is written when an attempt has ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.channels.schedule import DELAYS, next_delay
from datelier.kit.context import Context
from datelier.kit.db import Database

# One attempt at a time for each target, so that a slow one keeps the others' places free. Where
# there are more than places, who did not take the last one comes last, and organizations take
# turns: neither many dead receivers nor many slow ones keep all others waiting. Every candidate is
# looked at again once it is locked: two processes never hold the same.
_HOLD = text(
    """
    with candidates as (
        select distinct on (d.target) d.id, d.next_at, d.channel, d.target, d.org_id
        from delivery d
        where d.status = 'waiting' and d.next_at <= now()
            and (d.held_until is null or d.held_until <= now())
            and not exists (
                select 1 from delivery o
                where o.target = d.target and o.status = 'waiting' and o.held_until > now())
        order by d.target, d.next_at, d.id
    ), failing as (
        select distinct target from delivery
        where status = 'waiting' and attempts > 0 and last_error <> ''
    ), busy as (
        select org_id, count(*) as places from delivery
        where status = 'waiting' and held_until > now() group by org_id
    ), ranked as (
        select c.id, c.channel, c.next_at, f.target is not null as failing,
            coalesce(b.places, 0)
                + row_number() over (partition by c.org_id order by c.next_at, c.id) as turn
        from candidates c
        left join failing f on f.target = c.target
        left join busy b on b.org_id = c.org_id
    ), placed as (
        select *, row_number() over (partition by channel order by failing, turn, next_at) as place
        from ranked
    ), chosen as (
        select d.id from delivery d
        where d.id in (
                select id from placed where channel <> 'email' or place <= :mails
                order by failing, turn, next_at limit :most)
            and d.status = 'waiting' and d.next_at <= now()
            and (d.held_until is null or d.held_until <= now())
        for update of d skip locked
    )
    update delivery d set held_until = now() + make_interval(secs => :lease),
        attempts = d.attempts + 1, updated_at = now()
    from chosen where d.id = chosen.id
    returning d.id, d.org_id, d.event_key, d.channel, d.change, d.target, d.request_id,
        d.person_id, d.webhook_id, d.payload, d.attempts, d.held_until
    """
)
_END = text(
    "update delivery set status = :status, ended_at = now(), held_until = null, "
    "last_status = :code, last_error = :error, updated_at = now() "
    "where org_id = :org and id = :id and status = 'waiting' and attempts = :attempts "
    "and held_until = :until returning id"
)
_AGAIN = text(
    "update delivery set next_at = now() + make_interval(secs => :wait), held_until = null, "
    "last_status = :code, last_error = :error, updated_at = now() "
    "where org_id = :org and id = :id and status = 'waiting' and attempts = :attempts "
    "and held_until = :until returning id"
)
_THROTTLE = text(
    "update delivery set next_at = greatest(next_at, now() + make_interval(secs => :wait)) "
    "where org_id = :org and target = :target and status = 'waiting' and held_until is null"
)
# Whoever switches a webhook off or removes it locks it first, and then what waits for it. Inserting
# what will wait for it may go on.
_IN_ORDER = text("select url from webhook where org_id = :org and id = :webhook for no key update")
_GONE = text(
    "update webhook set enabled = false, disabled_reason = :why, updated_at = now() "
    "where org_id = :org and id = :webhook and enabled"
)
_DROP_REST = text(
    "update delivery set status = 'dropped', ended_at = now(), held_until = null, "
    "last_error = :why, updated_at = now() "
    "where org_id = :org and webhook_id = :webhook and status = 'waiting'"
)
_PRUNE = text(
    """
    with ended as (
        select id from delivery where status <> 'waiting'
            and ended_at < now() - interval '30 days'
        order by ended_at limit :most for update skip locked
    ), spread as (
        select id from request_event where spread_at < now() - interval '30 days'
        order by spread_at limit :most for update skip locked
    ), deliveries as (
        delete from delivery where id in (select id from ended) returning id
    ), events as (
        delete from request_event where id in (select id from spread) returning id
    )
    select greatest((select count(*) from deliveries), (select count(*) from events))
    """
)
PRUNED = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that this process tries.

    Attributes:
        attempts: Which try it is. With `until` it fences what is settled: whoever sends it again by
            hand begins to count anew.
    """

    id: UUID
    org_id: UUID
    event_key: str
    channel: str
    change: str
    target: UUID
    request_id: UUID | None
    person_id: UUID | None
    webhook_id: UUID | None
    payload: dict[str, Any] | None
    attempts: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt.

    Attributes:
        error: Empty after success.
        dropped: Nobody is to be told any more; not a failure.
        wait: Seconds that the receiver asked for.
        busy: The receiver is overloaded: all that waits for it waits longer.
        gone: The receiver wants no more.
        final: No further attempt is made.
        url: Where it was sent, for a webhook.
    """

    error: str = ""
    status: int | None = None
    dropped: bool = False
    wait: float = 0
    busy: bool = False
    gone: bool = False
    final: bool = False
    url: str = ""


async def hold(db: Database, most: int, mails: int, lease: float) -> Sequence[Held]:
    """Take up to `most` deliveries that are due, of any organization, for `lease` seconds.

    Args:
        db: The platform database.
        most: How many.
        mails: How many of them may be mails.
        lease: For how long.
    """
    values = {"most": most, "mails": mails, "lease": lease}
    async with db.system() as session:
        rows = (await session.execute(_HOLD, values)).all()
    return [Held(*row) for row in rows]


async def as_of_now(tx: Context, held: Held, result: Result) -> Result:
    """Return a result as it counts now: a receiver that is no longer meant switches nothing off."""
    if not result.gone:
        return result
    turn = {"org": tx.org_id, "webhook": held.webhook_id}
    url = (await tx.session.execute(_IN_ORDER, turn)).scalar_one_or_none()
    return result if url == result.url else replace(result, gone=False, final=False)


async def settle(tx: Context, held: Held, result: Result) -> bool:
    """Write what came of an attempt; False when another process has taken it over."""
    values: dict[str, Any] = {
        "org": tx.org_id,
        "id": held.id,
        "attempts": held.attempts,
        "until": held.until,
        "code": result.status,
        "error": result.error,
    }
    if result.busy or result.gone:
        turn = {"org": tx.org_id, "webhook": held.webhook_id}
        await tx.session.execute(_IN_ORDER, turn)
    wait = None if result.final else next_delay(held.attempts, result.wait)
    if result.dropped or not result.error:
        done = "dropped" if result.dropped else "delivered"
        settled = await tx.session.execute(_END, values | {"status": done})
    elif wait is None:
        settled = await tx.session.execute(_END, values | {"status": "failed"})
    else:
        settled = await tx.session.execute(_AGAIN, values | {"wait": wait})
    if settled.one_or_none() is None:
        return False
    if result.busy:
        # As long as the receiver asked. How often this one was tried makes no other wait longer.
        more = {"org": tx.org_id, "target": held.target, "wait": max(result.wait, DELAYS[1])}
        await tx.session.execute(_THROTTLE, more)
    if result.gone and held.webhook_id is not None:
        more = {"org": tx.org_id, "webhook": held.webhook_id, "why": result.error}
        await tx.session.execute(_GONE, more)
        await tx.session.execute(_DROP_REST, more)
    return True


async def prune(db: Database, most: int = PRUNED) -> bool:
    """Forget what ended a month ago, in one short transaction.

    Args:
        db: The platform database.
        most: How many deliveries, and how many events.

    Returns:
        Whether there may be more.
    """
    async with db.system() as session:
        count: int = (await session.execute(_PRUNE, {"most": most})).scalar_one()
    return count >= most
