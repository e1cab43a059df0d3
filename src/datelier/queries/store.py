"""The rows of a query as it begins and ends, each written and committed in one round trip.

Every question passes here twice, and a locked counter would keep the others of an organization
waiting for the trips between taking its lock and the commit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson

from datelier.kit.context import Context
from datelier.kit.db import Statement, one_trip
from datelier.kit.numbers import COUNT_UP
from datelier.queries.models import Result

_OPEN: LiteralString = f"""
    with counted as ({COUNT_UP}), asked as (
        insert into query (id, org_id, thread_id, handle, title, source_id)
        select %(query)s, %(org)s, %(thread)s::uuid, value, %(title)s::text, %(source)s
        from counted returning id, handle
    )
    insert into query_version (id, org_id, query_id, version, sql, requested_sql, status,
                               author_kind, author_id, author_name, run_id, row_limit, ran_at)
    select %(version)s, %(org)s, id, 1, %(sql)s, %(sql)s, 'running', %(author_kind)s,
           %(author_id)s::uuid, %(author_name)s, %(run)s::uuid, %(row_limit)s, %(ran_at)s
    from asked returning (select handle from asked)
"""  # noqa: S608  # only a constant is put in
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


@dataclass(frozen=True, slots=True)
class Opening:
    """A new query and its first version, both not stored yet."""

    query_id: UUID
    version_id: UUID
    source_id: UUID
    thread_id: UUID | None
    title: str | None
    sql: str
    author_kind: str
    author_id: UUID | None
    author_name: str
    run_id: UUID | None
    row_limit: int
    ran_at: datetime


async def open_query(ctx: Context, opening: Opening) -> int:
    """Store a new query with its first version, running, and commit; return its handle.

    Args:
        ctx: In a transaction that accepts nothing more afterwards.
        opening: What to store; its source is known to be the organization's.
    """
    thread = opening.thread_id
    values = {
        "org": ctx.org_id,
        "kind": "query" if thread is None else f"query:{thread}",
        "query": opening.query_id,
        "version": opening.version_id,
        "source": opening.source_id,
        "thread": thread,
        "title": opening.title,
        "sql": opening.sql,
        "author_kind": opening.author_kind,
        "author_id": opening.author_id,
        "author_name": opening.author_name,
        "run": opening.run_id,
        "row_limit": opening.row_limit,
        "ran_at": opening.ran_at,
    }
    [_, [(handle,)]] = await one_trip(
        ctx, [Statement(_SOON, {}), Statement(_OPEN, values)], commit=True
    )
    return int(handle)


async def keep_result(
    ctx: Context, result: Result, version_id: UUID, ended: dict[str, Any]
) -> bool:
    """Store a result, end its version as done, and commit; False when it had been ended already.

    Args:
        ctx: In a transaction that accepts nothing more afterwards.
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
    _, kept = await one_trip(
        ctx, [Statement(_KEEP, described), Statement(_DONE, values)], commit=True
    )
    return bool(kept)
