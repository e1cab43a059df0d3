"""Doors of a served application without a socket: streams that are left early, and a tab."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from typing_extensions import override

from tests.support.api import ORIGIN

STREAM_SECONDS = 0.05


class Impatient(httpx.AsyncBaseTransport):
    """Speaks to an application; leaves an event stream that is quiet for a moment.

    The client of the standard library of tests waits for a whole body, which a stream of a run
    that nobody executes never has.
    """

    def __init__(self, app: FastAPI, address: str) -> None:
        self._app = app
        self._address = address

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = _Call(await request.aread())
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port),
            "client": (self._address, 1),
        }
        work = asyncio.create_task(self._app(scope, call.receive, call.send))
        begun = asyncio.create_task(call.begun.wait())
        await asyncio.wait({work, begun}, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if call.streams:
            await asyncio.wait({work}, timeout=STREAM_SECONDS)
            call.left.set()
        async with asyncio.timeout(60):
            await work
        return httpx.Response(call.status, headers=call.headers, content=bytes(call.body))


class _Call:
    """One request: what the application reads and what it answers."""

    def __init__(self, body: bytes) -> None:
        self._given: bytes | None = body
        self.begun = asyncio.Event()
        self.left = asyncio.Event()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    @property
    def streams(self) -> bool:
        return any(value.startswith(b"text/event-stream") for _, value in self.headers)

    async def receive(self) -> dict[str, Any]:
        if self._given is None:
            await self.left.wait()
            return {"type": "http.disconnect"}
        body, self._given = self._given, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
            self.begun.set()
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                self.left.set()


class Tab:
    """A WebSocket of one browser tab."""

    def __init__(self) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[Any] = asyncio.Queue()

    async def send(self, **frame: Any) -> None:
        text = orjson.dumps(frame).decode()
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def frame(self) -> dict[str, Any]:
        """The next frame, or the close as `{"type": "close", "code": …}`."""
        async with asyncio.timeout(10):
            message = await self._from_app.get()
        if message["type"] == "websocket.close":
            return {"type": "close", "code": message.get("code")}
        return orjson.loads(message["text"])

    async def until_pong(self) -> list[dict[str, Any]]:
        """Everything that came before the answer to a ping sent now."""
        await self.send(type="ping")
        frames: list[dict[str, Any]] = []
        while (frame := await self.frame())["type"] not in {"pong", "close"}:
            frames.append(frame)
        return frames

    @asynccontextmanager
    async def opened(self, app: FastAPI, path: str, token: str) -> AsyncGenerator["Tab"]:
        scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (b"host", ORIGIN.removeprefix("http://").encode()),
                (b"authorization", f"Bearer {token}".encode()),
            ],
            "server": ("127.0.0.1", 8484),
            "client": ("127.0.0.1", 1),
            "subprotocols": [],
        }
        await self._to_app.put({"type": "websocket.connect"})
        work = asyncio.create_task(app(scope, self._to_app.get, self._from_app.put))
        try:
            async with asyncio.timeout(10):
                assert (await self._from_app.get())["type"] == "websocket.accept"
            yield self
        finally:
            await self._to_app.put({"type": "websocket.disconnect", "code": 1000})
            async with asyncio.timeout(10):
                await work
