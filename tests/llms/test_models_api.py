"""The models API, served: keys go in and never out, tests come before activation."""

import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from datelier.identity.routes import router as identity_router
from datelier.kit.context import Actor, Context, Resources
from datelier.llms.clients import model_clients
from datelier.llms.connect import accept_offer, list_offers
from datelier.llms.offers import Surroundings, lm_studio, ollama
from datelier.llms.provision import ensure_demo
from datelier.llms.routes import router
from datelier.llms.schemas import AcceptOffer, ModelIn
from datelier.llms.service import create_model, list_models
from tests.llms.conftest import KEY
from tests.support.api import Account, Served
from tests.support.scripted_openai import ScriptedOpenAI, Turn

GOOD = {
    "report_number": Turn.call("report_number", {"number": 7}),
    "JSON": Turn.say('Sure: {"city": "Oslo", "count": 3}'),
}


def capable(body: dict[str, Any]) -> Turn:
    """Answer the four checks well."""
    if body.get("tools"):
        return GOOD["report_number"]
    return GOOD["JSON"] if "JSON" in str(body["messages"]) else Turn.say("ready steady go")


@pytest.fixture
async def served(resources: Resources) -> AsyncGenerator[Served]:
    made = Served(resources.db, resources.settings, routers=(identity_router, router))
    yield made
    await model_clients(made.resources).close()


def context(served: Served, account: Account) -> Context:
    actor = Actor("user", account.person.id, "Ada")
    return Context(actor, account.membership.org_id, frozenset(), served.resources)


def body_for(server: ScriptedOpenAI, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Mine",
        "provider": "generic",
        "model_name": "m",
        "endpoint_url": server.url,
        "api_key": KEY,
        **changes,
    }


@pytest.mark.contract("Q62", "Q42")
async def test_a_model_is_tested_before_it_is_activated(
    api: httpx.AsyncClient, server: ScriptedOpenAI
) -> None:
    server.respond("m", capable)
    made = (await api.post("models", json=body_for(server))).json()
    assert made["key"] == {
        "configured": True,
        "last4": KEY[-4:],
        "updated_at": made["key"]["updated_at"],
    }
    refused = await api.post(f"models/{made['id']}/activate")
    assert (refused.status_code, refused.json()["code"]) == (409, "model_not_tested")
    report = (await api.post(f"models/{made['id']}/test")).json()
    assert report["ok"], report
    assert [check["name"] for check in report["checks"]] == ["reply", "stream", "tool_call", "json"]
    assert all(check["elapsed_ms"] >= 0 for check in report["checks"])
    assert (await api.post(f"models/{made['id']}/activate")).json()["is_active"]
    changed = await api.patch(f"models/{made['id']}", json={"model_name": "other"})
    assert changed.json()["test_ok"] is None


async def test_each_check_is_reported_on_its_own(
    api: httpx.AsyncClient, server: ScriptedOpenAI
) -> None:
    def weak(body: dict[str, Any]) -> Turn:
        return Turn.say("no tools here") if body.get("tools") else capable(body)

    server.respond("m", weak)
    report = (await api.post("models/test", json=body_for(server))).json()
    outcome = {check["name"]: check["ok"] for check in report["checks"]}
    assert outcome == {"reply": True, "stream": True, "tool_call": False, "json": True}
    assert not report["ok"]
    server.respond("m", lambda _: Turn.refuse(401, KEY))
    report = (await api.post("models/test", json=body_for(server))).json()
    assert {check["code"] for check in report["checks"]} == {"model_key_refused"}


@pytest.mark.contract("Q42")
async def test_a_key_never_comes_out(
    api: httpx.AsyncClient, server: ScriptedOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.respond("m", lambda _: Turn.refuse(401, f"key {KEY} is wrong"))
    seen: list[str] = []

    async def call(method: str, path: str, **extra: Any) -> dict[str, Any]:
        answer = await api.request(method, path, **extra)
        seen.append(answer.text + str(answer.headers))
        return answer.json() if answer.content else {}

    made = await call("POST", "models", json=body_for(server))
    path = f"models/{made['id']}"
    for method, where in (("GET", "models"), ("GET", path), ("POST", path + "/test")):
        await call(method, where)
    await call("PATCH", path, json={"name": "New"})
    await call("POST", "models", json=body_for(server, surprise=1))
    await call("POST", "models", json=body_for(server, api_key={"key": KEY}))
    await call("POST", "models/test", json=body_for(server))
    await call("POST", path + "/activate")
    await call("DELETE", path)
    logs = "\n".join(json.dumps(record.__dict__, default=str) for record in caplog.records)
    for text in (*seen, logs):
        assert KEY not in text


async def test_a_stored_key_is_never_sent_to_a_new_endpoint(
    api: httpx.AsyncClient, server: ScriptedOpenAI
) -> None:
    made = (await api.post("models", json=body_for(server))).json()
    path = f"models/{made['id']}"
    moved = await api.patch(path, json={"endpoint_url": "https://elsewhere.example/v1"})
    assert moved.status_code == 422
    assert moved.json()["errors"][0]["path"] == "api_key"
    again = {"endpoint_url": "https://elsewhere.example/v1", "api_key": "sk-another-secret-key"}
    assert (await api.patch(path, json=again)).json()["key"]["last4"] == "-key"
    removed = await api.patch(path, json={"api_key": None})
    assert removed.json()["key"]["configured"] is False


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://0.0.0.0:1",
        "file:///etc/passwd", "gopher://x", "http://user:pass@host/", "http://host/?key=1",
        "http://", "http://host:port/", "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_endpoints_that_may_not_be_reached_are_not_stored(
    api: httpx.AsyncClient, server: ScriptedOpenAI, url: str
) -> None:
    answer = await api.post("models", json=body_for(server, endpoint_url=url))
    assert answer.status_code == 422, answer.text


@pytest.mark.contract("X13")
async def test_defaults_come_from_the_catalogue_and_retired_names_are_flagged(
    api: httpx.AsyncClient,
) -> None:
    providers = {row["id"]: row for row in (await api.get("models/providers")).json()}
    assert providers["openai"]["default_model"] == "gpt-4o-mini"
    assert providers["ollama"]["default_endpoint"] == "http://localhost:11434"
    body = {"name": "Claude", "provider": "anthropic", "api_key": KEY}
    assert (await api.post("models", json=body)).json()["retired_advice"] is None
    old = await api.post("models", json={**body, "model_name": "claude-3-haiku-20240307"})
    assert old.json()["retired_advice"] == "claude-haiku-4-5"
    missing = await api.post("models", json={"name": "x", "provider": "openai"})
    assert missing.json()["errors"][0]["path"] == "api_key"


async def test_another_organization_and_a_smaller_role_see_nothing(
    served: Served, owner: Account, api: httpx.AsyncClient, server: ScriptedOpenAI
) -> None:
    made = (await api.post("models", json=body_for(server))).json()
    path = f"/api/v1/models/{made['id']}"
    async with await served.signed_in(await served.account("owner")) as stranger:
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(path + "/test")).status_code == 404
        assert (await stranger.get("/api/v1/models")).json()["data"] == []
    async with await served.signed_in(await served.account("viewer", org=owner)) as viewer:
        assert (await viewer.patch(path, json={"name": "x"})).status_code == 403


async def test_the_list_is_paged(served: Served, owner: Account, api: httpx.AsyncClient) -> None:
    async with context(served, owner).begin() as tx:
        for number in range(3):
            await create_model(tx, ModelIn(name=f"m{number}", provider="ollama"))
    first = (await api.get("models", params={"limit": 2})).json()
    second = (await api.get("models", params={"limit": 2, "cursor": first["next"]})).json()
    assert [row["name"] for row in first["data"] + second["data"]] == ["m0", "m1", "m2"]
    assert second["next"] is None


async def test_the_demo_model_is_active_at_first_and_needs_no_test(
    served: Served, owner: Account, api: httpx.AsyncClient, server: ScriptedOpenAI
) -> None:
    for _ in range(2):
        async with context(served, owner).begin() as tx:
            await ensure_demo(tx)
    (demo,) = (await api.get("models")).json()["data"]
    assert demo["is_demo"]
    assert demo["is_active"]
    assert (await api.post(f"models/{demo['id']}/test")).json()["ok"]
    server.respond("m", capable)
    real = (await api.post("models", json=body_for(server))).json()
    await api.post(f"models/{real['id']}/test")
    await api.post(f"models/{real['id']}/activate")
    listed = (await api.get("models")).json()["data"]
    assert [row["is_active"] for row in listed] == [False, True]
    assert (await api.post(f"models/{demo['id']}/activate")).json()["is_active"]
    assert (await api.patch(f"models/{demo['id']}", json={"model_name": "x"})).status_code == 409


@pytest.mark.contract("X12", "Q8")
async def test_what_is_within_reach_is_offered_and_becomes_a_model_once(
    served: Served, owner: Account, server: ScriptedOpenAI
) -> None:
    server.script("qwen3", [Turn.say("hi")])
    server.script("nomic-embed-text", [Turn.say("hi")])
    base = f"http://127.0.0.1:{server.port}"
    found = {"OPENAI_API_KEY": KEY}
    around = Surroundings(found.get, (ollama(base), lm_studio(base), ollama("http://127.0.0.1:9")))
    ctx = context(served, owner)
    offers = await list_offers(ctx, around)
    assert [(offer.origin, offer.provider, offer.model_name) for offer in offers] == [
        ("env", "openai", "gpt-4o-mini"),
        ("local", "ollama", "qwen3"),
        ("local", "generic", "qwen3"),
    ]
    assert KEY not in str(offers)
    for offer in offers:
        wanted = AcceptOffer(
            origin=offer.origin, provider=offer.provider, model_name=offer.model_name
        )
        await accept_offer(ctx, wanted, around)
    assert await list_offers(ctx, around) == []
    async with ctx.begin() as tx:
        rows, _ = await list_models(tx)
    stored = [(row.origin, row.endpoint_url, row.api_key is not None) for row in rows]
    assert stored == [("env", None, True), ("local", base, False), ("local", f"{base}/v1", False)]
    assert SecretStr(KEY).get_secret_value().encode() not in (rows[0].api_key or b"")
