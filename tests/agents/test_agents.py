"""Agents: the built-in ones, new ones, who sees them, and who may change them."""

import pytest

from datelier.agents.provision import ensure_builtin
from datelier.agents.service import definition_for, get_agent, list_agents
from datelier.kit.context import Actor, Context, Resources
from tests.agents.conftest import Office, open_office
from tests.conftest import ALL_SCOPES, make_org
from tests.support.api import Served


async def test_an_organization_gets_the_builtin_agents_once(ctx: Context) -> None:
    for _ in range(2):
        async with ctx.begin() as tx:
            await ensure_builtin(tx)
    async with ctx.begin() as tx:
        agents = await list_agents(tx)
        told = await definition_for(tx, (await get_agent(tx)).id)
    assert [(a.slug, a.builtin, a.number, a.published_version) for a in agents] == [
        ("analyst", True, 1, 1),
        ("steward", True, 2, 1),
    ]
    assert "Query first" in told.instructions


@pytest.mark.contract("S9", "S10", "S32")
async def test_an_agent_is_made_named_and_archived(office: Office) -> None:
    made = await office.agent("Zoë of Sales", description="Knows the shop.")
    assert (made["slug"], made["number"], made["published_version"]) == ("zoe-of-sales", 3, None)
    assert made["owner"]["id"] == str(office.owner.person.id)
    assert made["draft"]["instructions"] == ""
    path = f"/api/v1/agents/{made['id']}"
    renamed = await office.http.patch(path, json={"name": "Zoë", "description": ""})
    assert (renamed.json()["name"], renamed.json()["slug"]) == ("Zoë", "zoe-of-sales")
    # A name may be there twice; what a command line calls it may not.
    assert (await office.agent("Zoë of Sales"))["slug"] == "zoe-of-sales-2"
    assert (await office.http.delete(path)).status_code == 204
    listed = (await office.http.get("/api/v1/agents")).json()["data"]
    assert made["id"] not in [agent["id"] for agent in listed]
    archived = (await office.http.get("/api/v1/agents", params={"archived": True})).json()["data"]
    assert [agent["id"] for agent in archived] == [made["id"]]
    assert (await office.http.patch(path, json={"archived": False})).json()["archived_at"] is None
    assert await office.audited() == [
        "agent.created",
        "agent.updated",
        "agent.created",
        "agent.archived",
        "agent.updated",
    ]


async def test_a_new_agent_may_begin_as_a_copy(office: Office) -> None:
    steward = (await office.http.get("/api/v1/agents")).json()["data"][1]
    copy = await office.agent("Mine", copy_of_agent_id=steward["id"])
    assert copy["draft"] == (await office.get(steward["id"]))["draft"]
    assert len(copy["starters"]) == 4
    assert not copy["builtin"]


async def test_builtin_agents_stay_and_stay_shared(office: Office) -> None:
    analyst = (await office.http.get("/api/v1/agents")).json()["data"][0]
    path = f"/api/v1/agents/{analyst['id']}"
    for answer in (
        await office.http.delete(path),
        await office.http.patch(path, json={"archived": True}),
        await office.http.patch(path, json={"visibility": "private"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "builtin_agent")


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 81},
        {"name": "a\nb"},
        {"name": "x", "slug": "y"},
    ],
)
async def test_a_name_is_one_readable_line(office: Office, body: dict[str, str]) -> None:
    assert (await office.http.post("/api/v1/agents", json=body)).status_code == 422


async def test_a_private_agent_is_there_for_its_owner_alone(office: Office) -> None:
    made = await office.agent("Secret", visibility="private")
    path = f"/api/v1/agents/{made['id']}"
    colleague = await office.served.account("owner", org=office.owner)
    async with await office.served.signed_in(colleague) as other:
        listed = (await other.get("/api/v1/agents")).json()["data"]
        assert [agent["name"] for agent in listed] == ["Analyst", "Data-quality steward"]
        revision = {"If-Match": "1"}
        for answer in (
            await other.get(path),
            await other.patch(path, json={"name": "x"}),
            await other.put(f"{path}/draft", json={}, headers=revision),
            await other.post(f"{path}/publish", json={}),
            await other.get(f"{path}/versions"),
            await other.get(f"{path}/diff", params={"from": "draft"}),
            await other.post("/api/v1/agents", json={"name": "x", "copy_of_agent_id": made["id"]}),
            await other.delete(path),
        ):
            assert answer.status_code == 404, answer.request.url
        # The slug of an agent that one cannot see is not a way to learn of it.
        again = await other.post("/api/v1/agents", json={"name": "Secret"})
        assert again.status_code == 201
        shared = await office.http.patch(path, json={"visibility": "organization"})
        assert shared.json()["visibility"] == "organization"
        assert (await other.get(path)).status_code == 200
        # Whoever shares an agent may take it back; nobody else can take it away.
        taken = await other.patch(path, json={"visibility": "private"})
        assert taken.status_code == 403


async def test_members_read_agents_and_only_builders_change_them(office: Office) -> None:
    made = await office.agent()
    viewer = await office.served.account("viewer", org=office.owner)
    path = f"/api/v1/agents/{made['id']}"
    async with await office.served.signed_in(viewer) as client:
        assert (await client.get(path)).json() == await office.get(made["id"])
        assert (await client.get("/api/v1/agents/tools")).status_code == 200
        for answer in (
            await client.post("/api/v1/agents", json={"name": "x"}),
            await client.patch(path, json={"name": "x"}),
            await client.put(f"{path}/draft", json={}, headers={"If-Match": "1"}),
            await client.delete(f"{path}/draft"),
            await client.post(f"{path}/publish", json={}),
            await client.post(f"{path}/restore", json={"version": 1}),
            await client.delete(path),
        ):
            assert answer.status_code == 403, answer.request.url


async def test_another_organization_sees_nothing(office: Office, served: Served) -> None:
    made = await office.agent()
    stranger = await open_office(served)
    assert (await stranger.http.get(f"/api/v1/agents/{made['id']}")).status_code == 404
    foreign_model = await stranger.model()
    for field in ("model_id", "fallback_model_id"):
        refused = await office.save(made, **{field: foreign_model})
        assert refused.json()["errors"] == [{"path": field, "message": "There is no such model."}]
    await stranger.http.aclose()


@pytest.mark.parametrize("workflow", ["analyst", "plain"])
async def test_the_ready_analyst_answers_as_the_installation_says(
    resources: Resources, workflow: str
) -> None:
    settings = resources.settings.model_copy(update={"analyst_workflow": workflow})
    own = Resources(
        settings=settings, db=resources.db, blobs=resources.blobs, cipher=resources.cipher
    )
    ctx = Context(
        actor=Actor("system", None, "test"),
        org_id=await make_org(own),
        scopes=ALL_SCOPES,
        resources=own,
    )
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
        told = {a.slug: (await definition_for(tx, a.id)).workflow for a in await list_agents(tx)}
    assert told == {"analyst": workflow, "steward": "plain"}
