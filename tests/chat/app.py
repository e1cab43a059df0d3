"""The doors of threads, runs and chat as one process: `python -m tests.chat.app URL PORT [runner]`.

Used by tests that need real processes; the product's own composition lives in `app`.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import uvicorn
from fastapi import APIRouter, FastAPI

from datelier.agents.routes import router as agents_router
from datelier.api.errors import add_error_handlers
from datelier.chat.analyst.graph import ANALYST
from datelier.chat.background import BACKGROUND
from datelier.chat.graph import PLAIN
from datelier.chat.routes import router as chat_router
from datelier.chat.run_routes import router as background_router
from datelier.identity.authenticator import Authenticator
from datelier.identity.rates import Rates
from datelier.inbox.routes import router as inbox_router
from datelier.inbox.rule_routes import router as rules_router
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.settings import Settings
from datelier.kit.tools import Tool, Toolbox
from datelier.runs.engine import open_engine
from datelier.runs.execution import Graph
from datelier.runs.request_routes import router as decisions_router
from datelier.runs.routes import router as runs_router
from datelier.runs.runner import Runner
from datelier.runs.socket import router as socket_router
from datelier.threads.routes import router as threads_router

KEY = bytes(range(32))
GRAPHS = (PLAIN, BACKGROUND, ANALYST)


def resources_for(url: str, **settings: object) -> Resources:
    """Resources of a test process on the platform database."""
    home = Path(mkdtemp(prefix="dtl-home-"))
    made = Settings.model_validate(
        {"home": home, "port": 0, "analyst_workflow": "plain", **settings}
    )
    return Resources(
        settings=made,
        db=Database(url, pool_size=made.database_pool),
        blobs=Blobs(home / "blobs"),
        cipher=Cipher(KEY),
    )


def build_app(
    resources: Resources,
    *,
    runner: bool,
    tools: tuple[Tool, ...] = (),
    routers: tuple[APIRouter, ...] = (),
    graphs: tuple[Graph, ...] = GRAPHS,
) -> FastAPI:
    """The app; with `runner` it executes runs of the graphs too."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.resources = resources
        resources.register(Authenticator, Authenticator(resources))
        resources.register(Rates, Rates(resources.settings))
        async with open_engine(resources) as engine:
            executing = Runner(engine, graphs, tools) if runner else None
            if executing is not None:
                await executing.start()
            try:
                yield
            finally:
                if executing is not None:
                    await executing.drain()
        await resources.db.close()

    app = FastAPI(lifespan=lifespan)

    add_error_handlers(app)
    resources.register(Toolbox, Toolbox(tools))
    for router in (
        agents_router,
        threads_router,
        inbox_router,
        rules_router,
        runs_router,
        decisions_router,
        chat_router,
        background_router,
        socket_router,
        *routers,
    ):
        app.include_router(router, prefix="/api/v1")
    return app


async def main(url: str, port: int, *, runner: bool, lease: float) -> None:
    """Serve until SIGTERM, then drain."""
    app = build_app(resources_for(url, lease_seconds=lease), runner=runner)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lease_seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 12
    with asyncio.Runner() as loop:
        loop.run(
            main(
                sys.argv[1], int(sys.argv[2]), runner="runner" in sys.argv[3:], lease=lease_seconds
            )
        )
