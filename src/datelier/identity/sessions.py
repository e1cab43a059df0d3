"""Sign in, stay signed in, sign out.

These verbs begin before an organization is known, so they read as the system role and act
as a member from the moment they know which.
"""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.identity import audit, throttle
from datelier.identity.access_tokens import AccessTokens
from datelier.identity.authenticator import Authenticator, digest
from datelier.identity.errors import CredentialsWrong, NoOrganization, SessionInvalid
from datelier.identity.grants import (
    REFRESH_LIFETIME,
    Client,
    Grant,
    describe,
    grant,
    open_session,
    session_of,
    successor,
)
from datelier.identity.models import LoginSession, Membership, Organization, Person
from datelier.identity.passwords import Passwords
from datelier.identity.provision import act_as
from datelier.identity.schemas import SessionOut, UserOut
from datelier.identity.scopes import as_role
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.log import get_logger

log = get_logger(__name__)
_CONCURRENT_REFRESH = timedelta(seconds=10)


async def verify_password(
    resources: Resources, *, email: str, password: str, client: Client
) -> UUID:
    """Return whose e-mail address and password these are, counting the attempt.

    Raises:
        CredentialsWrong: Unknown account, wrong password, or disabled person.
        TooManyAttempts: See :func:`datelier.identity.throttle.admit`.
    """
    attempt = await throttle.admit(resources.db, email=email, address=client.address)
    async with resources.db.system() as session:
        found = (
            await session.execute(
                select(Person.id, Person.password_hash, Person.disabled_at).where(
                    func.lower(Person.email) == email.lower()
                )
            )
        ).one_or_none()
    # No connection is held while the hash takes its time.
    stored = found.password_hash if found is not None and found.disabled_at is None else None
    if not await resources.get(Passwords).verify(password, stored) or found is None:
        log.info("sign_in_refused", address=client.address)
        raise CredentialsWrong
    await throttle.forgive(resources.db, attempt)
    return found.id


async def sign_in(
    resources: Resources,
    *,
    email: str,
    password: str,
    client: Client,
    organization: str | None = None,
) -> Grant:
    """Start a session in the named organization, or the one used last.

    Raises:
        CredentialsWrong: Unknown account or wrong password.
        NoOrganization: The person is not a member of (this) organization.
        TooManyAttempts: Throttled.
    """
    person_id = await verify_password(resources, email=email, password=password, client=client)
    async with resources.db.system() as session:
        person = await session.get_one(Person, person_id)
        memberships = (
            await session.execute(
                select(Membership.org_id, Membership.role, Organization.slug)
                .join(Organization, Organization.id == Membership.org_id)
                .where(Membership.person_id == person_id)
                .order_by(Membership.id)
            )
        ).all()
        chosen = _choose(memberships, organization, person.last_org_id)
        person.last_org_id = chosen.org_id
        role = as_role(chosen.role)
        ctx = await act_as(resources, session, actor=user(person), org_id=chosen.org_id, role=role)
        return await open_session(ctx, person=person, role=role, client=client)


def _choose(
    memberships: Sequence[Row[UUID, str, str]], slug: str | None, last: UUID | None
) -> Row[UUID, str, str]:
    if slug is not None:
        memberships = [row for row in memberships if row.slug == slug]
    if not memberships:
        raise NoOrganization
    return next((row for row in memberships if row.org_id == last), memberships[0])


async def refresh_session(resources: Resources, refresh: str) -> Grant:
    """Exchange a refresh token for new tokens; the old one is then void.

    Two requests that carry the same token within 10 s get the same successor. Any later use
    of an old token means that somebody has a copy, and ends the whole session.

    Raises:
        SessionInvalid: Unknown, expired, revoked, or used before.
    """
    session_id = session_of(refresh)
    if session_id is None:
        raise SessionInvalid
    async with resources.db.system() as session:
        result = await _rotate(resources, session, session_id, refresh)
    if result is None:
        raise SessionInvalid
    if isinstance(result, Grant):
        return result
    resources.get(Authenticator).forget(result)
    log.warning("refresh_reused", person_id=str(result), session_id=str(session_id))
    raise SessionInvalid


async def _rotate(
    resources: Resources, session: AsyncSession, session_id: UUID, refresh: str
) -> Grant | UUID | None:
    """Return new tokens, or the person whose session was revoked, or None."""
    row = (
        await session.execute(
            select(LoginSession, Person, Membership.role)
            .join(Person, Person.id == LoginSession.person_id)
            .join(
                Membership,
                (Membership.person_id == LoginSession.person_id)
                & (Membership.org_id == LoginSession.org_id),
            )
            .where(
                LoginSession.id == session_id,
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > func.now(),
                Person.disabled_at.is_(None),
            )
            .with_for_update(of=LoginSession)
        )
    ).one_or_none()
    if row is None:
        return None
    login, person, stored_role = row
    role = as_role(stored_role)
    moment = (await session.execute(select(func.now()))).scalar_one()
    follower = successor(resources.cipher, session_id, refresh)
    ctx = await act_as(resources, session, actor=user(person), org_id=login.org_id, role=role)
    presented = digest(refresh)
    if hmac.compare_digest(presented, login.refresh_hash):
        login.previous_hash, login.refresh_hash = presented, digest(follower)
        login.rotated_at, login.expires_at = moment, moment + REFRESH_LIFETIME
    elif not (
        login.previous_hash is not None
        and hmac.compare_digest(presented, login.previous_hash)
        and login.rotated_at is not None
        and moment - login.rotated_at <= _CONCURRENT_REFRESH
    ):
        login.revoked_at = moment
        await audit.record(
            ctx,
            action="session.revoked",
            target=("session", session_id),
            detail={"reason": "an old refresh token was used again"},
        )
        return person.id
    return await grant(ctx, person=person, role=role, session_id=session_id, refresh=follower)


async def sign_out(resources: Resources, *, refresh: str | None, access: str | None) -> None:
    """End the session that either token names; nothing happens when neither does."""
    async with resources.db.system() as session:
        login = await _named_session(resources, session, refresh, access)
        if login is None:
            return
        person = await session.get_one(Person, login.person_id)
        login.revoked_at = func.now()
        ctx = await act_as(
            resources, session, actor=user(person), org_id=login.org_id, role="viewer"
        )
        await audit.record(ctx, action="session.closed", target=("session", login.id))
        person_id = person.id
    resources.get(Authenticator).forget(person_id)


async def _named_session(
    resources: Resources, session: AsyncSession, refresh: str | None, access: str | None
) -> LoginSession | None:
    session_id = session_of(refresh) if refresh else None
    if refresh and session_id is not None:
        login = await session.get(LoginSession, session_id, with_for_update=True)
        presented = digest(refresh)
        if login is not None and login.revoked_at is None:
            hashes = (login.refresh_hash, login.previous_hash or b"")
            if any(hmac.compare_digest(presented, known) for known in hashes):
                return login
    if not access:
        return None
    try:
        claims = AccessTokens(resources.cipher).verify(access)
    except SessionInvalid:
        return None
    login = await session.get(LoginSession, claims.session_id, with_for_update=True)
    return login if login is not None and login.revoked_at is None else None


async def me(ctx: Context) -> SessionOut:
    """Return who is signed in, where, and with which rights."""
    row = (
        await ctx.session.execute(
            select(Person.id, Person.name, Person.email, Membership.role)
            .join(Membership, Membership.person_id == Person.id)
            .where(Person.id == ctx.actor.id, Membership.org_id == ctx.org_id)
        )
    ).one_or_none()
    if row is None:
        raise SessionInvalid
    return await describe(
        ctx, UserOut(id=row.id, name=row.name, email=row.email), as_role(row.role)
    )


def user(person: Person) -> Actor:
    """Return the actor of a person who signs in."""
    return Actor("user", person.id, person.name)
