"""What every answer has in common: ids, problems, headers, limits, hosts, the web app."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import psycopg
import pytest
import structlog
from fastapi import APIRouter, File, HTTPException, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from datelier.api.build import create_api
from datelier.api.openapi import DuplicateOperation, operations, render
from datelier.api.web import WebApp
from datelier.identity.access import needs, public
from datelier.identity.routes import router as identity_router
from datelier.kit.context import Context, Resources
from datelier.kit.db import Database
from datelier.kit.errors import Conflict, TooMany, Unavailable
from tests.support.api import ORIGIN, Served, lifespan

probe = APIRouter(tags=["probe"])
Anyone = Annotated[Resources, public("a test")]


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int
    inner: dict[str, int] = {}


@probe.get("/fail/{kind}")
async def fail(kind: str, _: Anyone) -> None:
    failures: dict[str, Exception] = {
        "bug": LookupError("secret-canary /home/x select * from t"),
        "conflict": Conflict("Not now.", hint="Later.", resource="thing"),
        "many": TooMany("Slow down.", retry_after=7),
        "away": Unavailable("Gone fishing."),
        "teapot": HTTPException(418, "secret-canary"),
        "framework": HTTPException(500, "secret-canary"),
        "cut off": psycopg.errors.AdminShutdown("secret-canary"),
        "text": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    }
    raise failures[kind]


@probe.post("/things")
async def make_thing(body: Thing, _: Anyone) -> dict[str, str]:
    return {"correlation_id": structlog.contextvars.get_contextvars()["correlation_id"]}


@probe.post("/upload")
async def upload(
    ctx: Annotated[Context, needs("source:create")], file: Annotated[UploadFile, File()]
) -> int:
    return len(await file.read())


@probe.get("/broken-stream")
async def broken_stream(_: Anyone) -> StreamingResponse:
    async def parts() -> AsyncIterator[str]:
        yield "one"
        raise LookupError("in the middle")

    return StreamingResponse(parts())


@pytest.fixture(scope="module")
def probed(resources: Resources) -> Served:
    served = Served(resources.db, resources.settings, (identity_router, probe))
    served.app = create_api(
        served.resources,
        (identity_router, probe),
        body_limits={"/api/v1/upload": 3 * 1024 * 1024},
    )
    return served


PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "correlation_id"}


@pytest.mark.parametrize(
    ("kind", "status", "code", "more"),
    [
        ("conflict", 409, "conflict", {"hint": "Later.", "resource": "thing"}),
        ("many", 429, "rate_limited", {"retry_after": 7}),
        ("away", 503, "unavailable", {}),
        ("bug", 500, "internal", {}),
        ("framework", 500, "internal", {}),
        ("teapot", 400, "malformed", {}),
        ("cut off", 503, "database_unavailable", {}),
        ("text", 422, "validation_failed", {}),
    ],
)
@pytest.mark.contract("X10", "W23")
async def test_every_failure_has_one_shape(
    probed: Served, kind: str, status: int, code: str, more: dict[str, Any]
) -> None:
    async with probed.client() as client:
        answer = await client.get(f"/api/v1/fail/{kind}", headers={"X-Correlation-ID": "abc.1"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(body) >= PROBLEM_FIELDS
    assert body.items() >= more.items()
    assert body["correlation_id"] == answer.headers["x-correlation-id"] == "abc.1"
    assert "canary" not in answer.text
    assert "LookupError" not in answer.text
    if status in {429, 503}:
        assert int(answer.headers["retry-after"]) >= 1


async def test_unknown_paths_and_methods_are_problems_too(probed: Served) -> None:
    async with probed.client() as client:
        unknown = await client.get("/api/v1/no/such")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "path_unknown")
        wrong = await client.put("/api/v1/things")
        assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
        assert "POST" in wrong.headers["allow"]
        preflight = await client.options("/api/v1/things", headers={"Origin": "https://e.example"})
        assert preflight.status_code == 405


@pytest.mark.parametrize(
    ("body", "status", "paths"),
    [
        (b'{"count": "secret-canary"}', 422, ["count"]),
        (b'{"count": 1, "org_id": "secret-canary"}', 422, ["org_id"]),
        (b'{"count": 1, "inner": {"a": "secret-canary"}}', 422, ["inner.a"]),
        (b"{}", 422, ["count"]),
        (b"", 422, ["body"]),
        (b"[1]", 422, ["body"]),
        (b'{"count": 1, "\\ud800": 1}', 422, None),
        (b"{secret-canary", 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"count": ' + b"1" * 5000 + b"}", None, None),
    ],
)
async def test_rejected_fields_are_named_and_never_echoed(
    probed: Served, body: bytes, status: int | None, paths: list[str] | None
) -> None:
    async with probed.client() as client:
        answer = await client.post(
            "/api/v1/things", content=body, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == status or (status is None and answer.status_code in {400, 422})
    assert "canary" not in answer.text
    if paths is not None:
        assert [error["path"] for error in answer.json()["errors"]] == paths


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "<script>", "é"])
async def test_odd_correlation_ids_are_replaced(probed: Served, given: str) -> None:
    async with probed.client() as client:
        answer = await client.post(
            "/api/v1/things",
            json={"count": 1},
            headers=[(b"X-Correlation-ID", given.encode("latin-1"))],
        )
    assert answer.status_code == 200
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]
    assert len(answer.json()["correlation_id"]) == 36
    assert "correlation_id" not in structlog.contextvars.get_contextvars()


async def test_every_answer_carries_the_security_headers(probed: Served) -> None:
    async with probed.client() as client:
        for path in ("/health", "/api/v1/no", "/api/v1/fail/bug", "/api/v1/auth/setup", "/login"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            if path.startswith("/api/"):
                assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("127.0.0.1:8484", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:8484", True),
        ("10.1.2.3:8484", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8484", False),
        ("", False),
    ],
)
async def test_only_names_of_ours_are_served(probed: Served, host: str, served: bool) -> None:
    async with probed.client() as client:
        answer = await client.get("/api/v1/auth/setup", headers={"Host": host})
        assert (answer.status_code == 200) is served
        if not served:
            assert answer.json()["code"] == "host_refused"
        assert (await client.get("/health", headers={"Host": host})).status_code == 200


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


async def test_bodies_over_the_limit_are_refused_declared_or_not(probed: Served) -> None:
    async with probed.client() as client:
        declared = await client.post("/api/v1/things", content=b" " * (1024 * 1024 + 1))
        assert (declared.status_code, declared.json()["code"]) == (413, "too_large")
        streamed = await client.post(
            "/api/v1/things",
            content=chunks(2 * 1024 * 1024),
            headers={"Content-Type": "application/json"},
        )
        assert (streamed.status_code, streamed.json()["code"]) == (413, "too_large")
        lying = await client.post(
            "/api/v1/things",
            content=chunks(2 * 1024 * 1024),
            headers={"Content-Length": "10", "Content-Type": "application/json"},
        )
        assert lying.status_code == 413


async def test_larger_bodies_are_for_signed_in_callers_of_that_path(probed: Served) -> None:
    files = {"file": ("a.csv", b"x" * 2 * 1024 * 1024)}
    async with probed.client() as anonymous:
        assert (await anonymous.post("/api/v1/upload", files=files)).status_code == 401
    async with await probed.signed_in(await probed.account("builder")) as client:
        answer = await client.post("/api/v1/upload", files=files)
        assert (answer.status_code, answer.json()) == (200, 2 * 1024 * 1024)
        too_much = {"file": ("a.csv", b"x" * 4 * 1024 * 1024)}
        assert (await client.post("/api/v1/upload", files=too_much)).status_code == 413


async def test_stream_that_fails_midway_breaks_the_connection(probed: Served) -> None:
    async with probed.client() as client:
        with pytest.raises(LookupError):
            await client.get("/api/v1/broken-stream")


@pytest.mark.contract("Q58")
async def test_health_ready_and_metrics(probed: Served) -> None:
    async with probed.client() as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        ready = await client.get("/ready")
        assert ready.json() == {"status": "ready", "checks": {"database": True, "schema": True}}
        assert "datelier_chat_request_seconds" in (await client.get("/metrics")).text


async def test_not_ready_names_what_is_in_the_way(resources: Resources) -> None:
    async def gateway() -> bool:
        return False

    async def runner() -> bool:
        raise LookupError

    nowhere = Database("postgresql://owner@127.0.0.1:1/none")
    served = Served(nowhere, resources.settings)
    served.app = create_api(
        served.resources, (), ready_checks={"gateway": gateway, "runner": runner}
    )
    async with served.client() as client:
        answer = await client.get("/ready")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.json()["status"] == "not_ready"
        assert set(answer.json()["checks"].values()) == {False}
        assert (await client.get("/health")).status_code == 200
    await nowhere.close()


async def test_database_that_is_away_is_503_not_a_bug(resources: Resources) -> None:
    nowhere = Database("postgresql://owner@127.0.0.1:1/none")
    async with Served(nowhere, resources.settings).client() as client:
        answer = await client.get("/api/v1/auth/setup")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert "127.0.0.1" not in answer.text
    await nowhere.close()


async def test_start_and_stop_run_the_given_lifespan(served: Served) -> None:
    async with lifespan(served.app):
        pass


@pytest.fixture
def web(tmp_path: Path) -> Path:
    root = tmp_path / "static"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>Datelier</title>", encoding="utf-8")
    (root / "assets" / "app-1a2b.js").write_text("let a = 1", encoding="utf-8")
    (root / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"let a = 1"))
    (root / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.key").write_text("canary", encoding="utf-8")
    return root


async def test_web_app_is_served_with_its_pages_and_cache_rules(served: Served, web: Path) -> None:
    app = create_api(served.resources, (identity_router,), web_root=web)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"Accept-Encoding": "gzip"}
    ) as client:
        for page in ("/", "/login", "/chats/123", "/reset/dtp_x"):
            answer = await client.get(page)
            assert answer.status_code == 200
            assert "<title>Datelier" in answer.text
            assert answer.headers["cache-control"] == "no-cache"
        asset = await client.get("/assets/app-1a2b.js")
        assert asset.headers["content-encoding"] == "gzip"
        assert "immutable" in asset.headers["cache-control"]
        assert "javascript" in asset.headers["content-type"]
        assert asset.text == "let a = 1"
        again = await client.get(
            "/favicon.svg",
            headers={"If-None-Match": (await client.get("/favicon.svg")).headers["etag"]},
        )
        assert again.status_code == 304
        for path in ("/assets/gone.js", "/api/v1/gone", "/api"):
            assert (await client.get(path)).status_code == 404
        for path in ("/../secret.key", "/%2e%2e/secret.key", "/assets/..%2f..%2fsecret.key"):
            assert "canary" not in (await client.get(path)).text
        assert (await client.post("/login")).status_code == 405
        assert (await client.head("/")).status_code == 200


async def test_missing_web_app_says_how_to_build_it(served: Served) -> None:
    async with served.client() as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "make web" in answer.json()["hint"]
    assert WebApp(Path("/nonexistent")) is not None


async def test_interface_description_is_complete_and_always_the_same(probed: Served) -> None:
    described = json.loads(render(probed.app))
    assert render(probed.app) == render(probed.app)
    async with probed.client() as client:
        assert (await client.get("/api/v1/openapi.json")).json() == described
    found = {f"{method} {path}": op for method, path, op in operations(described)}
    assert found["patch /api/v1/members/{member_id}"]["operationId"] == "change_member"
    for operation in found.values():
        assert operation["tags"]
        assert "application/problem+json" in operation["responses"]["4XX"]["content"]
        assert "security" in operation
    assert found["get /api/v1/members"]["x-scope"] == "member:get"
    assert found["post /api/v1/auth/login"]["security"] == []
    assert "HTTPValidationError" not in json.dumps(described)


async def test_the_description_is_made_for_the_first_who_ask_and_only_once(served: Served) -> None:
    served.app = create_api(served.resources, (identity_router,))
    described: Any = served.app.openapi
    assert described.cache_info().misses == 0
    async with served.client() as client:
        answers = await asyncio.gather(*(client.get("/api/v1/openapi.json") for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert described.cache_info().misses == 1


def test_two_operations_of_one_name_are_refused(served: Served) -> None:
    twin = APIRouter()

    @twin.get("/twin")
    async def list_members(_: Anyone) -> None:
        """A second function of a name that is taken."""

    with pytest.raises(DuplicateOperation):
        create_api(served.resources, (identity_router, twin))
