"""The end of a run in the background reaches the inbox: once, by whoever looks first."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.schemas import Action, Allow
from datelier.inbox.service import NewRequest, Waiter
from datelier.kit.context import Context
from datelier.kit.db import Database

_ENDED = text(
    """
    select r.org_id, r.id, r.status, r.goal, r.result, r.error, r.thread_id, r.agent_id,
        r.correlation_id, cast(p.id as uuid) as owner_id, a.name as agent
    from run r
    join agent a on a.org_id = r.org_id and a.id = r.agent_id
    left join agent_version v
        on v.org_id = r.org_id and v.agent_id = r.agent_id and v.version = r.agent_version
    left join person p on p.id = cast(r.actor->>'id' as uuid)
    where r.kind = 'background' and r.status in ('succeeded', 'failed')
        and r.finished_at > now() - interval '1 day'
        and coalesce(r.input->>'report', v.definition->>'report', 'all')
            in ('all', case when r.status = 'failed' then 'problems' end)
        and not exists (
            select 1 from request q
            where q.org_id = r.org_id and q.run_id = r.id and q.interrupt_id = '$end')
    order by r.finished_at limit :most
    """
)
_LOCK = text("select 1 from run where org_id = :org and id = :run for update")
_TITLE = 120
_NUMBERS = text(
    "select (p.part->'data'->>'total')::int as total, (p.part->'data'->>'traced')::int as traced "
    "from run r join message m on m.org_id = r.org_id and m.id = r.message_id "
    "cross join lateral jsonb_array_elements(m.parts) p (part) "
    "where r.org_id = :org and r.id = :run and p.part->>'type' = 'data-numbers' limit 1"
)


async def unreported(db: Database, most: int) -> list[Any]:
    """Return runs of any organization that have ended and are not in the inbox; for the tick."""
    async with db.system() as session:
        return list((await session.execute(_ENDED, {"most": most})).all())


async def report(tx: Context, row: Any) -> None:
    """Put the end of a run into the inbox, if it is not there."""
    run_id: UUID = row.id
    await tx.session.execute(_LOCK, {"org": tx.org_id, "run": run_id})
    goal = (row.goal or "").strip().partition("\n")[0]
    short = goal if len(goal) <= _TITLE else f"{goal[: _TITLE - 1]}…"
    failed = row.status == "failed"
    error: dict[str, Any] = row.error or {}
    result: dict[str, Any] = row.result or {}
    said = str(error.get("message") if failed else result.get("text", ""))
    if not failed:
        said += await _untraced(tx, run_id)
    action = Action(id="1", name="acknowledge", title="Done", allow=Allow(approve=True))
    await inbox.open_request(
        tx,
        NewRequest(
            kind="problem" if failed else "finished",
            title=f"{row.agent} {'failed' if failed else 'has finished'}: {short}",
            actions=[action],
            description=said,
            reason=row.goal or "",
            waiter=Waiter(
                run_id=run_id,
                interrupt_id="$end",
                thread_id=row.thread_id,
                agent_id=row.agent_id,
                owner_id=row.owner_id,
                correlation_id=row.correlation_id or "",
            ),
        ),
    )


async def _untraced(tx: Context, run_id: UUID) -> str:
    """Say how many figures of a result have no receipt: here they cannot be marked one by one."""
    counted = await tx.session.execute(_NUMBERS, {"org": tx.org_id, "run": run_id})
    row = counted.one_or_none()
    missing = 0 if row is None else row.total - row.traced
    if missing <= 0:
        return ""
    which = "1 number here is" if missing == 1 else f"{missing} numbers here are"
    return f"\n\n**{which} not traced to a query.**"
