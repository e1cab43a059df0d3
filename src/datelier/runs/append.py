"""Adding to the log of a run that nobody executes, in the transaction of whoever changes it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.runs.encode import encode
from datelier.runs.fold import Part
from datelier.runs.hub import RunHub

_APPEND = text(
    "with known as ("
    "    select coalesce(max(seq), 0) as seq from run_event where org_id = :org and run_id = :run"
    "), added as ("
    "    insert into run_event (org_id, run_id, seq, part) "
    "    select :org, :run, known.seq + p.n::int, p.part::json "
    "    from known, unnest(cast(:parts as text[])) with ordinality as p (part, n) returning seq"
    "), moved as ("
    "    update run set last_seq = (select max(seq) from added) where org_id = :org and id = :run"
    ") select min(seq) from added"
)


async def append_parts(ctx: Context, run_id: UUID, parts: Sequence[Part]) -> None:
    """Add parts to a run's log; its row is locked by the caller, and no process executes it.

    Viewers get them once the transaction has committed.
    """
    encoded = [encode(part) for part in parts]
    values = {"org": ctx.org_id, "run": run_id, "parts": [part.decode() for part in encoded]}
    first = int((await ctx.session.execute(_APPEND, values)).scalar_one())
    hub = ctx.resources.get(RunHub)
    ctx.on_commit(lambda: hub.publish(run_id, first, encoded))
