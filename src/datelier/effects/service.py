"""Reading the ledger."""

from uuid import UUID

from datelier.effects.models import Effect
from datelier.effects.schemas import EffectList, EffectOut
from datelier.kit.context import Context
from datelier.kit.db import owned


async def effects_of_run(ctx: Context, run_id: UUID) -> EffectList:
    """Return the effects of a run that the caller may see, oldest first."""
    statement = owned(ctx, Effect).where(Effect.run_id == run_id).order_by(Effect.id)
    rows = (await ctx.session.execute(statement)).scalars()
    return EffectList(data=[EffectOut.model_validate(row) for row in rows])
