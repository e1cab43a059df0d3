"""The rows of a query as it begins and ends, each written and committed in one round trip.

Every question passes here twice, and a locked counter would keep the others of an organization
waiting for the trips between taking its lock and the commit.
"""

from typing import Any, LiteralString
from uuid import UUID

import orjson

from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.kit.errors import NotFound
from datelier.kit.numbers import COUNT_UP_IF_CHOSEN
from datelier.queries.models import Query, QueryVersion, Result
from datelier.sources.target import TARGET, TargetRow

_OPEN: LiteralString = f"""
    with chosen as ({TARGET}), counted as ({COUNT_UP_IF_CHOSEN}), asked as (
        insert into query (id, org_id, thread_id, handle, title, source_id)
        select %(query)s, %(org)s, %(thread)s::uuid, value, %(title)s::text, %(source)s
        from counted returning id, handle
    )
    insert into query_version (id, org_id, query_id, version, sql, requested_sql, status,
                               author_kind, author_id, author_name, run_id, row_limit, ran_at)
    select %(version)s, %(org)s, id, 1, %(sql)s, %(sql)s, 'running', %(author_kind)s,
           %(author_id)s::uuid, %(author_name)s, %(run)s::uuid, %(row_limit)s, %(ran_at)s
    from asked returning (select handle from asked)
"""  # noqa: S608  # only constants are put in
# A query that has only begun is no promise, and whatever refers to it is committed later and so
# takes it along: nobody has to wait for the disk.
_SOON: LiteralString = "select set_config('synchronous_commit', 'off', true)"
_KEEP: LiteralString = """
    insert into result (id, org_id, columns, row_count, byte_count, truncated, total, batches,
                        blob_key)
    values (%(id)s, %(org)s, %(columns)s::jsonb, %(row_count)s, %(byte_count)s, %(truncated)s,
            %(total)s, %(batches)s::jsonb, %(blob_key)s)
    returning id
"""
_DONE: LiteralString = """
    update query_version set status = 'done', sql = %(sql)s, result_id = %(result_id)s,
        elapsed_ms = %(elapsed_ms)s, database_user = %(database_user)s, notes = %(notes)s::jsonb,
        updated_at = now()
    where org_id = %(org)s and id = %(version)s and status = 'running' returning id
"""


async def open_query(ctx: Context, query: Query, version: QueryVersion) -> tuple[int, TargetRow]:
    """Store a new query with its first version, running.

    Args:
        ctx: The caller, outside a transaction.
        query: What to store, without its handle.
        version: Its first version.

    Returns:
        The query's handle, and of its source what :func:`~datelier.sources.target.read_target`
        takes.

    Raises:
        NotFound: There is no such source.
    """
    thread, source = query.thread_id, {"org": ctx.org_id, "source": query.source_id}
    values = source | {
        "kind": "query" if thread is None else f"query:{thread}",
        "query": query.id,
        "version": version.id,
        "thread": thread,
        "title": query.title,
        "sql": version.sql,
        "author_kind": version.author_kind,
        "author_id": version.author_id,
        "author_name": version.author_name,
        "run": version.run_id,
        "row_limit": version.row_limit,
        "ran_at": version.ran_at,
    }
    statements = [Statement(_SOON, {}), Statement(TARGET, source), Statement(_OPEN, values)]
    _, found, opened = await ctx.db.once(statements, ctx.org_id)
    if not opened:
        raise NotFound("source", query.source_id)
    name, engine, config, secret, worker_source = found[0]
    return int(opened[0][0]), (name, engine, config, secret, worker_source)


async def keep_result(
    ctx: Context, result: Result, version_id: UUID, ended: dict[str, Any]
) -> bool:
    """Store a result and end its version as done; False when it had been ended already.

    Args:
        ctx: The caller, outside a transaction.
        result: The rows' description; its blob is stored.
        version_id: The version that made it.
        ended: sql, result_id, elapsed_ms, database_user and notes of the version.
    """
    described = {
        "org": ctx.org_id,
        "id": result.id,
        "columns": orjson.dumps(result.columns).decode(),
        "row_count": result.row_count,
        "byte_count": result.byte_count,
        "truncated": result.truncated,
        "total": result.total,
        "batches": orjson.dumps(result.batches).decode(),
        "blob_key": result.blob_key,
    }
    notes = orjson.dumps(ended["notes"]).decode()
    values = {"org": ctx.org_id, "version": version_id, **ended, "notes": notes}
    statements = [Statement(_KEEP, described), Statement(_DONE, values)]
    _, kept = await ctx.db.once(statements, ctx.org_id)
    return bool(kept)
