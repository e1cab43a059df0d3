"""Server-sent events of a run's log."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from datelier.runs.hub import Entry, Subscription

HEARTBEAT = 15.0
_CHUNK = 16 * 1024  # most bytes that leave at once; a socket buffers whole chunks
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-vercel-ai-ui-message-stream": "v1",
}
ABORT = "datelier.abort"
"""Extension of a scope; its `call` drops the connection together with what is not sent yet."""
STUCK = 30.0  # seconds after which a client that takes nothing is cut
_DONE = b"data: [DONE]\n\n"
_ALIVE = b": keep-alive\n\n"


async def event_stream(
    batches: Subscription, *, heartbeat: float = HEARTBEAT
) -> AsyncGenerator[bytes]:
    """Encode batches as events with ids, a chunk for a small one; comments keep the line open."""
    try:
        while True:
            try:
                entries = await batches.next(heartbeat)
            except StopAsyncIteration:
                yield _DONE
                return
            if not entries:
                yield _ALIVE
            for chunk in _chunks(entries):
                yield chunk
    finally:
        batches.close()


def live_response(batches: Subscription, *, stuck: float = STUCK) -> StreamingResponse:
    """Answer with a run's events; a client that does not read is cut, and can resume."""
    return _Live(event_stream(batches), stuck)


class _NotReading(Exception):
    """The client has taken nothing for too long."""


class _Live(StreamingResponse):
    """A stream that does not wait for its client for ever."""

    def __init__(self, events: AsyncGenerator[bytes], stuck: float) -> None:
        super().__init__(events, headers=HEADERS)
        self._events = events
        self._stuck = stuck
        self._abort: Callable[[], None] | None = None

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._abort = scope.get("extensions", {}).get(ABORT, {}).get("call")
        await super().__call__(scope, receive, send)

    @override
    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(self._stuck):
                    await send(message)
            except TimeoutError:
                raise _NotReading from None

        try:
            # An answer without an end tells the server to close the connection, which then waits
            # for ever to send the rest.
            await super().stream_response(in_time)
        except _NotReading:
            if self._abort is not None:
                self._abort()
        finally:
            await self._events.aclose()


def _chunks(entries: Sequence[Entry]) -> Iterator[bytes]:
    """Encode entries, as many to a chunk as fit and a large one in pieces.

    A part is shared by all its viewers; only the chunk on its way is copied for each.
    """
    waiting: list[bytes] = []
    size = 0
    for piece in _pieces(entries):
        if size + len(piece) > _CHUNK and waiting:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(piece)
        size += len(piece)
    if waiting:
        yield b"".join(waiting)


def _pieces(entries: Sequence[Entry]) -> Iterator[bytes]:
    for seq, part in entries:
        yield b"id: %d\ndata: " % seq
        for start in range(0, len(part), _CHUNK):
            yield part[start : start + _CHUNK]
        yield b"\n\n"
