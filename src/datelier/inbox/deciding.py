"""Deciding: one compare-and-set on the request, accepted once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.identity.audit import record
from datelier.identity.scopes import as_role, effective
from datelier.inbox.errors import (
    AlreadyDecided,
    DecisionIdReused,
    RequestExpired,
    RequestSuperseded,
    RequestWithdrawn,
    RevisionConflict,
)
from datelier.inbox.hashing import content_hash
from datelier.inbox.models import Decision, Request
from datelier.inbox.notices import notify
from datelier.inbox.schemas import Action, ActionDecision, DecideIn, DecisionType, Status
from datelier.inbox.validation import check_decisions
from datelier.inbox.visibility import DECIDE, require_decider
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Invalid

_STATUS: dict[DecisionType, Status] = {
    "approve": "approved",
    "edit": "edited",
    "reject": "rejected",
    "respond": "responded",
}
# What a decision on several actions counts as, the first that occurs.
_ORDER: tuple[DecisionType, ...] = ("edit", "approve", "respond", "reject")
_NOW = text("select clock_timestamp()")
_ROLES = text(
    "select m.person_id, m.role from membership m "
    "join person p on p.id = m.person_id and p.disabled_at is null "
    "where m.org_id = :org and m.person_id = any(:people)"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision.

    Attributes:
        settled: The request is decided by this very decision. False when more people must
            approve, or when the same decision had been sent before.
    """

    request: Request
    settled: bool


async def decide(ctx: Context, row: Request, given: DecideIn) -> Decided:
    """Record a decision on a request that the caller has locked in the open transaction.

    The same decision id again changes nothing and gives the same answer.

    Raises:
        AlreadyDecided: Somebody was faster.
        RequestExpired, RequestWithdrawn, RequestSuperseded: Too late.
        RevisionConflict: The request has changed since the caller looked.
        DecisionIdReused: The id came before, with another decision or from somebody else.
        NotYours: The rule excludes the caller.
        Invalid, DecisionNotAllowed: The decision does not fit the request.
    """
    actions = actions_of(row)
    earlier = await _decisions(ctx, row.id)
    if _repeated(ctx, actions, earlier, given):
        return Decided(row, settled=False)
    require_decider(ctx, row)
    require_open(row)
    now = (await ctx.session.execute(_NOW)).scalar_one()
    if row.expires_at is not None and row.expires_at <= now and row.on_expiry != "keep":
        raise RequestExpired("Nobody decided in time, so this can no longer be decided.")
    if given.revision != row.revision:
        raise RevisionConflict(
            "This request has changed since you opened it.", hint="Look at it again."
        )
    decisions = check_decisions(actions, given.decisions)
    kinds: list[DecisionType] = [d.type for d in decisions]
    kind = min(kinds, key=_ORDER.index)
    hashed = content_hash([_content(d) for d in decisions])
    row.revision += 1
    made = Decision(
        request_id=row.id,
        decision_id=given.decision_id,
        actor_kind=ctx.actor.kind,
        actor_id=ctx.actor.id,
        actor_name=ctx.actor.name,
        type=kind,
        decisions=[d.model_dump(mode="json") | {"args": d.args} for d in decisions],
        content_hash=hashed,
        before=given.revision,
        after=row.revision,
    )
    await add_owned(ctx, made)
    standing = await _of_those_who_may(ctx, earlier) if row.requires > 1 else earlier
    enough = kind not in ("approve", "edit") or _agreeing([*standing, made], hashed) >= row.requires
    if enough:
        row.outcome = {d["action_id"]: d for d in made.decisions}
        settle(row, _STATUS[kind], now, by=(ctx.actor.id, ctx.actor.name))
    await ctx.session.flush()
    await record(
        ctx,
        action="request.decided" if enough else "request.approved_by_one",
        target=("request", row.id),
        detail={"type": kind, "revision": row.revision},
    )
    notify(ctx, row.id, "decided" if enough else "updated")
    return Decided(row, settled=enough)


def settle(row: Request, status: Status, at: Any, *, by: tuple[UUID | None, str] | None) -> None:
    """Give a request its last status."""
    row.status, row.decided_at, row.snoozed_until = status, at, None
    if by is not None:
        row.decided_by_id, row.decided_by_name = by


async def seen_revision(ctx: Context, row: Request, decision_id: UUID | None) -> int:
    """Return the revision a reply without one is about: that of the same decision of before."""
    for decision in await _decisions(ctx, row.id):
        if decision.decision_id == decision_id:
            return decision.before
    return row.revision


def actions_of(row: Request) -> list[Action]:
    """Return a request's actions."""
    return [Action.model_validate(action) for action in row.actions]


def require_open(row: Request) -> None:
    """Refuse a request that nobody can decide any more, saying who ended it and when."""
    if row.status == "pending":
        return
    if row.status == "expired":
        raise RequestExpired("Nobody decided in time, so this can no longer be decided.")
    if row.status == "withdrawn":
        raise RequestWithdrawn(f"This was withdrawn: {row.note}")
    if row.status == "superseded":
        raise RequestSuperseded(row.note)
    who = row.decided_by_name or "somebody"
    at = row.decided_at.astimezone(UTC) if row.decided_at else None
    when = f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "before"
    raise AlreadyDecided(f"{row.status.capitalize()} by {who}, {when}.", resource="request")


def _repeated(
    ctx: Context, actions: Sequence[Action], earlier: Sequence[Decision], given: DecideIn
) -> bool:
    for decision in earlier:
        if decision.decision_id != given.decision_id:
            continue
        same = decision.actor_id == ctx.actor.id and decision.before == given.revision
        if not same or bytes(decision.content_hash) != _hash_of(actions, given):
            raise DecisionIdReused("This decision id was used before.", hint="Use a new one.")
        return True
    return False


def _hash_of(actions: Sequence[Action], given: DecideIn) -> bytes | None:
    try:
        return content_hash([_content(d) for d in check_decisions(actions, given.decisions)])
    except Invalid:
        return None


def _content(decision: ActionDecision) -> list[Any]:
    message = decision.message if decision.type in ("reject", "respond") else None
    return [decision.action_id, decision.type, decision.args, message]


def _agreeing(decisions: Sequence[Decision], hashed: bytes) -> int:
    """Count the people whose newest decision is this very one; each counts once."""
    newest: dict[UUID | None, bytes] = {}
    for decision in decisions:
        newest[decision.actor_id] = bytes(decision.content_hash)
    return sum(content == hashed for content in newest.values())


async def _of_those_who_may(ctx: Context, decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions of people who may still decide: who has left has agreed to nothing."""
    values = {"org": ctx.org_id, "people": [d.actor_id for d in decisions if d.actor_id]}
    rows = (await ctx.session.execute(_ROLES, values)).all()
    able = {row.person_id for row in rows if DECIDE in effective(as_role(row.role), None)}
    return [decision for decision in decisions if decision.actor_id in able]


async def _decisions(ctx: Context, request_id: UUID) -> list[Decision]:
    statement = owned(ctx, Decision).where(Decision.request_id == request_id).order_by(Decision.id)
    return list((await ctx.session.execute(statement)).scalars())


async def count_approvals(
    ctx: Context, ids: Sequence[UUID], undecided: Collection[UUID]
) -> dict[UUID, int]:
    """Return by request how many people have approved what was proposed last.

    Of those that are `undecided`, only people count who may still decide.
    """
    if not ids:
        return {}
    statement = (
        owned(ctx, Decision)
        .where(Decision.request_id.in_(ids), Decision.type.in_(("approve", "edit")))
        .order_by(Decision.id)
    )
    rows = list((await ctx.session.execute(statement)).scalars())
    standing = set(await _of_those_who_may(ctx, rows)) if rows and undecided else set(rows)
    found: dict[UUID, int] = {}
    for request_id in ids:
        own = [row for row in rows if row.request_id == request_id]
        if request_id in undecided:
            own = [row for row in own if row in standing]
        found[request_id] = _agreeing(own, bytes(own[-1].content_hash)) if own else 0
    return found
