"""Floods of HTTP/2 frames, idle connections and cut lines at the gateway (security.md §10b)."""

import asyncio
import contextlib
import os
import ssl
import struct
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import psutil
import pytest

from datelier.kit.context import Context
from datelier.sources.errors import ActionFailed
from datelier.sources.gateway import Order
from datelier.sources.gateway_server import Gateway
from datelier.sources.target import describe_target
from datelier.wire.v1 import worker_pb2 as pb
from tests.sources.scripted_worker import ScriptedWorker

POSTGRES = describe_target("postgresql", {"host": "db"}, None)
EXECUTE = Order("execute", {"sql": "select 1"})
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING = 0, 1, 3, 4, 6
MIB = 1024**2
ROWS = tuple(bytes([n]) * 3000 for n in range(8))


def frame(kind: int, stream: int = 0, payload: bytes = b"", flags: int = 0) -> bytes:
    return (
        struct.pack(">I", len(payload))[1:]
        + bytes([kind, flags])
        + struct.pack(">I", stream)
        + payload
    )


def call(stream: int) -> bytes:
    """The head of an Attach without a token, as HPACK literals."""
    path, host = b"/datelier.wire.v1.Gateway/Attach", b"127.0.0.1"
    block = b"\x83\x87\x04" + bytes([len(path)]) + path + b"\x01" + bytes([len(host)]) + host
    block += b"\x0f\x10\x10application/grpc\x00\x02te\x08trailers"
    return frame(HEADERS, stream, block, flags=4)


def hello(*frames: bytes) -> bytes:
    return PREFACE + frame(SETTINGS) + b"".join(frames)


FLOODS = {
    "pings": hello(*(frame(PING, payload=b"datelier") for _ in range(20_000))),
    "settings": hello(*(frame(SETTINGS) for _ in range(20_000))),
    "rapid resets": hello(*(call(n) + frame(RST, n, b"\0\0\0\x08") for n in range(1, 10_001, 2))),
    "idle streams": hello(*(call(n) for n in range(1, 2_001, 2))),
    "an oversized frame": hello(b"\xff\xff\xff\0\0\0\0\0\x01" + b"x" * MIB),
    "an oversized message": hello(
        call(1), *(frame(DATA, 1, b"\0\x7f\xff\xff\xff" + b"x" * 16_000) for _ in range(200))
    ),
    "no HTTP/2 at all": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000,
}


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    trust.set_alpn_protocols(["h2"])
    return await asyncio.open_connection("127.0.0.1", port, ssl=trust)


async def pour(port: int, data: bytes) -> None:
    """Send everything, as far as the other side takes it, and read until it has had enough."""
    reader, writer = await connected(port)
    with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
        writer.write(data)
        async with asyncio.timeout(2):
            await writer.drain()
            while await reader.read(65536):
                pass
    writer.close()


async def answers(ctx: Context, gateway: Gateway) -> None:
    async with asyncio.timeout(10):
        assert (await gateway.perform_on(ctx, POSTGRES, EXECUTE)).result == EXECUTE.params


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_is_borne_and_the_others_are_served(
    ctx: Context, gateway: Gateway, scripted: Callable[..., ScriptedWorker], kind: str
) -> None:
    process = psutil.Process(os.getpid())
    async with scripted():
        await answers(ctx, gateway)
        before = process.memory_info().rss
        flood = asyncio.gather(*(pour(gateway.port or 0, FLOODS[kind]) for _ in range(4)))
        while not flood.done():
            await answers(ctx, gateway)
        await flood
        await answers(ctx, gateway)
    assert process.memory_info().rss - before < 64 * MIB


async def test_idle_connections_keep_nobody_out(
    ctx: Context, gateway: Gateway, scripted: Callable[..., ScriptedWorker]
) -> None:
    lines = [await connected(gateway.port or 0) for _ in range(200)]
    try:
        for _, writer in lines:
            writer.write(hello())
        async with scripted():
            await answers(ctx, gateway)
    finally:
        for _, writer in lines:
            writer.close()


@dataclass
class Cable:
    """A line to the gateway that breaks once so many bytes of the worker have passed."""

    target: int
    port: int = 0
    left: int | None = None
    passed: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers += [writer, far_writer]
        back = asyncio.create_task(self._back(far_reader, writer))
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(512):
                self.passed += len(data)
                if self.left is not None:
                    far_writer.write(data[: self.left])
                    self.left -= len(data)
                    if self.left <= 0:
                        break
                else:
                    far_writer.write(data)
                await far_writer.drain()
        for one in (writer, far_writer):
            one.close()
        back.cancel()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)


@contextlib.asynccontextmanager
async def cable(gateway: Gateway) -> AsyncGenerator[Cable]:
    made = Cable(gateway.port or 0)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for writer in made.writers:
            writer.close()


async def eight(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
    for seq, data in enumerate(ROWS):
        await worker.send_batch(request.request_id, seq, data)
    await worker.answer(request, {"row_count": len(ROWS)})


async def outcome(ctx: Context, gateway: Gateway) -> str:
    """`whole`, `short`, or the code of the typed error."""
    try:
        async with asyncio.timeout(10):
            found = await gateway.perform_on(ctx, POSTGRES, EXECUTE)
    except ActionFailed as error:
        return error.code
    return "whole" if tuple(found.batches) == ROWS else "short"


async def test_a_line_cut_at_any_byte_of_a_result_gives_all_of_it_or_an_error(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], worker_token: str
) -> None:
    found: list[str] = []
    for cut in range(1, 25_501, 510):
        async with cable(gateway) as line:
            near: Any = line
            worker = ScriptedWorker(cast("Gateway", near), certificate[1], worker_token, eight)
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                async with worker:
                    line.left = cut
                    found.append(await outcome(ctx, gateway))
    assert len(found) == 50
    assert set(found) <= {"whole", "worker_lost"}, found
    assert "worker_lost" in found
