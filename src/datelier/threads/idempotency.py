"""`Idempotency-Key` on POST: asking twice has one effect and gives one answer."""

import hashlib
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import Malformed
from datelier.kit.ids import uuid7
from datelier.threads.errors import KeyReused
from datelier.threads.models import IdempotencyKey

_NOBODY = UUID(int=0)
_LONGEST = 200


async def earlier_answer(
    ctx: Context, key: str | None, route: str, body: BaseModel
) -> dict[str, object] | None:
    """Take `key` in the open transaction; return the stored answer when it was taken before.

    A second request with the same key waits for the first one's transaction.

    Raises:
        KeyReused: The key came with another body.
        Malformed: The key is longer than 200 characters.
    """
    if key is None:
        return None
    if not 0 < len(key) <= _LONGEST:
        raise Malformed("Idempotency-Key must have 1 to 200 characters.")
    digest = hashlib.sha256(body.model_dump_json().encode()).digest()
    actor_id = ctx.actor.id or _NOBODY
    taken = await ctx.session.execute(
        insert(IdempotencyKey)
        .values(
            id=uuid7(),
            org_id=ctx.org_id,
            key=key,
            route=route,
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
                IdempotencyKey.key == key,
                IdempotencyKey.route == route,
                IdempotencyKey.actor_id == actor_id,
            )
        )
    ).scalar_one()
    if known.body_hash != digest:
        raise KeyReused("This Idempotency-Key was used with another body.", hint="Use a new key.")
    return known.response or {}


async def keep_answer(ctx: Context, key: str | None, route: str, answer: BaseModel) -> None:
    """Store the answer for later requests with the same key."""
    if key is None:
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
            "route": route,
            "key": key,
        },
    )
