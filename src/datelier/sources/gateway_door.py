"""Who may call a gateway, and what the calls mean."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

import grpc
import orjson
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from datelier.kit.context import Resources
from datelier.kit.errors import Unauthenticated
from datelier.kit.log import get_logger
from datelier.sources.errors import ActionFailed, NoWorker
from datelier.sources.internal_token import verify
from datelier.sources.worker_join import redeem_join
from datelier.sources.worker_stream import WRITE, WorkerStream
from datelier.sources.workers import WorkerIdentity, note_error, verify_worker
from datelier.wire.handshake import PROTOCOL, refusal
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayServicer

log = get_logger(__name__)

HELLO_SECONDS: Final = 10.0
_PREFIX: Final = "/datelier.wire.v1.Gateway/"
_caller: ContextVar[WorkerIdentity | UUID] = ContextVar("gateway_caller")
_join_secret: ContextVar[str] = ContextVar("gateway_join_secret")

# Generic in the type stubs only.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
AnyContext: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
AttachContext: TypeAlias = "grpc.aio.ServicerContext[pb.WorkerMessage, pb.ServerMessage]"
PerformContext: TypeAlias = "grpc.aio.ServicerContext[pb.PerformRequest, pb.PerformEvent]"
MaybeHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
Call = grpc.HandlerCallDetails


class Holder(Protocol):
    """What holds the streams of workers."""

    resources: Resources

    async def serve(
        self,
        identity: WorkerIdentity,
        hello: pb.Hello,
        messages: AsyncIterator[pb.WorkerMessage],
        context: AttachContext,
    ) -> None:
        """Hold one worker's stream until it ends."""
        ...

    def stream_of(self, org_id: UUID, request: pb.PerformRequest) -> WorkerStream | None:
        """Return the stream that a replica asks for, if it may serve the organization."""
        ...


class Authenticate(grpc.aio.ServerInterceptor):
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
            if method == "Join":
                _join_secret.set(secret)  # exchanged, and thereby checked, in the call itself
            elif method == "Attach":
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
    if method in {"Join", "Confirm"}:
        return grpc.unary_unary_rpc_method_handler(refuse)
    return grpc.unary_stream_rpc_method_handler(refuse)


class Servicer(GatewayServicer):
    """Parses what workers and replicas ask for; the holder of the streams does it."""

    def __init__(self, gateway: Holder) -> None:
        self._gateway = gateway
        self._confirmed: dict[tuple[UUID, str], asyncio.Event] = {}

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
        greeted = first.WhichOneof("message") == "hello"
        wrong = refusal(PROTOCOL, hello.protocol) if greeted else "Hello did not come first."
        if wrong is not None:
            if identity.org_id is not None:
                await note_error(self._gateway.resources, identity.worker_id, wrong)
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, wrong)
        await self._gateway.serve(identity, hello, request_iterator, context)

    @override
    async def Join(self, request: pb.JoinRequest, context: AnyContext) -> pb.JoinReply:
        wrong = refusal(PROTOCOL, request.protocol)
        if wrong is not None:  # before the token is used up
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, wrong)
        try:
            joined = await redeem_join(
                self._gateway.resources,
                _join_secret.get(),
                host=request.host,
                version=request.version,
            )
        except Unauthenticated as error:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, error.detail)
        except SQLAlchemyError:
            log.exception("gateway_join_failed")
            await context.abort(grpc.StatusCode.UNAVAILABLE, "The platform is not ready.")
        return pb.JoinReply(worker_id=joined.worker_id, worker_name=joined.name, token=joined.token)

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

        key = (org_id, request.action.request_id)
        writes = request.action.action_type == WRITE
        if writes:
            self._confirmed[key] = asyncio.Event()

        async def forward(data: bytes, rows: int) -> None:
            batch = pb.ResultBatch(request_id=request.action.request_id, arrow_ipc=data, rows=rows)
            await context.write(pb.PerformEvent(batch=batch))
            if writes:
                await self._confirmed[key].wait()  # for no longer than the action has time

        stream = self._gateway.stream_of(org_id, request)
        try:
            if stream is None:
                raise NoWorker  # noqa: TRY301  # answered like the worker's own failures
            answer = await stream.perform(request.action, request.action.timeout_seconds, forward)
        except (NoWorker, ActionFailed) as error:
            answer = pb.AgentActionResponse(
                request_id=request.action.request_id, ok=False, error=_error_json(error)
            )
        finally:
            self._confirmed.pop(key, None)
        await context.write(pb.PerformEvent(response=answer))

    @override
    async def Confirm(self, request: pb.ConfirmRequest, context: AnyContext) -> pb.ConfirmReply:
        org_id = _caller.get()
        event = None
        if isinstance(org_id, UUID) and request.org_id == str(org_id):
            event = self._confirmed.get((org_id, request.request_id))
        if event is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "No such write is under way.")
        assert event is not None
        event.set()
        return pb.ConfirmReply()


def _error_json(error: NoWorker | ActionFailed) -> str:
    if isinstance(error, ActionFailed):
        return orjson.dumps(error.as_error()).decode()
    return orjson.dumps({"code": error.code, "message": error.detail}).decode()
