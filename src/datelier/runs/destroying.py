"""Edits that turn a call into one that destroys: as many people must agree as if it had been asked."""

from datelier.inbox import service as inbox
from datelier.inbox.models import Request
from datelier.inbox.schemas import ActionDecision
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.runs.previewing import NoPreview, PreviewIn, preview_edited


async def people_needed(ctx: Context, row: Request, decisions: list[ActionDecision]) -> int:
    """Return how many people must agree to decisions on a request; no transaction may be open.

    What an edited call would do is looked at as when it was asked for. Where that cannot be seen
    it counts as destroying: nobody knows that it does not.
    """
    most = ctx.resources.settings.destroy_approvals
    edits = [decision for decision in decisions if decision.type == "edit"]
    if row.requires >= most or row.status != "pending" or not edits:
        return row.requires
    known = {action.id for action in inbox.actions_of(row)}
    for edit in edits:
        if edit.action_id in known and await _may_destroy(ctx, row, edit):
            return most
    return row.requires


async def _may_destroy(ctx: Context, row: Request, edit: ActionDecision) -> bool:
    wanted = PreviewIn.model_construct(action_id=edit.action_id, args=edit.args)
    try:
        seen = await preview_edited(ctx, row.id, wanted)
    except NoPreview:
        return False
    except DatelierError:
        return True
    return seen.may_destroy


def require(row: Request, people: int) -> None:
    """Let a request that the open transaction has locked need more people, who must see it."""
    if people > row.requires:
        row.requires, row.risk, row.audience = people, "destructive", "organization"
