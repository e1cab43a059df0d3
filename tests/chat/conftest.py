"""A served app with a runner, a scripted model and somebody who is signed in."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import APIRouter
from sqlalchemy import text

from datelier.agents.note_tools import MEMORY_TOOLS
from datelier.agents.provision import ensure_builtin
from datelier.chat.prompts import title_prompt
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.ids import token, uuid7
from datelier.kit.tools import Tool
from datelier.llms.breaker import Breakers
from datelier.runs.execution import Graph
from tests.chat.app import GRAPHS, build_app, resources_for
from tests.chat.tools import TOOLS
from tests.conftest import ALL_SCOPES, add_person
from tests.support.cluster import Cluster
from tests.support.scripted_openai import ScriptedOpenAI, Turn


@dataclass(frozen=True)
class Place:
    """A served installation.

    Attributes:
        http: A client signed in as the owner of `org_id`.
        models: The scripted model server; the active model is called ``m``.
    """

    url: str
    http: httpx.AsyncClient
    secret: str
    org_id: UUID
    person_id: UUID
    resources: Resources
    models: ScriptedOpenAI

    def context(self) -> Context:
        return Context(
            actor=Actor("user", self.person_id, "Ada"),
            org_id=self.org_id,
            scopes=ALL_SCOPES,
            resources=self.resources,
        )

    def script(self, *turns: Turn) -> None:
        """Answer questions with `turns` in order, the last one again and again.

        The endpoint is a new one then: failures of the script before it are forgotten.
        """
        self.resources.register(Breakers, Breakers())
        queue = list(turns)

        def respond(body: dict[str, Any]) -> Turn:
            if title_prompt() in str(body["messages"][0]["content"]):
                return Turn.say('"Orders: counted"')
            return queue.pop(0) if len(queue) > 1 else queue[0]

        self.models.respond("m", respond)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Requests that the model got for answers, oldest first."""
        return [request for request in self.models.requests if request.get("stream")]

    async def thread(self, **body: Any) -> str:
        made = await self.http.post("/threads", json=body)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    async def send(self, thread_id: str, words: str, **more: Any) -> dict[str, Any]:
        sent = await self.http.post(f"/threads/{thread_id}/messages", json={"text": words, **more})
        assert sent.status_code == 202, sent.text
        return sent.json()

    async def parts(self, run_id: str) -> list[dict[str, Any]]:
        """Everything in a run's log, once it has ended."""
        got = await self.http.get(f"/runs/{run_id}/events", timeout=60)
        assert got.status_code == 200, got.text
        return sse_parts(got.text)

    async def messages(self, thread_id: str) -> list[dict[str, Any]]:
        return (await self.http.get(f"/threads/{thread_id}/messages")).json()["data"]


def sse_parts(body: str) -> list[dict[str, Any]]:
    """The JSON parts of a finished event stream."""
    lines = [line[6:] for line in body.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


async def make_member(resources: Resources, org_id: UUID, name: str) -> tuple[UUID, str]:
    """Insert an owner of `org_id`; return the person's id and a personal token."""
    person_id, secret = await add_person(resources, org_id, name, "owner"), token("dtl")
    async with resources.db.system() as session:
        await session.execute(
            text(
                "insert into personal_token (id, org_id, person_id, name, token_hash, prefix) "
                "values (:id, :org, :person, 't', :hash, 'dtl_')"
            ),
            {
                "id": uuid7(),
                "org": org_id,
                "person": person_id,
                "hash": hashlib.sha256(secret.encode()).digest(),
            },
        )
    return person_id, secret


async def make_home(resources: Resources, endpoint: str) -> tuple[UUID, UUID, str]:
    """Insert an organization with an owner, the analyst and an active model ``m``."""
    org_id = uuid7()
    async with resources.db.system() as session:
        await session.execute(
            text("insert into organization (id, name, slug) values (:id, 'Home', :slug)"),
            {"id": org_id, "slug": org_id.hex},
        )
        await session.execute(
            text(
                "insert into model (id, org_id, number, name, provider, model_name, endpoint_url, "
                "is_active, price_input, price_output) "
                "values (:id, :org, 1, 'Scripted', 'generic', 'm', :url, true, 1, 2)"
            ),
            {"id": uuid7(), "org": org_id, "url": endpoint},
        )
    ctx = Context(Actor("system", None, "test"), org_id, ALL_SCOPES, resources)
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
    return org_id, *await make_member(resources, org_id, "Ada")


@asynccontextmanager
async def serving(
    resources: Resources,
    tools: tuple[Tool, ...] = (),
    routers: tuple[APIRouter, ...] = (),
    *,
    runner: bool = True,
    graphs: tuple[Graph, ...] = GRAPHS,
) -> AsyncGenerator[str]:
    """Serve the app on a free port, usually with a runner; yield the address of the API."""
    app = build_app(resources, runner=runner, tools=tools, routers=routers, graphs=graphs)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server ended"
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/api/v1"
    server.should_exit = True
    await task


@pytest.fixture(scope="session")
async def place(cluster: Cluster, template_url: str) -> AsyncGenerator[Place]:
    """One served installation for the tests of this folder.

    In a database of its own: its runner must not claim the runs of other folders' tests.
    """
    url_of_database = cluster.create("chat", template="template_datelier")
    resources = resources_for(url_of_database, max_steps=6)
    async with ScriptedOpenAI() as models, serving(resources, (*TOOLS, *MEMORY_TOOLS)) as url:
        org_id, person_id, secret = await make_home(resources, models.url)
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
            yield Place(url, http, secret, org_id, person_id, resources, models)
