"""Serving the application on a socket, with a moment in which it is known to be ready."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from datelier.app.http_connection import Connection
from datelier.kit.settings import Settings

_SHUTDOWN_SECONDS = 3


class _Server(uvicorn.Server):
    """A server that tells when its socket is bound, and when it is to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.bound = asyncio.Event()
        self.leaving = asyncio.Event()

    @contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        # uvicorn raises the signal again after its shutdown, which would cut ours short.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.leaving.set()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.bound.set()


@asynccontextmanager
async def web_server(app: FastAPI, settings: Settings) -> AsyncGenerator[asyncio.Event]:
    """Serve `app` meanwhile; yields, once the socket is bound, what is set when it is to end.

    SIGINT and SIGTERM end it in good order: viewers of a running answer are cut after a moment and
    resume elsewhere. That moment is not waited for here, but on leaving: what is entered later is
    left meanwhile.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(), name="web-server")
    task.add_done_callback(lambda _ended: server.leaving.set())
    bound = asyncio.create_task(server.bound.wait())
    await asyncio.wait({task, bound}, return_when=asyncio.FIRST_COMPLETED)
    bound.cancel()
    try:
        yield server.leaving
    finally:
        server.should_exit = True
        await task
