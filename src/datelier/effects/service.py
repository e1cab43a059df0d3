"""Reading the ledger."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from datelier.effects.models import Effect
from datelier.effects.schemas import EffectList, EffectOut
from datelier.kit.context import Context
from datelier.kit.db import owned

ASKED: Final = "$unknown "
"""Before the id of a call, the interrupt id of the question what became of it."""

HAPPENED: Final = "It happened"
NOT_HAPPENED: Final = "It did not happen"
_ANSWERED = text(
    "update effect set state = :state, note = :note, settled_at = now(), updated_at = now() "
    "where org_id = :org and run_id = :run and tool_call_id = :call and state = 'unknown'"
)


def what_became_of_it() -> dict[str, Any]:
    """Return the JSON Schema of the answer to that question."""
    return {
        "type": "string",
        "title": "What became of it?",
        "enum": [HAPPENED, NOT_HAPPENED],
    }


async def answered(ctx: Context, run_id: UUID, tool_call_id: str, answer: object) -> None:
    """Settle an effect of which nobody knew what became of it, by what a person found out."""
    state = {HAPPENED: "done", NOT_HAPPENED: "not_done"}.get(str(answer))
    if state is None:
        return
    values = {"org": ctx.org_id, "run": run_id, "call": tool_call_id, "state": state}
    note = f"{ctx.actor.name} looked: {str(answer).lower()}."
    await ctx.session.execute(_ANSWERED, values | {"note": note})


async def effects_of_run(ctx: Context, run_id: UUID) -> EffectList:
    """Return the effects of a run that the caller may see, oldest first."""
    statement = owned(ctx, Effect).where(Effect.run_id == run_id).order_by(Effect.id)
    rows = (await ctx.session.execute(statement)).scalars()
    return EffectList(data=[EffectOut.model_validate(row) for row in rows])
