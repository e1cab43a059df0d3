"""How accounts come into being: set-up link, invitation, reset link."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from datelier.identity.errors import AlreadySetUp
from datelier.identity.links import create_reset_link, create_setup_link
from datelier.identity.models import AuditEntry, Invite, OneTimeLink
from datelier.identity.personal_tokens import issue_profile
from datelier.identity.provision import Provisioning
from datelier.identity.sign_up import create_organization
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import Database
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.kit.settings import Settings
from tests.support.api import PASSWORD, Served

SIGNUP = "/api/v1/auth/signup"
LOGIN = "/api/v1/auth/login"
RESET = "/api/v1/auth/reset"


async def _seed(ctx: Context) -> None:
    await next_number(ctx, "seeded")


@pytest.fixture
async def empty(fresh_url: str, tmp_path: Path) -> AsyncGenerator[Served]:
    """An installation that nobody has an account on."""
    db = Database(fresh_url)
    yield Served(db, Settings(home=tmp_path), provisioning=Provisioning((_seed,)))
    await db.close()


def somebody(**more: object) -> dict[str, object]:
    return {"name": "Ada", "email": "ada@example.com", "password": PASSWORD, **more}


async def invite(served: Served, **body: object) -> str:
    """Invite as a new organization's owner; return the token."""
    owner = await served.account("owner")
    async with await served.signed_in(owner) as client:
        answer = await client.post("/api/v1/invites", json={"role": "analyst", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()["url"].rsplit("/", 1)[1]


@pytest.mark.contract("W19")
async def test_first_account_is_made_by_the_setup_link_and_owns_its_organization(
    empty: Served,
) -> None:
    async with empty.browser() as browser:
        assert (await browser.get("/api/v1/auth/setup")).json()["needs_setup"] is True
        token = await create_setup_link(empty.resources)
        answer = await browser.post(
            SIGNUP, json=somebody(setup_token=token, organization="Café Müller & Co")
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["role"] == "owner"
        assert answer.json()["organization"]["slug"] == "cafe-muller-co"
        assert (await browser.get("/api/v1/auth/setup")).json()["needs_setup"] is False
        me = await browser.get("/api/v1/auth/me")
        assert me.json() == answer.json()
        again = await browser.post(SIGNUP, json=somebody(setup_token=token))
        assert (again.status_code, again.json()["code"]) == (409, "already_set_up")
    with pytest.raises(AlreadySetUp):
        await create_setup_link(empty.resources)


async def test_new_organization_gets_what_other_slices_give_it_in_the_same_transaction(
    empty: Served,
) -> None:
    token = await create_setup_link(empty.resources)
    async with empty.client() as client:
        await client.post(SIGNUP, json=somebody(setup_token=token))
    org_id = await create_organization(
        empty.resources, name="Second", owner_email="ADA@example.com"
    )
    async with empty.resources.db.transaction(org_id) as session:
        actions = set((await session.execute(select(AuditEntry.action))).scalars())
    assert "organization.created" in actions
    async with empty.client() as client:
        login = {"email": "ada@example.com", "password": PASSWORD, "mode": "token"}
        first = (await client.post(LOGIN, json=login)).json()
        assert first["organization"]["name"] == "Second"
        client.headers["Authorization"] = f"Bearer {first['access_token']}"
        seeded = await client.get("/api/v1/audit")
        assert [entry["actor"]["name"] for entry in seeded.json()["data"]] == ["Ada", "Ada"]
    with pytest.raises(NotFound):
        await create_organization(empty.resources, name="Third", owner_email="no@example.com")


async def test_failing_provision_leaves_nothing_behind(fresh_url: str, tmp_path: Path) -> None:
    async def fail(_: Context) -> None:
        raise LookupError("no demo model")

    db = Database(fresh_url)
    served = Served(db, Settings(home=tmp_path), provisioning=Provisioning((fail,)))
    token = await create_setup_link(served.resources)
    async with served.client() as client:
        answer = await client.post(SIGNUP, json=somebody(setup_token=token))
        assert answer.status_code == 500
        assert "demo" not in answer.text
        assert (await client.get("/api/v1/auth/setup")).json()["needs_setup"] is True
    await db.close()


async def test_a_new_setup_link_voids_the_one_before(empty: Served) -> None:
    old = await create_setup_link(empty.resources)
    new = await create_setup_link(empty.resources)
    async with empty.client() as client:
        assert (await client.post(SIGNUP, json=somebody(setup_token=old))).status_code == 401
        assert (await client.post(SIGNUP, json=somebody(setup_token=new))).status_code == 201


async def test_two_first_accounts_at_once_make_one(empty: Served) -> None:
    token = await create_setup_link(empty.resources)
    async with empty.client() as client:
        answers = await asyncio.gather(
            *(
                client.post(SIGNUP, json=somebody(setup_token=token, email=f"a{n}@example.com"))
                for n in range(4)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_expired_setup_link_is_refused(empty: Served) -> None:
    token = await create_setup_link(empty.resources)
    async with empty.resources.db.system() as session:
        await session.execute(update(OneTimeLink).values(expires_at=now() - timedelta(seconds=1)))
    async with empty.client() as client:
        answer = await client.post(SIGNUP, json=somebody(setup_token=token))
    assert (answer.status_code, answer.json()["code"]) == (401, "link_invalid")


async def test_invited_person_joins_with_the_invited_role_once(served: Served) -> None:
    token = await invite(served)
    email = f"{uuid7().hex}@example.com"
    async with served.browser() as browser:
        answer = await browser.post(SIGNUP, json=somebody(invite_token=token, email=email))
        assert (answer.status_code, answer.json()["role"]) == (201, "analyst")
        again = await browser.post(SIGNUP, json=somebody(invite_token=token, email="b" + email))
        assert again.json()["code"] == "link_invalid"


async def test_invite_for_an_address_works_for_that_address_only(served: Served) -> None:
    email = f"{uuid7().hex}@example.com"
    token = await invite(served, email=email)
    async with served.client() as client:
        other = await client.post(SIGNUP, json=somebody(invite_token=token, email="x" + email))
        assert other.status_code == 401
        mine = await client.post(SIGNUP, json=somebody(invite_token=token, email=email.upper()))
        assert mine.status_code == 201


async def test_expired_or_deleted_invites_are_refused(served: Served) -> None:
    owner = await served.account("owner")
    async with await served.signed_in(owner) as client:
        made = (await client.post("/api/v1/invites", json={"role": "viewer"})).json()
        listed = (await client.get("/api/v1/invites")).json()["data"]
        assert [item["id"] for item in listed] == [made["id"]]
        assert listed[0]["url"] is None
        assert (await client.delete(f"/api/v1/invites/{made['id']}")).status_code == 204
        deleted = await client.post(
            SIGNUP, json=somebody(invite_token=made["url"].rsplit("/", 1)[1])
        )
        assert deleted.status_code == 401
    token = await invite(served)
    async with served.resources.db.system() as session:
        await session.execute(update(Invite).values(expires_at=now() - timedelta(seconds=1)))
    async with served.client() as client:
        assert (await client.post(SIGNUP, json=somebody(invite_token=token))).status_code == 401


async def test_person_with_an_account_joins_another_organization_by_their_password(
    served: Served,
) -> None:
    account = await served.account("viewer")
    token = await invite(served)
    async with served.client() as client:
        body = somebody(invite_token=token, email=account.person.email)
        wrong = await client.post(SIGNUP, json={**body, "password": "not the password"})
        assert wrong.status_code == 401
        right = await client.post(SIGNUP, json=body)
        assert right.status_code == 201
        assert right.json()["user"]["id"] == str(account.person.id)
        assert right.json()["organization"]["id"] != str(account.membership.org_id)


@pytest.mark.parametrize(
    "tokens",
    [
        {},
        {"setup_token": None},
        {"setup_token": ""},
        {"setup_token": []},
        {"invite_token": ""},
        {"invite_token": None, "setup_token": None},
        {"invite_token": "i" * 20, "setup_token": "s" * 20},
        {"invite_token": "i" * 20, "organization": "Mine"},
    ],
)
async def test_sign_up_needs_exactly_one_token(served: Served, tokens: dict[str, object]) -> None:
    async with served.client() as client:
        assert (await client.post(SIGNUP, json=somebody(**tokens))).status_code == 422


async def test_reset_link_sets_the_password_ends_sessions_and_works_once(served: Served) -> None:
    account = await served.account("viewer")
    async with await served.signed_in(account) as before, served.browser() as browser:
        path = await create_reset_link(served.resources, account.person.email.upper())
        token = path.removeprefix("/reset/")
        body = {"reset_token": token, "password": "a different password"}
        answer = await browser.post(RESET, json=body)
        assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
        assert (await browser.get("/api/v1/auth/me")).status_code == 200
        assert (await before.get("/api/v1/auth/me")).status_code == 401
        assert (await browser.post(RESET, json=body)).status_code == 401
        old = {"email": account.person.email, "password": PASSWORD}
        assert (await browser.post(LOGIN, json=old)).status_code == 401
        new = {"email": account.person.email, "password": "a different password"}
        assert (await browser.post(LOGIN, json=new)).status_code == 200


async def test_a_newer_reset_link_voids_the_older_and_only_its_own_person_s(served: Served) -> None:
    account, other = await served.account("viewer"), await served.account("viewer")
    others = await create_reset_link(served.resources, other.person.email)
    old = await create_reset_link(served.resources, account.person.email)
    await create_reset_link(served.resources, account.person.email)
    async with served.client() as client:
        for path, status in ((old, 401), (others, 200)):
            body = {"reset_token": path.removeprefix("/reset/"), "password": "something longer"}
            assert (await client.post(RESET, json=body)).status_code == status


@pytest.mark.parametrize("token", [None, "", [], {}, 0, True, "x" * 30])
async def test_reset_without_a_real_token_is_refused(served: Served, token: object) -> None:
    async with served.client() as client:
        answer = await client.post(RESET, json={"reset_token": token, "password": "long enough!"})
    assert answer.status_code in {401, 422}


async def test_reset_link_for_nobody_is_an_error_for_the_operator(served: Served) -> None:
    with pytest.raises(NotFound):
        await create_reset_link(served.resources, "nobody@example.com")


async def test_operator_profile_is_a_personal_token_of_that_person(served: Served) -> None:
    account = await served.account("owner")
    token = await issue_profile(served.resources, account.person.id)
    async with served.client(token) as client:
        me = (await client.get("/api/v1/auth/me")).json()
    assert me["user"]["id"] == str(account.person.id)
    assert me["role"] == "owner"
