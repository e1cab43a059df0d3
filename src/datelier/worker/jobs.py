"""The actions under way on one stream: slots, deadlines, credit, cancellation, answers."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

import orjson

from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json
from datelier.wire.handshake import Tally
from datelier.wire.v1 import worker_pb2 as pb
from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError

START_CREDIT: Final = 8
IN_FLIGHT_BYTES: Final = 16 * 1024**2
WRITING: Final = ("plan_write", "write", "outcome")
BATCH_BYTES: Final = 12 * 1024**2
DEFAULT_TIMEOUT_S: Final = 60
Send = Callable[[pb.WorkerMessage], Awaitable[None]]
_log = logging.getLogger(__name__)


class Credit:
    """How much of one request the other side has room for: a number of batches, and bytes."""

    def __init__(self) -> None:
        self._room = START_CREDIT
        self._sizes: deque[int] = deque()
        self._granted = asyncio.Event()

    async def spend(self, size: int) -> None:
        """Wait for room for one batch of `size` bytes."""
        # One too large to be taken at all is sent, so that it is refused by name.
        size = min(size, BATCH_BYTES)
        while self._room <= 0 or (self._sizes and sum(self._sizes) + size > IN_FLIGHT_BYTES):
            self._granted.clear()
            await self._granted.wait()
        self._room -= 1
        self._sizes.append(size)

    def grant(self, batches: int) -> None:
        for _ in range(min(batches, 10_000)):
            self._room += 1
            if self._sizes:
                self._sizes.popleft()
        self._granted.set()


class BatchSender:
    """Numbers the batches of one request and sends each at once; the answer says they were all."""

    def __init__(self, request_id: str, credit: Credit, send: Send) -> None:
        self._request_id = request_id
        self._credit = credit
        self._send = send
        self.tally = Tally()

    async def emit(self, arrow_ipc: bytes, rows: int) -> None:
        """Send one batch; waits until the receiver has room for it."""
        await self._credit.spend(len(arrow_ipc))
        batch = pb.ResultBatch(
            request_id=self._request_id, seq=self.tally.batches, arrow_ipc=arrow_ipc, rows=rows
        )
        self.tally.add(arrow_ipc, rows)
        await self._send(pb.WorkerMessage(batch=batch))


class Jobs:
    """Every action of one stream. When the stream ends, `cancel_all` ends them.

    With `single` one action is performed and no more; then `performed` is set.
    """

    def __init__(self, engines: Engines, slots: int, send: Send, *, single: bool = False) -> None:
        self._engines = engines
        self._slots = asyncio.Semaphore(slots)
        self._send = send
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._credits: dict[str, Credit] = {}
        self._answering: set[str] = set()
        self._confirmed: dict[str, asyncio.Event] = {}
        self.draining = False
        self._single = single
        self.performed = asyncio.Event()

    @property
    def load(self) -> int:
        """Actions under way or waiting for a slot."""
        return len(self._tasks)

    def start(self, request: pb.AgentActionRequest) -> None:
        """Perform an action; a request id that is already under way is ignored."""
        answer = _action_answer(request.request_id, request.action_type)
        work = self._act(request)
        self._begin(request.request_id, work, answer)

    def start_preview(self, request: pb.DataPreviewRequest) -> None:
        """Perform a preview for a person."""
        self._begin(request.request_id, self._preview(request), _preview_answer(request.request_id))

    def cancel(self, request_id: str) -> None:
        """Stop an action; its answer will say cancelled. Unknown ids are late and ignored."""
        task = self._tasks.get(request_id)
        if task is not None and request_id not in self._answering:
            task.cancel()

    def grant(self, request_id: str, batches: int) -> None:
        """More room for the batches of a request."""
        credit = self._credits.get(request_id)
        if credit is not None:
            credit.grant(batches)

    def commit(self, request_id: str) -> None:
        """A write under way may be committed; unknown ids are late and ignored."""
        event = self._confirmed.get(request_id)
        if event is not None:
            event.set()

    async def finish(self, seconds: float) -> None:
        """Wait for what runs, then cancel what is left."""
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()), timeout=seconds)
        await self.cancel_all()

    async def cancel_all(self) -> None:
        """Cancel everything and wait until the databases were told."""
        tasks = set(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=10)

    def _begin(self, request_id: str, work: Awaitable[pb.WorkerMessage], answer: "_Answer") -> None:
        if request_id in self._tasks:
            cast("Any", work).close()
            return
        self._credits[request_id] = Credit()
        self._confirmed[request_id] = asyncio.Event()
        task = asyncio.create_task(
            self._answered(request_id, work, answer), name=f"action {request_id}"
        )
        self._tasks[request_id] = task
        task.add_done_callback(lambda _: self._forget(request_id))

    def _forget(self, request_id: str) -> None:
        self._tasks.pop(request_id, None)
        self._credits.pop(request_id, None)
        self._confirmed.pop(request_id, None)
        self._answering.discard(request_id)

    async def _answered(
        self, request_id: str, work: Awaitable[pb.WorkerMessage], answer: "_Answer"
    ) -> None:
        """Every request gets exactly one answer, whatever happens to it."""
        started = time.perf_counter()
        try:
            async with self._slots:
                message = await work
        except asyncio.CancelledError:
            message = answer(WorkerError("cancelled", "The action was cancelled."), started)
        except WorkerError as error:
            message = answer(error, started)
        except Exception:  # noqa: BLE001 - a defect: its text stays here, the caller learns a code
            _log.exception("An action failed unexpectedly")
            message = answer(WorkerError("internal", "The worker failed; see its log."), started)
        self._answering.add(request_id)
        await self._send(message)
        if self._single and self.draining:
            self.performed.set()

    async def _act(self, request: pb.AgentActionRequest) -> pb.WorkerMessage:
        if self.draining:
            raise WorkerError("worker_leaving", "The worker is shutting down.", hint="Try again.")
        self.draining = self._single
        started = time.perf_counter()
        credit = self._credits[request.request_id]
        sender = BatchSender(request.request_id, credit, self._send)
        action = Action(
            action_type=request.action_type,
            source=_object(request.source_json, "source_json"),
            parameters=_object(request.parameters_json, "parameters_json"),
            limits=_object(request.limits_json, "limits_json"),
            timeout_s=float(request.timeout_seconds or DEFAULT_TIMEOUT_S),
        )
        event = self._confirmed[request.request_id]

        async def confirmed() -> None:
            await event.wait()

        if action.action_type in WRITING:
            from datelier.worker.writing import perform_write  # noqa: PLC0415 - with it comes the parser, much of a small worker's memory

            result = await perform_write(action, self._engines, sender.emit, confirmed)
        else:
            result = await perform(action, self._engines, sender.emit)
        return pb.WorkerMessage(
            response=pb.AgentActionResponse(
                request_id=request.request_id,
                ok=True,
                action_type=request.action_type,
                result_json=orjson.dumps(result).decode(),
                execution_time_ms=_since(started),
                trailer=sender.tally.trailer(),
            )
        )

    async def _preview(self, request: pb.DataPreviewRequest) -> pb.WorkerMessage:
        batches: list[bytes] = []

        async def keep(arrow_ipc: bytes, rows: int) -> None:
            if rows:
                batches.append(arrow_ipc)

        parameters: dict[str, Any] = {"limit": request.limit, "offset": request.offset}
        parameters |= {"sql": request.query} if request.query else {"table": request.table}
        seconds = float(request.timeout_seconds or DEFAULT_TIMEOUT_S)
        source = _object(request.source_json, "source_json")
        action = Action("preview", source, parameters, timeout_s=seconds)
        result = await perform(action, self._engines, keep)
        data = pb.DataPreview(data_type="table", total_rows=result["total"])
        data.headers.extend(column["name"] for column in result["columns"])
        for batch in read_batches(batches):
            for row in zip(*to_columnar_json(batch), strict=True):
                data.rows.append(pb.PreviewRow(values=[_preview_value(cell) for cell in row]))
        answer = pb.DataPreviewResponse(request_id=request.request_id, ok=True, data=data)
        return pb.WorkerMessage(preview=answer)


_Answer = Callable[[WorkerError, float], pb.WorkerMessage]


def _action_answer(request_id: str, action_type: str) -> _Answer:
    def answer(error: WorkerError, started: float) -> pb.WorkerMessage:
        response = pb.AgentActionResponse(
            request_id=request_id,
            ok=False,
            action_type=action_type,
            error=error.to_json(),
            execution_time_ms=_since(started),
        )
        return pb.WorkerMessage(response=response)

    return answer


def _preview_answer(request_id: str) -> _Answer:
    def answer(error: WorkerError, _started: float) -> pb.WorkerMessage:
        response = pb.DataPreviewResponse(request_id=request_id, ok=False, error=error.to_json())
        return pb.WorkerMessage(preview=response)

    return answer


def _preview_value(cell: object) -> pb.PreviewValue:
    if cell is None:
        return pb.PreviewValue()
    if isinstance(cell, bool):
        return pb.PreviewValue(text="true" if cell else "false")
    return pb.PreviewValue(text=cell if isinstance(cell, str) else orjson.dumps(cell).decode())


def _object(text: str, name: str) -> Mapping[str, Any]:
    try:
        value: object = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise WorkerError("internal", f"The request has no valid {name}.")
    return cast("dict[str, Any]", value)


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
