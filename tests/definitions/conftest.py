"""Definitions over a PostgreSQL source of the tests, whose tables may be changed."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.definitions.routes import router
from datelier.definitions.standing import settle_drift
from datelier.identity.models import Person
from datelier.identity.scopes import ROLE_SCOPES, Role
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.ids import uuid7
from datelier.sources.catalog import CatalogWatches
from datelier.sources.gateway import WorkerGateway
from tests.queries.test_postgres import add
from tests.sources.app import client
from tests.sources.conftest import *  # noqa: F403  # fixtures
from tests.sources.real_worker import RealWorker
from tests.support.postgres import ScratchPostgres, scratch_postgres

__all__ = ["scratch_postgres"]

SALES = (
    "drop table if exists sale",
    "create table sale (id int primary key, region text, paid boolean, amount numeric)",
    (
        "insert into sale select n, (array['north', 'south'])[1 + n % 2], n % 3 > 0, n * 10"
        " from generate_series(1, 12) n"
    ),
    "drop role if exists sales_reader",
    "create role sales_reader login",
    "grant select on sale to sales_reader",
)
REVENUE = "select sum(amount) as revenue from sale where paid"


@dataclass
class Desk:
    """One organization with a source of sales; `http` is a builder's client.

    Attributes:
        ctx: The builder.
        database: Where the source's tables are.
    """

    ctx: Context
    http: httpx.AsyncClient
    source_id: str
    database: ScratchPostgres

    async def propose(self, **fields: Any) -> dict[str, Any]:
        """A proposed metric."""
        body = {"name": f"Revenue {uuid7().hex[-6:]}", "sql": REVENUE, "source_id": self.source_id}
        made = await self.http.post("/definitions", json=body | fields)
        assert made.status_code == 201, made.text
        return made.json()

    async def certified(self, **fields: Any) -> dict[str, Any]:
        made = await self.propose(**fields)
        answer = await self.certify(made)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def certify(self, shown: dict[str, Any]) -> httpx.Response:
        body = {"version": shown["version"]}
        return await self.http.post(f"/definitions/{shown['id']}/certify", json=body)

    async def get(self, definition_id: str) -> dict[str, Any]:
        return (await self.http.get(f"/definitions/{definition_id}")).json()

    async def edit(self, shown: dict[str, Any], **fields: Any) -> httpx.Response:
        """Change fields of a definition as it was shown."""
        keys = ("kind", "name", "pattern", "sql", "note", "source_id")
        return await self.http.put(
            f"/definitions/{shown['id']}",
            json={key: shown[key] for key in keys} | fields,
            headers={"If-Match": f'"{shown["version"]}"'},
        )

    async def refresh(self) -> None:
        answer = await self.http.post(f"/sources/{self.source_id}/refresh")
        assert answer.status_code == 200, answer.text

    async def colleague(self, role: Role) -> "Desk":
        """The same organization, as somebody else sees it."""
        shared = self.ctx.resources
        own = Resources(shared.settings, shared.db, shared.blobs, shared.cipher)
        own.register(WorkerGateway, shared.get(WorkerGateway))
        actor = Actor("user", await make_person(shared, role), role)
        ctx = replace(self.ctx, actor=actor, scopes=ROLE_SCOPES[role], resources=own)
        return replace(self, ctx=ctx, http=client(ctx, router))


async def make_person(resources: Resources, name: str) -> UUID:
    """Insert somebody and return their id."""
    person = Person(id=uuid7(), email=f"{uuid7().hex}@example.com", name=name)
    async with resources.db.system() as session:
        session.add(person)
    return person.id


@pytest.fixture
async def desk(
    ctx: Context, real_worker: RealWorker, scratch_postgres: ScratchPostgres
) -> AsyncGenerator[Desk]:
    """A builder's desk with a source that was looked at."""
    assert real_worker
    ctx.resources.register(CatalogWatches, CatalogWatches((settle_drift,)))
    scratch_postgres.run(*SALES)
    person_id = await make_person(ctx.resources, "Ada")
    ctx = replace(ctx, actor=Actor("user", person_id, "Ada"))
    async with client(ctx, router) as http:
        source = await add(http, scratch_postgres, "sales_reader")
        yield Desk(ctx, http, source["id"], scratch_postgres)
