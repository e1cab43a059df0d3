"""A served app with a runner, a worker beside it and a PostgreSQL source that may be written to."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from datelier.effects.tools import HTTP_REQUEST, WRITE_SQL
from datelier.kit.context import Actor, Context, Resources
from datelier.queries.tools import DATA_TOOLS
from datelier.sources.gateway import WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from datelier.sources.manage import create_source
from datelier.sources.routes import router as sources
from datelier.sources.schemas import SourceIn
from datelier.sources.workers import create_local_worker
from datelier.sources.write_routes import router as writing
from tests.chat.app import resources_for
from tests.chat.conftest import Place, make_home, serving
from tests.conftest import ALL_SCOPES
from tests.runs.processes import until
from tests.sources.real_worker import RealWorker
from tests.support.certificates import loopback_certificate
from tests.support.cluster import Cluster
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.scripted_openai import ScriptedOpenAI, Turn

SHOP_SQL = (
    "CREATE TABLE orders (id int PRIMARY KEY, status text NOT NULL, total numeric(10, 2))",
    "INSERT INTO orders SELECT i, 'open', i * 1.5 FROM generate_series(1, 40) i",
    "CREATE TABLE log (what text)",
    "CREATE ROLE reader LOGIN",
    "GRANT SELECT ON orders TO reader",
    "CREATE ROLE writer LOGIN PASSWORD 'pass-w0rd'",
    "GRANT SELECT, INSERT ON log TO writer",
    "GRANT SELECT ON log TO reader",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO writer",
    "ANALYZE",
)


@pytest.fixture(scope="session")
def shop() -> Generator[ScratchPostgres]:
    with running_postgres() as server:
        server.run(*SHOP_SQL)
        yield server


@dataclass
class Home:
    """The place, and the source that its agents may change."""

    place: Place
    shop: ScratchPostgres
    source_id: str
    steward: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.shop.connect() as connection:
            return connection.execute(sql.encode()).fetchall()

    async def ask(self, *turns: Turn) -> tuple[str, str]:
        """Let the model say `turns`; return the thread and the run."""
        self.place.script(*turns)
        thread_id = await self.place.thread(source_ids=[self.source_id], agent_id=self.steward)
        sent = await self.place.send(thread_id, "Correct the data.")
        return thread_id, sent["run_id"]

    async def request(self, run_id: str, kind: str = "approval") -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            got = await self.place.http.get("/requests", params={"view": "open"})
            return next(
                (r for r in got.json()["data"] if r["run_id"] == run_id and r["kind"] == kind), None
            )

        return await until(look, f"a request of kind {kind} is there", 90)

    async def decide(self, request: dict[str, Any], kind: str, **more: Any) -> httpx.Response:
        decisions = [{"action_id": a["id"], "type": kind, **more} for a in request["actions"]]
        body = {
            "decision_id": str(uuid4()),
            "revision": request["revision"],
            "decisions": decisions,
        }
        return await self.place.http.post(f"/requests/{request['id']}/decide", json=body)

    async def make_writable(self, **more: Any) -> None:
        body = {"user": "writer", "password": "pass-w0rd", "max_rows": 20, **more}
        put = await self.place.http.put(f"/sources/{self.source_id}/write_connection", json=body)
        assert put.status_code == 200, put.text

    async def effects(self, run_id: str) -> list[dict[str, Any]]:
        got = await self.place.http.get(f"/runs/{run_id}/effects")
        assert got.status_code == 200, got.text
        return got.json()["data"]


def write_sql(sql: str) -> Turn:
    return Turn.call("write_sql", {"sql": sql})


@dataclass
class Split:
    """An installation whose runner and worker are processes of their own."""

    home: Home
    database_url: str
    gateway_address: str
    ca_file: Path
    worker_token: str


@pytest.fixture(scope="session")
async def home(cluster: Cluster, template_url: str, shop: ScratchPostgres) -> AsyncGenerator[Home]:
    url = cluster.create("effects", template="template_datelier")
    resources = resources_for(url, max_steps=6)
    async with (
        _installed(resources, shop, runner=True) as (made, ctx, gateway, certificate),
        RealWorker(ctx, gateway, certificate),
    ):
        yield made


@pytest.fixture(scope="session")
async def split(
    cluster: Cluster,
    template_url: str,
    shop: ScratchPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Split]:
    url = cluster.create("effects_split", template="template_datelier")
    resources = resources_for(url, max_steps=6)
    async with _installed(resources, shop, runner=False) as (made, _ctx, gateway, certificate):
        ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
        ca_file.write_bytes(certificate)
        token = await create_local_worker(resources)
        yield Split(made, url, f"127.0.0.1:{gateway.port}", ca_file, token)


@asynccontextmanager
async def _installed(
    resources: Resources, shop: ScratchPostgres, *, runner: bool
) -> AsyncGenerator[tuple[Home, Context, Gateway, bytes]]:
    key, certificate = loopback_certificate()
    listen = Listen("127.0.0.1", 0, key, certificate, replica="test", heartbeat_s=0.05)
    gateway = Gateway(resources, listen, ca=certificate)
    tools = (*DATA_TOOLS, WRITE_SQL, HTTP_REQUEST)
    async with (
        ScriptedOpenAI() as models,
        serving(resources, tools, (sources, writing), runner=runner) as url,
    ):
        org_id, person_id, secret = await make_home(resources, models.url)
        ctx = Context(Actor("user", person_id, "Ada"), org_id, ALL_SCOPES, resources)
        await gateway.start()
        resources.register(WorkerGateway, gateway)
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
            config = {k: v for k, v in shop.source("reader").items() if k != "engine"}
            async with ctx.begin() as tx:
                made = await create_source(
                    tx, SourceIn(name="Shop", engine="postgresql", config=config)
                )
            place = Place(url, http, secret, org_id, person_id, resources, models)
            agents = (await http.get("/agents")).json()["data"]
            steward = next(agent["id"] for agent in agents if agent["slug"] == "steward")
            home = Home(place, shop, str(made.id), steward)
            await home.make_writable()
            yield home, ctx, gateway, certificate
        await gateway.stop(0)


@pytest.fixture
async def writable(home: Home) -> Home:
    """The shop as new, with a write-enabled connection."""
    home.shop.run("TRUNCATE orders, log", SHOP_SQL[1])
    await home.make_writable()
    return home
