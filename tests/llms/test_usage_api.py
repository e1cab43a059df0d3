"""Usage and budgets, served: what was spent on what, and who may limit it."""

from datetime import UTC, timedelta

import httpx
import pytest

from datelier.identity.routes import router as identity_router
from datelier.kit.clock import now
from datelier.kit.context import Actor, Context, Resources
from datelier.llms.budget_routes import router as budgets_router
from datelier.llms.config import ModelConfig, Spender, Usage
from datelier.llms.provision import ensure_demo
from datelier.llms.routes import router
from datelier.llms.service import active_model
from datelier.llms.usage import record_usage
from tests.support.api import Account, Served


@pytest.fixture
def served(resources: Resources) -> Served:
    return Served(
        resources.db, resources.settings, routers=(identity_router, router, budgets_router)
    )


async def spend(served: Served, owner: Account, *usages: Usage) -> None:
    actor = Actor("user", owner.person.id, "Ada")
    ctx = Context(actor, owner.membership.org_id, frozenset(), served.resources)
    async with ctx.begin() as tx:
        await ensure_demo(tx)
        row = await active_model(tx)
        assert row is not None
        for usage in usages:
            await record_usage(tx, ModelConfig.of(row), usage, node="assistant", spender=Spender())


async def test_usage_is_added_up_and_what_nobody_knows_is_said(
    api: httpx.AsyncClient, served: Served, owner: Account
) -> None:
    await spend(served, owner, Usage(10, 5), Usage(1, 2), Usage(None, None))
    for group_by, name in (("model", "Demo model"), ("member", owner.person.name), ("day", None)):
        report = (await api.get("usage", params={"group_by": group_by})).json()
        [row] = report["rows"]
        assert row["name"] == name
        assert (row["calls"], row["input_tokens"], row["output_tokens"]) == (3, 11, 7)
        assert (row["unpriced_calls"], row["uncounted_calls"]) == (1, 1)
        assert float(row["cost"]) == 0
    assert report["until"] == now().astimezone(UTC).date().isoformat()


async def test_days_without_use_give_no_rows_and_wrong_days_are_refused(
    api: httpx.AsyncClient,
) -> None:
    assert (await api.get("usage")).json()["rows"] == []
    today = now().date()
    backwards = {"since": str(today), "until": str(today - timedelta(days=1))}
    assert (await api.get("usage", params=backwards)).status_code == 422
    too_many = {"since": str(today - timedelta(days=400)), "until": str(today)}
    assert (await api.get("usage", params=too_many)).status_code == 422


async def test_an_admin_sets_budgets_and_others_may_not_even_see_them(
    api: httpx.AsyncClient, served: Served, owner: Account
) -> None:
    body = {"subject": "organization", "unit": "usd", "period": "month", "hard_limit": "100"}
    made = await api.post("budgets", json=body)
    assert made.status_code == 201
    assert (await api.post("budgets", json=body)).json()["code"] == "budget_exists"
    changed = await api.put(f"budgets/{made.json()['id']}", json={"soft_limit": "80"})
    assert (changed.json()["soft_limit"], changed.json()["hard_limit"]) == ("80", None)
    analyst = await served.account("analyst", org=owner)
    async with await served.signed_in(analyst) as theirs:
        for answer in (
            await theirs.get("/api/v1/budgets"),
            await theirs.get("/api/v1/usage"),
            await theirs.post("/api/v1/budgets", json=body),
        ):
            assert answer.status_code == 403
    assert (await api.delete(f"budgets/{made.json()['id']}")).status_code == 204
    assert (await api.get("budgets")).json() == []


async def test_a_named_member_must_be_one_of_ours(api: httpx.AsyncClient, served: Served) -> None:
    stranger = await served.account("viewer")
    body = {"subject": "member", "unit": "tokens", "period": "day", "hard_limit": 10}
    refused = await api.post("budgets", json={**body, "member_id": str(stranger.membership.id)})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.contract("X35")
async def test_the_rate_is_answered_429_with_the_seconds_to_wait(
    resources: Resources, owner: Account, served: Served
) -> None:
    slow = resources.settings.model_copy(update={"rate_per_minute": 6})
    limited = Served(resources.db, slow, routers=(identity_router, router, budgets_router))
    async with await served.signed_in(owner) as client:
        token = client.headers["authorization"].split()[1]
    async with limited.client(token) as client:
        answers = [await client.get("/api/v1/auth/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 10
