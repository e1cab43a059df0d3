"""One-time links: the first account's set-up, and a lost password. No mail server needed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.identity import audit
from datelier.identity.authenticator import Authenticator, digest
from datelier.identity.errors import AlreadySetUp, LinkInvalid, NoOrganization
from datelier.identity.grants import Client, Grant, open_session
from datelier.identity.models import LoginSession, Membership, OneTimeLink, Person
from datelier.identity.passwords import Passwords
from datelier.identity.provision import act_as
from datelier.identity.scopes import as_role
from datelier.identity.sessions import user
from datelier.kit import ids
from datelier.kit.clock import now
from datelier.kit.context import Resources
from datelier.kit.errors import NotFound

SETUP_LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(hours=1)
_SETUP_LOCK = text("select pg_advisory_xact_lock(hashtextextended('datelier setup', 0))")


async def needs_setup(resources: Resources) -> bool:
    """Return whether the installation still has nobody."""
    async with resources.db.system() as session:
        return await nobody_yet(session)


async def nobody_yet(session: AsyncSession) -> bool:
    """Return whether there is no person, seen by a system transaction."""
    return (await session.execute(select(Person.id).limit(1))).first() is None


async def lock_setup(session: AsyncSession) -> None:
    """Let one process at a time decide about the first account."""
    await session.execute(_SETUP_LOCK)


async def create_setup_link(resources: Resources) -> str:
    """Return a new set-up token, good for 24 hours and once; earlier ones become void.

    Raises:
        AlreadySetUp: Somebody has an account.
    """
    secret = ids.token("dts")
    async with resources.db.system() as session:
        await lock_setup(session)
        if not await nobody_yet(session):
            raise AlreadySetUp
        await _void(session, "setup", None)
        session.add(
            OneTimeLink(
                purpose="setup", token_hash=digest(secret), expires_at=now() + SETUP_LIFETIME
            )
        )
    return secret


async def create_reset_link(resources: Resources, email: str) -> str:
    """Return the path, such as ``/reset/dtp_…``, where a person sets a new password.

    It works once, for an hour; the person's earlier links become void.

    Raises:
        NotFound: Nobody has this e-mail address.
    """
    secret = ids.token("dtp")
    async with resources.db.system() as session:
        person_id = (
            await session.execute(
                select(Person.id).where(
                    func.lower(Person.email) == email.strip().lower(), Person.disabled_at.is_(None)
                )
            )
        ).scalar_one_or_none()
        if person_id is None:
            raise NotFound("member")
        await _void(session, "reset", person_id)
        session.add(
            OneTimeLink(
                purpose="reset",
                token_hash=digest(secret),
                person_id=person_id,
                expires_at=now() + RESET_LIFETIME,
            )
        )
    return f"/reset/{secret}"


async def find_link(session: AsyncSession, purpose: str, secret: str) -> OneTimeLink:
    """Return an unused, unexpired link, locked until the transaction ends.

    Raises:
        LinkInvalid: There is none.
    """
    link = (
        await session.execute(
            select(OneTimeLink)
            .where(
                OneTimeLink.token_hash == digest(secret),
                OneTimeLink.purpose == purpose,
                OneTimeLink.used_at.is_(None),
                OneTimeLink.expires_at > func.now(),
            )
            .with_for_update()
        )
    ).scalar_one_or_none()
    if link is None:
        raise LinkInvalid
    return link


async def reset_password(
    resources: Resources, *, reset_token: str, password: str, client: Client
) -> Grant:
    """Set a new password, end every session of the person, and sign in.

    Raises:
        LinkInvalid: The link is unknown, used or expired, or the person is disabled.
    """
    async with resources.db.system() as session:
        await find_link(session, "reset", reset_token)
    # The hash takes its time outside of any transaction; the link is checked again below.
    password_hash = await resources.get(Passwords).hash(password)
    async with resources.db.system() as session:
        link = await find_link(session, "reset", reset_token)
        person = await session.get(Person, link.person_id)
        if person is None or person.disabled_at is not None:
            raise LinkInvalid
        person.password_hash = password_hash
        link.used_at = func.now()
        await _void(session, "reset", person.id)
        await session.execute(
            update(LoginSession)
            .where(LoginSession.person_id == person.id, LoginSession.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )
        memberships = (
            await session.execute(
                select(Membership.org_id, Membership.role)
                .where(Membership.person_id == person.id)
                # The organization used last comes last: the session is opened there.
                .order_by(Membership.org_id == person.last_org_id, Membership.id.desc())
            )
        ).all()
        granted: Grant | None = None
        for position, row in enumerate(memberships, 1):
            role = as_role(row.role)
            ctx = await act_as(resources, session, actor=user(person), org_id=row.org_id, role=role)
            await audit.record(ctx, action="password.reset", target=("person", person.id))
            if position == len(memberships):
                granted = await open_session(ctx, person=person, role=role, client=client)
        if granted is None:
            raise NoOrganization
        person_id = person.id
    resources.get(Authenticator).forget(person_id)
    return granted


async def _void(session: AsyncSession, purpose: str, person_id: UUID | None) -> None:
    await session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.purpose == purpose,
            OneTimeLink.person_id.is_not_distinct_from(person_id),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=func.now())
    )
