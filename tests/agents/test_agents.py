"""The built-in analyst: provisioned once, listed, changed, kept apart from other organizations."""

from uuid import uuid4

import pytest

from datelier.agents.provision import ensure_builtin
from datelier.agents.routes import router
from datelier.agents.schemas import AgentPatch
from datelier.agents.service import get_agent, list_agents, update_agent
from datelier.identity.routes import router as identity_router
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.errors import NotFound
from datelier.llms.provision import ensure_demo
from datelier.llms.service import list_models
from tests.support.api import Served


async def test_an_organization_gets_the_analyst_once(ctx: Context) -> None:
    for _ in range(2):
        async with ctx.begin() as tx:
            await ensure_builtin(tx)
    async with ctx.begin() as tx:
        agents = await list_agents(tx)
    assert [(agent.slug, agent.builtin) for agent in agents] == [("analyst", True)]
    assert "Query first" in agents[0].instructions


async def test_an_agent_prefers_only_a_model_of_its_own_organization(ctx: Context) -> None:
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
        await ensure_demo(tx)
        agent = await get_agent(tx)
        model = (await list_models(tx))[0][0]
        changed = await update_agent(tx, agent.id, AgentPatch(model_id=model.id))
        assert changed.model_id == model.id
    async with ctx.begin() as tx:
        with pytest.raises(NotFound):
            await update_agent(tx, agent.id, AgentPatch(model_id=uuid4()))
    async with ctx.begin() as tx:
        changed = await update_agent(tx, agent.id, AgentPatch(model_id=None))
        assert changed.model_id is None
        assert "Query first" in changed.instructions


async def test_members_read_agents_and_only_builders_change_them(resources: Resources) -> None:
    served = Served(resources.db, resources.settings, routers=(identity_router, router))
    owner = await served.account("owner")
    viewer = await served.account("viewer", org=owner)
    org = Context(
        actor=Actor("system", None, "Test"),
        org_id=owner.membership.org_id,
        scopes=frozenset(),
        resources=resources,
    )
    async with org.begin() as tx:
        await ensure_builtin(tx)
    async with await served.signed_in(viewer) as client:
        listed = (await client.get("/api/v1/agents")).json()["data"]
        path = f"/api/v1/agents/{listed[0]['id']}"
        assert (await client.get(path)).json() == listed[0]
        assert (await client.patch(path, json={"instructions": "x"})).status_code == 403
    async with await served.signed_in(owner) as client:
        answer = await client.patch(path, json={"instructions": "Answer in rhymes."})
        assert answer.json()["instructions"] == "Answer in rhymes."
        assert (await client.patch(path, json={"slug": "x"})).status_code == 422
    stranger = await served.account("owner")
    async with await served.signed_in(stranger) as client:
        assert (await client.get(path)).status_code == 404
