"""A worker that speaks the real protocol over real TLS and answers as its script says."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Self

import grpc
import orjson

from datelier.sources.gateway_server import Gateway
from datelier.wire.handshake import PROTOCOL, WORKER, Tally
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub

Script = Callable[["ScriptedWorker", pb.AgentActionRequest], Awaitable[None]]


async def echo(worker: "ScriptedWorker", request: pb.AgentActionRequest) -> None:
    """Answer with the parameters that came."""
    await worker.answer(request, orjson.loads(request.parameters_json))


class ScriptedWorker:
    """Attached while used as a context manager. `requests` and `cancelled` record what came.

    `frozen`, once set, stops its signs of life.
    """

    def __init__(self, gateway: Gateway, ca: bytes, token: str, script: Script = echo) -> None:
        self.requests: asyncio.Queue[pb.AgentActionRequest] = asyncio.Queue()
        self.cancelled: asyncio.Queue[str] = asyncio.Queue()
        self.credits: asyncio.Queue[int] = asyncio.Queue()
        self.drained = asyncio.Event()
        self.ended = asyncio.Event()
        self.frozen = asyncio.Event()
        self._writing = asyncio.Lock()
        self.protocol = PROTOCOL
        self.modes = [WORKER]
        self.slots = 8
        self.held: list[tuple[str, str]] = []
        self.welcome = pb.Welcome()
        self._tallies: dict[str, Tally] = {}
        self.engines = ["files", "postgresql"]
        self._script = script
        self._gateway, self._ca, self._token = gateway, ca, token
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        credentials = grpc.ssl_channel_credentials(self._ca)
        self._channel = grpc.aio.secure_channel(
            f"127.0.0.1:{self._gateway.port}",
            credentials,
            options=[("grpc.max_send_message_length", 64 << 20)],
        )
        stub: Any = GatewayStub(self._channel)
        self.call = stub.Attach(metadata=(("authorization", f"Bearer {self._token}"),))
        hello = pb.Hello(
            worker_name="scripted",
            version="0",
            protocol=self.protocol,
            engines=self.engines,
            slots=self.slots,
            modes=self.modes,
            sources=[pb.HeldSource(name=name, engine=engine) for name, engine in self.held],
        )
        await self.call.write(pb.WorkerMessage(hello=hello))
        first = await self.call.read()
        assert first is not grpc.aio.EOF, await self.call.details()
        assert first.WhichOneof("message") == "welcome"
        self.welcome = first.welcome
        self.worker_id = first.welcome.worker_id
        self._spawn(self._listen())
        self._spawn(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        self.call.cancel()
        await self._channel.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

    async def _listen(self) -> None:
        try:
            while (message := await self.call.read()) is not grpc.aio.EOF:
                match message.WhichOneof("message"):
                    case "action":
                        self.requests.put_nowait(message.action)
                        self._spawn(self._script(self, message.action))
                    case "cancel":
                        self.cancelled.put_nowait(message.cancel.request_id)
                    case "credit":
                        for _ in range(message.credit.batches):
                            self.credits.put_nowait(1)
                    case "drain":
                        self.drained.set()
                    case _:
                        pass
        except grpc.aio.AioRpcError:
            pass
        finally:
            self.ended.set()

    async def _beat(self) -> None:
        while not self.frozen.is_set() and not self.ended.is_set():
            try:
                await self.write(pb.WorkerMessage(heartbeat=pb.Heartbeat()))
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.frozen.wait(), 0.3)

    async def write(self, message: pb.WorkerMessage) -> None:
        """Send one message; gRPC takes one at a time."""
        async with self._writing:
            await self.call.write(message)

    async def answer(self, request: pb.AgentActionRequest, result: Any) -> None:
        await self.send_response(
            request_id=request.request_id,
            ok=True,
            action_type=request.action_type,
            result_json=orjson.dumps(result).decode(),
            trailer=self._tallies.pop(request.request_id, Tally()).trailer(),
        )

    async def fail(self, request: pb.AgentActionRequest, code: str, message: str) -> None:
        error = orjson.dumps({"code": code, "message": message}).decode()
        await self.send_response(
            request_id=request.request_id, ok=False, action_type=request.action_type, error=error
        )

    async def send_response(self, **fields: Any) -> None:
        await self.write(pb.WorkerMessage(response=pb.AgentActionResponse(**fields)))

    async def send_batch(
        self, request_id: str, seq: int, data: bytes = b"x", *, rows: int = 1
    ) -> None:
        tally = self._tallies.setdefault(request_id, Tally())
        if seq == tally.batches:  # what an honest worker would have counted
            tally.add(data, rows)
        batch = pb.ResultBatch(request_id=request_id, seq=seq, arrow_ipc=data, rows=rows)
        await self.write(pb.WorkerMessage(batch=batch))
