"""A run that waits for a person: requests, status and log in one fenced transaction."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.dialects import Asked, understand
from datelier.inbox.models import Request
from datelier.inbox.service import NewRequest, Waiter
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.fail_points import reach
from datelier.kit.ids import as_uuid
from datelier.runs.append import append_parts
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Part
from datelier.runs.request_part import request_part
from datelier.runs.saver import Interrupted
from datelier.runs.stamp import stamp

_DAY = 86_400.0

# A run that stops for a person has not crashed its process: attempts are counted anew.
_WAIT = text(
    "update run set status = 'waiting', waiting_since = now(), lease_owner = null, "
    "lease_until = null, attempt = 0, resume = null, usage = cast(:usage as jsonb), "
    "updated_at = now() "
    "where org_id = :org and id = :run and epoch = :epoch and status = 'running' "
    "and stop_requested_at is null returning correlation_id"
)
_STILL_OURS = text(
    "select 1 from run where org_id = :org and id = :run and epoch = :epoch and status = 'running'"
)


async def wait_for_people(
    run: ActiveRun, rest: Sequence[Part], found: Sequence[Interrupted]
) -> bool:
    """Open a request per interrupt and let the run wait; its log is closed.

    Args:
        run: The claim, which this gives up.
        rest: Parts of the log that are not committed yet.
        found: The interrupts.

    Returns:
        False when somebody asked for the run to stop: it is still held, and nothing was stored.

    Raises:
        Fenced: Another process holds the run.
    """
    claim = run.claim
    usage = {**run.usage.tokens(), "cost": run.usage.money(), "model": run.model}
    values = {
        "org": claim.org_id,
        "run": claim.id,
        "epoch": claim.epoch,
        "usage": orjson.dumps(usage).decode(),
    }
    async with run.ctx.begin() as tx:
        row = (await tx.session.execute(_WAIT, values)).one_or_none()
        if row is None:
            if (await tx.session.execute(_STILL_OURS, values)).scalar() is None:
                raise Fenced
            return False
        correlation = row.correlation_id or run.ctx.correlation_id
        opened = [await _open(tx, run, interrupt, correlation) for interrupt in found]
        data = {"stage": "waiting", "label": "Waiting for a decision", "at": stamp(now())}
        stage: Part = {"type": "data-stage", "id": "stage", "data": data}
        await append_parts(tx, claim.id, [*rest, *map(request_part, opened), stage])
        reach("interrupt.before_commit")
    reach("interrupt.after_commit")
    return True


async def _open(tx: Context, run: ActiveRun, interrupt: Interrupted, correlation: str) -> Request:
    claim = run.claim
    asked = understand(interrupt.value)
    given = asked.native
    source_id = given.get("source_id")
    requires, excludes_owner = given.get("requires", 1), given.get("excludes_owner", False)
    new = NewRequest(
        kind=asked.kind,
        title=asked.title,
        actions=asked.actions,
        description=asked.description,
        reason=given.get("reason", ""),
        rule=given.get("rule", ""),
        risk=given.get("risk", "external"),
        preview=given.get("preview"),
        dialect=asked.dialect,
        envelope=None if asked.dialect == "native" else interrupt.value,
        # What needs a second person must be seen by one.
        personal=claim.kind != "background" and requires == 1 and not excludes_owner,
        requires=requires,
        excludes_owner=excludes_owner,
        seconds=_seconds(asked, tx.resources.settings.request_days),
        on_expiry=given.get("on_expiry", "reject"),
        waiter=Waiter(
            run_id=claim.id,
            interrupt_id=interrupt.id,
            step_id=interrupt.step,
            thread_id=claim.thread_id,
            agent_id=claim.agent_id,
            source_id=as_uuid(source_id) if source_id else None,
            owner_id=tx.actor.id,
            correlation_id=correlation,
        ),
    )
    return await inbox.open_request(tx, new)


def _seconds(asked: Asked, days: int) -> float:
    given: Any = asked.native.get("seconds")
    if given is not None:
        return float(given)
    if asked.expires_at is not None:
        return (asked.expires_at - now()).total_seconds()
    return days * _DAY
