"""A gateway for tests: the server side of the worker protocol, small and over real TLS."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import orjson
from typing_extensions import override

from datelier.wire.v1 import worker_pb2 as pb, worker_pb2_grpc as rpc
from tests.support.certificates import loopback_certificate

TOKEN = "worker-token"


@dataclass
class Answer:
    """What came for one request."""

    batches: list[pb.ResultBatch] = field(default_factory=list[pb.ResultBatch])
    done: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    response: pb.AgentActionResponse | None = None
    preview: pb.DataPreviewResponse | None = None

    @property
    def result(self) -> dict[str, Any]:
        assert self.response is not None
        assert self.response.ok, self.response.error
        return orjson.loads(self.response.result_json)

    @property
    def error(self) -> dict[str, Any]:
        assert self.response is not None
        assert not self.response.ok
        return orjson.loads(self.response.error)


class TestGateway(rpc.GatewayServicer):
    """Accepts workers with the right token, sends what a test asks for, keeps what comes back."""

    __test__ = False

    def __init__(self, *, credit: bool = True) -> None:
        self.credit = credit
        self.hellos: list[pb.Hello] = []
        self.heartbeats = asyncio.Semaphore(0)
        self.attached = asyncio.Semaphore(0)
        self.ended = asyncio.Semaphore(0)
        self.answers: dict[str, Answer] = {}
        self._streams: list[asyncio.Queue[pb.ServerMessage | None]] = []

    @override
    async def Attach(self, request_iterator: Any, context: Any) -> None:
        metadata = dict(context.invocation_metadata())
        if metadata.get("authorization") != f"Bearer {TOKEN}":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "bad token")
        queue: asyncio.Queue[pb.ServerMessage | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(request_iterator, queue))
        try:
            while (message := await queue.get()) is not None:
                await context.write(message)
        finally:
            reading.cancel()
            self.ended.release()

    async def _read(self, messages: Any, queue: asyncio.Queue[pb.ServerMessage | None]) -> None:
        async for message in messages:
            self._received(message, queue)
        await queue.put(None)

    def _received(
        self, message: pb.WorkerMessage, queue: asyncio.Queue[pb.ServerMessage | None]
    ) -> None:
        match message.WhichOneof("message"):
            case "hello":
                self.hellos.append(message.hello)
                self._streams.append(queue)
                welcome = pb.Welcome(worker_id=f"w{len(self.hellos)}", heartbeat_seconds=1)
                queue.put_nowait(pb.ServerMessage(welcome=welcome))
                self.attached.release()
            case "batch":
                answer = self.answer(message.batch.request_id)
                answer.batches.append(message.batch)
                answer.arrived.set()
                if self.credit:
                    self.grant(message.batch.request_id, 1)
            case "response":
                answer = self.answer(message.response.request_id)
                answer.response = message.response
                answer.done.set()
            case "preview":
                answer = self.answer(message.preview.request_id)
                answer.preview = message.preview
                answer.done.set()
            case _:
                self.heartbeats.release()

    def answer(self, request_id: str) -> Answer:
        return self.answers.setdefault(request_id, Answer())

    def send(self, message: pb.ServerMessage) -> None:
        self._streams[-1].put_nowait(message)

    def end_stream(self) -> None:
        """End the newest stream from the server's side."""
        self._streams[-1].put_nowait(None)

    def grant(self, request_id: str, batches: int) -> None:
        self.send(pb.ServerMessage(credit=pb.Credit(request_id=request_id, batches=batches)))

    def cancel(self, request_id: str) -> None:
        self.send(pb.ServerMessage(cancel=pb.Cancel(request_id=request_id)))

    def start(
        self,
        request_id: str,
        action: str,
        source: dict[str, Any],
        timeout: int = 30,
        limits: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> Answer:
        request = pb.AgentActionRequest(
            request_id=request_id,
            action_type=action,
            source_id="s1",
            parameters_json=orjson.dumps(parameters).decode(),
            timeout_seconds=timeout,
            source_json=orjson.dumps(source).decode(),
            limits_json=orjson.dumps(limits or {}).decode(),
        )
        answer = self.answer(request_id)
        self.send(pb.ServerMessage(action=request))
        return answer

    async def perform(
        self, request_id: str, action: str, source: dict[str, Any], **more: Any
    ) -> Answer:
        answer = self.start(request_id, action, source, **more)
        async with asyncio.timeout(30):
            await answer.done.wait()
        return answer


@dataclass
class RunningGateway:
    """A gateway that listens, and how to reach it."""

    gateway: TestGateway
    server: grpc.aio.Server
    port: int
    key: bytes
    certificate: bytes

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def running_gateway(
    gateway: TestGateway, keys: tuple[bytes, bytes] | None = None, port: int = 0
) -> AsyncGenerator[RunningGateway]:
    """Serve a test gateway on loopback until the block ends."""
    key, made = keys or loopback_certificate()
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 64 * 1024 * 1024)])
    register: Any = rpc.add_GatewayServicer_to_server  # pyright: ignore[reportUnknownVariableType]  # generated code has no types
    register(gateway, server)
    credentials = grpc.ssl_server_credentials([(key, made)])
    chosen = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    await server.start()
    try:
        yield RunningGateway(gateway, server, chosen, key, made)
    finally:
        await server.stop(0)
