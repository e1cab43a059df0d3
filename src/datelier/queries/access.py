"""Who sees a query and its rows: what was asked in a chat is its owner's, as the chat is."""

from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text

from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound
from datelier.queries.models import Query

SEEN_BY_REQUEST: Final = """
    exists (
        select 1 from request q where q.org_id = r.org_id and q.run_id = r.id
        and (q.audience = 'organization' or q.owner_id = :owner or q.assignee_id = :owner))
"""
"""Condition on a run `r` in the background: its requests ask or tell `:owner` something."""

# Threads belong to a slice above; here it only counts whether the caller has this one.
_OWN_THREAD: Final = text(
    "select 1 from thread where org_id = :org and id = :thread and deleted_at is null "
    "and owner_id is not distinct from cast(:owner as uuid)"
)
# A chat's rows outlive it where a document of its owner shows them.
_OWN: Final = """
    case when query.thread_id is null then exists (
        select 1 from query_version w where w.org_id = query.org_id and w.query_id = query.id
        and w.version = 1 and w.author_id is not distinct from :owner)
    else exists (
        select 1 from thread t where t.org_id = query.org_id and t.id = query.thread_id
        and t.owner_id is not distinct from :owner)
    end
"""
_SEEN: Final = f"""
    ({_OWN} or exists (
        select 1 from run r where r.org_id = query.org_id and r.thread_id = query.thread_id
        and r.kind = 'background' and {SEEN_BY_REQUEST}))
"""  # noqa: S608  # only constants are put in


def own(ctx: Context) -> TextClause:
    """Return the condition that a row of Query is the caller's: of their chat, or asked alone."""
    return text(_OWN).bindparams(owner=ctx.actor.id)


def seen(ctx: Context) -> TextClause:
    """Return the condition that the caller may see a row of Query.

    It is theirs, or of a run in the background that asks or tells them something.
    """
    return text(_SEEN).bindparams(owner=ctx.actor.id)


async def own_query(ctx: Context, query_id: UUID, *, for_update: bool = False) -> Query:
    """Return a query that the caller may run anew or stop.

    Raises:
        NotFound: Unknown, of another organization, or somebody else's.
    """
    statement = owned(ctx, Query).where(Query.id == query_id, own(ctx))
    if for_update:
        statement = statement.with_for_update(of=Query)
    query = (await ctx.session.execute(statement)).scalar_one_or_none()
    if query is None:
        raise NotFound("query", query_id)
    return query


async def require_own_thread(ctx: Context, thread_id: UUID) -> None:
    """Refuse a thread that is not the caller's.

    Raises:
        NotFound: It is unknown, removed, or somebody else's.
    """
    values = {"org": ctx.org_id, "thread": thread_id, "owner": ctx.actor.id}
    if (await ctx.session.execute(_OWN_THREAD, values)).scalar() is None:
        raise NotFound("thread", thread_id)
