"""The audit log: written in the transaction of the change it tells of, never altered."""

from typing import Any
from uuid import UUID

from datelier.identity.models import AuditEntry
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.pagination import Page, decode_cursor, encode_cursor


async def record(
    ctx: Context,
    *,
    action: str,
    target: tuple[str, UUID | None] | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note what the caller did, inside the open transaction.

    Args:
        ctx: The caller, with a transaction.
        action: Past tense, ``noun.verb``: ``model.created``.
        target: The object's noun and id.
        detail: Plain JSON that explains the change. Never a secret.
    """
    kind, target_id = target or (None, None)
    await add_owned(
        ctx,
        AuditEntry(
            actor_kind=ctx.actor.kind,
            actor_id=ctx.actor.id,
            actor_name=ctx.actor.name,
            action=action,
            target_kind=kind,
            target_id=target_id,
            detail=detail or {},
            correlation_id=ctx.correlation_id,
        ),
    )


async def list_audit(ctx: Context, *, cursor: str | None, limit: int) -> Page[AuditEntry]:
    """Return a page of entries, newest first."""
    statement = owned(ctx, AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    before = decode_cursor(cursor)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = list((await ctx.session.execute(statement)).scalars())
    following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page[Any].model_construct(data=rows[:limit], next=following)
