"""A connection of the web server that bounds what a client can make it hold.

uvicorn's own keeps whatever headers come, for as long as they come; whoever can reach the port
could fill the memory, or hold connections for ever, without signing in.
"""

import asyncio
import json
from typing import Final
from uuid import uuid4

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from datelier.api.errors import RequestStalled
from datelier.kit.errors import DatelierError, Malformed
from datelier.runs.sse import ABORT

MOST_UNSENT: Final = 16 * 1024
"""Bytes of an answer that may wait beyond what the operating system takes, besides one chunk."""
MOST_HEAD: Final = 64 * 1024
"""Bytes of a request before its body: address and headers."""
HEAD_SECONDS: Final = 20.0
"""How long they may take."""
_REASONS: Final = {400: "Bad Request", 408: "Request Timeout", 431: "Header Fields Too Large"}


class HeadTooLarge(DatelierError):
    """A request's address and headers are longer than any client needs."""

    status, code, title = 431, "head_too_large", "Headers too large"


class Connection(HttpToolsProtocol):
    """One client's connection.

    Attributes:
        head_seconds: How long the head of a request may take, and an idle start as well.
    """

    head_seconds: float = HEAD_SECONDS
    _head = 0
    _began = False
    _first = True
    _late: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        transport.set_write_buffer_limits(high=MOST_UNSENT)
        super().connection_made(transport)
        self._await_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._began = False
        super().data_received(data)
        if self._late is None:
            return  # of a body, or of what was a WebSocket's first request
        # What began within these bytes may have the end of a body before it, but for the first.
        self._head += 1 if self._began and not self._first else len(data)
        if self._head > MOST_HEAD:
            self._refuse(
                HeadTooLarge(f"Address and headers are larger than {MOST_HEAD // 1024} KiB.")
            )

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}
        self._began = True
        self._head_came()
        self._await_head()

    @override
    def on_headers_complete(self) -> None:
        self._head_came()
        self._first = False
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(Malformed("The request is not HTTP as it should be."))

    def _await_head(self) -> None:
        self._head = 0
        self._late = self.loop.call_later(self.head_seconds, self._too_late)

    def _head_came(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if self._head:
            self._refuse(RequestStalled(f"No request came in {self.head_seconds:g} seconds."))
        else:
            self.transport.close()  # opened in advance, and not needed

    def _refuse(self, error: DatelierError) -> None:
        self._head_came()
        if self.transport.is_closing():
            return
        body = json.dumps(error.problem(str(uuid4()))).encode()
        head = (
            f"HTTP/1.1 {error.status} {_REASONS[error.status]}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
