"""Server-sent events of a run's log."""

import asyncio
from collections.abc import AsyncIterator

from datelier.runs.hub import Entry, Subscription, TooSlow

HEARTBEAT = 15.0
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-vercel-ai-ui-message-stream": "v1",
}
_DONE = b"data: [DONE]\n\n"
_ALIVE = b": keep-alive\n\n"


async def event_stream(
    batches: Subscription, *, heartbeat: float = HEARTBEAT
) -> AsyncIterator[bytes]:
    """Encode batches as events with ids, one chunk per batch; comments keep the line open.

    A viewer that lagged too far behind is cut without ``[DONE]``, so that it resumes.
    """
    pending: asyncio.Task[list[Entry]] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(batches))
            done, _ = await asyncio.wait({pending}, timeout=heartbeat)
            if not done:
                yield _ALIVE
                continue
            finished, pending = pending, None
            try:
                entries = finished.result()
            except StopAsyncIteration:
                yield _DONE
                return
            except TooSlow:
                return
            yield b"".join(b"id: %d\ndata: %b\n\n" % entry for entry in entries)
    finally:
        batches.close()
        if pending is not None:
            pending.cancel()
            await asyncio.gather(pending, return_exceptions=True)
