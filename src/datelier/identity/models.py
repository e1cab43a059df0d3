"""Tables of identity; the schema itself is migration ``0001_identity``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Stamped, Tenant
from datelier.kit.ids import uuid7


class Organization(Base, Stamped):
    """A tenant."""

    __tablename__ = "organization"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    slug: Mapped[str]
    max_running: Mapped[int | None]


class Person(Base, Stamped):
    """Somebody who can sign in; no tenant row, because a person may be in several tenants.

    The request role may read only id, name, email, disabled_at and the stamps, so verbs that
    run for a request select those columns and never the whole entity.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    last_org_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL")
    )
    disabled_at: Mapped[datetime | None]


class Membership(Base, Tenant):
    """A person's role in an organization."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str]
    last_active_at: Mapped[datetime | None]


class Invite(Base, Tenant):
    """A single-use link that makes somebody a member; only the token's hash is kept."""

    __tablename__ = "invite"

    email: Mapped[str | None]
    role: Mapped[str]
    token_hash: Mapped[bytes]
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class LoginSession(Base, Tenant):
    """A signed-in browser or command line; its refresh token rotates."""

    __tablename__ = "login_session"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    refresh_hash: Mapped[bytes]
    previous_hash: Mapped[bytes | None]
    rotated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    client: Mapped[str] = mapped_column(default="browser")
    user_agent: Mapped[str | None]


class PersonalToken(Base, Tenant):
    """A long-lived token of one person; `scopes` None means all of the person's role."""

    __tablename__ = "personal_token"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[bytes]
    prefix: Mapped[str]
    scopes: Mapped[list[Any] | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A set-up or password-reset link: hashed, single use, short-lived."""

    __tablename__ = "one_time_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    purpose: Mapped[str]
    token_hash: Mapped[bytes]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LoginAttempt(Base):
    """One try to sign in, counted per account and per address across replicas."""

    __tablename__ = "login_attempt"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base, Tenant):
    """Who did what to which object; the request role can add and read, never change."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str | None]
    target_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]]
    correlation_id: Mapped[str]
