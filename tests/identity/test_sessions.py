"""Signing in, staying signed in, and every way in which a session ends."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select, update

from datelier.identity.access_tokens import AccessTokens
from datelier.identity.authenticator import Authenticator
from datelier.identity.models import AuditEntry, LoginAttempt, LoginSession, Membership, Person
from datelier.kit.clock import now
from datelier.kit.ids import uuid7
from tests.conftest import make_org
from tests.support.api import PASSWORD, Account, Served

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
ME = "/api/v1/auth/me"


async def login(client: httpx.AsyncClient, account: Account, **more: str) -> httpx.Response:
    return await client.post(
        LOGIN, json={"email": account.person.email, "password": PASSWORD, **more}
    )


async def age(served: Served, session_id: UUID, **columns: object) -> None:
    async with served.resources.db.system() as session:
        await session.execute(
            update(LoginSession).where(LoginSession.id == session_id).values(**columns)
        )


def session_id(served: Served, access_token: str) -> UUID:
    return AccessTokens(served.resources.cipher).verify(access_token).session_id


async def test_browser_signs_in_with_cookies_that_scripts_cannot_read(served: Served) -> None:
    account = await served.account("builder")
    async with served.browser() as browser:
        answer = await login(browser, account)
        assert answer.status_code == 200
        body = answer.json()
        assert body["user"] == {
            "id": str(account.person.id),
            "name": "Ada",
            "email": account.person.email,
        }
        assert body["role"] == "builder"
        assert "source:create" in body["scopes"]
        assert "model:manage" not in body["scopes"]
        assert set(body) == {"user", "organization", "role", "scopes"}
        cookies = answer.headers.get_list("set-cookie")
        assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
        assert sorted(cookie.split("=")[0] for cookie in cookies) == [
            "datelier_refresh",
            "datelier_session",
        ]
        assert "Path=/api/v1/auth" in next(c for c in cookies if c.startswith("datelier_refresh"))
        assert (await browser.get(ME)).json() == body


async def test_wrong_password_and_unknown_account_answer_the_same(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        wrong = await client.post(LOGIN, json={"email": account.person.email, "password": "nope"})
        unknown = await client.post(LOGIN, json={"email": "a@b.example", "password": "nope"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() | {"correlation_id": ""} == unknown.json() | {"correlation_id": ""}
    assert wrong.headers["www-authenticate"].startswith("Bearer")


async def test_email_address_is_found_in_any_case(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        answer = await client.post(
            LOGIN, json={"email": account.person.email.upper(), "password": PASSWORD}
        )
    assert answer.status_code == 200


async def test_disabled_person_cannot_sign_in_and_loses_open_sessions(served: Served) -> None:
    account = await served.account("viewer")
    async with await served.signed_in(account) as client:
        async with served.resources.db.system() as session:
            await session.execute(
                update(Person).where(Person.id == account.person.id).values(disabled_at=now())
            )
        served.resources.get(Authenticator).forget(account.person.id)
        assert (await client.get(ME)).status_code == 401
        assert (await login(client, account)).status_code == 401


async def test_sixth_wrong_password_for_an_account_is_throttled(served: Served) -> None:
    account = await served.account("viewer")
    body = {"email": account.person.email, "password": "wrong"}
    answers: list[httpx.Response] = []
    for _ in range(6):
        async with served.client() as elsewhere:  # another address each time
            answers.append(await elsewhere.post(LOGIN, json=body))
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    answer = answers[-1]
    assert answer.json()["code"] == "too_many_attempts"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json()["retry_after"] == int(answer.headers["retry-after"])
    # The right password does not help while throttled, or guessing would go on.
    async with served.client() as elsewhere:
        assert (await login(elsewhere, account)).status_code == 429


async def test_eleventh_wrong_password_from_an_address_is_throttled(served: Served) -> None:
    async with served.client() as client:
        statuses = [
            (
                await client.post(
                    LOGIN, json={"email": f"{uuid7().hex}@x.example", "password": "x"}
                )
            ).status_code
            for _ in range(11)
        ]
    assert statuses == [401] * 10 + [429]


async def test_attempts_made_at_the_same_time_count_as_well(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        answers = await asyncio.gather(
            *(
                client.post(LOGIN, json={"email": account.person.email, "password": "wrong"})
                for _ in range(9)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4


async def test_success_clears_the_failures_before_it(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        for _ in range(3):
            for _ in range(4):
                await client.post(LOGIN, json={"email": account.person.email, "password": "x"})
            assert (await login(client, account)).status_code == 200
            async with served.resources.db.system() as session:
                await session.execute(
                    delete(LoginAttempt).where(LoginAttempt.subject.like("address:%"))
                )


async def test_throttle_ends_when_the_minute_has_passed(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        for _ in range(5):
            await client.post(LOGIN, json={"email": account.person.email, "password": "x"})
        assert (await login(client, account)).status_code == 429
        # No role of the product may change attempts; the owner can.
        async with served.resources.db.engine.begin() as owner:
            await owner.execute(
                update(LoginAttempt).values(at=LoginAttempt.at - timedelta(seconds=61))
            )
        assert (await login(client, account)).status_code == 200


@pytest.mark.contract("Q39")
async def test_refresh_rotates_both_tokens(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        first = (await login(client, account, mode="token")).json()
        answer = await client.post(REFRESH, json={"refresh_token": first["refresh_token"]})
        second = answer.json()
    assert answer.status_code == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert session_id(served, second["access_token"]) == session_id(served, first["access_token"])


async def test_browser_refreshes_by_cookie(served: Served) -> None:
    account = await served.account("viewer")
    async with served.browser() as browser:
        await login(browser, account)
        before = dict(browser.cookies)
        browser.cookies.delete("datelier_session")
        assert (await browser.get(ME)).status_code == 401
        assert (await browser.post(REFRESH)).status_code == 200
        assert browser.cookies["datelier_refresh"] != before["datelier_refresh"]
        assert (await browser.get(ME)).status_code == 200


async def test_two_refreshes_at_once_get_the_same_successor(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        first = (await login(client, account, mode="token")).json()
        body = {"refresh_token": first["refresh_token"]}
        answers = await asyncio.gather(*(client.post(REFRESH, json=body) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        successors = {answer.json()["refresh_token"] for answer in answers}
        assert len(successors) == 1
        # And that successor is good.
        again = await client.post(REFRESH, json={"refresh_token": successors.pop()})
        assert again.status_code == 200


@pytest.mark.parametrize("generations", [1, 3])
async def test_reuse_of_an_old_refresh_token_ends_the_whole_session(
    served: Served, generations: int
) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        first = (await login(client, account, mode="token")).json()
        latest = first
        for _ in range(generations):
            latest = (
                await client.post(REFRESH, json={"refresh_token": latest["refresh_token"]})
            ).json()
        sid = session_id(served, first["access_token"])
        await age(served, sid, rotated_at=now() - timedelta(seconds=11))
        stolen = await client.post(REFRESH, json={"refresh_token": first["refresh_token"]})
        assert stolen.status_code == 401
        owner = await client.post(REFRESH, json={"refresh_token": latest["refresh_token"]})
        assert owner.status_code == 401
        client.headers["Authorization"] = f"Bearer {latest['access_token']}"
        assert (await client.get(ME)).status_code == 401
    async with served.resources.db.system() as session:
        actions = (
            await session.execute(select(AuditEntry.action).where(AuditEntry.target_id == sid))
        ).scalars()
        assert "session.revoked" in set(actions)


async def test_expired_or_made_up_refresh_tokens_are_refused(served: Served) -> None:
    account = await served.account("viewer")
    async with served.client() as client:
        first = (await login(client, account, mode="token")).json()
        await age(
            served,
            session_id(served, first["access_token"]),
            expires_at=now() - timedelta(seconds=1),
        )
        for token in (first["refresh_token"], "", "dtr_", "dtr_AAAA", "ü" * 20, "x" * 256):
            answer = await client.post(REFRESH, json={"refresh_token": token})
            assert answer.status_code == 401, token
        assert (await client.post(REFRESH)).status_code == 401


async def test_sign_out_ends_the_session_and_clears_the_cookies(served: Served) -> None:
    account = await served.account("viewer")
    async with served.browser() as browser:
        await login(browser, account)
        kept = dict(browser.cookies)
        assert (await browser.post("/api/v1/auth/logout")).status_code == 204
        assert not browser.cookies
        # Copies of the cookies are worth nothing either.
        for name, value in kept.items():
            browser.cookies.set(name, value, domain="127.0.0.1")
        assert (await browser.get(ME)).status_code == 401
        assert (await browser.post(REFRESH)).status_code == 401
        assert (await browser.post("/api/v1/auth/logout")).status_code == 204


async def test_sign_out_by_token_ends_only_that_session(served: Served) -> None:
    account = await served.account("viewer")
    async with await served.signed_in(account) as one, await served.signed_in(account) as two:
        assert (await one.post("/api/v1/auth/logout")).status_code == 204
        assert (await one.get(ME)).status_code == 401
        assert (await two.get(ME)).status_code == 200


async def test_person_in_two_organizations_acts_in_the_one_of_the_session(served: Served) -> None:
    account = await served.account("viewer")
    other = await make_org(served.resources)
    async with served.resources.db.system() as session:
        session.add(Membership(org_id=other, person_id=account.person.id, role="owner"))
    async with served.client() as client:
        there = (await login(client, account, mode="token", organization=other.hex)).json()
        assert there["organization"]["id"] == str(other)
        assert there["role"] == "owner"
        # The last one used is the default.
        again = (await login(client, account)).json()
        assert again["organization"]["id"] == str(other)
        client.headers["Authorization"] = f"Bearer {there['access_token']}"
        for header in ({"X-Org-Id": str(account.membership.org_id)}, {}):
            me = await client.get(ME, headers=header)
            assert me.json()["organization"]["id"] == str(other)
        members = (await client.get("/api/v1/members")).json()["data"]
        assert [member["role"] for member in members] == ["owner"]
        nowhere = await login(client, account, organization="no-such")
        assert nowhere.status_code == 403
