"""Performing actions through the replica that holds a worker's stream."""

import asyncio
from typing import Any, Final, TypeAlias
from uuid import UUID

import grpc

from datelier.kit.context import Resources
from datelier.kit.log import get_logger
from datelier.sources.errors import TIMEOUT_HINT, ActionTimeout, NoWorker, WorkerLost, action_error
from datelier.sources.internal_token import issue
from datelier.sources.worker_stream import (
    GRACE_SECONDS,
    WRITE,
    OnBatch,
    answers_dropped_total,
    cut_short,
)
from datelier.sources.workers import Seat
from datelier.wire.handshake import Tally
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub

log = get_logger(__name__)

CONNECT_S: Final = 5.0
MESSAGE_BYTES: Final = 16 * 1024**2
CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
)
# A replica that is frozen or cut off answers no ping; what waits for it is tried elsewhere.
_PINGS: Final = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 20_000),  # of the pings that keepalive has to wait for
)
# Generic in the type stubs only.
AsyncCall: TypeAlias = "grpc.aio.UnaryStreamCall[pb.PerformRequest, pb.PerformEvent]"


class RemoteReplicas:
    """Connections to other replicas' gateways.

    Args:
        resources: The process's resources.
        ca: PEM of the authority that signed the gateways' certificates; None trusts the system's.
    """

    def __init__(self, resources: Resources, ca: bytes | None) -> None:
        self._resources = resources
        self._ca = ca
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def ask(
        self, seat: Seat, org_id: UUID, request: pb.AgentActionRequest, on_batch: OnBatch
    ) -> pb.AgentActionResponse:
        """Perform an action on a worker of another replica.

        Raises:
            ActionFailed: The worker's failure, typed; WorkerLost when the replica is gone.
            NoWorker: The worker is no longer there.
        """
        channel = self._channel(seat.address)
        if not await _reached(channel):
            log.info("replica_not_there", replica=seat.replica)
            raise NoWorker
        stub: Any = GatewayStub(channel)
        bearer = (("authorization", f"Bearer {issue(self._resources.cipher, org_id)}"),)
        call: AsyncCall = stub.Perform(
            pb.PerformRequest(org_id=str(org_id), action=request, worker_id=str(seat.worker_id)),
            metadata=bearer,
            timeout=request.timeout_seconds + 2 * GRACE_SECONDS,
        )
        tally = Tally()
        try:
            async for event in call:
                if event.WhichOneof("event") == "batch":
                    tally.add(event.batch.arrow_ipc, event.batch.rows)
                    await on_batch(event.batch.arrow_ipc, event.batch.rows)
                    if request.action_type == WRITE:
                        sure = pb.ConfirmRequest(org_id=str(org_id), request_id=request.request_id)
                        await stub.Confirm(sure, metadata=bearer, timeout=CONNECT_S)
                else:
                    return _answer(event.response, tally)
        except grpc.aio.AioRpcError as error:
            log.warning("replica_failed", replica=seat.replica, code=error.code().name)
            if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise ActionTimeout(
                    "The data worker did not answer in time.", hint=TIMEOUT_HINT
                ) from None
            raise WorkerLost from None
        finally:
            call.cancel()
        raise WorkerLost

    def _channel(self, address: str) -> grpc.aio.Channel:
        channel = self._channels.get(address)
        if channel is None:
            credentials = grpc.ssl_channel_credentials(self._ca)
            options = (*CHANNEL_OPTIONS, *_PINGS)
            channel = grpc.aio.secure_channel(address, credentials, options=options)
            self._channels[address] = channel
        return channel

    async def close(self) -> None:
        """Close every connection."""
        channels, self._channels = list(self._channels.values()), {}
        await asyncio.gather(*(channel.close() for channel in channels))


async def _reached(channel: grpc.aio.Channel) -> bool:
    """Whether somebody listens; a request that was never sent has taken nobody down."""
    state = channel.get_state(try_to_connect=True)
    try:
        async with asyncio.timeout(CONNECT_S):
            while state in {grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING}:
                await channel.wait_for_state_change(state)
                state = channel.get_state(try_to_connect=True)
    except TimeoutError:
        return False
    return state is grpc.ChannelConnectivity.READY


def _answer(response: pb.AgentActionResponse, tally: Tally) -> pb.AgentActionResponse:
    if not response.ok:
        raise action_error(response.error)
    if not tally.matches(response.trailer):
        answers_dropped_total.labels("trailer").inc()
        raise cut_short()
    return response
