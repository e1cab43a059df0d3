"""The audit log: written in the transaction of the change it tells of, never altered."""

from typing import Any
from uuid import UUID

from datelier.identity.listing import page_of
from datelier.identity.models import AuditEntry
from datelier.identity.schemas import AuditActorOut, AuditOut, AuditTargetOut
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.pagination import Page


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


async def list_audit(ctx: Context, *, cursor: str | None, limit: int) -> Page[AuditOut]:
    """Return a page of entries, newest first."""
    rows, following = await page_of(
        ctx, owned(ctx, AuditEntry), AuditEntry.id, cursor=cursor, limit=limit
    )
    return Page[AuditOut](data=[_shown(entry) for (entry,) in rows], next=following)


def _shown(entry: AuditEntry) -> AuditOut:
    target = (
        AuditTargetOut(kind=entry.target_kind, id=entry.target_id) if entry.target_kind else None
    )
    return AuditOut(
        id=entry.id,
        at=entry.at,
        actor=AuditActorOut(kind=entry.actor_kind, name=entry.actor_name),
        action=entry.action,
        target=target,
        detail=entry.detail,
    )
