"""Server-sent events of a run's log."""

from collections.abc import AsyncIterator

from datelier.runs.hub import Subscription, TooSlow

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
    try:
        while True:
            try:
                entries = await batches.next(heartbeat)
            except StopAsyncIteration:
                yield _DONE
                return
            except TooSlow:
                return
            if entries:
                yield b"".join(b"id: %d\ndata: %b\n\n" % entry for entry in entries)
            else:
                yield _ALIVE
    finally:
        batches.close()
