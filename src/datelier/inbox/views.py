"""Reading the inbox."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, not_, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH
from sqlalchemy.types import TIMESTAMP

from datelier.agents.models import Agent
from datelier.inbox.deciding import actions_of, count_approvals
from datelier.inbox.models import Decision, Request
from datelier.inbox.schemas import (
    ActionDecision,
    CountOut,
    DecisionOut,
    HistoryOut,
    PersonRef,
    RequestDetail,
    RequestOut,
    RequestQuery,
    SimilarOut,
    View,
)
from datelier.inbox.visibility import DECIDE, awake, excluded, get_visible, needs_me, visible
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import Malformed
from datelier.kit.pagination import Page
from datelier.sources.models import Source

_SIMILAR = 5
_RISKS: dict[str, int] = {"destructive": 0, "spend": 1, "external": 2, "write": 3, "read": 4}
_RANK = case(_RISKS, value=Request.risk, else_=9)
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_DUE = func.coalesce(Request.expires_at, literal(_NEVER, TIMESTAMP(timezone=True)))
_HISTORY = text(
    "select at, actor_name, action, detail from audit_entry "
    "where org_id = :org and target_kind = 'request' and target_id = :id order by at, id limit 200"
)


async def list_requests(ctx: Context, wanted: RequestQuery) -> Page[RequestOut]:
    """Return a page: what is due first, then by risk, then the oldest; the newest ends first.

    Raises:
        NotFound: A filter names an agent or source that is not there.
    """
    await _check(ctx, wanted)
    view, cursor, limit = wanted.view, wanted.cursor, wanted.limit
    statement = visible(ctx).where(_in_view(ctx, view), *_conditions(wanted))
    if view == "done":
        key, order = (Request.decided_at, Request.id), True
    else:
        key, order = (_DUE, _RANK, Request.id), False
    if cursor is not None:
        after = tuple_(*_decode(cursor, len(key)))
        statement = statement.where(tuple_(*key) < after if order else tuple_(*key) > after)
    columns: list[ColumnElement[Any]] = [part.desc() if order else part.asc() for part in key]
    rows = (
        await ctx.session.execute(statement.order_by(*columns).add_columns(*key).limit(limit + 1))
    ).all()
    following = _encode(rows[limit - 1][1:]) if len(rows) > limit else None
    return Page(data=await describe(ctx, [row[0] for row in rows[:limit]]), next=following)


async def _check(ctx: Context, wanted: RequestQuery) -> None:
    if wanted.agent_id is not None:
        await get_owned(ctx, Agent, wanted.agent_id)
    if wanted.source_id is not None:
        await get_owned(ctx, Source, wanted.source_id)


def _conditions(wanted: RequestQuery) -> list[ColumnElement[bool]]:
    pairs: list[tuple[Any, Any]] = [
        (Request.kind, wanted.kind),
        (Request.risk, wanted.risk),
        (Request.agent_id, wanted.agent_id),
        (Request.source_id, wanted.source_id),
        (Request.correlation_id, wanted.correlation_id),
    ]
    return [column == value for column, value in pairs if value is not None]


def _in_view(ctx: Context, view: View) -> ColumnElement[bool]:
    pending = Request.status == "pending"
    if view == "needs_me":
        return needs_me(ctx)
    if view == "assigned":
        others = Request.assignee_id.is_distinct_from(ctx.actor.id)
        return and_(pending, Request.assignee_id.is_not(None), others)
    if view == "snoozed":
        return and_(pending, not_(awake()))
    return pending if view == "open" else Request.status != "pending"


def _encode(key: Sequence[Any]) -> str:
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def _decode(cursor: str, size: int) -> list[ColumnElement[Any]]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment, *ranks, last = orjson.loads(raw)
        at = [literal(datetime.fromisoformat(moment), TIMESTAMP(timezone=True))]
        found: list[ColumnElement[Any]] = [*at, *map(literal, map(int, ranks)), literal(UUID(last))]
    except (ValueError, TypeError, AttributeError, binascii.Error):
        found = []
    if len(found) != size:
        raise Malformed("The cursor is not valid.", hint="Start from the first page.")
    return found


async def count_requests(ctx: Context) -> CountOut:
    """Return how many requests need the caller."""
    statement = visible(ctx).where(needs_me(ctx)).with_only_columns(func.count())
    return CountOut(needs_me=(await ctx.session.execute(statement)).scalar_one())


async def get_request(ctx: Context, request_id: UUID) -> RequestDetail:
    """Return a request with its decisions, its history and similar ones of before.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
    """
    return await detail(ctx, await get_visible(ctx, request_id))


async def detail(ctx: Context, row: Request) -> RequestDetail:
    """Return everything that is known about a request."""
    [shown] = await describe(ctx, [row])
    decided = owned(ctx, Decision).where(Decision.request_id == row.id).order_by(Decision.id)
    decisions = (await ctx.session.execute(decided)).scalars()
    history = (await ctx.session.execute(_HISTORY, {"org": ctx.org_id, "id": row.id})).all()
    return RequestDetail(
        **dict(shown),
        envelope=row.envelope,
        decisions=[_decision_out(decision) for decision in decisions],
        history=[
            HistoryOut(
                at=entry.at,
                by=entry.actor_name,
                what=str(entry.action).removeprefix("request."),
                detail=entry.detail,
            )
            for entry in history
        ],
        similar=await _similar(ctx, row),
    )


def _decision_out(row: Decision) -> DecisionOut:
    return DecisionOut(
        decision_id=row.decision_id,
        by=PersonRef(id=row.actor_id, name=row.actor_name),
        at=row.created_at,
        type=row.type,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        decisions=[ActionDecision.model_validate(decision) for decision in row.decisions],
        before=row.before,
        after=row.after,
    )


async def _similar(ctx: Context, row: Request) -> list[SimilarOut]:
    names = {action.name for action in actions_of(row)}
    if not names:
        return []
    first = func.jsonb_path_query_array(
        cast(Request.actions, JSONB), cast(literal("$[*].name"), JSONPATH)
    )
    statement = (
        visible(ctx)
        .where(
            Request.id != row.id,
            Request.status.in_(("approved", "edited", "rejected", "responded")),
            Request.agent_id.is_not_distinct_from(row.agent_id),
            first.op("?|")(cast(literal(sorted(names)), ARRAY(Text))),
        )
        .order_by(Request.decided_at.desc(), Request.id.desc())
        .limit(_SIMILAR)
    )
    return [_similar_out(found) for found in (await ctx.session.execute(statement)).scalars()]


def _similar_out(row: Request) -> SimilarOut:
    said = [str(d["message"]) for d in (row.outcome or {}).values() if d.get("message")]
    assert row.decided_at is not None
    return SimilarOut(
        id=row.id,
        number=row.number,
        title=row.title,
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        decided_at=row.decided_at,
        decided_by=row.decided_by_name,
        message=said[0] if said else None,
    )


_NAMES = text(
    "select 'agent' as kind, id, name from agent where org_id = :org and id = any(:agents) "
    "union all "
    "select 'source', id, name from source where org_id = :org and id = any(:sources) "
    "union all select 'person', id, name from person where id = any(:people)"
)


async def describe(ctx: Context, rows: Sequence[Request]) -> list[RequestOut]:
    """Return requests as the caller sees them."""
    if not rows:
        return []
    values = {
        "org": ctx.org_id,
        "agents": [row.agent_id for row in rows if row.agent_id],
        "sources": [row.source_id for row in rows if row.source_id],
        "people": [row.assignee_id for row in rows if row.assignee_id],
    }
    found = (await ctx.session.execute(_NAMES, values)).all()
    names = {(row.kind, row.id): str(row.name) for row in found}
    several = [row.id for row in rows if row.requires > 1]
    undecided = {row.id for row in rows if row.status == "pending"}
    approvals = await count_approvals(ctx, several, undecided)
    return [_request_out(ctx, row, names, approvals.get(row.id)) for row in rows]


def _request_out(
    ctx: Context, row: Request, names: dict[tuple[str, UUID], str], approvals: int | None
) -> RequestOut:
    def ref(kind: str, key: UUID | None) -> PersonRef | None:
        return PersonRef(id=key, name=names.get((kind, key), "")) if key is not None else None

    if approvals is None:
        approvals = int(row.status in ("approved", "edited"))
    decided = row.decided_by_name is not None
    plain = {
        name: getattr(row, name)
        for name in RequestOut.model_fields
        if name not in _MADE and hasattr(row, name)
    }
    return RequestOut(
        **plain,
        actions=actions_of(row),
        agent=ref("agent", row.agent_id),
        source=ref("source", row.source_id),
        owner=PersonRef(id=row.owner_id, name=row.owner_name) if row.owner_name else None,
        assignee=ref("person", row.assignee_id),
        approvals=approvals,
        decided_by=PersonRef(id=row.decided_by_id, name=row.decided_by_name or "")
        if decided
        else None,
        may_decide=row.status == "pending" and DECIDE in ctx.scopes and not excluded(ctx, row),
    )


_MADE = frozenset({"actions", "agent", "source", "owner", "assignee", "approvals", "decided_by"})
