"""What happens to waiting requests by itself: they expire, come back, or lose what they are about.

Every process that executes runs looks once a second. No leader is elected: each change locks its
run and its request and looks again, so that two processes change nothing twice.
"""

import asyncio
import random
from functools import partial
from uuid import UUID

import psycopg
import sqlalchemy.exc
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.endings import Due
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.db import get_owned
from datelier.kit.errors import NotFound
from datelier.kit.fail_points import reach
from datelier.kit.log import get_logger
from datelier.runs.decide import expire, lock_request
from datelier.runs.models import Run
from datelier.runs.outcomes import ask_what_became, unasked
from datelier.runs.report import report, unreported
from datelier.runs.start import stop_run, stop_waiting

log = get_logger(__name__)

_EVERY = 1.0
_MOST = 100

# Runs that wait for something that is no longer there; of several reasons one is enough.
_VOID = text(
    """
    select distinct on (r.id) r.org_id, r.id as run_id, case
        when t.deleted_at is not null then 'The chat was deleted while this waited.'
        when s.deleted_at is not null then 'The source ' || s.name || ' was removed while this waited.'
        when a.archived_at is not null then 'The agent ' || a.name || ' was archived while this waited.'
        else coalesce(r.actor->>'name', 'Whoever started this') || ' is no longer a member.'
    end as why
    from run r
    left join request q
        on q.org_id = r.org_id and q.run_id = r.id and q.status = 'pending' and q.interrupt_id is not null
    left join source s on s.org_id = r.org_id and s.id = q.source_id
    left join agent a on a.org_id = r.org_id and a.id = r.agent_id
    left join thread t on t.org_id = r.org_id and t.id = r.thread_id
    left join membership m on m.org_id = r.org_id and m.person_id = cast(r.actor->>'id' as uuid)
    where r.status = 'waiting' and (
        t.deleted_at is not null or s.deleted_at is not null or a.archived_at is not null
        or (r.actor->>'id' is not null and r.actor->>'kind' in ('user', 'token') and m.id is null))
    order by r.id limit :most
    """
)

# Runs that go on for people who have left; those that wait are ended above, and those that are
# queued when they are claimed.
_LEFT = text(
    """
    select r.org_id, r.id as run_id from run r
    where r.status = 'running' and r.stop_requested_at is null
        and r.actor->>'id' is not null and r.actor->>'kind' in ('user', 'token')
        and not exists (
            select 1 from membership m join person p on p.id = m.person_id
            where m.org_id = r.org_id and m.person_id = cast(r.actor->>'id' as uuid)
            and p.disabled_at is null)
    order by r.id limit :most
    """
)


def _system(resources: Resources, org_id: UUID) -> Context:
    actor = Actor("system", None, "Datelier")
    return Context(actor=actor, org_id=org_id, scopes=frozenset(), resources=resources)


async def look_once(resources: Resources) -> int:
    """Do everything that is due now, in every organization; return how much that was."""
    due = await inbox.due_requests(resources.db, _MOST)
    for one in due:
        await _settle(resources, one)
    async with resources.db.system() as session:
        void = (await session.execute(_VOID, {"most": _MOST})).all()
        left = (await session.execute(_LEFT, {"most": _MOST})).all()
    for row in void:
        async with _system(resources, row.org_id).begin() as tx:
            run = await get_owned(tx, Run, row.run_id, for_update=True)
            if run.status == "waiting":
                await stop_waiting(tx, run, row.why, failed=True)
    for row in left:
        async with _system(resources, row.org_id).begin() as tx:
            await stop_run(tx, row.run_id)
    ended = await unreported(resources.db, _MOST)
    for row in ended:
        async with _system(resources, row.org_id).begin() as tx:
            await report(tx, row)
            reach("report.before_commit")
        reach("report.after_commit")
    unknown = await unasked(resources.db, _MOST, partial(_system, resources))
    for row in unknown:
        async with _system(resources, row.org_id).begin() as tx:
            await ask_what_became(tx, row)
    return len(due) + len(void) + len(left) + len(ended) + len(unknown)


async def _settle(resources: Resources, due: Due) -> None:
    async with _system(resources, due.org_id).begin() as tx:
        try:
            found = await lock_request(tx, due.request_id)
        except NotFound:
            return
        row = found.request
        if row.status != "pending":
            return
        if due.expired:
            await expire(tx, found)
        elif row.snoozed_until is not None:
            await inbox.wake(tx, row)


async def keep_looking(resources: Resources) -> None:
    """Look once a second until cancelled; a database that is away is waited for."""
    while True:
        await asyncio.sleep(_EVERY * random.uniform(0.8, 1.2))  # noqa: S311  # jitter
        try:
            await look_once(resources)
        except (psycopg.Error, sqlalchemy.exc.SQLAlchemyError) as error:
            log.warning("tick_failed", error=str(error))
