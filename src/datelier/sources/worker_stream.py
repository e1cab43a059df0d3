"""One attached worker: its requests in flight, credit, deadlines and answers.

A worker may lie, repeat itself or come late. Only what answers a request that is open on this very
stream counts; everything else is dropped and counted in `answers_dropped_total`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from uuid import UUID

import orjson
from prometheus_client import Counter

from datelier.kit.log import get_logger
from datelier.sources.capability import Offer
from datelier.sources.errors import (
    TIMEOUT_HINT,
    ActionFailed,
    ActionTimeout,
    LimitExceeded,
    SignInRefused,
    Unreachable,
    WorkerLeaving,
    WorkerLost,
    action_error,
)
from datelier.wire.handshake import TRAILER_SINCE, Tally
from datelier.wire.v1 import worker_pb2 as pb

log = get_logger(__name__)

OnBatch = Callable[[bytes, int], Awaitable[None]]
"""Takes one Arrow IPC stream and the number of its rows; waiting in it slows the worker down."""

WRITE: Final = "write"
FIRST_CREDIT: Final = 8
CREDIT_STEP: Final = 4  # room is granted for so many at once; most results never need a grant
CREDIT_BYTES: Final = 4 * 1024**2  # or for so many bytes, before the worker's own bound stops it
MAX_BATCH_BYTES: Final = 12 * 1024**2
MAX_WAITING_BYTES: Final = 24 * 1024**2
MAX_RESULT_BYTES: Final = 256 * 1024**2
GRACE_SECONDS: Final = 3.0
CANCEL_SECONDS: Final = 5.0
DROPS_PER_MINUTE: Final = 1000

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
    max_bytes: int
    inbox: asyncio.Queue[_Answer] = field(default_factory=asyncio.Queue[_Answer])
    next_seq: int = 0
    credit: int = FIRST_CREDIT
    taken: int = 0
    taken_bytes: int = 0
    size: int = 0
    waiting: int = 0
    tally: Tally = field(default_factory=Tally)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a worker said of itself when it attached.

    Attributes:
        offer: What it can do, and for whom.
        slots: Actions it performs at once.
        protocol: That is spoken on its stream.
        job: It leaves after one action.
    """

    offer: Offer
    slots: int = 8
    protocol: int = 1
    job: bool = False


class WorkerStream:
    """The server's end of one worker's stream.

    Args:
        session_id: Of the stream, in the database.
        worker_id: Whose stream it is.
        said: What the worker said of itself.
    """

    def __init__(self, session_id: UUID, worker_id: UUID, said: Introduction) -> None:
        self.session_id = session_id
        self.worker_id = worker_id
        self.offer = said.offer
        self.slots = max(1, said.slots)
        self.draining = False
        self.closed = asyncio.Event()
        self.ended_because: str | None = None
        self.trouble: str | None = None
        self.heard = monotonic()
        self.outbox: asyncio.Queue[pb.ServerMessage] = asyncio.Queue()
        self._protocol, self._job = said.protocol, said.job
        self._open: dict[str, _Open] = {}
        self._drops, self._drops_since = 0, monotonic()

    @property
    def load(self) -> int:
        """Requests in flight."""
        return len(self._open)

    @property
    def busy(self) -> float:
        """Requests in flight for each slot; from 1 on, a new one has to wait."""
        return self.load / self.slots

    @property
    def protocol(self) -> int:
        """The version of the protocol that is spoken on this stream."""
        return self._protocol

    def send(self, message: pb.ServerMessage) -> None:
        """Queue a message for the worker."""
        self.outbox.put_nowait(message)

    def close(self, because: str | None = None) -> None:
        """End the stream: every request in flight fails with WorkerLost."""
        self.ended_because = self.ended_because or because
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
        if self.draining:
            raise WorkerLeaving
        self.draining = self._job
        opened = self._open[key] = _Open(request.action_type, _most_bytes(request))
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
                    raise self._noted(action_error(answer.error))
                return answer
            await on_batch(answer.arrow_ipc, answer.rows)
            if opened.action == WRITE:
                # Its caller has kept what would be changed, wherever the caller is.
                self.send(pb.ServerMessage(commit=pb.Commit(request_id=key)))
            opened.waiting -= len(answer.arrow_ipc)
            self._grant(key, opened, len(answer.arrow_ipc))

    def _grant(self, key: str, opened: _Open, size: int) -> None:
        """Make room for more once a few batches, or large ones, were taken."""
        opened.taken += 1
        opened.taken_bytes += size
        if opened.taken < CREDIT_STEP and opened.taken_bytes < CREDIT_BYTES:
            return
        opened.credit += opened.taken
        credit = pb.Credit(request_id=key, batches=opened.taken)
        opened.taken = opened.taken_bytes = 0
        self.send(pb.ServerMessage(credit=credit))

    def _noted(self, error: Exception) -> Exception:
        """Keep what is wrong with the worker's surroundings; a statement's mistake is not."""
        if isinstance(error, WorkerLeaving):
            self.draining = True
        elif isinstance(error, Unreachable | SignInRefused):
            self.trouble = str(error)
        return error

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
        self.heard = monotonic()
        match message.WhichOneof("message"):
            case "batch":
                self._receive_batch(message.batch)
            case "response":
                self._receive_response(message.response)
            case "heartbeat":
                pass
            case "draining":
                self.draining = True
            case other:
                self._drop("unexpected", other or "unknown")

    def _receive_batch(self, batch: pb.ResultBatch) -> None:
        opened = self._open.get(batch.request_id)
        size = len(batch.arrow_ipc)
        if opened is None or opened.ended.is_set():
            self._drop("unknown_request", "batch")
        elif batch.seq < opened.next_seq:
            self._drop("duplicate", "batch")
        elif batch.seq > opened.next_seq:
            self._fail(opened, "out_of_order", ActionFailed("The data worker lost a part of it."))
        elif opened.credit <= 0 or self._crowded(opened, size):
            self._fail(opened, "no_credit", ActionFailed("The data worker ignored its limits."))
        elif size > MAX_BATCH_BYTES or opened.size + size > opened.max_bytes:
            self._fail(opened, "oversized", LimitExceeded("The result is too large to carry."))
        else:
            opened.next_seq += 1
            opened.credit -= 1
            opened.size += size
            opened.waiting += size
            opened.tally.add(batch.arrow_ipc, batch.rows)
            opened.inbox.put_nowait(batch)

    def _crowded(self, opened: _Open, size: int) -> bool:
        """Whether a batch comes while too many bytes wait; older workers count batches only."""
        return (
            self._protocol >= TRAILER_SINCE
            and opened.waiting > 0
            and opened.waiting + size > MAX_WAITING_BYTES
        )

    def _receive_response(self, response: pb.AgentActionResponse) -> None:
        opened = self._open.get(response.request_id)
        if opened is None or opened.ended.is_set():
            self._drop("unknown_request", "response")
            return
        if response.action_type and response.action_type != opened.action:
            self._drop("forged", "response")
            return
        opened.ended.set()
        if response.ok and not self._whole(opened, response):
            self._drop("trailer", "response")
            opened.inbox.put_nowait(cut_short())
            return
        # Whoever passes the batches on compares again, also for a worker that sends no trailer.
        response.trailer.CopyFrom(opened.tally.trailer())
        opened.inbox.put_nowait(response)

    def _whole(self, opened: _Open, response: pb.AgentActionResponse) -> bool:
        if not response.HasField("trailer"):
            return self._protocol < TRAILER_SINCE
        return opened.tally.matches(response.trailer)

    def _fail(self, opened: _Open, reason: str, error: ActionFailed) -> None:
        # Not ended: the worker is still at it, so perform() tells it to stop.
        self._drop(reason, "batch")
        opened.next_seq = 2**32
        opened.inbox.put_nowait(error)

    def _drop(self, reason: str, what: str) -> None:
        answers_dropped_total.labels(reason).inc()
        if monotonic() - self._drops_since > 60:
            self._drops, self._drops_since = 0, monotonic()
        self._drops += 1
        if self._drops in {1, 10, 100, DROPS_PER_MINUTE}:  # a flood fills no log
            log.warning("worker_answer_dropped", reason=reason, what=what, count=self._drops)
        if self._drops >= DROPS_PER_MINUTE:
            self.close("flood")


def _most_bytes(request: pb.AgentActionRequest) -> int:
    """How large a result may become on the wire: what was ordered, twice for what wraps it."""
    limits: dict[str, int] = orjson.loads(request.limits_json or "{}")
    return max(MAX_RESULT_BYTES, 2 * limits.get("max_bytes", 0))


def cut_short() -> ActionFailed:
    """The error of a result that is not what its sender counted."""
    return ActionFailed("The data worker's rows did not all arrive.", hint="Try again.")
