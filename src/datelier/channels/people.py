"""Who is told of a request: nobody who may not see it, and nobody it does not wait for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, text

from datelier.channels.schemas import KindPreferences
from datelier.identity.scopes import ROLE_SCOPES, as_role
from datelier.inbox.models import Request
from datelier.inbox.outbox import Event
from datelier.inbox.visibility import DECIDE, still_needs
from datelier.kit.context import Actor, Context

SEE = "request:get"
# What tells the person who started something how it ended; nobody else has to act on it.
_REPORTS = frozenset({"finished", "problem"})

# One member; or, without one, those who chose something: as shipped, nobody is mailed at once and
# nobody has webhooks.
_MEMBERS = text(
    """
    select m.person_id, m.role, p.name, p.email, coalesce(n.kinds, '{}') as kinds, n.time_zone,
        o.name as organization
    from membership m
    join person p on p.id = m.person_id and p.disabled_at is null
    join organization o on o.id = m.org_id
    left join notification_preference n on n.org_id = m.org_id and n.person_id = m.person_id
    where m.org_id = :org and (m.person_id = cast(:person as uuid) or (
        cast(:person as uuid) is null and (n.kinds <> '{}' or exists (
            select 1 from webhook w
            where w.org_id = m.org_id and w.owner_id = m.person_id and w.enabled))))
    """
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member who may be told."""

    id: UUID
    name: str
    email: str
    scopes: frozenset[str]
    kinds: KindPreferences
    time_zone: str | None
    organization: str


def _member(row: Any) -> Member:
    scopes = ROLE_SCOPES[as_role(row.role)]
    kinds = KindPreferences.model_validate(row.kinds)
    return Member(
        row.person_id, row.name, row.email, scopes, kinds, row.time_zone, row.organization
    )


async def find_member(tx: Context, person_id: UUID) -> Member | None:
    """Return a member as they are now; None if they have left or were switched off."""
    found = await tx.session.execute(_MEMBERS, {"org": tx.org_id, "person": person_id})
    row = found.one_or_none()
    return None if row is None else _member(row)


async def members_who_chose(tx: Context) -> Sequence[Member]:
    """Return the members who are told of anything at once."""
    values = {"org": tx.org_id, "person": None}
    return [_member(row) for row in (await tx.session.execute(_MEMBERS, values)).all()]


def concerns(row: Request, member: Member) -> bool:
    """Whether a request is for a member to act on: its visibility, its rules, their rights."""
    if SEE not in member.scopes:
        return False
    mine = row.owner_id == member.id
    if row.assignee_id is not None:
        return row.assignee_id == member.id
    if (row.audience != "organization" and not mine) or (row.excludes_owner and mine):
        return False
    if row.kind in _REPORTS and row.owner_id is not None and row.escalated_at is None:
        return mine
    return mine or DECIDE in member.scopes


def concerned(member: Member) -> ColumnElement[bool]:
    """Return what :func:`concerns` asks for beyond the inbox's own conditions."""
    return or_(
        Request.kind.not_in(_REPORTS),
        Request.owner_id.is_(None),
        Request.escalated_at.is_not(None),
        Request.owner_id == member.id,
        Request.assignee_id == member.id,
    )


def told_of(event: Event, member: Member) -> bool:
    """Whether a member is told of an event: it is for them, and not their own doing."""
    own = event.change == "assigned" and event.actor_id == member.id
    return not own and concerns(event.request, member)


def as_member(tx: Context, member: Member) -> Context:
    """Return the open transaction as the member themselves would have it."""
    actor = Actor("user", member.id, member.name)
    return replace(tx, actor=actor, scopes=member.scopes)


async def waits_for(tx: Context, member: Member, request_id: UUID) -> Request | None:
    """Return a request if it waits for the member now, by the inbox's own rules."""
    row = await still_needs(as_member(tx, member), request_id)
    return row if row is not None and concerns(row, member) else None
