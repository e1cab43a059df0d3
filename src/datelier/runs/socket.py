"""The WebSocket: runs, threads and the inbox, subscribed by frame; `docs/reference/websocket.md`.

Close codes: 4400 unreadable frame, 4401 not signed in, 4403 another site's page, 4408 no longer
reading, 4429 too many frames, 1009 frame too large.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from datelier.identity.access import needs, public
from datelier.identity.authenticator import Authenticator, Principal
from datelier.identity.errors import OriginRefused
from datelier.identity.scopes import SELF
from datelier.kit.context import Context, Resources
from datelier.kit.errors import DatelierError, NotFound
from datelier.runs import service
from datelier.runs.hub import Entry, RunHub, Subscription, is_terminal
from datelier.runs.inbox_topic import InboxTopic
from datelier.runs.schemas import ENDED
from datelier.runs.thread_viewers import ThreadViewers
from datelier.runs.tickets import TicketOut, make_ticket, spend
from datelier.threads.service import get_own_thread

router = APIRouter(tags=["runs"])

MOST_FRAME = 4096
_MOST_SUBSCRIPTIONS = 100
_FRAMES, _PER_SECONDS = 240, 10.0
_IGNORED = 60  # frames beyond the budget that are answered with an error before the end
_RECHECK = 5.0
_STUCK = 30.0
_REQUEST = b'{"type":"data-request"'
_FINAL = {"finish": "succeeded", "error": "failed", "abort": "cancelled"}


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Subscribe(_Frame):
    type: Literal["subscribe"]
    run: UUID | None = None
    after: int = Field(default=0, ge=0)
    thread: UUID | None = None
    inbox: bool = False


class _Unsubscribe(_Frame):
    type: Literal["unsubscribe"]
    run: UUID | None = None
    thread: UUID | None = None
    inbox: bool = False


class _Ping(_Frame):
    type: Literal["ping"]


_FRAME: TypeAdapter[_Subscribe | _Unsubscribe | _Ping] = TypeAdapter(
    Annotated[_Subscribe | _Unsubscribe | _Ping, Field(discriminator="type")]
)


class _Close(Exception):
    """End the connection with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@router.post("/ws/ticket")
async def create_ticket(
    request: Request, ctx: Annotated[Context, needs(SELF, session=False)]
) -> TicketOut:
    """Make a ticket that opens one WebSocket within 30 seconds, with the caller's own rights."""
    return make_ticket(ctx, request.state.principal)


@router.websocket("/ws")
async def live(
    websocket: WebSocket,
    resources: Annotated[Resources, public("the socket signs in itself, to answer with codes")],
) -> None:
    """Follow runs and threads; see the module for frames and close codes."""
    await websocket.accept()
    authenticator = resources.get(Authenticator)
    try:
        try:
            principal = await authenticator.principal(
                websocket.headers,
                websocket.cookies,
                unsafe=True,
                ticket=websocket.query_params.get("ticket"),
            )
            await spend(authenticator.context(principal), principal)
        except OriginRefused as error:
            raise _Close(4403, error.detail) from error
        except DatelierError as error:
            raise _Close(4401, error.detail) from error
        await _Tab(websocket, authenticator, principal).serve()
    except WebSocketDisconnect:
        return
    except _Close as close:
        if websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError):
                await websocket.close(close.code, close.reason)


class _Tab:
    """One connection and what it follows."""

    def __init__(
        self, websocket: WebSocket, authenticator: Authenticator, principal: Principal
    ) -> None:
        self._socket = websocket
        self._authenticator = authenticator
        self._principal = principal
        self._ctx: Context = authenticator.context(principal)
        self._hub = self._ctx.resources.get(RunHub)
        self._viewers = self._ctx.resources.get(ThreadViewers)
        self._runs: dict[UUID, asyncio.Task[None]] = {}
        self._places: dict[UUID, int | None] = {}
        self._threads: set[UUID] = set()
        self._changes: dict[tuple[UUID, str], None] = {}
        self._inbox = InboxTopic(self._ctx, self._send)
        self._changed = asyncio.Event()
        self._sending = asyncio.Lock()
        self._budget, self._budget_at = float(_FRAMES), time.monotonic()

    async def serve(self) -> None:
        """Read frames until the connection ends."""
        tasks = [
            asyncio.create_task(self._read(), name="ws-read"),
            asyncio.create_task(self._recheck(), name="ws-recheck"),
            asyncio.create_task(self._tell_changes(), name="ws-threads"),
            asyncio.create_task(self._inbox.tell(), name="ws-inbox"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._inbox.close()
            for thread_id in self._threads:
                self._viewers.remove(self._ctx.org_id, thread_id, self._note)
            tasks += self._runs.values()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            raw = await self._socket.receive_text()
            if len(raw) > MOST_FRAME:
                raise _Close(1009, "frame too large")
            if not await self._afford():
                continue
            try:
                frame = _FRAME.validate_json(raw)
            except ValidationError:
                raise _Close(4400, "unreadable frame") from None
            try:
                await self._handle(frame)
            except DatelierError as error:
                about = frame.model_dump(mode="json", exclude_none=True, include={"run", "thread"})
                await self._send({"type": "error", "code": error.code, **about})

    async def _afford(self) -> bool:
        """Whether the frame may be read; a client that does not slow down is cut."""
        now = time.monotonic()
        gained = (now - self._budget_at) * _FRAMES / _PER_SECONDS
        before = min(_FRAMES, self._budget + gained)
        self._budget, self._budget_at = before - 1, now
        if self._budget >= 0:
            return True
        if self._budget < -_IGNORED:
            raise _Close(4429, "too many frames")
        if before >= 0:
            wait = round(_PER_SECONDS / 10, 1)
            await self._send({"type": "error", "code": "rate_limited", "retry_after": wait})
        return False

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(_RECHECK)
            try:
                self._principal = await self._authenticator.recheck(self._principal)
            except DatelierError as error:
                raise _Close(4401, error.detail) from error
            self._ctx = self._authenticator.context(self._principal)
            self._inbox.ctx = self._ctx
            await self._tell_places()

    async def _tell_places(self) -> None:
        # A queue moves without an event of the run that waits in it.
        if not self._places:
            return
        async with self._ctx.begin() as ctx:
            for run_id, before in tuple(self._places.items()):
                try:
                    run = await service.visible_run(ctx, run_id)
                except NotFound:
                    self._places.pop(run_id, None)
                    continue
                place = await service.queue_position(ctx, run)
                if place is None or place == before or run_id not in self._places:
                    continue
                self._places[run_id] = place
                about = {
                    "run": str(run_id),
                    "thread": str(run.thread_id) if run.thread_id else None,
                }
                await self._send(
                    {"type": "run", **about, "status": "queued", "queue_position": place}
                )

    async def _handle(self, frame: _Subscribe | _Unsubscribe | _Ping) -> None:
        if isinstance(frame, _Ping):
            await self._send({"type": "pong"})
        elif isinstance(frame, _Unsubscribe):
            self._unsubscribe(frame)
        else:
            if len(self._runs) + len(self._threads) >= _MOST_SUBSCRIPTIONS:
                raise _Close(4429, "too many subscriptions")
            if frame.run is not None:
                await self._follow(frame.run, frame.after)
            if frame.thread is not None:
                await self._watch(frame.thread)
            if frame.inbox:
                self._inbox.open()

    def _unsubscribe(self, frame: _Unsubscribe) -> None:
        if frame.inbox:
            self._inbox.close()
        if frame.run is not None and (task := self._runs.pop(frame.run, None)) is not None:
            self._places.pop(frame.run, None)
            task.cancel()
        if frame.thread is not None and frame.thread in self._threads:
            self._threads.discard(frame.thread)
            self._viewers.remove(self._ctx.org_id, frame.thread, self._note)

    async def _watch(self, thread_id: UUID) -> None:
        self._ctx.require("thread:get")
        async with self._ctx.begin() as ctx:
            await get_own_thread(ctx, thread_id)
        self._threads.add(thread_id)
        self._viewers.add(self._ctx.org_id, thread_id, self._note)

    def _note(self, thread_id: UUID, change: str) -> None:
        self._changes[thread_id, change] = None
        self._changed.set()

    async def _tell_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            for thread_id, change in changes:
                await self._send({"type": "thread", "thread": str(thread_id), "change": change})

    async def _follow(self, run_id: UUID, after: int) -> None:
        self._ctx.require("run:get")
        async with self._ctx.begin() as ctx:
            run = await service.visible_run(ctx, run_id)
            await service.check_seq(ctx, run_id, after)
            status, thread_id = run.status, run.thread_id
            place = await service.queue_position(ctx, run)
        if (old := self._runs.pop(run_id, None)) is not None:
            old.cancel()
        about = {"type": "run", "run": str(run_id), "thread": str(thread_id) if thread_id else None}
        if place is not None:
            self._places[run_id] = place
        await self._send({**about, "status": status, "queue_position": place})
        subscription = self._hub.subscribe(run_id, after)
        self._runs[run_id] = asyncio.create_task(
            self._pump(run_id, subscription, about, status), name=f"ws-run {run_id}"
        )

    async def _pump(
        self, run_id: UUID, subscription: Subscription, about: dict[str, Any], status: str
    ) -> None:
        try:
            async for entries in subscription:
                if status == "queued":
                    status = "running"
                    self._places.pop(run_id, None)
                    await self._send({**about, "status": status, "queue_position": None})
                await self._send_text(_parts_frame(run_id, entries))
                if any(part.startswith(_REQUEST) for _, part in entries):
                    status = await self._tell_status(run_id, about, status)
                if is_terminal(entries[-1][1]) and status not in ENDED:
                    kind = orjson.loads(entries[-1][1])["type"]
                    await self._send({**about, "status": _FINAL[kind], "queue_position": None})
        except _Close as close:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(close.code, close.reason)
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            subscription.close()
            if self._runs.get(run_id) is asyncio.current_task():
                del self._runs[run_id]
                self._places.pop(run_id, None)

    async def _tell_status(self, run_id: UUID, about: dict[str, Any], before: str) -> str:
        """Say that a run waits for a person, or does no more; return its status."""
        async with self._ctx.begin() as ctx:
            status = (await service.visible_run(ctx, run_id)).status
        if status != before and status not in ENDED:
            await self._send({**about, "status": status, "queue_position": None})
        return before if status in ENDED else status

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._send_text(orjson.dumps(frame).decode())

    async def _send_text(self, text: str) -> None:
        try:
            async with self._sending, asyncio.timeout(_STUCK):
                await self._socket.send_text(text)
        except TimeoutError:
            raise _Close(4408, "not reading") from None


def _parts_frame(run_id: UUID, entries: Sequence[Entry]) -> str:
    # The parts are JSON already; they are put together without decoding them.
    parts = b",".join(b"[%d,%b]" % entry for entry in entries)
    return f'{{"type":"parts","run":"{run_id}","parts":[{parts.decode()}]}}'
