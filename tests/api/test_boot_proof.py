"""A process with an unlocked door does not start."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from pydantic import BaseModel
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from datelier.api.boot_proof import UnprovenAccess, prove_scopes
from datelier.api.build import create_api
from datelier.identity.access import Public, needs, public
from datelier.identity.routes import router as identity_router
from datelier.kit.context import Context, Resources
from datelier.kit.tools import Tool, ToolContext, ToolResult
from tests.support.api import Served, lifespan


def naked() -> APIRouter:
    router = APIRouter()

    @router.get("/naked")
    async def read_naked() -> str:
        return "anyone"

    return router


def naked_socket() -> APIRouter:
    router = APIRouter()

    @router.websocket("/naked")
    async def open_naked(socket: WebSocket) -> None:
        await socket.accept()

    return router


def unknown_scope() -> APIRouter:
    router = APIRouter()

    @router.get("/odd")
    async def read_odd(ctx: Annotated[Context, needs("source:gte")]) -> str:
        return ctx.actor.name

    return router


def twice() -> APIRouter:
    router = APIRouter(dependencies=[needs("source:get")])

    @router.get("/twice")
    async def read_twice(_: Annotated[Resources, public("an accident")]) -> str:
        return "which?"

    return router


def no_reason() -> APIRouter:
    router = APIRouter()

    @router.get("/open")
    async def read_open(_: Annotated[Resources, public(" ")]) -> str:
        return "why?"

    return router


def nested() -> APIRouter:
    outer = APIRouter(prefix="/outer")
    outer.include_router(naked())
    return outer


def plain_route() -> APIRouter:
    router = APIRouter()
    router.routes.append(Route("/plain", PlainTextResponse("x")))
    return router


def mounted() -> APIRouter:
    router = APIRouter()
    router.routes.append(Mount("/files", PlainTextResponse("x")))
    return router


@pytest.mark.parametrize(
    "bad",
    [naked, naked_socket, unknown_scope, twice, no_reason, nested, plain_route, mounted],
)
def test_application_with_an_unproven_door_is_not_built(
    served: Served, bad: Callable[[], APIRouter]
) -> None:
    with pytest.raises(UnprovenAccess):
        create_api(served.resources, (identity_router, bad()))


async def test_door_added_later_stops_the_start(served: Served) -> None:
    app: FastAPI = create_api(served.resources, (identity_router,))
    app.include_router(naked())
    with pytest.raises(UnprovenAccess, match="/naked"):
        async with lifespan(app):
            pass


def test_every_public_door_says_why(served: Served) -> None:
    doors = prove_scopes(served.app)
    reasons = {door.path for door in doors if isinstance(door.access, Public)}
    assert reasons == {
        "/api/v1/auth/setup",
        "/api/v1/auth/signup",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
        "/api/v1/auth/reset",
        "/api/v1/openapi.json",
        "/health",
        "/ready",
        "/metrics",
    }


class Nothing(BaseModel):
    pass


async def _run(_: ToolContext, __: Nothing) -> ToolResult:
    return ToolResult("")


def test_tool_with_a_scope_that_no_role_holds_stops_the_start(served: Served) -> None:
    tool = Tool("t", "T", "Does nothing.", Nothing, "query:rn", _run)
    with pytest.raises(UnprovenAccess, match="tool t"):
        prove_scopes(served.app, [tool])
