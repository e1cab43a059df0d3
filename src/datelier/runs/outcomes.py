"""Effects that a run left behind when it ended, and of which nobody knows.

The database is asked what became of a write; where it cannot tell, a person is asked once.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.effects.service import ASKED, Left, what_became_of_it
from datelier.effects.writes import find_out_later
from datelier.inbox import service as inbox
from datelier.inbox.schemas import Action, Allow
from datelier.inbox.service import NewRequest, Waiter
from datelier.kit.context import Context
from datelier.kit.db import Database
from datelier.kit.markdown import code_block

# What somebody has answered already, or has stopped the run over, is not asked again.
_UNKNOWN = text(
    """
    select f.org_id, f.id, f.run_id, f.tool_call_id, f.kind, f.source_id, f.txid, f.detail, f.note,
        r.thread_id, r.finished_at > now() - interval '1 minute' as recent, r.agent_id, r.kind as run_kind, r.correlation_id, cast(p.id as uuid) as owner_id
    from effect f
    join run r on r.org_id = f.org_id and r.id = f.run_id
    left join person p on p.id = cast(r.actor->>'id' as uuid)
    where f.state = 'unknown' and r.status in ('succeeded', 'failed', 'cancelled')
        and r.finished_at > now() - interval '1 day'
        and not exists (
            select 1 from request q where q.org_id = f.org_id and q.run_id = f.run_id
            and (q.interrupt_id = :asked || f.tool_call_id
                or q.actions->0->'args'->>'call' = f.tool_call_id))
    order by f.id limit :most
    """
)
_LOCK = text("select 1 from run where org_id = :org and id = :run for update")


async def unasked(db: Database, most: int, system: Callable[[UUID], Context]) -> list[Any]:
    """Return effects of ended runs in any organization that a person must be asked about.

    Args:
        db: The platform's database.
        most: How many are looked at.
        system: Makes the context of nobody in an organization, without a transaction.
    """
    async with db.system() as session:
        rows = (await session.execute(_UNKNOWN, {"most": most, "asked": ASKED})).all()
    # At once: a source that is out of reach holds the others up by no more than one look.
    told = await asyncio.gather(*(_told(system(row.org_id), row) for row in rows))
    return [row for row, known in zip(rows, told, strict=True) if not known]


async def _told(ctx: Context, row: Any) -> bool:
    """Whether no person is needed: the source has told, or may within a minute."""
    if row.kind != "sql" or row.source_id is None:
        return False
    found = await find_out_later(ctx, Left(row.id, row.source_id, row.txid))
    return found == "told" or (found == "later" and row.recent)


async def ask_what_became(tx: Context, row: Any) -> None:
    """Ask what became of an effect, if nobody was asked; no run waits for the answer."""
    await tx.session.execute(_LOCK, {"org": tx.org_id, "run": row.run_id})
    detail: dict[str, Any] = row.detail
    if row.kind == "sql":
        what, shown = "Change rows with SQL", code_block(str(detail.get("sql", "")), "sql")
    else:
        sent = f"{detail.get('method')} {detail.get('url')}"
        what, shown = "Send an HTTP request", code_block(sent)
    action = Action(
        id="1",
        name="outcome",
        title=what,
        allow=Allow(respond=True),
        response_schema=what_became_of_it(),
    )
    new = NewRequest(
        "question",
        f"Did this happen? {what}",
        [action],
        description=f"{row.note} It was not made again. Look, and say what became of it.\n\n{shown}",
        risk="write" if row.kind == "sql" else "external",
        personal=row.run_kind != "background",
        on_expiry="keep",
        waiter=Waiter(
            run_id=row.run_id,
            interrupt_id=f"{ASKED}{row.tool_call_id}",
            thread_id=row.thread_id,
            agent_id=row.agent_id,
            source_id=row.source_id,
            owner_id=row.owner_id,
            correlation_id=row.correlation_id or "",
        ),
    )
    await inbox.open_request(tx, new)
