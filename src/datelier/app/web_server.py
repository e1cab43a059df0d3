"""Serving the application on a socket, with a moment in which it is known to be ready."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from datelier.kit.settings import Settings

_SHUTDOWN_SECONDS = 3


@asynccontextmanager
async def web_server(app: FastAPI, settings: Settings) -> AsyncGenerator["asyncio.Task[None]"]:
    """Serve `app` meanwhile; yields, once the socket is bound, the task that ends with a signal.

    SIGINT and SIGTERM end the task in good order: viewers of a running answer are cut after a
    moment and resume elsewhere.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(), name="web-server")
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    try:
        yield task
    finally:
        server.should_exit = True
        await task
