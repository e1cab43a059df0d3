"""Whoever can reach the port cannot fill the memory or hold connections, signed in or not."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request

from datelier.app.http_connection import MOST_HEAD, Connection


class Impatient(Connection):
    """A connection that waits a moment only."""

    head_seconds = 0.3


async def _echo(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@pytest.fixture
async def port() -> AsyncGenerator[int]:
    app = FastAPI()
    app.add_api_route("/", _echo, methods=["GET", "POST"])
    config = uvicorn.Config(
        app, port=0, http=Impatient, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server ended"
        await asyncio.sleep(0)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def ask(port: int, *pieces: bytes) -> bytes:
    """Send pieces one after another; return what came until the server closed or answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read(65536)
    finally:
        writer.close()


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    told = json.loads(body)
    assert told["correlation_id"]
    assert head.startswith(b"HTTP/1.1 %d " % told["status"])
    return told


async def flood(port: int) -> int:
    """Send headers without end; return how many bytes were sent before the server hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line, sent = b"X-More: " + b"x" * 8000 + b"\r\n", 0
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    try:
        while sent < 1000 * MOST_HEAD and not reader.at_eof():
            writer.write(line)
            sent += len(line)
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return sent


async def test_endless_headers_are_cut_off(port: int) -> None:
    # What the operating system holds on its way comes on top.
    assert await flood(port) < 200 * MOST_HEAD


async def test_a_long_address_is_a_typed_error(port: int) -> None:
    half = b"/" + b"a" * MOST_HEAD
    told = problem(await ask(port, b"GET " + half, half))
    assert (told["status"], told["code"]) == (431, "head_too_large")


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nHost: loc", b"G"])
async def test_a_request_that_does_not_come_to_its_body_ends(port: int, start: bytes) -> None:
    told = problem(await ask(port, start))
    assert (told["status"], told["code"]) == (408, "request_stalled")


async def test_a_connection_without_a_word_is_closed(port: int) -> None:
    assert await ask(port) == b""


async def test_what_is_no_http_is_told_in_the_one_shape(port: int) -> None:
    told = problem(await ask(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"))
    assert (told["status"], told["code"]) == (400, "malformed")


async def test_a_large_body_and_a_second_request_pass(port: int) -> None:
    body = b"x" * (3 * MOST_HEAD)
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(post + body)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert json.loads(await reader.readuntil(b"}")) == {"bytes": len(body)}
    writer.close()
