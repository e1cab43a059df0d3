"""The data plane's routes in an application of their own, with a caller who is signed in."""

from collections.abc import Mapping
from typing import Any, cast

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from datelier.artifacts.routes import router as charts
from datelier.identity.authenticator import Authenticator
from datelier.identity.rates import Rates
from datelier.kit.context import Context, Resources
from datelier.kit.errors import DatelierError
from datelier.queries.routes import router as queries
from datelier.sources.routes import router as sources

_APPS: dict[tuple[int, ...], FastAPI] = {}


class SignedIn:
    """Stands in for the authenticator: every request is one caller's."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def principal(
        self,
        headers: Mapping[str, str],
        cookies: Mapping[str, str],
        *,
        unsafe: bool,
        ticket: str | None = None,
    ) -> Context:
        return self._ctx

    def context(self, principal: Context, correlation_id: str | None) -> Context:
        return principal


def client(ctx: Context, *routers: Any) -> httpx.AsyncClient:
    """An HTTP client of the data plane's routes, acting as `ctx`."""
    ctx.resources.register(Authenticator, cast("Any", SignedIn(ctx)))
    ctx.resources.register(Rates, Rates(ctx.resources.settings))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(_app(ctx.resources, routers)),
        base_url="http://test/api/v1",
        timeout=60,
    )


def _app(resources: Resources, routers: tuple[Any, ...]) -> FastAPI:
    # The first request to an application costs as much as thirty more, so tests share it.
    key = (id(resources), *map(id, routers))
    if key not in _APPS:
        _APPS[key] = _built(resources, routers)
    return _APPS[key]


def _built(resources: Resources, routers: tuple[Any, ...]) -> FastAPI:
    app = FastAPI()
    app.state.resources = resources  # kept by it, so that its id stays its own
    for router in (sources, queries, charts, *routers):
        app.include_router(router, prefix="/api/v1")

    @app.exception_handler(DatelierError)
    async def problem(_request: Request, error: DatelierError) -> JSONResponse:
        return JSONResponse(error.problem("test"), error.status)

    assert problem
    return app
