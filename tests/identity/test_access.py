"""Credentials that must not work, requests from other sites, and when a request commits."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel
from sqlalchemy import event, text
from starlette.datastructures import Headers
from starlette.types import Message

from datelier.identity import audit
from datelier.identity.access import needs
from datelier.identity.access_tokens import AccessTokens, Claims
from datelier.identity.authenticator import Authenticator
from datelier.identity.errors import OriginRefused, SessionInvalid
from datelier.identity.routes import router as identity_router
from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.errors import Conflict, Unauthenticated
from tests.support.api import ORIGIN, PASSWORD, Account, Served

ME = "/api/v1/auth/me"
INVITES = "/api/v1/invites"


async def claims_of(served: Served, account: Account) -> dict[str, Any]:
    """The claims of a valid token of `account`."""
    async with await served.signed_in(account) as client:
        token = client.headers["authorization"].split()[1]
    return jwt.decode(token, options={"verify_signature": False})


def signing_key(served: Served) -> bytes:
    return served.resources.cipher.derive("access token")


async def answer_to(served: Served, token: str) -> int:
    async with served.client(token) as client:
        return (await client.get(ME)).status_code


def changed(**claims: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda valid: {key: value for key, value in (valid | claims).items() if value != "gone"}


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        changed(exp=now() - HOUR),
        changed(nbf=now() + HOUR),
        changed(iat=now() + HOUR, nbf=now() + HOUR),
        changed(aud="datelier:ticket"),
        changed(aud="other"),
        changed(iss="https://evil.example"),
        changed(exp="gone"),
        changed(sid="gone"),
        changed(org="gone"),
        changed(sub=str(uuid4())),
        changed(org=str(uuid4())),
        changed(sid=str(uuid4())),
        changed(sid="' or 1=1 --"),
        changed(sub=None),
        changed(org=["a"]),
    ],
)
async def test_signed_token_with_wrong_claims_is_refused(
    served: Served, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    valid = await claims_of(served, await served.account("owner"))
    key = signing_key(served)
    assert await answer_to(served, jwt.encode(valid, key, "HS256")) == 200
    try:
        token = jwt.encode(change(valid), key, "HS256")
    except TypeError:  # the library refuses to sign some of them; an attacker would not
        token = forged(change(valid), {"alg": "HS256"})
    assert await answer_to(served, token) == 401


def forged(claims: dict[str, Any], header: dict[str, Any], signature: bytes = b"") -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    body = json.dumps(claims, default=str).encode()
    return f"{part(json.dumps(header).encode())}.{part(body)}.{part(signature)}"


def signed_with_sha512(claims: dict[str, Any], key: bytes) -> str:
    """The right key with another algorithm."""
    unsigned = forged(claims, {"alg": "HS512", "typ": "JWT"}).rstrip(".")
    digest = hmac.new(key, unsigned.encode(), "sha512").digest()
    return unsigned + "." + base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def test_unsigned_or_otherwise_signed_tokens_are_refused(served: Served) -> None:
    valid = await claims_of(served, await served.account("owner"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    tokens = [
        forged(valid, {"alg": "none"}),
        forged(valid, {"alg": "None", "typ": "JWT"}),
        forged(valid, {"alg": "HS256", "kid": "../../dev/null"}),
        forged(valid, {"alg": "HS256", "jku": "https://evil.example/jwks"}),
        jwt.encode(valid, key, "RS256"),
        jwt.encode(valid, base64.b64encode(public), "HS256"),
        signed_with_sha512(valid, signing_key(served)),
        jwt.encode(valid, b"\0" * 32, "HS256", headers={"kid": "../../dev/null"}),
        jwt.encode(valid, signing_key(served), "HS256")[:-2] + "AA",
        "x" * 100_000,
        "a.b.c",
        "dtl_",
        "dtl_" + "x" * 43,
    ]
    assert [await answer_to(served, token) for token in tokens] == [401] * len(tokens)


async def test_two_authorization_headers_are_malformed(served: Served) -> None:
    async with await served.signed_in(await served.account("owner")) as client:
        good = client.headers["authorization"]
        answer = await client.get(
            ME, headers=[("Authorization", good), ("Authorization", "Bearer dtl_other")]
        )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearer", "Bearer ", "", "token x"])
async def test_other_authorization_schemes_are_refused(served: Served, value: str) -> None:
    async with served.client() as client:
        answer = await client.get(ME, headers={"Authorization": value})
    assert answer.status_code == 401


async def test_invalid_header_is_not_saved_by_a_valid_cookie(served: Served) -> None:
    account = await served.account("owner")
    async with served.browser() as browser:
        await browser.post(
            "/api/v1/auth/login", json={"email": account.person.email, "password": PASSWORD}
        )
        assert (await browser.get(ME)).status_code == 200
        answer = await browser.get(ME, headers={"Authorization": "Bearer dtl_wrong"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ORIGIN}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, 201),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": ORIGIN + ".evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "http://localhost:8484"}, 403),
        ({"Origin": "http://sub.127.0.0.1:8484"}, 403),
        ({"Origin": "file://127.0.0.1:8484"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
@pytest.mark.contract("W2")
async def test_cookie_changes_things_only_from_our_own_pages(
    served: Served, headers: dict[str, str], status: int
) -> None:
    account = await served.account("owner")
    async with served.client() as client:
        await client.post(
            "/api/v1/auth/login", json={"email": account.person.email, "password": PASSWORD}
        )
        answer = await client.post(INVITES, json={"role": "viewer"}, headers=headers)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "origin_refused"
        # Reading needs no origin, and no answer invites other sites in.
        reading = await client.get(ME, headers={"Origin": "https://evil.example"})
        assert reading.status_code == 200
        assert not [name for name in reading.headers if name.startswith("access-control")]


async def test_another_site_cannot_sign_its_visitor_in_or_out(served: Served) -> None:
    account = await served.account("owner")
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    body = {"email": account.person.email, "password": PASSWORD}
    async with served.browser() as browser:
        answer = await browser.post("/api/v1/auth/login", json=body, headers=evil)
        assert answer.status_code == 403
        await browser.post("/api/v1/auth/login", json=body)
        for path in ("/api/v1/auth/logout", "/api/v1/auth/refresh"):
            assert (await browser.post(path, headers=evil)).status_code == 403
        assert (await browser.get(ME)).status_code == 200


class Note(BaseModel):
    fail: bool = False


probe = APIRouter()
seen: list[str] = []


@probe.post("/probe")
async def write_probe(ctx: Annotated[Context, needs("source:get")], body: Note) -> dict[str, str]:
    await audit.record(ctx, action="probe.written", detail={"id": ctx.correlation_id})
    if body.fail:
        raise Conflict("not now")
    return {"id": ctx.correlation_id}


@probe.get("/probe/long")
async def long_probe(
    ctx: Annotated[Context, needs("source:get", session=False)],
) -> dict[str, bool]:
    return {"in_transaction": ctx.in_transaction}


@probe.websocket("/probe/ws")
async def probe_socket(
    socket: WebSocket, ctx: Annotated[Context, needs("source:get", session=False)]
) -> None:
    await socket.accept()
    await socket.send_json({"actor": str(ctx.actor.id)})
    await socket.close()


@pytest.fixture(scope="module")
def probed(resources: Resources) -> Served:
    return Served(resources.db, resources.settings, (identity_router, probe))


async def written(served: Served, correlation_id: str) -> int:
    async with served.resources.db.system() as session:
        return (
            await session.execute(
                text("select count(*) from audit_entry where correlation_id = :id"),
                {"id": correlation_id},
            )
        ).scalar_one()


async def test_request_is_committed_before_its_answer_is_sent(probed: Served) -> None:
    async with await probed.signed_in(await probed.account("owner")) as client:
        token = client.headers["authorization"]
    counts: list[int] = []
    correlation_id = uuid4().hex

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        counts.append(await written(probed, correlation_id))

    await probed.app(
        {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/api/v1/probe",
            "raw_path": b"/api/v1/probe",
            "query_string": b"",
            "client": ("10.0.0.1", 1),
            "server": ("127.0.0.1", 8484),
            "headers": [
                (b"host", b"127.0.0.1:8484"),
                (b"content-type", b"application/json"),
                (b"authorization", token.encode()),
                (b"x-correlation-id", correlation_id.encode()),
            ],
        },
        receive,
        send,
    )
    assert counts[0] == 1


async def test_failing_request_leaves_nothing_behind(probed: Served) -> None:
    async with await probed.signed_in(await probed.account("owner")) as client:
        answer = await client.post("/api/v1/probe", json={"fail": True})
    assert answer.status_code == 409
    assert await written(probed, answer.json()["correlation_id"]) == 0


async def test_long_routes_get_a_context_without_a_transaction(probed: Served) -> None:
    async with await probed.signed_in(await probed.account("owner")) as client:
        assert (await client.get("/api/v1/probe/long")).json() == {"in_transaction": False}


async def open_socket(served: Served, query: str = "", **headers: str) -> list[Message]:
    """What the server sends to a WebSocket handshake."""
    sent: list[Message] = []
    incoming = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    given = {"host": "127.0.0.1:8484", **{k.replace("_", "-"): v for k, v in headers.items()}}
    await served.app(
        {
            "type": "websocket",
            "scheme": "ws",
            "path": "/api/v1/probe/ws",
            "raw_path": b"/api/v1/probe/ws",
            "query_string": query.encode(),
            "client": ("10.0.0.1", 1),
            "server": ("127.0.0.1", 8484),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
            "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        },
        receive,
        send,
    )
    return sent


async def test_websocket_opens_by_cookie_from_our_pages_header_or_ticket(probed: Served) -> None:
    account = await probed.account("viewer")
    async with await probed.signed_in(account) as client:
        bearer = client.headers["authorization"]
        authenticator = probed.resources.get(Authenticator)
        caller = await authenticator.principal(Headers({"authorization": bearer}), {}, unsafe=False)
        ticket = authenticator.ticket(caller)
        # A ticket opens nothing but a socket.
        as_token = await client.get(ME, headers={"Authorization": f"Bearer {ticket}"})
        assert as_token.status_code == 401
    cookie = f"datelier_session={bearer.split()[1]}"
    for sent in (
        await open_socket(probed, authorization=bearer),
        await open_socket(probed, query=f"ticket={ticket}"),
        await open_socket(probed, cookie=cookie, origin=ORIGIN),
    ):
        assert sent[0]["type"] == "websocket.accept"
        assert json.loads(sent[1]["text"]) == {"actor": str(account.person.id)}
    for sent, status in (
        (await open_socket(probed), 401),
        (await open_socket(probed, query="ticket=nonsense"), 401),
        (await open_socket(probed, query=f"ticket={bearer.split()[1]}"), 401),
        (await open_socket(probed, cookie=cookie), 403),
        (await open_socket(probed, cookie=cookie, origin="https://evil.example"), 403),
        (await open_socket(probed, authorization=bearer, host="rebound.example"), None),
    ):
        if status is None:
            assert sent[0]["type"] == "websocket.close"
        else:
            assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", status)


async def test_authenticator_serves_connections_that_are_no_routes(served: Served) -> None:
    account = await served.account("viewer")
    async with await served.signed_in(account) as client:
        bearer = client.headers["authorization"]
    authenticator = served.resources.get(Authenticator)
    ctx = await authenticator.authenticate(Headers({"authorization": bearer}), {})
    assert (ctx.org_id, ctx.actor.id) == (account.membership.org_id, account.person.id)
    cookies = {"datelier_session": bearer.split()[1]}
    with pytest.raises(OriginRefused):
        await authenticator.authenticate(Headers({"host": "127.0.0.1:8484"}), cookies)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(Headers({}), {})


async def test_public_url_s_origin_is_ours_behind_a_proxy(resources: Resources) -> None:
    settings = resources.settings.model_copy(update={"public_url": "https://data.example.com/"})
    proxied = Served(resources.db, settings)
    authenticator = proxied.resources.get(Authenticator)
    authenticator.require_own_origin(
        Headers({"host": "127.0.0.1:8484", "origin": "https://data.example.com"})
    )
    account = await proxied.account("viewer")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(proxied.app), base_url="http://data.example.com"
    ) as client:
        answer = await client.post(
            "/api/v1/auth/login", json={"email": account.person.email, "password": PASSWORD}
        )
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


@pytest.mark.contract("Q39")
def test_access_token_says_who_and_nothing_about_rights(served: Served) -> None:
    claims = Claims(uuid4(), uuid4(), uuid4())
    tokens = AccessTokens(served.resources.cipher)
    token = tokens.issue(claims)
    assert tokens.verify(token) == claims
    payload = jwt.decode(token, options={"verify_signature": False})
    assert set(payload) == {"iss", "aud", "iat", "nbf", "exp", "sub", "org", "sid"}
    with pytest.raises(SessionInvalid):
        tokens.verify(token, audience="datelier:ticket")


async def test_callers_that_come_together_are_looked_up_once(served: Served) -> None:
    account = await served.account("owner")
    async with await served.signed_in(account) as client:
        authenticator = Authenticator(served.resources)
        headers = Headers({"authorization": client.headers["authorization"]})
    transactions: list[object] = []

    def count(_connection: object, record: object, _proxy: object) -> None:
        transactions.append(record)

    engine = served.resources.db.engine.sync_engine
    event.listen(engine, "checkout", count)
    try:
        found = await asyncio.gather(
            *(authenticator.principal(headers, {}, unsafe=True) for _ in range(20))
        )
    finally:
        event.remove(engine, "checkout", count)
    assert {principal.person_id for principal in found} == {account.person.id}
    assert len(transactions) == 1
