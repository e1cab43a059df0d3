"""Queries and charts are tested on the same gateway and worker as sources."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from datelier.artifacts.documents.routes import router as documents
from datelier.kit.context import Actor, Context
from datelier.runs.engine import open_engine
from tests.artifacts.story import FIRST, SALES, Story
from tests.chat.conftest import make_member
from tests.queries.test_queries import Agent
from tests.sources.app import client
from tests.sources.conftest import *  # noqa: F403  # fixtures
from tests.sources.real_worker import RealWorker


@pytest.fixture
async def story(ctx: Context, real_worker: RealWorker) -> AsyncGenerator[Story]:
    assert real_worker
    person_id, _ = await make_member(ctx.resources, ctx.org_id, "Ada")
    ctx = replace(ctx, actor=Actor("user", person_id, "Ada"))
    async with open_engine(ctx.resources), client(ctx, documents) as http:
        files = [("files", ("sales.csv", SALES.encode()))]
        source = (await http.post("/sources/upload", files=files)).json()
        agent = Agent(ctx, source["id"])
        made = await agent.call("execute_sql_query", sql=FIRST)
        assert not made.is_error, made.text
        yield Story(ctx, http, agent, agent.parts[-1]["data"])
