"""Puts routers, errors, middleware and the web app together."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

from datelier import __version__
from datelier.api import ops
from datelier.api.boot_proof import prove_scopes
from datelier.api.errors import add_error_handlers
from datelier.api.middleware import BodyLimit, Shell
from datelier.api.openapi import document, require_distinct_names
from datelier.api.web import WebApp
from datelier.identity.access import public
from datelier.kit.context import Resources
from datelier.kit.tools import Tool, Toolbox

API_PREFIX = "/api/v1"

_description = APIRouter(include_in_schema=False)


@_description.get("/openapi.json")
async def get_openapi_document(
    request: Request, _: Annotated[Resources, public("describes the interface, holds no data")]
) -> JSONResponse:
    """Give the OpenAPI document."""
    app: FastAPI = request.app
    # The first who asks has it made, in a thread; whoever asks meanwhile does not make another.
    async with app.state.describing:
        described = await asyncio.to_thread(app.openapi)
    return JSONResponse(described)


def create_api(
    resources: Resources,
    routers: Sequence[APIRouter],
    *,
    tools: Sequence[Tool] = (),
    web_root: Path | None = None,
    body_limits: Mapping[str, int] | None = None,
    ready_checks: Mapping[str, ops.Check] | None = None,
) -> FastAPI:
    """Return the web server's application.

    Args:
        resources: The process's resources, with the services that verbs look up.
        routers: One per slice, each mounted under ``/api/v1``; HTTP and WebSocket.
        tools: Everything an agent can call; their scopes are proven like the routes'.
        web_root: The built web app.
        body_limits: Bytes allowed on exact paths, where 1 MiB is too little.
        ready_checks: Further conditions of ``/ready``.

    Raises:
        UnprovenAccess: A route does not say who may call it, or a tool's scope is unknown.
        DuplicateOperation: Two operations have one name.
    """
    app = FastAPI(
        title="Datelier",
        version=__version__,
        description="Ask your data in plain language; every number traced to its query.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_function_name,
        lifespan=_prove_at_start,
    )
    app.state.resources = resources
    app.state.ready_checks = ops.ReadyChecks(ready_checks or {})
    add_error_handlers(app)
    app.add_middleware(BodyLimit, resources=resources, larger=body_limits or {})
    # Added last is outermost.
    app.add_middleware(Shell, settings=resources.settings)
    for router in (*routers, _description):
        app.include_router(router, prefix=API_PREFIX)
    app.include_router(ops.router)
    app.router.default = WebApp(web_root)
    resources.register(Toolbox, Toolbox(tuple(tools)))
    prove_scopes(app, tools)
    require_distinct_names(app)
    # Made when it is first asked for: it costs a second of CPU and 15 MB, and a start needs neither.
    app.openapi = cache(partial(document, app))
    app.state.describing = asyncio.Lock()
    return app


def _function_name(route: APIRoute) -> str:
    return route.name


@asynccontextmanager
async def _prove_at_start(app: FastAPI) -> AsyncGenerator[None]:
    # Once more, for whatever was added after the application was built.
    prove_scopes(app)
    yield
