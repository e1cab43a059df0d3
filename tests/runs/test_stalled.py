"""What clients that do not read cost a server, over real sockets."""

import asyncio
import gc
import socket
import tracemalloc
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http.client import HTTPResponse
from uuid import UUID

import psutil
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datelier.app.web_server import web_server
from datelier.kit.context import Context
from datelier.runs.append import append_parts
from datelier.runs.encode import encode
from datelier.runs.engine import Engine
from datelier.runs.fold import Part
from datelier.runs.sse import STUCK, live_response
from tests.runs.conftest import begin, watch, watching
from tests.support.ports import free_port
from tests.support.processes import until_soon

STALLED = 16
PARTS = 600  # of 10 kB, which is more than the operating system takes for a client
MOST_HELD = 96 * 1024


class Counting:
    """Counts the bytes that each answer has handed over."""

    def __init__(self, app: ASGIApp, sent: list[int]) -> None:
        self._app = app
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        index = len(self._sent)
        if scope["type"] == "http":
            self._sent.append(0)

        async def counted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                self._sent[index] += len(message["body"])

        await self._app(scope, receive, counted)


async def say(ctx: Context, run_id: UUID, *parts: Part) -> None:
    """Add to the log of a run that nobody executes, whose process would hold the log as well."""
    async with ctx.begin() as tx:
        await append_parts(tx, run_id, parts)


async def flood(ctx: Context, run_id: UUID, parts: int = PARTS) -> None:
    """Say more than a client that does not read can be sent, and end the run's log."""
    for number in range(parts // 4):
        data = f"{number}" + "x" * 10_000
        await say(ctx, run_id, *[{"type": "data-x", "data": data} for _ in range(4)])
    await say(ctx, run_id, {"type": "finish"})


@asynccontextmanager
async def served(engine: Engine, sent: list[int], *, stuck: float = STUCK) -> AsyncGenerator[int]:
    """The log of any run behind a socket; yields the port."""
    app = FastAPI()
    app.add_middleware(Counting, sent=sent)

    @app.get("/{run_id}")
    async def events(run_id: UUID) -> StreamingResponse:
        return live_response(engine.hub.subscribe(run_id), stuck=stuck)

    port = free_port()
    settings = engine.resources.settings.model_copy(update={"host": "127.0.0.1", "port": port})
    async with web_server(app, settings):
        yield port


def ask(port: int, run_id: UUID) -> socket.socket:
    """Ask for a run's events, and read nothing."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET /{run_id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return line


@asynccontextmanager
async def stalled(port: int, run_id: UUID) -> AsyncGenerator[list[socket.socket]]:
    """Clients that do not read."""
    idle = [await asyncio.to_thread(ask, port, run_id) for _ in range(STALLED)]
    try:
        yield idle
    finally:
        for line in idle:
            line.close()


def as_sent(log: list[tuple[int, Part]]) -> bytes:
    """A log as server-sent events."""
    return b"".join(b"id: %d\ndata: %b\n\n" % (seq, encode(part)) for seq, part in log)


def rest(line: socket.socket) -> bytes:
    """Read to the end what was not read so far."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    with HTTPResponse(line) as response:
        response.begin()
        return response.read()


def held() -> int:
    """Bytes that Python objects take."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def test_a_reader_that_stalls_holds_little_and_reads_on_where_it_was(
    ctx: Context, in_engine: Callable[[Engine], Context]
) -> None:
    sent: list[int] = []
    async with (
        watching(ctx.resources) as engine,
        served(engine, sent) as port,
        asyncio.timeout(60),
    ):
        own = in_engine(engine)
        warm, run_id = [await begin(own, "nobody executes it") for _ in range(2)]
        await flood(own, warm, 8)  # what stays of a first time is not what is measured
        await watch(engine, warm)
        await say(own, run_id, {"type": "data-x", "data": "ready"})
        async with stalled(port, run_id) as idle:
            await until_soon(lambda: len(sent) == STALLED and all(sent))
            tracemalloc.start()
            try:
                before = held()
                await flood(own, run_id)
                whole = as_sent(await watch(engine, run_id))
                each = (held() - before - len(whole)) / STALLED
            finally:
                tracemalloc.stop()
            assert max(sent) < len(whole), "nobody stalled, so nothing was measured"
            assert each < MOST_HELD
            for line in idle[:2]:
                assert await asyncio.to_thread(rest, line) == whole + b"data: [DONE]\n\n"


async def test_a_client_that_takes_nothing_loses_its_connection_with_what_waits_for_it(
    ctx: Context, in_engine: Callable[[Engine], Context]
) -> None:
    sent: list[int] = []

    def open_lines() -> int:
        lines = psutil.Process().net_connections("tcp")
        return sum(line.laddr.port == port and line.status == "ESTABLISHED" for line in lines)

    async with (
        watching(ctx.resources) as engine,
        served(engine, sent, stuck=0.1) as port,
        asyncio.timeout(60),
    ):
        own = in_engine(engine)
        run_id = await begin(own, "nobody executes it")
        await say(own, run_id, {"type": "data-x", "data": "ready"})
        async with stalled(port, run_id):
            await until_soon(lambda: len(sent) == STALLED and all(sent))
            assert open_lines() == STALLED
            await flood(own, run_id)
            await until_soon(lambda: open_lines() == 0)
