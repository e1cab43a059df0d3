"""Receivers that take their time, or send more than they say."""

import asyncio
import gzip
from collections.abc import AsyncGenerator

import pytest

from datelier.effects.requests import NotSent, Outgoing, send
from datelier.kit.tools import OutcomeUnknown
from tests.effects.conftest import Home
from tests.effects.test_http import Sink, context, sink

__all__ = ["sink"]  # a fixture


@pytest.fixture
async def dripping(home: Home) -> AsyncGenerator[str]:
    """The address of a server that sends a piece of its answer now and then, and never the end."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n.")
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = home.place.resources.settings
    before, settings.http_hosts = settings.http_hosts, [f"127.0.0.1:{port}"]
    yield f"http://127.0.0.1:{port}/"
    settings.http_hosts = before
    over.set()
    server.close()
    await server.wait_closed()


async def test_an_answer_that_never_ends_is_given_up(home: Home, dripping: str) -> None:
    with pytest.raises(NotSent, match="No whole answer"):
        await send(context(home), Outgoing("GET", dripping, {}, None), seconds=0.3)
    with pytest.raises(OutcomeUnknown, match="no whole answer"):
        await send(context(home), Outgoing("POST", dripping, {}, "x"), seconds=0.3)


async def test_what_comes_packed_is_not_unpacked(home: Home, sink: Sink) -> None:
    body = gzip.compress(b"." * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    sink.answer = head.encode() + body
    wanted = Outgoing("GET", f"http://127.0.0.1:{sink.port}/", {"accept-encoding": "gzip"}, None)
    reply = await send(context(home), wanted)
    assert (reply.status, reply.text, reply.truncated) == (200, None, False)
    [sent] = sink.seen
    assert sent.lower().count(b"accept-encoding") == 1
    assert b"accept-encoding: identity" in sent.lower()
