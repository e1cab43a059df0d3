"""`Idempotency-Key` on POST: asking twice has one effect and gives one answer."""

import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from datelier.kit.context import Context
from datelier.kit.db import Statement, owned
from datelier.kit.errors import Malformed
from datelier.kit.ids import uuid7
from datelier.threads.errors import KeyReused
from datelier.threads.models import IdempotencyKey

_NOBODY = UUID(int=0)
_LONGEST = 200


# The answer's `queued` and `ahead` count what is in the thread when it is stored.
_TAKE = """
    insert into idempotency_key (id, org_id, key, route, actor_id, body_hash, status, response)
    select %(id)s, %(org)s, %(key)s, %(route)s, %(actor)s, %(hash)s, 202,
        cast(%(answer)s as jsonb) || jsonb_build_object('queued', n > 0, 'ahead', n)
    from (
        select count(*) as n from run where org_id = %(org)s and thread_id = %(thread)s
        and id <> %(run)s and status in ('queued', 'running', 'waiting', 'paused')
    ) as before
    returning id
"""


class Answer(Protocol):
    """What was started: the answer that is kept."""

    run_id: UUID
    thread_id: UUID

    def model_dump_json(self) -> str:
        """Return it as JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Taking:
    """A key of a request that is yet to be seen for the first time."""

    key: str
    route: str
    body: BaseModel

    def statement(self, ctx: Context, answer: Answer) -> Statement:
        """Return what takes the key and keeps the answer, as the last write of a transaction.

        Executed, it raises UniqueViolation when the key was taken before.
        """
        values = {
            "id": uuid7(),
            "org": ctx.org_id,
            "key": self.key,
            "route": self.route,
            "actor": ctx.actor.id or _NOBODY,
            "hash": _digest(self.body),
            "answer": answer.model_dump_json(),
            "thread": answer.thread_id,
            "run": answer.run_id,
        }
        return Statement(_TAKE, values)


def taking(key: str | None, route: str, body: BaseModel) -> Taking | None:
    """Return the key of a request, if it came with one.

    Raises:
        Malformed: The key is longer than 200 characters.
    """
    if key is None:
        return None
    if not 0 < len(key) <= _LONGEST:
        raise Malformed("Idempotency-Key must have 1 to 200 characters.")
    return Taking(key, route, body)


def _digest(body: BaseModel) -> bytes:
    return hashlib.sha256(body.model_dump_json().encode()).digest()


async def earlier_answer(ctx: Context, asked: Taking | None) -> dict[str, object] | None:
    """Take a key in the open transaction; return the stored answer when it was taken before.

    A second request with the same key waits for the first one's transaction.

    Raises:
        KeyReused: The key came with another body.
    """
    if asked is None:
        return None
    digest = _digest(asked.body)
    actor_id = ctx.actor.id or _NOBODY
    taken = await ctx.session.execute(
        insert(IdempotencyKey)
        .values(
            id=uuid7(),
            org_id=ctx.org_id,
            key=asked.key,
            route=asked.route,
            actor_id=actor_id,
            body_hash=digest,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    )
    if taken.scalar() is not None:
        return None
    known = (
        await ctx.session.execute(
            owned(ctx, IdempotencyKey).where(
                IdempotencyKey.key == asked.key,
                IdempotencyKey.route == asked.route,
                IdempotencyKey.actor_id == actor_id,
            )
        )
    ).scalar_one()
    if known.body_hash != digest:
        raise KeyReused("This Idempotency-Key was used with another body.", hint="Use a new key.")
    return known.response or {}


async def keep_answer(ctx: Context, asked: Taking | None, answer: BaseModel) -> None:
    """Store the answer for later requests with the same key."""
    if asked is None:
        return
    await ctx.session.execute(
        text(
            "update idempotency_key set status = 202, response = cast(:answer as jsonb) "
            "where org_id = :org and actor_id = :actor and route = :route and key = :key"
        ),
        {
            "answer": answer.model_dump_json(),
            "org": ctx.org_id,
            "actor": ctx.actor.id or _NOBODY,
            "route": asked.route,
            "key": asked.key,
        },
    )
