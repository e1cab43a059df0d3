"""Members of an organization and their roles."""

from typing import Any
from uuid import UUID

from sqlalchemy import func

from datelier.identity import audit
from datelier.identity.authenticator import Authenticator
from datelier.identity.errors import LastOwner
from datelier.identity.listing import page_of
from datelier.identity.models import LoginSession, Membership, Person, PersonalToken
from datelier.identity.schemas import MemberOut, UserOut
from datelier.identity.scopes import ROLE_SCOPES, Role, as_role
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import Forbidden, NotFound
from datelier.kit.pagination import Page


def require_rights_of(ctx: Context, role: Role) -> None:
    """Raise Forbidden unless the caller holds everything that `role` does.

    So only owners make, change or remove owners, and a narrowed token hands out nothing
    that it does not hold.
    """
    if not ROLE_SCOPES[role] <= ctx.scopes:
        raise Forbidden(f"Your rights do not cover the role {role}.", hint="Ask an owner.")


async def list_members(ctx: Context, *, cursor: str | None, limit: int) -> Page[MemberOut]:
    """Return a page of members, the latest first."""
    rows, following = await page_of(
        ctx, _with_person(ctx), Membership.id, cursor=cursor, limit=limit
    )
    return Page[MemberOut](data=[_shown(row) for row in rows], next=following)


async def change_role(ctx: Context, member_id: UUID, role: Role) -> MemberOut:
    """Give a member another role, at once.

    Raises:
        Forbidden: The caller's rights do not cover the old and the new role.
        LastOwner: The organization would be left without an owner.
    """
    member = await _to_change(ctx, member_id)
    require_rights_of(ctx, role)
    before = as_role(member.role)
    if before == "owner" and role != "owner":
        await _require_another_owner(ctx, member)
    member.role = role
    await ctx.session.flush()
    await audit.record(
        ctx,
        action="member.role_changed",
        target=("member", member.id),
        detail={"from": before, "to": role},
    )
    _forget_on_commit(ctx, member.person_id)
    row = (
        await ctx.session.execute(_with_person(ctx).where(Membership.id == member_id))
    ).one_or_none()
    if row is None:
        raise NotFound("membership", member_id)
    return _shown(row)


async def remove_member(ctx: Context, member_id: UUID) -> None:
    """Remove a member with all their sessions and tokens of this organization.

    Raises:
        Forbidden: The caller's rights do not cover the member's role.
        LastOwner: The organization would be left without an owner.
    """
    member = await _to_change(ctx, member_id)
    if member.role == "owner":
        await _require_another_owner(ctx, member)
    for model in (LoginSession, PersonalToken):
        held = owned(ctx, model).where(
            model.person_id == member.person_id, model.revoked_at.is_(None)
        )
        for row in (await ctx.session.execute(held)).scalars():
            row.revoked_at = func.now()
    await ctx.session.delete(member)
    await audit.record(
        ctx,
        action="member.removed",
        target=("member", member.id),
        detail={"person_id": str(member.person_id), "role": member.role},
    )
    _forget_on_commit(ctx, member.person_id)


async def _to_change(ctx: Context, member_id: UUID) -> Membership:
    # Owners are locked first and in one order, so two owners cannot remove each other at once.
    await _owners(ctx)
    member = await get_owned(ctx, Membership, member_id, for_update=True)
    require_rights_of(ctx, as_role(member.role))
    return member


async def _owners(ctx: Context) -> list[Membership]:
    statement = owned(ctx, Membership).where(Membership.role == "owner").order_by(Membership.id)
    return list((await ctx.session.execute(statement.with_for_update())).scalars())


async def _require_another_owner(ctx: Context, member: Membership) -> None:
    if all(owner.id == member.id for owner in await _owners(ctx)):
        raise LastOwner


def _forget_on_commit(ctx: Context, person_id: UUID) -> None:
    authenticator = ctx.resources.get(Authenticator)
    ctx.on_commit(lambda: authenticator.forget(person_id))


def _with_person(ctx: Context) -> Any:
    return (
        owned(ctx, Membership)
        .join(Person, Person.id == Membership.person_id)
        .add_columns(Person.name, Person.email)
    )


def _shown(row: Any) -> MemberOut:
    member, name, email = row
    return MemberOut(
        id=member.id,
        user=UserOut(id=member.person_id, name=name, email=email),
        role=as_role(member.role),
        last_active_at=member.last_active_at,
    )
