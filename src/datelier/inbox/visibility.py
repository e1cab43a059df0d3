"""Who sees a request, and who may decide it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_

from datelier.inbox.errors import NotYours
from datelier.inbox.models import Decision, Request
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound

DECIDE = "request:decide"


def seen_by(ctx: Context) -> ColumnElement[bool]:
    """Return the condition under which the caller sees a request."""
    everybody = Request.audience == "organization"
    if ctx.actor.kind == "system":
        return or_(everybody, Request.audience == "owner")
    me = ctx.actor.id
    if me is None:
        return or_(everybody, Request.owner_id.is_(None))
    return or_(everybody, Request.owner_id == me, Request.assignee_id == me)


def visible(ctx: Context) -> Select[Request]:
    """Return a SELECT of the requests that the caller may see."""
    return owned(ctx, Request).where(seen_by(ctx))


async def get_visible(ctx: Context, request_id: UUID, *, for_update: bool = False) -> Request:
    """Return a request that the caller may see.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
    """
    statement = visible(ctx).where(Request.id == request_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("request", request_id)
    return row


def needs_me(ctx: Context) -> ColumnElement[bool]:
    """Return the condition under which an open request waits for the caller.

    How a run went waits for whoever started it; what is to be decided, for those who decide.
    """
    me = ctx.actor.id
    mine: list[Any] = [Request.assignee_id.is_(None)]
    if me is not None:
        mine.append(Request.assignee_id == me)
    conditions: list[Any] = [Request.status == "pending", awake(), or_(*mine)]
    if me is not None:
        own = or_(Request.owner_id == me, Request.assignee_id == me)
        told = and_(Request.kind == "finished", Request.owner_id.is_not(None))
        if DECIDE not in ctx.scopes:
            conditions.append(own)
        conditions.append(or_(~told, own, Request.escalated_at.is_not(None)))
        conditions.append(or_(~Request.excludes_owner, Request.owner_id.is_distinct_from(me)))
        conditions.append(
            ~exists().where(
                Decision.org_id == Request.org_id,
                Decision.request_id == Request.id,
                Decision.actor_id == me,
            )
        )
    return and_(*conditions)


async def still_needs(ctx: Context, request_id: UUID) -> Request | None:
    """Return a request if it is there, the caller may see it, and it waits for them."""
    statement = visible(ctx).where(Request.id == request_id, needs_me(ctx))
    return (await ctx.session.execute(statement)).scalar_one_or_none()


def awake() -> ColumnElement[bool]:
    """Return the condition under which a request is not put off."""
    return or_(Request.snoozed_until.is_(None), Request.snoozed_until <= func.now())


def require_decider(ctx: Context, row: Request) -> None:
    """Refuse who may see the request and not decide it.

    Raises:
        Forbidden: The role does not include deciding.
        NotYours: The rule excludes the person who started the run.
    """
    ctx.require(DECIDE)
    if excluded(ctx, row):
        raise NotYours(
            "Whoever started this may not approve it.", hint="Ask a colleague to decide."
        )


def excluded(ctx: Context, row: Request) -> bool:
    """Whether the rule of a request excludes the caller."""
    return row.excludes_owner and row.owner_id is not None and row.owner_id == ctx.actor.id
