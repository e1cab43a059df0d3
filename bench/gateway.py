"""A gateway without a platform: one real worker process attached to it over TLS gRPC."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import psutil
from typing_extensions import override

from bench.product import on_cpu
from datelier.sources.capability import Offer
from datelier.sources.remote_replicas import CHANNEL_OPTIONS
from datelier.sources.worker_stream import Introduction, WorkerStream
from datelier.wire.handshake import PROTOCOL
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import (
    GatewayServicer,
    add_GatewayServicer_to_server,  # pyright: ignore[reportUnknownVariableType]  # generated code has no types
)
from tests.support.certificates import loopback_certificate
from tests.support.ports import free_port

_WORKER = """
import os
import sys
from pathlib import Path
from datelier.worker.engines.opening import Engines
from datelier.worker.main import run
from datelier.worker.session import Options
server, ca, root = sys.argv[1:]
run(Options(server, "bench", "bench", ca=Path(ca).read_bytes()), Engines(root, (root,)))
os._exit(0)  # at an orderly exit DuckDB reports all it holds as leaks
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds from the request to the first batch and to the answer, and the rows that came."""

    first: float
    whole: float
    rows: int


class BareGateway(GatewayServicer):
    """Holds one worker's stream with the product's own `WorkerStream`; knows no database."""

    def __init__(self) -> None:
        self.stream: WorkerStream | None = None
        self.attached = asyncio.Event()
        self.worker_pid = 0

    @override
    async def Attach(self, request_iterator: AsyncIterator[pb.WorkerMessage], context: Any) -> None:
        hello = (await anext(request_iterator)).hello
        said = Introduction(Offer(None, frozenset(hello.engines)), hello.slots, PROTOCOL)
        stream = self.stream = WorkerStream(uuid4(), uuid4(), said)
        stream.send(pb.ServerMessage(welcome=pb.Welcome(worker_id="bench", heartbeat_seconds=4)))
        self.attached.set()

        async def write() -> None:
            while True:
                await context.write(await stream.outbox.get())

        writing = asyncio.create_task(write())
        try:
            async for message in request_iterator:
                stream.receive(message)
        finally:
            writing.cancel()
            stream.close()

    async def execute(self, source: dict[str, Any], sql: str, rows: int) -> Answer:
        """Run one statement on the worker; its batches are taken and forgotten."""
        assert self.stream is not None
        came: list[tuple[float, int]] = []

        async def take(_data: bytes, count: int) -> None:
            came.append((time.perf_counter(), count))

        request = pb.AgentActionRequest(
            request_id=str(uuid4()),
            action_type="execute",
            source_id="bench",
            parameters_json=json.dumps({"sql": sql, "row_limit": rows}),
            timeout_seconds=60,
            source_json=json.dumps(source),
        )
        start = time.perf_counter()
        await self.stream.perform(request, 60, take)
        end = time.perf_counter()
        return Answer(came[0][0] - start, end - start, sum(count for _, count in came))

    def worker_cpu(self) -> float:
        """CPU seconds the worker has used so far."""
        used = psutil.Process(self.worker_pid).cpu_times()
        return used.user + used.system


@contextlib.asynccontextmanager
async def attached_worker(folder: Path, *, cpu: int | None) -> AsyncGenerator[BareGateway]:
    """A gateway of this process and a worker process on `cpu` that may read `folder`."""
    key, certificate = loopback_certificate()
    authority = folder / "ca.pem"
    authority.write_bytes(certificate)
    port = free_port()
    # Before gRPC has threads, which a fork would disturb; the worker dials until it is answered.
    worker = await asyncio.create_subprocess_exec(
        *on_cpu(cpu), sys.executable, "-c", _WORKER, f"127.0.0.1:{port}", authority, folder
    )
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    gateway = BareGateway()
    add_GatewayServicer_to_server(gateway, server)
    server.add_secure_port(f"127.0.0.1:{port}", grpc.ssl_server_credentials([(key, certificate)]))
    await server.start()
    gateway.worker_pid = worker.pid
    try:
        async with asyncio.timeout(60):
            await gateway.attached.wait()
        yield gateway
    finally:
        worker.terminate()
        await worker.wait()
        await server.stop(0)
