"""Two organizations on one installation, behind both walls or one of them."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from datelier.agents.provision import ensure_builtin
from datelier.api.build import create_api
from datelier.app.routers import ROUTERS
from datelier.identity.provision import Provisioning
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.settings import Settings
from datelier.llms.provision import ensure_demo
from datelier.runs.engine import open_engine
from datelier.sources.gateway import WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from tests.api.isolation import Operation, Position, example, placed, present
from tests.api.tenants import BODIES, NOUNS, NUMBERS, PARAMS, SENT, Family, Tenant
from tests.sources.real_worker import RealWorker
from tests.support.api import Served
from tests.support.certificates import loopback_certificate

MODES = ("both walls", "only row-level security", "only filters")
Ids = dict[Position, str]

_TENANT_TABLES = text(
    "select relname from pg_class join pg_attribute a on a.attrelid = pg_class.oid "
    "where a.attname = 'org_id' and relkind = 'r' and relnamespace = 'public'::regnamespace"
)


def described(*routers: Any) -> FastAPI:
    """An application that is never asked anything, for its description."""
    settings = Settings()
    resources = Resources(
        settings, Database("postgresql://none/none"), Blobs(settings.home), Cipher(bytes(32))
    )
    return create_api(resources, routers)


APP = described(*ROUTERS)
DESCRIBED = APP.openapi()
SCHEMAS = DESCRIBED["components"]["schemas"]


@dataclass
class World:
    """Two organizations; the victim's objects are made once, since nobody may change them."""

    served: Served
    victim: Tenant
    attacker: Tenant
    theirs: Family = field(init=False)
    mine: Family = field(init=False)

    def __post_init__(self) -> None:
        self.theirs, self.mine = Family(self.victim), Family(self.attacker)

    async def digest(self) -> dict[str, str]:
        """What the victim has, table by table and file by file, read past every wall."""
        org_id = self.victim.owner.membership.org_id
        async with self.served.resources.db.engine.connect() as owner:
            names = (await owner.execute(_TENANT_TABLES)).scalars().all()
            each = " union all ".join(
                f"select '{name}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) "  # names from the catalog
                f"from {name} t where org_id = :org"
                for name in names
            )
            rows = (await owner.execute(text(each), {"org": org_id})).all()
        found = {str(name): str(value) for name, value in rows}
        root = self.served.resources.blobs.root / str(org_id)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found


@asynccontextmanager
async def opened_world(url: str, settings: Settings, mode: str) -> AsyncGenerator[World]:
    """Serve every route of the product on `url`, with a real worker attached."""
    db = Database(url)
    hooks = Provisioning((ensure_demo, ensure_builtin))
    served = Served(db, settings, ROUTERS, hooks)
    key, certificate = loopback_certificate()
    listen = Listen("127.0.0.1", 0, key, certificate, replica=f"matrix-{uuid4().hex}")
    gateway = Gateway(served.resources, listen, ca=certificate)
    async with open_engine(served.resources):
        await gateway.start()
        served.resources.register(WorkerGateway, gateway)
        victim = await Tenant.make(served, "zanzibar")
        attacker = await Tenant.make(served, "mine")
        async with RealWorker(victim.ctx, gateway, certificate):
            db.tenant_filter = mode != "only row-level security"
            yield World(served, victim, attacker)
        for tenant in (victim, attacker):
            await tenant.close()
        await gateway.stop(0)
    await db.close()


def noun_of(operation: Operation, position: Position) -> str:
    return NOUNS.get((operation.name, position.label), position.noun)


def body_of(operation: Operation) -> Any:
    if operation.body_schema is None:
        return None
    return BODIES.get(operation.name) or example(operation.body_schema, SCHEMAS)


async def ids_of(family: Family, operation: Operation, asked: Position) -> Ids:
    """Objects of one family for everything the call cannot do without, besides `asked`."""
    body = body_of(operation)
    return {
        position: await family.get(noun_of(operation, position))
        for position in operation.positions
        if position != asked
        and (
            position.where == "path" or (position.where == "body" and present(body, position.steps))
        )
    }


async def ask(
    caller: httpx.AsyncClient,
    operation: Operation,
    ids: Ids,
    *,
    more: tuple[Position, str] | None = None,
) -> httpx.Response:
    """Call `operation` with `ids` in their places; `more` is one more entry of a list."""
    path, body = operation.path, body_of(operation)
    params = dict(PARAMS.get(operation.name, {}))
    for position, value in ids.items():
        if position.where == "path":
            path = path.replace("{" + position.steps[0] + "}", value)
        elif position.where == "query":
            params[position.steps[0]] = value
        else:
            body = placed(body, position.steps, value)
    for name, value in NUMBERS.get(operation.name, {}).items():
        path = path.replace("{" + name + "}", value)
    if more is not None:
        position, value = more
        body[position.steps[0]] = [*body[position.steps[0]], value]
    headers = SENT.get(operation.name)
    return await caller.request(operation.method, path, params=params, json=body, headers=headers)
