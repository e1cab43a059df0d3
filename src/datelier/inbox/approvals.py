"""An approval is good for one exact call, once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from datelier.identity.audit import record
from datelier.inbox.deciding import actions_of
from datelier.inbox.errors import ApprovalInvalid
from datelier.inbox.hashing import args_hash
from datelier.inbox.models import Request
from datelier.inbox.schemas import Action, ActionDecision, Status
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.fail_points import reach


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is about to be made.

    Attributes:
        definition_hash: Of the tool as it is now.
    """

    run_id: UUID
    tool_call_id: str
    name: str
    args: Any
    definition_hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people said about a tool call.

    Attributes:
        status: Of the request; ``pending`` when nobody has decided.
        decision: What was decided about this call; None when the request ended otherwise.
        args: The arguments to call with: the edited ones, or those that were asked for.
        note: Why there is no decision.
    """

    request_id: UUID
    number: int
    status: Status
    action: Action
    decision: ActionDecision | None
    args: Any
    by: str | None
    note: str

    @property
    def approved(self) -> bool:
        """Whether the call may be made, with `args`."""
        return self.decision is not None and self.decision.type in ("approve", "edit")


async def verdicts(ctx: Context, run_id: UUID) -> dict[str, Verdict]:
    """Return by tool-call id what people said about the calls of a run."""
    statement = owned(ctx, Request).where(Request.run_id == run_id).order_by(Request.id)
    found: dict[str, Verdict] = {}
    for row in (await ctx.session.execute(statement)).scalars():
        for action in actions_of(row):
            if action.tool_call_id is not None:
                found[action.tool_call_id] = _verdict(row, action)
    return found


def _verdict(row: Request, action: Action) -> Verdict:
    stored = (row.outcome or {}).get(action.id)
    decision = ActionDecision.model_validate(stored) if stored is not None else None
    edited = decision is not None and decision.type == "edit"
    return Verdict(
        request_id=row.id,
        number=row.number,
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        action=action,
        decision=decision,
        args=decision.args if edited and decision is not None else action.args,
        by=row.decided_by_name,
        note=row.note,
    )


async def consume(ctx: Context, call: Call) -> bool:
    """Use the approval of a call, in the transaction that goes before it.

    Returns:
        Whether this is the first use; False when the same call was begun before, by a process
        that did not live to say how it ended.

    Raises:
        ApprovalInvalid: Nobody approved this call: other arguments, another tool or another
            version of it, another run, or an approval that was used for another call.
    """
    statement = (
        owned(ctx, Request)
        .where(Request.run_id == call.run_id)
        .order_by(Request.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in (await ctx.session.execute(statement)).scalars():
        for action in actions_of(row):
            if action.tool_call_id == call.tool_call_id:
                return await _use(ctx, row, action, call)
    raise ApprovalInvalid("Nobody was asked about this call.")


async def _use(ctx: Context, row: Request, action: Action, call: Call) -> bool:
    verdict = _verdict(row, action)
    if not verdict.approved:
        raise ApprovalInvalid(f"This call was not approved: {row.status}.")
    if action.name != call.name:
        raise ApprovalInvalid("Another tool was approved.")
    if args_hash(action.name, action.args) != action.args_hash:
        raise ApprovalInvalid("The stored request was changed after it was made.")
    if args_hash(call.name, call.args) != args_hash(action.name, verdict.args):
        raise ApprovalInvalid("Other arguments were approved.")
    if action.definition_hash != call.definition_hash:
        raise ApprovalInvalid("The tool has changed since it was approved.")
    key = f"{call.run_id}:{call.tool_call_id}"
    before = row.used.get(action.id)
    if before is not None and before != key:
        raise ApprovalInvalid("This approval was used for another call.")
    if before == key:
        return False
    row.used = {**row.used, action.id: key}
    await ctx.session.flush()
    await record(
        ctx,
        action="request.used",
        target=("request", row.id),
        detail={"action": action.id, "call": key},
    )
    reach("approval.before_commit")
    ctx.on_commit(lambda: reach("approval.after_commit"))
    return True
