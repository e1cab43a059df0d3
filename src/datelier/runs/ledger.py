"""The ledger of a run, with who allowed each call."""

from uuid import UUID

from datelier.effects.schemas import AllowedBy, EffectList
from datelier.effects.service import effects_of_run
from datelier.inbox import service as inbox
from datelier.inbox.rules import rules_of_run
from datelier.kit.context import Context


async def ledger_of(ctx: Context, run_id: UUID) -> EffectList:
    """Return the effects of a run that the caller may see, each with who allowed it."""
    found = await effects_of_run(ctx, run_id)
    if not found.data:
        return found
    allowed: dict[str, AllowedBy] = {}
    for call, rule in (await rules_of_run(ctx, run_id)).items():
        allowed[call] = AllowedBy(
            kind="rule", id=rule.id, number=rule.number, by=rule.saved_by_name
        )
    for call, verdict in (await inbox.verdicts(ctx, run_id)).items():
        if verdict.approved:
            allowed[call] = AllowedBy(
                kind="request", id=verdict.request_id, number=verdict.number, by=verdict.by or ""
            )
    shown = [
        effect.model_copy(update={"allowed_by": allowed.get(effect.tool_call_id)})
        for effect in found.data
    ]
    return EffectList(data=shown)
