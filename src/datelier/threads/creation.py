"""Storing a new thread as statements, for one trip with what is said in it."""

from uuid import UUID

from psycopg.types.json import Jsonb

from datelier.identity.audit import noting
from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.kit.numbers import COUNT_UP
from datelier.threads.desk import Desk

_CREATE = f"""
    with counted as ({COUNT_UP})
    insert into thread (id, org_id, number, client_id, owner_id, agent_id, model_id, source_ids)
    select %(id)s, %(org)s, counted.value, cast(%(client)s as text), cast(%(owner)s as uuid),
        cast(%(agent)s as uuid), cast(%(model)s as uuid), %(sources)s
    from counted
    returning id
"""  # noqa: S608  # only a constant is interpolated


def creating(
    ctx: Context, thread_id: UUID, client_id: str | None, desk: Desk
) -> tuple[Statement, Statement]:
    """Return what stores a thread without a title, and notes it in the audit log.

    Executed, they raise UniqueViolation when the thread's or the client's id is taken.
    """
    values = {
        "id": thread_id,
        "org": ctx.org_id,
        "kind": "thread",
        "client": client_id,
        "owner": ctx.actor.id,
        "agent": desk.agent_id,
        "model": desk.model_id,
        "sources": Jsonb([str(source_id) for source_id in desk.source_ids]),
    }
    note = noting(ctx, action="thread.created", target=("thread", thread_id))
    return Statement(_CREATE, values), note
