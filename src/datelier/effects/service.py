"""Reading the ledger, and settling what only a person, or the end of a run, can settle."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from datelier.effects.models import Effect
from datelier.effects.schemas import EffectList, EffectOut
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import owned

ASKED: Final = "$unknown "
"""Before the id of a call, the interrupt id of a question that no run waits for."""

UNKNOWN: Final = "outcome_unknown"
"""The name of the action of a question that the run waits for."""

HAPPENED: Final = "It happened"
NOT_HAPPENED: Final = "It did not happen"
DO_NOW: Final = "It did not happen: do it now"
LEAVE: Final = "Leave it"
_STATES: Final = {HAPPENED: "done", NOT_HAPPENED: "not_done", DO_NOW: "intended", LEAVE: "unknown"}
# Done anew, it is as if it had not been begun: the process that took it up before may not go on.
_ANSWERED = text(
    "update effect set state = :state, note = :note, updated_at = now(), "
    "settled_at = case when :state in ('done', 'not_done') then now() end, "
    "begun_at = case when :state <> 'intended' then begun_at end, "
    "txid = case when :state <> 'intended' then txid end, "
    "attempt = case when :state <> 'intended' then attempt else attempt + 1 end "
    "where org_id = :org and run_id = :run and tool_call_id = :call and state = 'unknown'"
)

FOUND_OUT: Final = "Found out from the database."
_FOUND_OUT = text(
    "update effect set state = :state, note = :note, updated_at = now(), settled_at = now(), "
    "outcome = case when :state = 'done' "
    "then jsonb_build_object('rows', detail->'rows', 'sql', detail->'sql') end "
    "where org_id = :org and id = :id and state = 'unknown' returning id"
)

ENDED_WITH_ITS_RUN: Final = """
    update effect f
    set state = case when f.begun_at is null then 'not_done' else 'unknown' end,
        note = case when f.begun_at is null then 'The run ended before it was made.'
            else 'The run ended while it was being made.' end,
        settled_at = case when f.begun_at is null then now() end, updated_at = now()
    from ended e where f.org_id = e.org_id and f.run_id = e.id and f.state = 'intended'
"""
"""Settles what the runs in ``ended (org_id, id)`` leave behind, in the statement that ends them.

From then on nobody can begin it: its row says so, and the run's epoch is spent.
"""


@dataclass(frozen=True, slots=True)
class Left:
    """A write whose run ended while nobody knew what became of it."""

    id: UUID
    source_id: UUID
    txid: str | None


def what_became_of_it(*, now: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of the answer to that question; `now`: it may be made now."""
    return {
        "type": "string",
        "title": "What became of it?",
        "enum": [HAPPENED, DO_NOW, LEAVE] if now else [HAPPENED, NOT_HAPPENED],
    }


async def answered(ctx: Context, run_id: UUID, tool_call_id: str, answer: object) -> None:
    """Settle an effect of which nobody knew what became of it, by what a person found out.

    With `DO_NOW` it may be made once more, by the run that waits for the answer.
    """
    state = _STATES.get(str(answer))
    if state is None:
        return
    values = {"org": ctx.org_id, "run": run_id, "call": tool_call_id, "state": state}
    note = f"{ctx.actor.name} looked: {str(answer).lower()}."
    await ctx.session.execute(_ANSWERED, values | {"note": note})


async def found_out(tx: Context, left: Left, *, happened: bool) -> None:
    """Settle a write that a run left behind, by what its database says."""
    state = "done" if happened else "not_done"
    values = {"org": tx.org_id, "id": left.id, "state": state, "note": FOUND_OUT}
    if (await tx.session.execute(_FOUND_OUT, values)).scalar() is not None:
        await record(tx, action=f"effect.{state}", target=("effect", left.id))


async def note_of(ctx: Context, run_id: UUID, tool_call_id: str) -> str:
    """Return what the ledger says about how a call ended; empty where it says nothing."""
    statement = owned(ctx, Effect).where(
        Effect.run_id == run_id, Effect.tool_call_id == tool_call_id
    )
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    return "" if row is None else row.note


async def effects_of_run(ctx: Context, run_id: UUID) -> EffectList:
    """Return the effects of a run that the caller may see, oldest first."""
    statement = owned(ctx, Effect).where(Effect.run_id == run_id).order_by(Effect.id)
    rows = (await ctx.session.execute(statement)).scalars()
    return EffectList(data=[EffectOut.model_validate(row) for row in rows])
