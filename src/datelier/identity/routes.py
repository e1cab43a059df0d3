"""Members, invitations, personal tokens and the audit log over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from datelier.identity import audit, invites, members, personal_tokens
from datelier.identity.access import needs
from datelier.identity.auth_routes import router as auth_router
from datelier.identity.schemas import (
    AuditOut,
    InviteBody,
    InviteOut,
    MemberOut,
    MemberPatch,
    TokenBody,
    TokenOut,
)
from datelier.kit.context import Context
from datelier.kit.pagination import MAX_LIMIT, Page

Cursor = Annotated[str | None, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]

router = APIRouter()
router.include_router(auth_router)


@router.get("/members", tags=["members"])
async def list_members(
    ctx: Annotated[Context, needs("member:get")], cursor: Cursor = None, limit: Limit = 50
) -> Page[MemberOut]:
    """List the organization's members."""
    return await members.list_members(ctx, cursor=cursor, limit=limit)


@router.patch("/members/{member_id}", tags=["members"])
async def change_member(
    ctx: Annotated[Context, needs("member:manage")], member_id: UUID, body: MemberPatch
) -> MemberOut:
    """Give a member another role."""
    return await members.change_role(ctx, member_id, body.role)


@router.delete("/members/{member_id}", tags=["members"], status_code=status.HTTP_204_NO_CONTENT)
async def remove_member(ctx: Annotated[Context, needs("member:manage")], member_id: UUID) -> None:
    """Remove a member with their sessions and tokens."""
    await members.remove_member(ctx, member_id)


@router.get("/invites", tags=["members"])
async def list_invites(
    ctx: Annotated[Context, needs("member:manage")], cursor: Cursor = None, limit: Limit = 50
) -> Page[InviteOut]:
    """List invitations that nobody has accepted yet."""
    return await invites.list_invites(ctx, cursor=cursor, limit=limit)


@router.post("/invites", tags=["members"], status_code=status.HTTP_201_CREATED)
async def create_invite(
    ctx: Annotated[Context, needs("member:manage")], body: InviteBody
) -> InviteOut:
    """Invite somebody; the link is shown once."""
    return await invites.create_invite(ctx, body)


@router.delete("/invites/{invite_id}", tags=["members"], status_code=status.HTTP_204_NO_CONTENT)
async def delete_invite(ctx: Annotated[Context, needs("member:manage")], invite_id: UUID) -> None:
    """Take an invitation back."""
    await invites.delete_invite(ctx, invite_id)


@router.get("/tokens", tags=["tokens"])
async def list_tokens(
    ctx: Annotated[Context, needs("token:manage")], cursor: Cursor = None, limit: Limit = 50
) -> Page[TokenOut]:
    """List your personal tokens."""
    return await personal_tokens.list_tokens(ctx, cursor=cursor, limit=limit)


@router.post("/tokens", tags=["tokens"], status_code=status.HTTP_201_CREATED)
async def create_token(ctx: Annotated[Context, needs("token:manage")], body: TokenBody) -> TokenOut:
    """Make a personal token; it is shown once."""
    return await personal_tokens.create_token(ctx, body)


@router.delete("/tokens/{token_id}", tags=["tokens"], status_code=status.HTTP_204_NO_CONTENT)
async def revoke_token(ctx: Annotated[Context, needs("token:manage")], token_id: UUID) -> None:
    """Revoke one of your personal tokens."""
    await personal_tokens.revoke_token(ctx, token_id)


@router.get("/audit", tags=["audit"])
async def list_audit(
    ctx: Annotated[Context, needs("audit:get")], cursor: Cursor = None, limit: Limit = 50
) -> Page[AuditOut]:
    """List who did what, newest first."""
    return await audit.list_audit(ctx, cursor=cursor, limit=limit)
