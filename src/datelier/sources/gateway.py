"""How the platform reaches data: through whichever replica holds a worker's stream.

`WorkerGateway` is what verbs use. A server process registers a `Gateway` (see `gateway_server`),
which also holds streams itself; a runner without a gRPC server registers a `RemoteGateway`.
"""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, TypeAlias
from uuid import UUID

import grpc
import orjson

from datelier.kit.context import Context, Resources
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.kit.metrics import worker_response_seconds
from datelier.sources.errors import ActionFailed, NoWorker, WorkerLost, action_error
from datelier.sources.internal_token import issue
from datelier.sources.target import Target, open_target
from datelier.sources.worker_stream import GRACE_SECONDS, OnBatch, WorkerStream
from datelier.sources.workers import Replica, replicas
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub

log = get_logger(__name__)

MESSAGE_BYTES: Final = 16 * 1024**2
CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
)
# Generic in the type stubs only.
AsyncCall: TypeAlias = "grpc.aio.UnaryStreamCall[pb.PerformRequest, pb.PerformEvent]"
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
        self._ca = ca
        self._channels: dict[str, grpc.aio.Channel] = {}

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
            request_id=str(uuid7()),
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
        try:
            answer = await self._route(ctx, target.engine, request, timeout_s, on_batch or collect)
        finally:
            worker_response_seconds.labels(order.action).observe(monotonic() - started)
        return ActionResult(_result(answer), batches, answer.execution_time_ms)

    def local_stream(self, org_id: UUID, engine: str) -> WorkerStream | None:
        """Return the least busy stream of this process that may serve, or None."""
        del org_id, engine
        return None

    async def _route(
        self,
        ctx: Context,
        engine: str,
        request: pb.AgentActionRequest,
        timeout_s: float,
        on_batch: OnBatch,
    ) -> pb.AgentActionResponse:
        stream = self.local_stream(ctx.org_id, engine)
        if stream is not None:
            return await stream.perform(request, timeout_s, on_batch)
        for replica in await replicas(ctx):
            if not holds(replica.engines, replica.org_id, engine):
                continue
            answer = await self._ask(replica, ctx.org_id, request, on_batch)
            if answer is not None:
                return answer
        raise NoWorker

    async def _ask(
        self, replica: Replica, org_id: UUID, request: pb.AgentActionRequest, on_batch: OnBatch
    ) -> pb.AgentActionResponse | None:
        """Perform on another replica; None when it is gone before anything was done."""
        stub: Any = GatewayStub(self._channel(replica.address))
        call: AsyncCall = stub.Perform(
            pb.PerformRequest(org_id=str(org_id), action=request),
            metadata=(("authorization", f"Bearer {issue(self.resources.cipher, org_id)}"),),
            timeout=request.timeout_seconds + 2 * GRACE_SECONDS,
        )
        began = False
        try:
            async for event in call:
                began = True
                if event.WhichOneof("event") == "batch":
                    await on_batch(event.batch.arrow_ipc, event.batch.rows)
                elif event.response.ok:
                    return event.response
                else:
                    failure = action_error(event.response.error)
                    if isinstance(failure, NoWorker):
                        return None  # its worker left since; another replica may have one
                    raise failure
        except grpc.aio.AioRpcError as error:
            log.warning("replica_failed", replica=replica.name, code=error.code().name)
            if began or error.code() != grpc.StatusCode.UNAVAILABLE:
                raise WorkerLost from None
            return None
        finally:
            call.cancel()
        raise WorkerLost

    def _channel(self, address: str) -> grpc.aio.Channel:
        channel = self._channels.get(address)
        if channel is None:
            credentials = grpc.ssl_channel_credentials(self._ca)
            channel = grpc.aio.secure_channel(address, credentials, options=CHANNEL_OPTIONS)
            self._channels[address] = channel
        return channel

    async def close(self) -> None:
        """Close the connections to other replicas."""
        channels, self._channels = list(self._channels.values()), {}
        await asyncio.gather(*(channel.close() for channel in channels))


class RemoteGateway(WorkerGateway):
    """The gateway of a process that holds no streams, such as a runner on its own."""


@dataclass(frozen=True, slots=True)
class Order:
    """One action to perform: its name, its parameters, its time and size limits."""

    action: str
    params: dict[str, Any]
    timeout_s: float | None = None
    limits: dict[str, int] = field(default_factory=dict[str, int])


def holds(engines: frozenset[str], worker_org: UUID | None, engine: str) -> bool:
    """Whether a worker can reach sources of an engine. Files lie beside the platform's own."""
    return engine in engines and (engine not in {"files", "sqlite"} or worker_org is None)


def _result(answer: pb.AgentActionResponse) -> dict[str, Any]:
    try:
        return dict(orjson.loads(answer.result_json or "{}"))
    except (ValueError, TypeError):
        raise ActionFailed("The data worker's answer cannot be read.") from None
