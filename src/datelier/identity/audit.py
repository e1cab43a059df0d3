"""The audit log: written in the transaction of the change it tells of, never altered."""

from typing import Any
from uuid import UUID

from datelier.identity.listing import page_of
from datelier.identity.models import AuditEntry
from datelier.identity.schemas import AuditActorOut, AuditOut, AuditTargetOut
from datelier.kit.context import Context
from datelier.kit.db import Statement, add_owned, owned
from datelier.kit.ids import uuid7
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


_NOTE = """
    insert into audit_entry
        (id, org_id, actor_kind, actor_id, actor_name, action, target_kind, target_id,
         correlation_id)
    values
        (%(id)s, %(org)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(action)s,
         %(target_kind)s, %(target_id)s, %(correlation_id)s)
    returning id
"""


def noting(ctx: Context, *, action: str, target: tuple[str, UUID]) -> Statement:
    """Return what :func:`record` does as a statement, for one trip with others."""
    values = {
        "id": uuid7(),
        "org": ctx.org_id,
        "actor_kind": ctx.actor.kind,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "action": action,
        "target_kind": target[0],
        "target_id": target[1],
        "correlation_id": ctx.correlation_id,
    }
    return Statement(_NOTE, values)


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
