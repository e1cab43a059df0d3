"""A served application for tests: people, organizations and clients of it."""

import random
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import httpx
from fastapi import APIRouter, FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from datelier.api.build import create_api
from datelier.identity.authenticator import Authenticator
from datelier.identity.models import Membership, Person
from datelier.identity.passwords import Passwords
from datelier.identity.provision import Provisioning
from datelier.identity.rates import Rates
from datelier.identity.routes import router as identity_router
from datelier.identity.scopes import Role
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.ids import uuid7
from datelier.kit.settings import Settings
from tests.conftest import make_org

ORIGIN = "http://127.0.0.1:8484"
PASSWORD = "correct horse battery"
# The lowest cost argon2 allows: tests are about what is verified, not how slowly.
QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True, slots=True)
class Account:
    """A person with a membership in one organization."""

    person: Person
    membership: Membership


class Served:
    """An application on a database, without a socket.

    Args:
        db: The platform database.
        settings: Of the process.
        routers: What to serve; identity's own when left out.
        provisioning: What new organizations start with.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        routers: Sequence[APIRouter] = (identity_router,),
        provisioning: Provisioning | None = None,
    ) -> None:
        self.resources = Resources(
            settings=settings,
            db=db,
            blobs=Blobs(settings.home / "blobs"),
            cipher=Cipher(bytes(range(32))),
        )
        self.resources.register(Passwords, Passwords(QUICK))
        self.resources.register(Authenticator, Authenticator(self.resources))
        self.resources.register(Rates, Rates(self.resources.settings))
        self.resources.register(Provisioning, provisioning or Provisioning())
        self.app: FastAPI = create_api(self.resources, routers)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """A client at an address of its own, so that tests do not throttle each other."""
        octets = [str(random.randrange(256)) for _ in range(3)]
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("10." + ".".join(octets), 1)),
            base_url=ORIGIN,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def browser(self) -> httpx.AsyncClient:
        """A client that sends what a page of ours sends; it keeps cookies."""
        client = self.client()
        client.headers["Origin"] = ORIGIN
        client.headers["Sec-Fetch-Site"] = "same-origin"
        return client

    async def account(self, role: Role, *, org: Account | None = None) -> Account:
        """A person with PASSWORD and `role`, in a new organization or in `org`'s."""
        org_id = org.membership.org_id if org else await make_org(self.resources)
        password_hash = await self.resources.get(Passwords).hash(PASSWORD)
        async with self.resources.db.system() as session:
            person = Person(
                id=uuid7(),
                email=f"{uuid7().hex}@example.com",
                name="Ada",
                password_hash=password_hash,
            )
            session.add(person)
            await session.flush()
            membership = Membership(id=uuid7(), org_id=org_id, person_id=person.id, role=role)
            session.add(membership)
        return Account(person, membership)

    async def signed_in(self, account: Account) -> httpx.AsyncClient:
        """A client that holds an access token of `account`."""
        async with self.client() as anonymous:
            answer = await anonymous.post(
                "/api/v1/auth/login",
                json={"email": account.person.email, "password": PASSWORD, "mode": "token"},
            )
        assert answer.status_code == 200, answer.text
        return self.client(answer.json()["access_token"])


def lifespan(app: FastAPI) -> AbstractAsyncContextManager[object]:
    """Run an application's start-up and shut-down."""
    return app.router.lifespan_context(app)
