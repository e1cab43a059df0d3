"""No id of another organization does anything, at any door, behind either wall alone.

Three modes: both walls, only row-level security (the filters of `kit.db` are off), only the
filters (row-level security is off in every table).
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from datelier.api.build import create_api
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.settings import Settings
from tests.api.isolation import (
    Operation,
    Position,
    all_operations,
    cells,
    example,
    id_operations,
    placed,
    shape,
)
from tests.api.tenants import BODIES, CLIENT_CHOSEN, MAKERS, ROUTERS, Tenant
from tests.api.unmade import add_unmade
from tests.support.api import Served
from tests.support.cluster import Cluster

MODES = ("both walls", "only row-level security", "only filters")


def describe(*routers: APIRouter) -> dict[str, Any]:
    settings = Settings()
    resources = Resources(
        settings, Database("postgresql://none/none"), Blobs(settings.home), Cipher(bytes(32))
    )
    return create_api(resources, routers).openapi()


DESCRIBED = describe(*ROUTERS)
SCHEMAS = DESCRIBED["components"]["schemas"]
CELLS = list(cells(DESCRIBED))


@dataclass
class World:
    """Two organizations on one installation."""

    served: Served
    victim: Tenant
    attacker: Tenant


async def digest(world: World) -> dict[str, str]:
    """What the victim has, table by table, read past every wall."""
    org_id = world.victim.owner.membership.org_id
    async with world.served.resources.db.engine.connect() as owner:
        tables = await owner.execute(
            text(
                "select relname from pg_class join pg_attribute a on a.attrelid = pg_class.oid "
                "where a.attname = 'org_id' and relkind = 'r' and relnamespace = 'public'::regnamespace"
            )
        )
        found: dict[str, str] = {}
        for name in tables.scalars().all():
            rows = await owner.execute(
                text(
                    f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) "
                    f"from {name} t where org_id = :org"
                ),
                {"org": org_id},
            )
            found[name] = rows.scalar_one()
    return found


@pytest.fixture(scope="session")
def bare_url(cluster: Cluster, template_url: str) -> str:
    """An installation whose tables have no row-level security."""
    url = cluster.create("without_rls", template="template_datelier")
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "select relname from pg_class where relrowsecurity and relkind = 'r'"
        ).fetchall()
        for (name,) in tables:
            connection.execute(f'alter table "{name}" disable row level security'.encode())
    return url


@pytest.fixture(scope="module", params=MODES)
async def world(
    request: pytest.FixtureRequest,
    platform_url: str,
    bare_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[World]:
    db = Database(bare_url if request.param == "only filters" else platform_url)
    served = Served(db, Settings(home=tmp_path_factory.mktemp("home")), ROUTERS)
    victim, attacker = await Tenant.make(served), await Tenant.make(served)
    db.tenant_filter = request.param != "only row-level security"
    yield World(served, victim, attacker)
    for tenant in (victim, attacker):
        await tenant.client.aclose()
    await db.close()


async def ask(
    client: httpx.AsyncClient, operation: Operation, ids: dict[Position, str]
) -> httpx.Response:
    """Call `operation` with `ids` in their places."""
    path, params, body = operation.path, dict[str, str](), None
    if operation.body_schema is not None:
        body = BODIES.get(operation.name) or example(operation.body_schema, SCHEMAS)
    for position, value in ids.items():
        if position.where == "path":
            path = path.replace("{" + position.steps[0] + "}", value)
        elif position.where == "query":
            params[position.steps[0]] = value
        else:
            body = placed(body, position.steps, value)
    return await client.request(operation.method, path, params=params, json=body)


async def own_ids(tenant: Tenant, operation: Operation, asked: Position) -> dict[Position, str]:
    """Objects of `tenant` for what the call needs besides the position that is asked about."""
    return {
        position: await MAKERS[position.noun](tenant)
        for position in operation.positions
        if position.where == "path" and position != asked
    }


def label(value: object) -> str:
    if isinstance(value, Operation):
        return value.name
    return ".".join(value.steps) if isinstance(value, Position) else str(value)


def test_every_id_has_a_maker() -> None:
    missing = {
        f"{operation.name}: {position.noun}"
        for operation, position in CELLS
        if position.noun not in MAKERS
    }
    assert not missing, "add a function to tests/api/tenants.py for each of these nouns"
    assert len(CELLS) >= 3


@pytest.mark.parametrize(("operation", "position"), CELLS, ids=label)
@pytest.mark.contract("Q41")
async def test_foreign_id_is_answered_like_an_unknown_one(
    world: World, operation: Operation, position: Position
) -> None:
    theirs = await MAKERS[position.noun](world.victim)
    before = await digest(world)
    others = await own_ids(world.attacker, operation, position)
    foreign = await ask(world.attacker.client, operation, {**others, position: theirs})
    if (operation.name, position.noun) in CLIENT_CHOSEN:
        assert foreign.status_code in {403, 404, 409}, foreign.text
    else:
        unknown = await ask(world.attacker.client, operation, {**others, position: str(uuid4())})
        assert foreign.status_code == unknown.status_code
        assert shape(foreign.json()) == shape(unknown.json())
        assert foreign.status_code in ({404} if position.where == "path" else {404, 422})
    assert theirs not in foreign.text
    async with world.served.client() as nobody:
        anonymous = await ask(nobody, operation, {**others, position: theirs})
        assert anonymous.status_code == 401
    assert await digest(world) == before


@pytest.mark.parametrize("operation", list(id_operations(DESCRIBED)), ids=label)
async def test_the_same_call_with_own_ids_is_not_refused_as_unknown(
    world: World, operation: Operation
) -> None:
    for position in operation.positions:
        others = await own_ids(world.attacker, operation, position)
        mine = await MAKERS[position.noun](world.attacker)
        answer = await ask(world.attacker.client, operation, {**others, position: mine})
        # Else the cell above would pass because the call is malformed, not because of a wall.
        assert answer.status_code not in {400, 401, 404, 405, 422, 500}, answer.text


@pytest.mark.parametrize(
    "operation",
    [
        operation
        for operation in all_operations(DESCRIBED)
        if operation.method == "GET" and "{" not in operation.path
    ],
    ids=label,
)
async def test_lists_hold_nothing_of_another_organization(
    world: World, operation: Operation
) -> None:
    theirs = {noun: await make(world.victim) for noun, make in MAKERS.items()}
    answer = await world.attacker.client.get(operation.path)
    for noun, value in theirs.items():
        assert value not in answer.text, noun
    for secret in (world.victim.owner.person.email, str(world.victim.owner.membership.org_id)):
        assert secret not in answer.text


def test_operation_with_an_id_nobody_can_make_is_noticed() -> None:
    router = APIRouter(tags=["x"])
    add_unmade(router)
    found = {
        (operation.name, position.where, position.steps, position.noun)
        for operation, position in cells(describe(router))
    }
    assert found == {
        ("read_gadget", "path", ("gadget_id",), "gadget_id"),
        ("read_gadget", "query", ("parent_id",), "parent_id"),
        ("write_gadget", "path", ("id",), "gadget_id"),
        ("write_gadget", "body", ("owner_id",), "owner_id"),
        ("write_gadget", "body", ("parts", "[]", "source_ids", "[]"), "source_id"),
    }
    assert not {noun for *_, noun in found} <= set(MAKERS)
