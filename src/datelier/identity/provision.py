"""What a new organization starts with: slices above say so through the app, not by import."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.identity.scopes import ROLE_SCOPES, Role
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.db import APP_ROLE

_ENTER = text("select set_config('role', :role, true), set_config('datelier.org', :org, true)")


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Runs in the transaction that creates an organization, acting as its owner.

    Attributes:
        on_organization_created: Verbs that add what every organization starts with, in order.
    """

    on_organization_created: tuple[Callable[[Context], Awaitable[None]], ...] = ()

    async def run(self, ctx: Context) -> None:
        """Give `ctx`'s new organization its first rows."""
        for hook in self.on_organization_created:
            await hook(ctx)


async def act_as(
    resources: Resources, session: AsyncSession, *, actor: Actor, org_id: UUID, role: Role
) -> Context:
    """Give up the system role for the rest of the transaction and act as a member.

    Returns:
        A context inside the same transaction, bound to the organization.
    """
    await session.flush()
    await session.execute(_ENTER, {"role": APP_ROLE, "org": str(org_id)})
    return Context(actor, org_id, ROLE_SCOPES[role], resources, _session=session)
