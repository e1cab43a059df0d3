"""Server-sent events of a run's log."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator, Sequence

from starlette.responses import StreamingResponse
from starlette.types import Message, Send
from typing_extensions import override

from datelier.runs.hub import Entry, Subscription, TooSlow

HEARTBEAT = 15.0
_CHUNK = 32 * 1024  # bytes after which what is encoded leaves; a socket buffers whole chunks
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-vercel-ai-ui-message-stream": "v1",
}
STUCK = 30.0  # seconds after which a client that takes nothing is cut
_DONE = b"data: [DONE]\n\n"
_ALIVE = b": keep-alive\n\n"


async def event_stream(
    batches: Subscription, *, heartbeat: float = HEARTBEAT
) -> AsyncGenerator[bytes]:
    """Encode batches as events with ids, a chunk for a small one; comments keep the line open.

    A viewer that lagged too far behind is cut without ``[DONE]``, so that it resumes.
    """
    try:
        while True:
            try:
                entries = await batches.next(heartbeat)
            except StopAsyncIteration:
                yield _DONE
                return
            except TooSlow:
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

    @override
    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(self._stuck):
                    await send(message)
            except TimeoutError:
                raise _NotReading from None

        try:
            # An answer without an end tells the server to close the connection.
            with contextlib.suppress(_NotReading):
                await super().stream_response(in_time)
        finally:
            await self._events.aclose()


def _chunks(entries: Sequence[Entry]) -> Iterator[bytes]:
    """Encode entries, several small ones to a chunk and a large one in pieces.

    A part is shared by all its viewers; only the pieces on their way are copied for each.
    """
    waiting: list[bytes] = []
    size = 0
    for seq, part in entries:
        if len(part) >= _CHUNK:
            yield b"%bid: %d\ndata: " % (b"".join(waiting), seq)
            waiting, size = [], 0
            for start in range(0, len(part), _CHUNK):
                yield part[start : start + _CHUNK]
            yield b"\n\n"
            continue
        event = b"id: %d\ndata: %b\n\n" % (seq, part)
        waiting.append(event)
        size += len(event)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
