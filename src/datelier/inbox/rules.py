"""Standing approvals: saved from a request that somebody saw, applied before one is opened.

A rule is as good as the person who saved it is today: it is looked up anew for every call whether
that person is still a member who may approve it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, text

from datelier.agents.service import get_agent
from datelier.identity.audit import record
from datelier.identity.models import Membership, Person
from datelier.identity.scopes import as_role, effective
from datelier.inbox.models import ApprovalRule, RuleUse
from datelier.inbox.visibility import DECIDE
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import NotFound
from datelier.kit.numbers import next_number
from datelier.kit.tools import Terms, Tool

MANAGE: Final = "agent:manage"
# What a person has to look at in spite of a rule: a call that was allowed before in this run and did
# not go well, one that somebody refused or changed in it, and any call where one before it ended
# nobody knows how: this may be the same in other words.
_ASK_ANYWAY: Final = text(
    """
    select exists (
        select 1 from approval_rule_use u left join effect e
            on e.org_id = u.org_id and e.key = u.run_id::text || ':' || u.tool_call_id
        where u.org_id = :org and u.run_id = :run and u.args_hash = :hash
            and u.tool_call_id <> :call and e.state is distinct from 'done'
    ) or exists (
        select 1 from request q, json_array_elements(q.actions) a
        where q.org_id = :org and q.run_id = :run and a->>'args_hash' = :hash
            and q.outcome->(a->>'id')->>'type' <> 'approve'
    ) or exists (
        select 1 from effect e
        where e.org_id = :org and e.run_id = :run and e.state = 'unknown'
            and e.source_id is not distinct from cast(:source as uuid)
    )
    """
)


@dataclass(frozen=True, slots=True)
class RuledCall:
    """A call of which is asked whether a rule covers it.

    Attributes:
        rows: How many rows it changes, as far as that is known.
        has_read: The run has read what others wrote.
        started_by: The person who started the run.
    """

    agent_id: UUID
    run_id: UUID
    tool_call_id: str
    tool: Tool
    terms: Terms
    args_hash: str
    rows: int | None
    has_read: bool
    started_by: UUID | None


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to save."""

    agent_id: UUID
    tool: Tool
    terms: Terms
    max_rows: int | None
    after_reading: bool
    request_id: UUID


async def add_rule(ctx: Context, new: NewRule) -> ApprovalRule:
    """Save a rule; the one that says the same already is returned instead.

    Raises:
        Forbidden: The caller may not manage agents, decide requests, or make such calls.
        NotFound: No such agent, or not one of the caller's.
    """
    for scope in (MANAGE, DECIDE, new.tool.scope):
        ctx.require(scope)
    await get_agent(ctx, new.agent_id, for_update=True)
    for row in await live_rules(ctx, new.agent_id, new.tool.name):
        if _says(row) == _said(new) and row.saved_by_id == ctx.actor.id:
            return row
    row = ApprovalRule(
        number=await next_number(ctx, "approval_rule"),
        agent_id=new.agent_id,
        tool=new.tool.name,
        definition_hash=new.tool.definition_hash,
        source_id=new.terms.source_id,
        terms=_stored(new.terms),
        max_rows=new.max_rows,
        after_reading=new.after_reading,
        request_id=new.request_id,
        saved_by_id=ctx.actor.id,
        saved_by_name=ctx.actor.name,
    )
    await add_owned(ctx, row)
    await record(
        ctx,
        action="rule.created",
        target=("rule", row.id),
        detail={
            "number": row.number,
            "agent_id": str(row.agent_id),
            "tool": row.tool,
            "request_id": str(new.request_id),
            "max_rows": row.max_rows,
            "after_reading": row.after_reading,
            "exact": dict(new.terms.exact),
            "within": {key: list(names) for key, names in new.terms.within.items()},
        },
    )
    await record(
        ctx,
        action="request.always_allowed",
        target=("request", new.request_id),
        detail={"rule": row.number},
    )
    return row


def _stored(terms: Terms) -> dict[str, Any]:
    plain = asdict(terms)
    del plain["source_id"]
    return plain


def terms_of(row: ApprovalRule) -> Terms:
    """Return what a rule is about."""
    return Terms(**row.terms, source_id=row.source_id)


def _says(row: ApprovalRule) -> tuple[Any, ...]:
    return row.definition_hash, row.max_rows, row.after_reading, _stored(terms_of(row))


def _said(new: NewRule) -> tuple[Any, ...]:
    return new.tool.definition_hash, new.max_rows, new.after_reading, _stored(new.terms)


async def live_rules(
    ctx: Context, agent_id: UUID, tool: str | None = None
) -> Sequence[ApprovalRule]:
    """Return an agent's rules that nobody has deleted, oldest first."""
    wanted = owned(ctx, ApprovalRule).where(
        ApprovalRule.agent_id == agent_id, ApprovalRule.deleted_at.is_(None)
    )
    if tool is not None:
        wanted = wanted.where(ApprovalRule.tool == tool)
    return (await ctx.session.execute(wanted.order_by(ApprovalRule.number))).scalars().all()


async def rule_for(ctx: Context, call: RuledCall) -> ApprovalRule | None:
    """Return the rule that covers a call exactly; None when a person has to be asked."""
    if call.terms.counted and call.rows is None:
        return None
    values = {
        "org": ctx.org_id,
        "run": call.run_id,
        "call": call.tool_call_id,
        "hash": call.args_hash,
        "source": call.terms.source_id,
    }
    if (await ctx.session.execute(_ASK_ANYWAY, values)).scalar_one():
        return None
    rows = [
        row
        for row in await live_rules(ctx, call.agent_id, call.tool.name)
        if _covers(ctx, row, call)
    ]
    able = await who_may(ctx, rows, {call.tool.scope})
    return next((row for row in rows if row.saved_by_id in able[call.tool.scope]), None)


def _covers(ctx: Context, row: ApprovalRule, call: RuledCall) -> bool:
    own = row.saved_by_id == call.started_by and not ctx.resources.settings.approve_own
    few = not call.terms.counted or (
        row.max_rows is not None and call.rows is not None and call.rows <= row.max_rows
    )
    return (
        row.definition_hash == call.tool.definition_hash
        and terms_of(row).cover(call.terms)
        and few
        and (call.terms.inward or row.after_reading or not call.has_read)
        and not own
    )


async def who_may(
    ctx: Context, rows: Iterable[ApprovalRule], scopes: Iterable[str]
) -> dict[str, set[UUID]]:
    """Return, by the right that a call needs, who of those that saved rules may approve it today."""
    people = {row.saved_by_id for row in rows if row.saved_by_id is not None}
    wanted = (
        owned(ctx, Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.person_id.in_(people), Person.disabled_at.is_(None))
    )
    members = (await ctx.session.execute(wanted)).scalars().all() if people else ()
    rights = {one.person_id: effective(as_role(one.role), None) for one in members}
    return {
        scope: {person for person, held in rights.items() if {MANAGE, DECIDE, scope} <= held}
        for scope in scopes
    }


async def use_rule(ctx: Context, call: RuledCall) -> ApprovalRule | None:
    """Note that a rule allows a call, in the transaction that goes before it.

    Returns:
        The rule; None when none covers the call.
    """
    row = await rule_for(ctx, call)
    if row is None:
        return None
    use = RuleUse(
        rule_id=row.id,
        run_id=call.run_id,
        tool_call_id=call.tool_call_id,
        args_hash=call.args_hash,
    )
    await add_owned(ctx, use)
    await record(
        ctx,
        action="rule.used",
        target=("rule", row.id),
        detail={"number": row.number, "call": f"{call.run_id}:{call.tool_call_id}"},
    )
    return row


async def rule_used(
    ctx: Context, run_id: UUID, tool_call_id: str, args_hash: str
) -> ApprovalRule | None:
    """Return the rule that allowed this very call before, deleted or not."""
    wanted = _used(ctx, run_id).where(
        RuleUse.tool_call_id == tool_call_id, RuleUse.args_hash == args_hash
    )
    rows = await ctx.session.execute(wanted.with_only_columns(ApprovalRule))
    return rows.scalar_one_or_none()


async def rules_of_run(ctx: Context, run_id: UUID) -> dict[str, ApprovalRule]:
    """Return by tool-call id the rules that allowed calls of a run, deleted ones too."""
    wanted = _used(ctx, run_id).with_only_columns(RuleUse.tool_call_id, ApprovalRule)
    return {row[0]: row[1] for row in await ctx.session.execute(wanted)}


def _used(ctx: Context, run_id: UUID) -> Select[RuleUse]:
    return (
        owned(ctx, RuleUse)
        .join(ApprovalRule, ApprovalRule.id == RuleUse.rule_id)
        .where(ApprovalRule.org_id == ctx.org_id, RuleUse.run_id == run_id)
    )


async def delete_rule(ctx: Context, agent_id: UUID, rule_id: UUID) -> None:
    """Delete a rule: such calls are asked about again. What it allowed stays known.

    Raises:
        NotFound: No such rule or agent, or not one of the caller's.
    """
    await get_agent(ctx, agent_id)
    wanted = owned(ctx, ApprovalRule).where(
        ApprovalRule.id == rule_id,
        ApprovalRule.agent_id == agent_id,
        ApprovalRule.deleted_at.is_(None),
    )
    row = (await ctx.session.execute(wanted.with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFound("rule", rule_id)
    row.deleted_at = now()
    await ctx.session.flush()
    await record(ctx, action="rule.deleted", target=("rule", row.id), detail={"number": row.number})
