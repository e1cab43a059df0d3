"""Personal tokens: long-lived, narrowed to scopes, shown once, revoked at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from datelier.identity import audit
from datelier.identity.authenticator import TOKEN_PREFIX, Authenticator, digest
from datelier.identity.errors import NoOrganization
from datelier.identity.listing import page_of
from datelier.identity.models import Membership, Person, PersonalToken
from datelier.identity.provision import act_as
from datelier.identity.schemas import TokenBody, TokenOut
from datelier.identity.scopes import SCOPES, as_role
from datelier.identity.sessions import user
from datelier.kit import ids
from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Forbidden, Invalid, NotFound
from datelier.kit.pagination import Page

_SHOWN = 10


async def create_token(ctx: Context, body: TokenBody) -> TokenOut:
    """Make a personal token; its `token` cannot be had again.

    Raises:
        Invalid: A scope that does not exist.
        Forbidden: A scope that the caller does not hold.
    """
    unknown = sorted(set(body.scopes or ()) - SCOPES)
    if unknown:
        raise Invalid.field("scopes", "names a scope that does not exist")
    if not set(body.scopes or ()) <= ctx.scopes:
        raise Forbidden("A token cannot hold more than you do.")
    scopes = body.scopes
    if scopes is None and ctx.actor.kind == "token":
        # A token that makes another hands on no more than it has itself.
        scopes = sorted(ctx.scopes)
    secret = ids.token(TOKEN_PREFIX)
    row = await add_owned(
        ctx,
        PersonalToken(
            person_id=ctx.actor.id,
            name=body.name,
            token_hash=digest(secret),
            prefix=secret[:_SHOWN],
            scopes=scopes,
            expires_at=now() + timedelta(days=body.expires_in_days),
        ),
    )
    await audit.record(
        ctx, action="token.created", target=("token", row.id), detail={"name": body.name}
    )
    return _shown(row).model_copy(update={"token": secret})


async def list_tokens(ctx: Context, *, cursor: str | None, limit: int) -> Page[TokenOut]:
    """Return a page of the caller's own tokens that work, the latest first."""
    rows, following = await page_of(ctx, _own(ctx), PersonalToken.id, cursor=cursor, limit=limit)
    return Page[TokenOut](data=[_shown(token) for (token,) in rows], next=following)


async def revoke_token(ctx: Context, token_id: UUID) -> None:
    """Revoke one of the caller's own tokens.

    Raises:
        NotFound: No such token, or somebody else's.
    """
    statement = _own(ctx).where(PersonalToken.id == token_id).with_for_update()
    token = (await ctx.session.execute(statement)).scalar_one_or_none()
    if token is None:
        raise NotFound("token", token_id)
    token.revoked_at = func.now()
    await audit.record(ctx, action="token.revoked", target=("token", token_id))
    authenticator, person_id = ctx.resources.get(Authenticator), token.person_id
    ctx.on_commit(lambda: authenticator.forget(person_id))


async def issue_profile(resources: Resources, person_id: UUID, *, name: str = "CLI") -> str:
    """Return a new personal token for a command-line profile of this machine's user.

    Raises:
        NoOrganization: The person is a member of none.
    """
    async with resources.db.system() as session:
        row = (
            await session.execute(
                select(Person, Membership.org_id, Membership.role)
                .join(Membership, Membership.person_id == Person.id)
                .where(Person.id == person_id, Person.disabled_at.is_(None))
                .order_by((Membership.org_id == Person.last_org_id).desc(), Membership.id)
                .limit(1)
            )
        ).one_or_none()
        if row is None:
            raise NoOrganization
        person, org_id, role = row
        ctx = await act_as(
            resources, session, actor=user(person), org_id=org_id, role=as_role(role)
        )
        made = await create_token(ctx, TokenBody(name=name, expires_in_days=365))
    return made.token or ""


def _own(ctx: Context) -> Select[Any]:
    return owned(ctx, PersonalToken).where(
        PersonalToken.person_id == ctx.actor.id, PersonalToken.revoked_at.is_(None)
    )


def _shown(token: PersonalToken) -> TokenOut:
    return TokenOut(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        scopes=token.scopes,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        created_at=token.created_at,
    )
