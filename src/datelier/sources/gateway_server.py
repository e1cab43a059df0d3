"""The gRPC server that workers attach to and other replicas call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import grpc
import orjson
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from datelier.kit.context import Resources
from datelier.kit.errors import Unauthenticated
from datelier.kit.log import get_logger
from datelier.sources.errors import ActionFailed, NoWorker
from datelier.sources.gateway import CHANNEL_OPTIONS, WorkerGateway, holds
from datelier.sources.internal_token import verify
from datelier.sources.models import WorkerSession
from datelier.sources.worker_stream import WorkerStream
from datelier.sources.workers import (
    WorkerIdentity,
    close_session,
    open_session,
    touch_session,
    verify_worker,
)
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import (
    GatewayServicer,
    add_GatewayServicer_to_server,  # pyright: ignore[reportUnknownVariableType]  # generated code has no types
)

log = get_logger(__name__)

PROTOCOL: Final = 1
HELLO_SECONDS: Final = 10.0
_PREFIX: Final = "/datelier.wire.v1.Gateway/"
_caller: ContextVar[WorkerIdentity | UUID] = ContextVar("gateway_caller")

# Generic in the type stubs only.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
AnyContext: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
AttachContext: TypeAlias = "grpc.aio.ServicerContext[pb.WorkerMessage, pb.ServerMessage]"
PerformContext: TypeAlias = "grpc.aio.ServicerContext[pb.PerformRequest, pb.PerformEvent]"
MaybeHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
Call = grpc.HandlerCallDetails


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
    """

    host: str
    port: int
    key: bytes
    cert: bytes
    replica: str
    address: str | None = None
    heartbeat_s: float = 4.0


class _Authenticate(grpc.aio.ServerInterceptor):
    """Lets nobody through who has not proved who it is: there is no default identity."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @override
    async def intercept_service(
        self, continuation: Callable[[Call], Awaitable[MaybeHandler]], handler_call_details: Call
    ) -> MaybeHandler:
        metadata = dict(handler_call_details.invocation_metadata)
        scheme, _, secret = str(metadata.get("authorization", "")).partition(" ")
        method = handler_call_details.method.removeprefix(_PREFIX)
        try:
            if scheme.lower() != "bearer" or not secret:
                raise Unauthenticated("A bearer token is needed.")  # noqa: TRY301  # one refusal for all
            if method == "Attach":
                _caller.set(await verify_worker(self._resources, secret))
            else:
                _caller.set(verify(self._resources.cipher, secret))
        except Unauthenticated as error:
            return _refuse(method, grpc.StatusCode.UNAUTHENTICATED, error.detail)
        except SQLAlchemyError:
            log.exception("gateway_sign_in_failed")
            return _refuse(method, grpc.StatusCode.UNAVAILABLE, "The platform is not ready.")
        return await continuation(handler_call_details)


def _refuse(method: str, code: grpc.StatusCode, detail: str) -> Handler:
    async def refuse(_request: object, context: AnyContext) -> None:
        await context.abort(code, detail)

    if method == "Attach":
        return grpc.stream_stream_rpc_method_handler(refuse)
    return grpc.unary_stream_rpc_method_handler(refuse)


class _Servicer(GatewayServicer):
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway

    @override
    async def Attach(
        self,
        request_iterator: AsyncIterator[pb.WorkerMessage],
        context: AttachContext,
    ) -> None:
        identity = _caller.get()
        assert isinstance(identity, WorkerIdentity)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await anext(request_iterator)
        except (TimeoutError, StopAsyncIteration):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Hello did not come.")
        hello = first.hello
        if first.WhichOneof("message") != "hello" or hello.protocol != PROTOCOL:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"This server speaks protocol {PROTOCOL}, the worker {hello.protocol}; "
                "use the same version of the product on both sides.",
            )
        await self._gateway.serve(identity, hello, request_iterator, context)

    @override
    async def Perform(
        self,
        request: pb.PerformRequest,
        context: PerformContext,
    ) -> None:
        org_id = _caller.get()
        if not isinstance(org_id, UUID) or request.org_id != str(org_id):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "Not this organization.")
        assert isinstance(org_id, UUID)

        async def forward(data: bytes, rows: int) -> None:
            batch = pb.ResultBatch(request_id=request.action.request_id, arrow_ipc=data, rows=rows)
            await context.write(pb.PerformEvent(batch=batch))

        engine = str(orjson.loads(request.action.source_json)["engine"])
        stream = self._gateway.local_stream(org_id, engine)
        try:
            if stream is None:
                raise NoWorker  # noqa: TRY301  # answered like the worker's own failures
            answer = await stream.perform(request.action, request.action.timeout_seconds, forward)
        except (NoWorker, ActionFailed) as error:
            answer = pb.AgentActionResponse(
                request_id=request.action.request_id, ok=False, error=_error_json(error)
            )
        await context.write(pb.PerformEvent(response=answer))


def _error_json(error: NoWorker | ActionFailed) -> str:
    if isinstance(error, ActionFailed):
        return orjson.dumps(error.as_error()).decode()
    return orjson.dumps({"code": error.code, "message": error.detail}).decode()


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
        self.port = listen.port
        self.address = listen.address or ""

    async def start(self) -> None:
        """Bind and serve; afterwards `port` and `address` are the real ones.

        Raises:
            RuntimeError: The port is taken.
        """
        listen = self._listen
        self._server = grpc.aio.server(
            interceptors=[_Authenticate(self.resources)],
            options=(
                *CHANNEL_OPTIONS,
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_time_ms", 20_000),
                ("grpc.keepalive_timeout_ms", 10_000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
                ("grpc.max_concurrent_streams", 1_000),
            ),
        )
        add_GatewayServicer_to_server(_Servicer(self), self._server)
        credentials = grpc.ssl_server_credentials([(listen.key, listen.cert)])
        self.port = self._server.add_secure_port(f"{listen.host}:{listen.port}", credentials)
        self.address = listen.address or f"{listen.host}:{self.port}"
        await self._server.start()

    async def stop(self, grace_s: float = 1.0) -> None:
        """Ask the workers to finish, then end every stream within `grace_s` seconds."""
        for stream in self._streams.values():
            stream.send(pb.ServerMessage(drain=pb.Drain()))
        if self._server is not None:
            await self._server.stop(grace_s)
        await self.close()

    @override
    def local_stream(self, org_id: UUID, engine: str) -> WorkerStream | None:
        usable = [
            stream
            for stream in self._streams.values()
            if stream.org_id in {None, org_id} and holds(stream.engines, stream.org_id, engine)
        ]
        # An organization's own worker stands nearer to its data than the platform's.
        return min(usable, key=lambda s: (s.org_id is None, s.load), default=None)

    async def serve(
        self,
        identity: WorkerIdentity,
        hello: pb.Hello,
        messages: AsyncIterator[pb.WorkerMessage],
        context: AttachContext,
    ) -> None:
        """Hold one worker's stream until it ends, is fenced, or its worker is revoked."""
        stream = WorkerStream(identity.worker_id, identity.org_id, frozenset(hello.engines))
        session_id = await open_session(
            self.resources,
            WorkerSession(
                worker_id=identity.worker_id,
                org_id=identity.org_id,
                replica=self._listen.replica,
                address=self.address,
                version=hello.version[:100],
                engines=sorted(stream.engines),
                slots=hello.slots,
            ),
        )
        older = self._streams.pop(identity.worker_id, None)
        if older is not None:
            older.close()
        self._streams[identity.worker_id] = stream
        log.info("worker_attached", worker=identity.name, version=hello.version[:100])
        stream.send(
            pb.ServerMessage(
                welcome=pb.Welcome(
                    worker_id=str(identity.worker_id),
                    heartbeat_seconds=max(1, round(self._listen.heartbeat_s)),
                )
            )
        )
        tasks = [
            asyncio.ensure_future(part)
            for part in (
                _read(stream, messages),
                _write(stream, context),
                self._renew(session_id),
                stream.closed.wait(),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stream.close()
            if self._streams.get(identity.worker_id) is stream:
                del self._streams[identity.worker_id]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            log.info("worker_detached", worker=identity.name)
            await close_session(self.resources, session_id)

    async def _renew(self, session_id: UUID) -> None:
        while True:
            await asyncio.sleep(self._listen.heartbeat_s)
            try:
                if not await touch_session(self.resources, session_id):
                    return
            except SQLAlchemyError:
                # The stream itself is fine; the row goes stale until the database is back.
                log.exception("worker_session_not_renewed")


async def _read(stream: WorkerStream, messages: AsyncIterator[pb.WorkerMessage]) -> None:
    async for message in messages:
        stream.receive(message)


async def _write(
    stream: WorkerStream,
    context: AttachContext,
) -> None:
    while True:
        await context.write(await stream.outbox.get())
