"""The gateway of a server: it holds the streams of the workers that attached here."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

import grpc
import orjson
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from datelier.kit.context import Resources
from datelier.kit.errors import Unauthenticated
from datelier.kit.log import get_logger
from datelier.sources.capability import Need, Offer, held_of, held_rows
from datelier.sources.gateway import WorkerGateway
from datelier.sources.gateway_door import AttachContext, Authenticate, Servicer
from datelier.sources.models import WorkerSession
from datelier.sources.remote_replicas import CHANNEL_OPTIONS
from datelier.sources.worker_stream import Introduction, WorkerStream
from datelier.sources.workers import (
    Sign,
    WorkerIdentity,
    close_session,
    open_session,
    touch_session,
)
from datelier.wire.handshake import PROTOCOL, is_job
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import (
    add_GatewayServicer_to_server,  # pyright: ignore[reportUnknownVariableType]  # generated code has no types
)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a gateway listens and who it says it is.

    Attributes:
        host: Address to bind.
        port: Port to bind; 0 takes a free one.
        key: PEM private key.
        cert: PEM certificate chain.
        replica: Name of this process, unique among living ones.
        address: `host:port` at which other replicas reach this gateway; the bound one by default.
        heartbeat_s: Seconds between two signs of life; a revoked worker is cut off within that.
        silence_s: Seconds without a word after which a worker counts as lost.
    """

    host: str
    port: int
    key: bytes
    cert: bytes
    replica: str
    address: str | None = None
    heartbeat_s: float = 4.0
    silence_s: float = 15.0


class Gateway(WorkerGateway):
    """The gateway of a server process: holds workers' streams and serves other replicas.

    Args:
        resources: The process's resources.
        listen: Where to listen, and with which certificate.
        ca: As in :class:`WorkerGateway`.
    """

    def __init__(self, resources: Resources, listen: Listen, *, ca: bytes | None = None) -> None:
        super().__init__(resources, ca=ca)
        self._listen = listen
        self._streams: dict[UUID, WorkerStream] = {}
        self._server: grpc.aio.Server | None = None
        self._stopping = False
        self._forgetting: set[asyncio.Task[None]] = set()
        self.port = listen.port
        self.address = listen.address or ""

    async def start(self) -> None:
        """Bind and serve; afterwards `port` and `address` are the real ones.

        Raises:
            RuntimeError: The port is taken.
        """
        listen = self._listen
        self._server = grpc.aio.server(
            interceptors=[Authenticate(self.resources)],
            options=(
                *CHANNEL_OPTIONS,
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_time_ms", 20_000),
                ("grpc.keepalive_timeout_ms", 10_000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
                ("grpc.max_concurrent_streams", 1_000),
                # Nothing compressed: a small frame must not unfold into a large message.
                ("grpc.compression_enabled_algorithms_bitset", 1),
            ),
        )
        add_GatewayServicer_to_server(Servicer(self), self._server)
        credentials = grpc.ssl_server_credentials([(listen.key, listen.cert)])
        self.port = self._server.add_secure_port(f"{listen.host}:{listen.port}", credentials)
        self.address = listen.address or f"{listen.host}:{self.port}"
        await self._server.start()

    async def stop(self, grace_s: float = 1.0) -> None:
        """Ask the workers to finish, then end every stream within `grace_s` seconds."""
        self._stopping = True
        for stream in self._streams.values():
            stream.send(pb.ServerMessage(drain=pb.Drain()))
        if self._server is not None:
            await self._server.stop(grace_s)
        await asyncio.gather(*self._forgetting)
        await self.close()

    @override
    def local_stream(
        self, org_id: UUID, need: Need, but: Collection[UUID] = ()
    ) -> WorkerStream | None:
        usable = [
            stream
            for stream in self._streams.values()
            if stream.session_id not in but
            and not stream.draining
            and not stream.closed.is_set()
            and stream.offer.serves(org_id, need)
        ]
        # An organization's own worker stands nearer to its data than the platform's.
        return min(usable, key=lambda s: (s.offer.org_id is None, s.busy), default=None)

    @override
    def local_sessions(self) -> set[UUID]:
        return {stream.session_id for stream in self._streams.values()}

    @override
    def drop(self, worker_id: UUID) -> None:
        stream = self._streams.get(worker_id)
        if stream is not None:
            stream.close("revoked")

    def stream_of(self, org_id: UUID, request: pb.PerformRequest) -> WorkerStream | None:
        """Return the stream another replica asks for, if it may serve the organization."""
        try:
            worker_id = UUID(request.worker_id)
            need = Need.of(orjson.loads(request.action.source_json))
        except (ValueError, AttributeError):
            return None
        stream = self._streams.get(worker_id)
        if stream is None or stream.draining or not stream.offer.serves(org_id, need):
            return None
        return stream

    async def serve(
        self,
        identity: WorkerIdentity,
        hello: pb.Hello,
        messages: AsyncIterator[pb.WorkerMessage],
        context: AttachContext,
    ) -> None:
        """Hold one worker's stream until it ends, is fenced, or its worker is revoked."""
        stream = await self._admit(identity, hello, context)
        log.info("worker_attached", worker=identity.name, version=hello.version[:100])
        tasks = [
            asyncio.ensure_future(part)
            for part in (
                _read(stream, messages),
                _write(stream, context),
                self._renew(stream),
                stream.closed.wait(),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            orderly = self._stopping or stream.draining
            stream.close(None if orderly else "broken")
            if self._streams.get(identity.worker_id) is stream:
                del self._streams[identity.worker_id]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            log.info("worker_detached", worker=identity.name, because=stream.ended_because)
            # gRPC cancels this call when the worker hangs up; the row must go all the same.
            forgetting = asyncio.create_task(self._forget(stream))
            self._forgetting.add(forgetting)
            forgetting.add_done_callback(self._forgetting.discard)
            await asyncio.shield(forgetting)
        code, reason = _ENDINGS.get(stream.ended_because or "", (None, ""))
        if code is not None:
            await context.abort(code, reason)

    async def _admit(
        self, identity: WorkerIdentity, hello: pb.Hello, context: AttachContext
    ) -> WorkerStream:
        offer = Offer(
            identity.org_id,
            frozenset(name[:40] for name in hello.engines[:50]),
            held_of(hello.sources) if identity.org_id is not None else frozenset(),
        )
        said = Introduction(
            offer,
            slots=min(max(1, hello.slots or 8), 1000),
            protocol=min(PROTOCOL, hello.protocol),
            job=is_job(hello.modes),
        )
        row = WorkerSession(
            worker_id=identity.worker_id,
            org_id=identity.org_id,
            replica=self._listen.replica,
            address=self.address,
            version=hello.version[:100],
            engines=sorted(offer.engines),
            sources=held_rows(offer.held),
            slots=said.slots,
        )
        try:
            session_id = await open_session(self.resources, row, hello.host[:200] or None)
        except Unauthenticated as error:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, error.detail)
        stream = WorkerStream(session_id, identity.worker_id, said)
        older = self._streams.pop(identity.worker_id, None)
        if older is not None:
            older.close("fenced")
        self._streams[identity.worker_id] = stream
        welcome = pb.Welcome(
            worker_id=str(identity.worker_id),
            heartbeat_seconds=max(1, round(self._listen.heartbeat_s)),
            protocol=said.protocol,
        )
        stream.send(pb.ServerMessage(welcome=welcome))
        return stream

    async def _forget(self, stream: WorkerStream) -> None:
        shared = stream.offer.org_id is None
        error = None if shared else _TROUBLES.get(stream.ended_because or "", stream.trouble)
        try:
            await close_session(self.resources, stream.session_id, stream.worker_id, error)
        except SQLAlchemyError:
            log.exception("worker_session_not_closed")  # it goes stale by itself

    async def _renew(self, stream: WorkerStream) -> None:
        while True:
            await asyncio.sleep(self._listen.heartbeat_s)
            if monotonic() - stream.heard > self._listen.silence_s:
                stream.close("silent")
                return
            shared = stream.offer.org_id is None
            sign = Sign(stream.load, stream.draining, None if shared else stream.trouble)
            try:
                standing = await touch_session(self.resources, stream.session_id, sign)
            except SQLAlchemyError:
                # The stream itself is fine; the row goes stale until the database is back.
                log.exception("worker_session_not_renewed")
                continue
            stream.trouble = None
            if standing != "held":
                stream.close(standing)
                return


_ENDINGS: Final = {
    "fenced": (grpc.StatusCode.ABORTED, "Another process attached with this worker's token."),
    "revoked": (grpc.StatusCode.UNAUTHENTICATED, "The worker was revoked."),
    "silent": (grpc.StatusCode.UNAVAILABLE, "Nothing was heard of the worker."),
    "flood": (grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many answers that nobody asked for."),
}
_TROUBLES: Final = {
    "fenced": "Another process attached with this worker's token.",
    "silent": "Nothing was heard of it, so its stream was closed.",
    "flood": "It sent too many answers that nobody asked for.",
    "broken": "Its connection broke.",
}


async def _read(stream: WorkerStream, messages: AsyncIterator[pb.WorkerMessage]) -> None:
    async for message in messages:
        stream.receive(message)


async def _write(
    stream: WorkerStream,
    context: AttachContext,
) -> None:
    while True:
        await context.write(await stream.outbox.get())
