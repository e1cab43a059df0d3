"""The inbox as one topic of a browser tab's WebSocket: what changed, and how many need the person."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from datelier.inbox import service as inbox
from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.runs.inbox_viewers import InboxViewers

Send = Callable[[dict[str, Any]], Awaitable[None]]


class InboxTopic:
    """What one tab is told of the inbox, while it wants to know.

    Changes that arrive while others are being told are told together: one count for all.

    Args:
        ctx: The person; replaced when their rights were read again.
        send: Sends a frame.
    """

    def __init__(self, ctx: Context, send: Send) -> None:
        self.ctx = ctx
        self._send = send
        self._viewers = ctx.resources.get(InboxViewers)
        self._open = False
        self._changes: dict[tuple[UUID | None, str], None] = {}
        self._changed = asyncio.Event()

    def open(self) -> None:
        """Begin to tell; the first frame says how many requests need the person.

        Raises:
            Forbidden: They may not read requests.
        """
        self.ctx.require("request:get")
        if not self._open:
            self._open = True
            self._viewers.add(self.ctx.org_id, self._note)
        self._note(None, "subscribed")

    def close(self) -> None:
        """Tell nothing more."""
        if self._open:
            self._open = False
            self._viewers.remove(self.ctx.org_id, self._note)

    def _note(self, request_id: UUID | None, change: str) -> None:
        self._changes[request_id, change] = None
        self._changed.set()

    async def tell(self) -> None:
        """Send frames until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            if not self._open:
                continue
            async with self.ctx.begin() as tx:
                count = (await inbox.count_requests(tx)).needs_me
                seen = [change for change in changes if await _sees(tx, change[0])]
            for request_id, change in seen:
                key = str(request_id) if request_id is not None else None
                frame = {"type": "inbox", "change": change, "request": key, "needs_me": count}
                await self._send(frame)


async def _sees(tx: Context, request_id: UUID | None) -> bool:
    """Whether the person may know of the request: nobody is told of another's private chat."""
    if request_id is None:
        return True
    try:
        await inbox.get_visible(tx, request_id)
    except NotFound:
        return False
    return True
