"""How the platform reaches data: through whichever replica holds a worker's stream.

`WorkerGateway` is what verbs use. A server process registers a `Gateway` (see `gateway_server`),
which also holds streams itself; a runner without a gRPC server registers a `RemoteGateway`.
"""

from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from uuid import UUID

import orjson

from datelier.kit.context import Context, Resources
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.kit.metrics import worker_response_seconds
from datelier.sources.capability import Need
from datelier.sources.errors import (
    TIMEOUT_HINT,
    ActionFailed,
    ActionTimeout,
    DriverMissing,
    NoWorker,
    WorkerLeaving,
    WorkerLost,
)
from datelier.sources.remote_replicas import RemoteReplicas
from datelier.sources.target import Target, open_target
from datelier.sources.worker_stream import OnBatch, WorkerStream
from datelier.sources.workers import Seat, replicas
from datelier.wire.v1 import worker_pb2 as pb

log = get_logger(__name__)

MOST_LOST: Final = 2
_SEATS_KEPT_S: Final = 2.0  # only where a worker of this process could serve as well
_ORGS_KEPT: Final = 1000
ACTIONS: Final = frozenset(
    [
        "describe",
        "sample",
        "count",
        "filter",
        "aggregate",
        "execute",
        "preview",
        "read",
        "profile",
        "test",
    ]
)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The answer of an action.

    Attributes:
        result: The action's JSON; for tabular actions sql, columns, row_count, truncated, total.
        batches: Arrow IPC streams in order; empty when they went to `on_batch`.
        elapsed_ms: As measured by the worker.
    """

    result: dict[str, Any]
    batches: list[bytes] = field(default_factory=list[bytes])
    elapsed_ms: int = 0


class WorkerGateway:
    """Performs actions on the workers of an organization.

    Args:
        resources: The process's resources.
        ca: PEM of the authority that signed the replicas' gateway certificates; None trusts the
            system's authorities.
    """

    def __init__(self, resources: Resources, *, ca: bytes | None = None) -> None:
        self.resources = resources
        self.ca = ca
        self.port: int | None = None
        self._remote = RemoteReplicas(resources, ca)
        self._seats: dict[UUID, tuple[float, list[Seat]]] = {}

    async def perform(
        self,
        ctx: Context,
        source_id: UUID,
        action: str,
        params: dict[str, Any],
        *,
        timeout_s: float | None = None,
        on_batch: OnBatch | None = None,
    ) -> ActionResult:  # the agreed door: five facts and two options
        """Perform `action` on a source of the caller's organization.

        Args:
            ctx: The caller; no transaction may be held open meanwhile.
            source_id: The source.
            action: One of `ACTIONS`.
            params: The action's parameters, JSON.
            timeout_s: Seconds until the worker stops; the configured limit by default.
            on_batch: Takes the Arrow batches as they come, and slows the worker by waiting.

        Raises:
            NotFound: No such source.
            NoWorker: Nobody is connected who holds the source.
            ActionFailed: The worker's failure, typed.
        """
        target = await open_target(ctx, source_id)
        return await self.perform_on(
            ctx, target, Order(action, params, timeout_s), on_batch=on_batch
        )

    async def perform_on(
        self, ctx: Context, target: Target, order: "Order", *, on_batch: OnBatch | None = None
    ) -> ActionResult:
        """Perform an order on a source that need not be stored; errors as in :meth:`perform`."""
        if order.action not in ACTIONS:
            raise ValueError(f"unknown action {order.action!r}")
        timeout_s = order.timeout_s or self.resources.settings.statement_timeout_s
        request = pb.AgentActionRequest(
            action_type=order.action,
            source_id=target.source_id,
            parameters_json=orjson.dumps(order.params).decode(),
            timeout_seconds=max(1, round(timeout_s)),
            source_json=target.json,
            limits_json=orjson.dumps(order.limits).decode(),
        )
        batches: list[bytes] = []

        async def collect(data: bytes, _rows: int) -> None:
            batches.append(data)

        log.info("worker_action", action=order.action, source_id=target.source_id)
        started = monotonic()
        route = _Route(ctx, target.need, request, started + timeout_s, on_batch or collect)
        try:
            answer = await self._route(route)
        finally:
            worker_response_seconds.labels(order.action).observe(monotonic() - started)
        return ActionResult(_result(answer), batches, answer.execution_time_ms)

    def local_stream(
        self, org_id: UUID, need: Need, but: Collection[UUID] = ()
    ) -> WorkerStream | None:
        """Return the least busy stream of this process that may serve, or None."""
        del org_id, need, but
        return None

    def drop(self, worker_id: UUID) -> None:
        """End the stream of a worker that was revoked, if this process holds it."""
        del worker_id

    async def _route(self, route: "_Route") -> pb.AgentActionResponse:
        """Perform on one worker after another until one answers.

        A read can be repeated, but never once its caller was given rows. A request that takes
        workers down with it is tried on `MOST_LOST` of them and no more.
        """
        tried: set[UUID] = set()
        failed: ActionFailed | NoWorker = NoWorker(route.need.held)
        lost = 0
        while lost < MOST_LOST:
            perform = await self._next(route, tried)
            if perform is None:
                break
            try:
                return await perform
            except (WorkerLost, WorkerLeaving, DriverMissing, NoWorker) as error:
                if route.delivered:
                    raise
                # That a seat was empty after all says nothing; what else went wrong does.
                failed = failed if isinstance(error, NoWorker) else error
                lost += isinstance(error, WorkerLost)
                log.info("worker_action_moves_on", reason=error.code)
        raise failed

    async def _next(
        self, route: "_Route", tried: set[UUID]
    ) -> Awaitable[pb.AgentActionResponse] | None:
        """Choose the next worker: the organization's own, with a free slot, near, least busy."""
        org_id, need = route.ctx.org_id, route.need
        local = self.local_stream(org_id, need, tried)
        if local is None or local.busy >= 1 or local.offer.org_id is None:
            seat = await self._elsewhere(route, tried, local)
            if seat is not None:
                tried.add(seat.session_id)
                return self._remote.ask(seat, org_id, route.attempt(), route.pass_on)
        if local is None:
            return None
        tried.add(local.session_id)
        return local.perform(route.attempt(), route.left, route.pass_on)

    async def _elsewhere(
        self, route: "_Route", tried: set[UUID], local: WorkerStream | None
    ) -> Seat | None:
        """Return another replica's worker if there is one that is better than the local one."""
        known = self._seats.get(route.ctx.org_id)
        if local is None or known is None or known[0] < monotonic():
            if len(self._seats) > _ORGS_KEPT:
                self._seats.clear()
            known = (monotonic() + _SEATS_KEPT_S, await replicas(route.ctx))
            self._seats[route.ctx.org_id] = known
        but = tried | self.local_sessions()
        usable = (
            seat
            for seat in known[1]
            if seat.session_id not in but and seat.offer.serves(route.ctx.org_id, route.need)
        )
        seat = next(usable, None)
        return seat if seat is not None and (local is None or _better(seat, local)) else None

    def local_sessions(self) -> set[UUID]:
        """Sessions whose streams this process holds."""
        return set()

    async def close(self) -> None:
        """Close the connections to other replicas."""
        await self._remote.close()


def _better(seat: Seat, local: WorkerStream) -> bool:
    """Whether another replica's worker should be preferred to one of this process."""
    own, mine = seat.offer.org_id is not None, local.offer.org_id is not None
    return own if own != mine else local.busy >= 1 and seat.busy < local.busy


class RemoteGateway(WorkerGateway):
    """The gateway of a process that holds no streams, such as a runner on its own."""


@dataclass(frozen=True, slots=True)
class Order:
    """One action to perform: its name, its parameters, its time and size limits."""

    action: str
    params: dict[str, Any]
    timeout_s: float | None = None
    limits: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class _Route:
    """One request on its way: for whom, until when, and whether rows were passed on."""

    ctx: Context
    need: Need
    request: pb.AgentActionRequest
    deadline: float
    on_batch: OnBatch
    delivered: bool = False
    attempts: int = 0

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - monotonic()

    def attempt(self) -> pb.AgentActionRequest:
        """Return the request with an id of its own and the time that is left.

        Raises:
            ActionTimeout: None is left for another attempt.
        """
        if self.attempts and self.left <= 0:
            raise ActionTimeout("The data workers did not answer in time.", hint=TIMEOUT_HINT)
        self.attempts += 1
        request = pb.AgentActionRequest()
        request.CopyFrom(self.request)
        request.request_id = str(uuid7())
        request.timeout_seconds = max(1, round(self.left))
        return request

    async def pass_on(self, data: bytes, rows: int) -> None:
        """Give a batch to the caller."""
        self.delivered = True
        await self.on_batch(data, rows)


def _result(answer: pb.AgentActionResponse) -> dict[str, Any]:
    try:
        return dict(orjson.loads(answer.result_json or "{}"))
    except (ValueError, TypeError):
        raise ActionFailed("The data worker's answer cannot be read.") from None
