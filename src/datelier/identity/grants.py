"""Opening a session: the rows, the access token and the first refresh token."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from datelier.identity import audit
from datelier.identity.access_tokens import ACCESS_LIFETIME, AccessTokens, Claims
from datelier.identity.authenticator import digest
from datelier.identity.models import LoginSession, Organization, Person
from datelier.identity.schemas import OrganizationOut, SessionOut, UserOut
from datelier.identity.scopes import Role
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.crypto import Cipher
from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7

REFRESH_LIFETIME = timedelta(days=30)
_PREFIX = "dtr_"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Client:
    """Where somebody signs in from."""

    kind: Literal["browser", "cli"] = "browser"
    user_agent: str | None = None
    address: str = "local"


@dataclass(frozen=True, slots=True)
class Grant:
    """What signing in gives: who, and both tokens."""

    session: SessionOut
    access: str
    refresh: str

    def with_tokens(self) -> SessionOut:
        """Return the session with its tokens, for clients without cookies."""
        return self.session.model_copy(
            update={
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_in": int(ACCESS_LIFETIME.total_seconds()),
            }
        )


async def open_session(ctx: Context, *, person: Person, role: Role, client: Client) -> Grant:
    """Start a session of `person` in the context's organization, in the open transaction."""
    session_id = uuid7()
    refresh = compose(session_id, secrets.token_bytes(_SECRET_BYTES))
    await add_owned(
        ctx,
        LoginSession(
            id=session_id,
            person_id=person.id,
            refresh_hash=digest(refresh),
            expires_at=now() + REFRESH_LIFETIME,
            client=client.kind,
            user_agent=(client.user_agent or "")[:300] or None,
        ),
    )
    await audit.record(
        ctx,
        action="session.opened",
        target=("session", session_id),
        detail={"client": client.kind, "address": client.address},
    )
    return await grant(ctx, person=person, role=role, session_id=session_id, refresh=refresh)


async def grant(
    ctx: Context, *, person: Person, role: Role, session_id: UUID, refresh: str
) -> Grant:
    """Return the tokens of a session that exists."""
    claims = Claims(person.id, ctx.org_id, session_id)
    access = AccessTokens(ctx.resources.cipher).issue(claims)
    user = UserOut(id=person.id, name=person.name, email=person.email)
    return Grant(await describe(ctx, user, role), access, refresh)


async def describe(ctx: Context, user: UserOut, role: Role) -> SessionOut:
    """Return who is signed in, where, and with which rights."""
    organization = (
        await ctx.session.execute(select(Organization).where(Organization.id == ctx.org_id))
    ).scalar_one()
    return SessionOut(
        user=user,
        organization=OrganizationOut(
            id=organization.id, name=organization.name, slug=organization.slug
        ),
        role=role,
        scopes=sorted(ctx.scopes),
    )


def compose(session_id: UUID, secret: bytes) -> str:
    """Return a refresh token, which names its session so that reuse of any old one is seen."""
    return _PREFIX + base64.urlsafe_b64encode(session_id.bytes + secret).decode()


def session_of(refresh: str) -> UUID | None:
    """Return the session a refresh token names; None when it was not made by us."""
    try:
        raw = base64.b64decode(refresh.removeprefix(_PREFIX), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return UUID(bytes=raw[:16]) if len(raw) == 16 + _SECRET_BYTES else None


def successor(cipher: Cipher, session_id: UUID, refresh: str) -> str:
    """Return the token that follows `refresh`.

    It is derived, not drawn, so two requests that rotate the same token at the same moment
    both end up with the one valid successor.
    """
    secret = hmac.new(cipher.derive("refresh token"), refresh.encode(), sha256).digest()
    return compose(session_id, secret)
