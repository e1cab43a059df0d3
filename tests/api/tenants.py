"""Organizations for the isolation matrix, and how each noun's object is made.

A slice adds its nouns here: one function per noun, entered in MAKERS under the name that path
parameters and body fields use (`source_id`; a list field `source_ids` uses the same).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter

from datelier.identity.routes import router as identity_router
from tests.support.api import Account, Served

ROUTERS: tuple[APIRouter, ...] = (identity_router,)


@dataclass
class Tenant:
    """An organization with its owner, signed in."""

    served: Served
    owner: Account
    client: httpx.AsyncClient

    @classmethod
    async def make(cls, served: Served) -> "Tenant":
        owner = await served.account("owner")
        return cls(served, owner, await served.signed_in(owner))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Create something through the API and return the answer's body."""
        answer = await self.client.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()


async def member(tenant: Tenant) -> str:
    account = await tenant.served.account("viewer", org=tenant.owner)
    return str(account.membership.id)


async def invite(tenant: Tenant) -> str:
    return str((await tenant.post("/invites", {"role": "viewer"}))["id"])


async def token(tenant: Tenant) -> str:
    return str((await tenant.post("/tokens", {"name": "matrix"}))["id"])


Maker = Callable[[Tenant], Awaitable[str]]
MAKERS: dict[str, Maker] = {"member_id": member, "invite_id": invite, "token_id": token}

# Bodies that the schema alone does not tell how to fill; ids are placed into them afterwards.
BODIES: dict[str, dict[str, Any]] = {}

# Ids that the caller chooses for a new object: an unknown one creates, so only the foreign one
# is asked, and it must be refused.
CLIENT_CHOSEN: frozenset[tuple[str, str]] = frozenset()
