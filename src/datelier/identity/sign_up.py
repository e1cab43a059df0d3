"""New accounts: the first one by the set-up link, all others by invitation."""

import re
import unicodedata
from typing import cast
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.identity import audit
from datelier.identity.authenticator import digest
from datelier.identity.errors import AlreadySetUp, LinkInvalid
from datelier.identity.grants import Client, Grant, open_session
from datelier.identity.links import find_link, lock_setup, nobody_yet
from datelier.identity.models import Invite, Membership, Organization, Person
from datelier.identity.passwords import Passwords
from datelier.identity.provision import Provisioning, act_as
from datelier.identity.schemas import SignUpBody
from datelier.identity.scopes import as_role
from datelier.identity.sessions import user, verify_password
from datelier.kit.context import Context, Resources
from datelier.kit.errors import Conflict, NotFound
from datelier.kit.ids import uuid7

# Two invitations accepted with one e-mail address at the same time make one account.
_EMAIL_LOCK = text("select pg_advisory_xact_lock(hashtextextended('person:' || :email, 0))")


async def sign_up(resources: Resources, body: SignUpBody, client: Client) -> Grant:
    """Create an account and sign in.

    Raises:
        LinkInvalid: The set-up or invite token is unknown, used or expired.
        AlreadySetUp: A set-up token, but somebody has an account.
        CredentialsWrong: An invited person who has an account gave another password for it.
    """
    if body.setup_token is not None:
        return await _first_account(resources, body, body.setup_token, client)
    return await _invited_account(resources, body, cast("str", body.invite_token), client)


async def create_organization(resources: Resources, *, name: str, owner_email: str) -> UUID:
    """Add an organization owned by somebody who has an account; for operators.

    Raises:
        NotFound: Nobody has this e-mail address.
    """
    async with resources.db.system() as session:
        person = await _by_email(session, owner_email)
        if person is None:
            raise NotFound("member")
        return (await _found(resources, session, name, person)).org_id


async def _first_account(
    resources: Resources, body: SignUpBody, token: str, client: Client
) -> Grant:
    async with resources.db.system() as session:
        try:
            await find_link(session, "setup", token)
        except LinkInvalid:
            # Somebody may have used it since; then that is what to say.
            if not await nobody_yet(session):
                raise AlreadySetUp from None
            raise
    password_hash = await resources.get(Passwords).hash(body.password)
    async with resources.db.system() as session:
        await lock_setup(session)
        if not await nobody_yet(session):
            raise AlreadySetUp
        link = await find_link(session, "setup", token)
        link.used_at = func.now()
        person = Person(email=body.email, name=body.name, password_hash=password_hash)
        session.add(person)
        ctx = await _found(
            resources, session, body.organization or f"{body.name}'s organization", person
        )
        return await open_session(ctx, person=person, role="owner", client=client)


async def _found(resources: Resources, session: AsyncSession, name: str, owner: Person) -> Context:
    """Create an organization with what every organization starts with; act as its owner."""
    organization = Organization(id=uuid7(), name=name, slug=await _free_slug(session, name))
    session.add(organization)
    await session.flush()
    session.add(Membership(org_id=organization.id, person_id=owner.id, role="owner"))
    owner.last_org_id = organization.id
    ctx = await act_as(resources, session, actor=user(owner), org_id=organization.id, role="owner")
    await audit.record(ctx, action="organization.created", target=("organization", organization.id))
    await resources.get(Provisioning).run(ctx)
    return ctx


async def _invited_account(
    resources: Resources, body: SignUpBody, token: str, client: Client
) -> Grant:
    async with resources.db.system() as session:
        await _find_invite(session, token, body.email)
        known = await _by_email(session, body.email)
    password_hash: str | None = None
    if known is None:
        password_hash = await resources.get(Passwords).hash(body.password)
    else:
        # Somebody who has an account joins one more organization with the password of it.
        await verify_password(resources, email=body.email, password=body.password, client=client)
    async with resources.db.system() as session:
        invite = await _find_invite(session, token, body.email)
        await session.execute(_EMAIL_LOCK, {"email": body.email.lower()})
        person = await _by_email(session, body.email)
        if (person is None) != (known is None):
            raise Conflict("This account was changed just now.", hint="Try again.")
        if person is None:
            person = Person(email=body.email, name=body.name, password_hash=password_hash)
            session.add(person)
            await session.flush()
        return await _join(resources, session, invite, person, client)


async def _join(
    resources: Resources, session: AsyncSession, invite: Invite, person: Person, client: Client
) -> Grant:
    already = await session.execute(
        select(Membership.id).where(
            Membership.org_id == invite.org_id, Membership.person_id == person.id
        )
    )
    if already.first() is not None:
        raise Conflict("You are a member of this organization already.", hint="Sign in.")
    role = as_role(invite.role)
    membership = Membership(id=uuid7(), org_id=invite.org_id, person_id=person.id, role=role)
    session.add(membership)
    invite.accepted_at = func.now()
    invite_id, org_id = invite.id, invite.org_id
    person.last_org_id = org_id
    ctx = await act_as(resources, session, actor=user(person), org_id=org_id, role=role)
    await audit.record(
        ctx,
        action="member.joined",
        target=("member", membership.id),
        detail={"role": role, "invite_id": str(invite_id)},
    )
    return await open_session(ctx, person=person, role=role, client=client)


async def _find_invite(session: AsyncSession, token: str, email: str) -> Invite:
    invite = (
        await session.execute(
            select(Invite)
            .where(
                Invite.token_hash == digest(token),
                Invite.accepted_at.is_(None),
                Invite.expires_at > func.now(),
            )
            .with_for_update()
        )
    ).scalar_one_or_none()
    if invite is None or (invite.email is not None and invite.email.lower() != email.lower()):
        raise LinkInvalid
    return invite


async def _by_email(session: AsyncSession, email: str) -> Person | None:
    return (
        await session.execute(
            select(Person).where(func.lower(Person.email) == email.strip().lower())
        )
    ).scalar_one_or_none()


async def _free_slug(session: AsyncSession, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "organization"
    taken = await session.execute(select(Organization.id).where(Organization.slug == slug))
    return slug if taken.first() is None else f"{slug}-{uuid7().hex[-6:]}"
