"""One attached worker: its requests in flight, credit, deadlines and answers.

A worker may lie, repeat itself or come late. Only what answers a request that is open on this very
stream counts; everything else is dropped and counted in `answers_dropped_total`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from datelier.kit.log import get_logger
from datelier.sources.errors import (
    TIMEOUT_HINT,
    ActionFailed,
    ActionTimeout,
    LimitExceeded,
    WorkerLost,
    action_error,
)
from datelier.wire.v1 import worker_pb2 as pb

log = get_logger(__name__)

OnBatch = Callable[[bytes, int], Awaitable[None]]
"""Takes one Arrow IPC stream and the number of its rows; waiting in it slows the worker down."""

FIRST_CREDIT: Final = 8
CREDIT_STEP: Final = 4  # room is granted for so many at once; most results never need a grant
MAX_BATCH_BYTES: Final = 12 * 1024**2
MAX_RESULT_BYTES: Final = 256 * 1024**2
GRACE_SECONDS: Final = 3.0
CANCEL_SECONDS: Final = 5.0

answers_dropped_total = Counter(
    "datelier_worker_answers_dropped_total",
    "Answers of workers that were not accepted, by reason.",
    ["reason"],
)
_Answer = pb.ResultBatch | pb.AgentActionResponse | ActionFailed


@dataclass(slots=True)
class _Open:
    """A request in flight."""

    action: str
    inbox: asyncio.Queue[_Answer] = field(default_factory=asyncio.Queue[_Answer])
    next_seq: int = 0
    credit: int = FIRST_CREDIT
    taken: int = 0
    rows: int = 0
    size: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class WorkerStream:
    """The server's end of one worker's stream.

    Args:
        worker_id: Whose stream it is.
        org_id: The one organization it may serve; None serves every one.
        engines: Engines the worker says it has.
    """

    def __init__(self, worker_id: UUID, org_id: UUID | None, engines: frozenset[str]) -> None:
        self.worker_id = worker_id
        self.org_id = org_id
        self.engines = engines
        self.closed = asyncio.Event()
        self.outbox: asyncio.Queue[pb.ServerMessage] = asyncio.Queue()
        self._open: dict[str, _Open] = {}

    @property
    def load(self) -> int:
        """Requests in flight."""
        return len(self._open)

    def send(self, message: pb.ServerMessage) -> None:
        """Queue a message for the worker."""
        self.outbox.put_nowait(message)

    def close(self) -> None:
        """End the stream: every request in flight fails with WorkerLost."""
        self.closed.set()
        for request in self._open.values():
            request.inbox.put_nowait(WorkerLost())
            request.ended.set()

    async def perform(
        self, request: pb.AgentActionRequest, timeout_s: float, on_batch: OnBatch
    ) -> pb.AgentActionResponse:
        """Perform one action and return its answer; its batches go to `on_batch` in order.

        Cancelling this coroutine cancels the action on the worker and waits, at most
        `CANCEL_SECONDS`, until the worker has confirmed it.

        Raises:
            ActionFailed: The worker's failure, typed; WorkerLost and ActionTimeout included.
        """
        key = request.request_id
        if key in self._open:
            raise ActionFailed("This request is already being performed.")
        if self.closed.is_set():
            raise WorkerLost
        opened = self._open[key] = _Open(request.action_type)
        try:
            self.send(pb.ServerMessage(action=request))
            async with asyncio.timeout(timeout_s + GRACE_SECONDS):
                return await self._answer(key, opened, on_batch)
        except TimeoutError:
            await self._cancel(key, opened)
            raise ActionTimeout(
                f"The data worker did not answer within {timeout_s:g} seconds.", hint=TIMEOUT_HINT
            ) from None
        except BaseException:
            await self._cancel(key, opened)
            raise
        finally:
            self._open.pop(key, None)

    async def _answer(self, key: str, opened: _Open, on_batch: OnBatch) -> pb.AgentActionResponse:
        while True:
            answer = await opened.inbox.get()
            if isinstance(answer, ActionFailed):
                raise answer
            if isinstance(answer, pb.AgentActionResponse):
                if not answer.ok:
                    raise action_error(answer.error)
                return answer
            await on_batch(answer.arrow_ipc, answer.rows)
            opened.taken += 1
            if opened.taken == CREDIT_STEP:
                opened.taken = 0
                opened.credit += CREDIT_STEP
                self.send(pb.ServerMessage(credit=pb.Credit(request_id=key, batches=CREDIT_STEP)))

    async def _cancel(self, key: str, opened: _Open) -> None:
        """Stop the action unless it has ended, and wait for the worker to say so."""
        if opened.ended.is_set() or self.closed.is_set():
            return
        self.send(pb.ServerMessage(cancel=pb.Cancel(request_id=key)))
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await opened.ended.wait()
        except TimeoutError:
            log.warning("worker_did_not_confirm_cancel", action=opened.action)

    def receive(self, message: pb.WorkerMessage) -> None:
        """Accept one message of the worker, or drop it."""
        match message.WhichOneof("message"):
            case "batch":
                self._receive_batch(message.batch)
            case "response":
                self._receive_response(message.response)
            case "heartbeat":
                pass
            case other:
                _drop("unexpected", other or "unknown")

    def _receive_batch(self, batch: pb.ResultBatch) -> None:
        opened = self._open.get(batch.request_id)
        if opened is None or opened.ended.is_set():
            _drop("unknown_request", "batch")
        elif batch.seq < opened.next_seq:
            _drop("duplicate", "batch")
        elif batch.seq > opened.next_seq:
            self._fail(opened, "out_of_order", ActionFailed("The data worker lost a part of it."))
        elif opened.credit <= 0:
            self._fail(opened, "no_credit", ActionFailed("The data worker ignored its limits."))
        elif (
            len(batch.arrow_ipc) > MAX_BATCH_BYTES
            or opened.size + len(batch.arrow_ipc) > MAX_RESULT_BYTES
        ):
            self._fail(opened, "oversized", LimitExceeded("The result is too large to carry."))
        else:
            opened.next_seq += 1
            opened.credit -= 1
            opened.size += len(batch.arrow_ipc)
            opened.rows += batch.rows
            opened.inbox.put_nowait(batch)

    def _receive_response(self, response: pb.AgentActionResponse) -> None:
        opened = self._open.get(response.request_id)
        if opened is None or opened.ended.is_set():
            _drop("unknown_request", "response")
            return
        if response.action_type and response.action_type != opened.action:
            _drop("forged", "response")
            return
        opened.ended.set()
        opened.inbox.put_nowait(response)

    def _fail(self, opened: _Open, reason: str, error: ActionFailed) -> None:
        # Not ended: the worker is still at it, so perform() tells it to stop.
        _drop(reason, "batch")
        opened.next_seq = 2**32
        opened.inbox.put_nowait(error)


def _drop(reason: str, what: str) -> None:
    answers_dropped_total.labels(reason).inc()
    log.warning("worker_answer_dropped", reason=reason, what=what)
