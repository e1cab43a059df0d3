"""Members, roles, personal tokens, and how fast rights are lost."""

import asyncio
import itertools
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update
from starlette.datastructures import Headers

from datelier.identity.authenticator import Authenticator
from datelier.identity.errors import SessionInvalid
from datelier.identity.models import PersonalToken
from datelier.identity.scopes import ROLE_SCOPES, ROLES, SCOPES, Role
from datelier.kit.clock import now
from tests.support.api import Account, Served

ME = "/api/v1/auth/me"


@dataclass
class ByHand:
    """A clock that goes when told to."""

    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds


def member_path(account: Account) -> str:
    return f"/api/v1/members/{account.membership.id}"


async def status_of(client: httpx.AsyncClient, method: str, path: str, json: object = None) -> int:
    return (await client.request(method, path, json=json)).status_code


def test_roles_are_nested_and_every_scope_belongs_to_one() -> None:
    for bigger, smaller in itertools.pairwise(ROLES):
        assert ROLE_SCOPES[smaller] < ROLE_SCOPES[bigger]
    assert ROLE_SCOPES["owner"] == SCOPES


EXPECTED: dict[tuple[str, str], set[Role]] = {
    ("GET", "/api/v1/auth/me"): {"viewer", "analyst", "builder", "admin", "owner"},
    ("GET", "/api/v1/members"): {"viewer", "analyst", "builder", "admin", "owner"},
    ("GET", "/api/v1/tokens"): {"viewer", "analyst", "builder", "admin", "owner"},
    ("GET", "/api/v1/invites"): {"admin", "owner"},
    ("GET", "/api/v1/audit"): {"admin", "owner"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.contract("Q40")
async def test_each_role_reaches_exactly_its_own_doors(served: Served, role: Role) -> None:
    account = await served.account(role)
    async with await served.signed_in(account) as client:
        for (method, path), allowed in EXPECTED.items():
            answer = await client.request(method, path)
            assert answer.status_code == (200 if role in allowed else 403), (path, answer.text)
            if role not in allowed:
                assert answer.json()["code"] == "forbidden"


async def test_admin_changes_a_role_and_it_counts_at_once(served: Served) -> None:
    admin = await served.account("admin")
    viewer = await served.account("viewer", org=admin)
    async with await served.signed_in(admin) as client, await served.signed_in(viewer) as other:
        assert await status_of(other, "GET", "/api/v1/invites") == 403
        answer = await client.patch(member_path(viewer), json={"role": "admin"})
        assert (answer.status_code, answer.json()["role"]) == (200, "admin")
        assert await status_of(other, "GET", "/api/v1/invites") == 200
        audit = (await client.get("/api/v1/audit")).json()["data"][0]
        assert audit["action"] == "member.role_changed"
        assert audit["detail"] == {"from": "viewer", "to": "admin"}
        assert audit["actor"] == {"kind": "user", "name": "Ada"}


async def test_only_owners_make_change_or_remove_owners(served: Served) -> None:
    owner = await served.account("owner")
    admin = await served.account("admin", org=owner)
    viewer = await served.account("viewer", org=owner)
    async with await served.signed_in(admin) as client:
        assert await status_of(client, "PATCH", member_path(viewer), json={"role": "owner"}) == 403
        assert await status_of(client, "PATCH", member_path(owner), json={"role": "viewer"}) == 403
        assert await status_of(client, "DELETE", member_path(owner)) == 403
        assert await status_of(client, "POST", "/api/v1/invites", json={"role": "owner"}) == 403
    async with await served.signed_in(owner) as client:
        assert await status_of(client, "PATCH", member_path(viewer), json={"role": "owner"}) == 200


async def test_last_owner_can_be_neither_removed_nor_demoted(served: Served) -> None:
    owner = await served.account("owner")
    async with await served.signed_in(owner) as client:
        for answer in (
            await client.delete(member_path(owner)),
            await client.patch(member_path(owner), json={"role": "admin"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
        assert await status_of(client, "PATCH", member_path(owner), json={"role": "owner"}) == 200


async def test_two_owners_cannot_remove_each_other_at_the_same_time(served: Served) -> None:
    one = await served.account("owner")
    two = await served.account("owner", org=one)
    async with await served.signed_in(one) as first, await served.signed_in(two) as second:
        answers = await asyncio.gather(
            first.delete(member_path(two)), second.delete(member_path(one))
        )
    assert sorted(answer.status_code for answer in answers) in ([204, 401], [204, 409])


async def test_removed_member_loses_sessions_and_tokens(served: Served) -> None:
    owner = await served.account("owner")
    member = await served.account("analyst", org=owner)
    async with await served.signed_in(owner) as client, await served.signed_in(member) as gone:
        token = (await gone.post("/api/v1/tokens", json={"name": "ci"})).json()["token"]
        assert await status_of(gone, "GET", ME) == 200
        assert await status_of(client, "DELETE", member_path(member)) == 204
        assert await status_of(gone, "GET", ME) == 401
        async with served.client(token) as by_token:
            assert await status_of(by_token, "GET", ME) == 401
        listed = (await client.get("/api/v1/members")).json()["data"]
        assert [item["id"] for item in listed] == [str(owner.membership.id)]


async def test_another_replica_feels_a_revocation_within_five_seconds(served: Served) -> None:
    owner = await served.account("owner")
    member = await served.account("viewer", org=owner)
    clock = ByHand()
    replica = Authenticator(served.resources, clock)
    async with await served.signed_in(owner) as client, await served.signed_in(member) as gone:
        headers = Headers({"authorization": gone.headers["authorization"]})
        principal = await replica.principal(headers, {}, unsafe=False)
        await client.delete(member_path(member))
        clock.seconds = 1
        # Within the age a cached answer may have, the replica does not ask again.
        assert await replica.principal(headers, {}, unsafe=False) == principal
        clock.seconds = 5
        with pytest.raises(SessionInvalid):
            await replica.principal(headers, {}, unsafe=False)
        with pytest.raises(SessionInvalid):
            await replica.recheck(principal)


async def test_stream_rechecks_see_a_smaller_role(served: Served) -> None:
    owner = await served.account("owner")
    member = await served.account("builder", org=owner)
    authenticator = served.resources.get(Authenticator)
    async with await served.signed_in(owner) as client, await served.signed_in(member) as other:
        headers = Headers({"authorization": other.headers["authorization"]})
        principal = await authenticator.principal(headers, {}, unsafe=False)
        assert "source:create" in (await authenticator.recheck(principal)).scopes
        await client.patch(member_path(member), json={"role": "viewer"})
        assert "source:create" not in (await authenticator.recheck(principal)).scopes


async def test_personal_token_is_shown_once_and_narrowed_to_its_scopes(served: Served) -> None:
    admin = await served.account("admin")
    async with await served.signed_in(admin) as client:
        made = await client.post(
            "/api/v1/tokens", json={"name": "ci", "scopes": ["member:get"], "expires_in_days": 1}
        )
        assert made.status_code == 201
        secret = made.json()["token"]
        assert secret.startswith("dtl_")
        listed = (await client.get("/api/v1/tokens")).json()["data"]
        assert [item["token"] for item in listed] == [None]
        assert secret.startswith(listed[0]["prefix"])
    async with served.client(secret) as narrow:
        me = (await narrow.get(ME)).json()
        assert me["scopes"] == ["member:get", "self:get"]
        assert await status_of(narrow, "GET", "/api/v1/members") == 200
        assert await status_of(narrow, "GET", "/api/v1/invites") == 403
        assert await status_of(narrow, "GET", "/api/v1/tokens") == 403


async def test_token_hands_on_no_more_than_it_holds(served: Served) -> None:
    owner = await served.account("owner")
    async with await served.signed_in(owner) as client:
        made = await client.post(
            "/api/v1/tokens", json={"name": "a", "scopes": ["token:manage", "member:manage"]}
        )
    async with served.client(made.json()["token"]) as narrow:
        wider = {"name": "b", "scopes": ["audit:get"]}
        assert await status_of(narrow, "POST", "/api/v1/tokens", json=wider) == 403
        assert await status_of(narrow, "POST", "/api/v1/invites", json={"role": "viewer"}) == 403
        child = (await narrow.post("/api/v1/tokens", json={"name": "c"})).json()
        assert child["scopes"] == ["member:manage", "self:get", "token:manage"]


async def test_revoked_and_expired_tokens_are_refused(served: Served) -> None:
    account = await served.account("viewer")
    async with await served.signed_in(account) as client:
        one = (await client.post("/api/v1/tokens", json={"name": "one"})).json()
        two = (await client.post("/api/v1/tokens", json={"name": "two"})).json()
        async with served.client(one["token"]) as by_token:
            assert await status_of(by_token, "GET", ME) == 200
            assert await status_of(client, "DELETE", f"/api/v1/tokens/{one['id']}") == 204
            assert await status_of(by_token, "GET", ME) == 401
        async with served.resources.db.system() as session:
            await session.execute(
                update(PersonalToken)
                .where(PersonalToken.name == "two")
                .values(expires_at=now() - timedelta(seconds=1))
            )
        async with served.client(two["token"]) as by_token:
            assert await status_of(by_token, "GET", ME) == 401


async def test_colleagues_do_not_see_or_revoke_each_other_s_tokens(served: Served) -> None:
    owner = await served.account("owner")
    member = await served.account("viewer", org=owner)
    async with await served.signed_in(owner) as boss, await served.signed_in(member) as other:
        made = (await other.post("/api/v1/tokens", json={"name": "mine"})).json()
        assert (await boss.get("/api/v1/tokens")).json()["data"] == []
        assert await status_of(boss, "DELETE", f"/api/v1/tokens/{made['id']}") == 404


async def test_token_with_a_scope_that_does_not_exist_is_invalid(served: Served) -> None:
    account = await served.account("owner")
    async with await served.signed_in(account) as client:
        answer = await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["root:all"]})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "scopes")


async def test_lists_come_in_pages(served: Served) -> None:
    owner = await served.account("owner")
    others = [await served.account("viewer", org=owner) for _ in range(4)]
    wanted = [str(account.membership.id) for account in reversed([owner, *others])]
    seen: list[str] = []
    cursor: str | None = None
    async with await served.signed_in(owner) as client:
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/members", params=params)).json()
            seen += [item["id"] for item in page["data"]]
            cursor = page["next"]
            if cursor is None:
                break
        bad = await client.get("/api/v1/members", params={"cursor": "!!"})
        assert (bad.status_code, bad.json()["code"]) == (400, "malformed")
    assert seen == wanted
