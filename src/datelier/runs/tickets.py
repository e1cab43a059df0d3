"""Tickets of the WebSocket: for clients that can send neither cookie nor header, good once."""

from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert

from datelier.identity.access_tokens import TICKET_LIFETIME
from datelier.identity.authenticator import Authenticator, Principal, digest
from datelier.identity.errors import SessionInvalid
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.threads.models import IdempotencyKey

_ROUTE = "GET /ws"


class TicketOut(BaseModel):
    """A ticket for `/ws?ticket=…`; it opens one connection within `expires_in` seconds."""

    ticket: str
    expires_in: int


def make_ticket(ctx: Context, principal: Principal) -> TicketOut:
    """Return a ticket with the rights of `principal`, looked up anew when it is used."""
    ticket = ctx.resources.get(Authenticator).ticket(principal)
    return TicketOut(ticket=ticket, expires_in=int(TICKET_LIFETIME.total_seconds()))


async def spend(ctx: Context, principal: Principal) -> None:
    """Use up the ticket that `principal` came with, if it was one.

    Kept where other things that happen once are kept, so that it holds across replicas.

    Raises:
        SessionInvalid: It was used before.
    """
    if principal.ticket_id is None:
        return
    async with ctx.begin() as tx:
        used = await tx.session.execute(
            insert(IdempotencyKey)
            .values(
                id=uuid7(),
                org_id=ctx.org_id,
                actor_id=principal.person_id,
                route=_ROUTE,
                key=str(principal.ticket_id),
                body_hash=digest(str(principal.ticket_id)),
            )
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.id)
        )
        if used.scalar() is None:
            raise SessionInvalid
