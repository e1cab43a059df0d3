"""Invitations: links that make somebody a member, once, within a week."""

from datetime import timedelta
from uuid import UUID

from datelier.identity import audit
from datelier.identity.authenticator import digest
from datelier.identity.listing import page_of
from datelier.identity.members import require_rights_of
from datelier.identity.models import Invite
from datelier.identity.schemas import InviteBody, InviteOut
from datelier.identity.scopes import as_role
from datelier.kit import ids
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned, owned
from datelier.kit.pagination import Page

LIFETIME = timedelta(days=7)


async def create_invite(ctx: Context, body: InviteBody) -> InviteOut:
    """Make an invitation; its `url` cannot be had again.

    Raises:
        Forbidden: The caller's rights do not cover the role.
    """
    require_rights_of(ctx, body.role)
    secret = ids.token("dti")
    invite = await add_owned(
        ctx,
        Invite(
            email=body.email,
            role=body.role,
            token_hash=digest(secret),
            invited_by=ctx.actor.id,
            expires_at=now() + LIFETIME,
        ),
    )
    await audit.record(
        ctx, action="invite.created", target=("invite", invite.id), detail={"role": body.role}
    )
    url = f"{ctx.resources.settings.base_url}/invite/{secret}"
    return _shown(invite).model_copy(update={"url": url})


async def list_invites(ctx: Context, *, cursor: str | None, limit: int) -> Page[InviteOut]:
    """Return a page of invitations nobody has accepted yet, the latest first."""
    open_ones = owned(ctx, Invite).where(Invite.accepted_at.is_(None))
    rows, following = await page_of(ctx, open_ones, Invite.id, cursor=cursor, limit=limit)
    return Page[InviteOut](data=[_shown(invite) for (invite,) in rows], next=following)


async def delete_invite(ctx: Context, invite_id: UUID) -> None:
    """Take an invitation back; its link stops working.

    Raises:
        Forbidden: The caller's rights do not cover the invited role.
    """
    invite = await get_owned(ctx, Invite, invite_id, for_update=True)
    require_rights_of(ctx, as_role(invite.role))
    await ctx.session.delete(invite)
    await audit.record(ctx, action="invite.deleted", target=("invite", invite_id))


def _shown(invite: Invite) -> InviteOut:
    return InviteOut(
        id=invite.id,
        role=as_role(invite.role),
        email=invite.email,
        expires_at=invite.expires_at,
        created_at=invite.created_at,
    )
