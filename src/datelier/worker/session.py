"""The Attach client: dials out, says hello, serves actions, comes back after every failure."""

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio

from datelier import __version__
from datelier.wire.handshake import JOB, PROTOCOL, WORKER
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub
from datelier.worker.engines.opening import ENGINES, Engines
from datelier.worker.jobs import Jobs

MAX_MESSAGE: Final = 64 * 1024 * 1024
DRAIN_SECONDS: Final = 60.0
STEADY_S: Final = 10.0  # a stream that held this long was a good one
WARM_AFTER_S: Final = 1.0  # the platform starts at the same time and comes first
UPKEEP_S: Final = 30.0
BACKOFF_FIRST_S: Final = 0.5
BACKOFF_MAX_S: Final = 30.0
_QUEUE: Final = 64
_CHANCE: Final = secrets.SystemRandom().random
_CHANNEL_OPTIONS: Final[list[tuple[str, Any]]] = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Any ping, not keepalive's alone: while another one waits (a minute unless told), keepalive
    # sends none, and a frozen server would hold its workers all that time.
    ("grpc.http2.ping_timeout_ms", 20_000),
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.enable_retries", 0),
]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """Where to dial and as whom.

    Attributes:
        server: `host:port`, or several separated by commas; the next is dialled when one fails.
        token: The worker token.
        name: What the worker calls itself.
        slots: Actions performed at once.
        ca: PEM of the authority to trust; None means the system's.
        job: Perform one action, then end.
        drain_s: Seconds that running actions have once the worker is told to stop.
    """

    server: str
    token: str
    name: str
    slots: int = 8
    ca: bytes | None = None
    job: bool = False
    drain_s: float = DRAIN_SECONDS


class Refused(Exception):
    """The server will not have this worker; trying again would change nothing.

    `code` is `token` (unknown or revoked), `version` or `fenced` (another process has its token).
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


_REFUSALS: Final = {
    grpc.StatusCode.UNAUTHENTICATED: "token",
    grpc.StatusCode.FAILED_PRECONDITION: "version",
    grpc.StatusCode.ABORTED: "fenced",
}


def backoff(attempt: int, chance: Callable[[], float] = _CHANCE) -> float:
    """Seconds to wait before the next attempt (0, 1, 2 …): exponential with full jitter."""
    ceiling = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(attempt, 16))
    return ceiling * chance()


class Session:
    """One worker's connection to the platform, for as long as the process lives."""

    def __init__(self, options: Options, engines: Engines) -> None:
        self._options = options
        self._engines = engines
        self._stopping = asyncio.Event()
        self._leaving = asyncio.Event()
        self.attached = asyncio.Event()
        self.worker_id = ""

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Finish what runs, take nothing new, then `run` returns."""
        self._stopping.set()
        self._leaving.set()

    async def run(self) -> None:
        """Attach, serve, and attach again until `stop`.

        Raises:
            Refused: The server will not have this worker.
        """
        keeping = asyncio.create_task(self._keep_up())
        try:
            await self._attach_until_stopped()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._engines.close()

    async def _keep_up(self) -> None:
        """Import drivers once attached, so that no question waits for it; then tidy up."""
        await self.attached.wait()
        await asyncio.sleep(WARM_AFTER_S)
        await asyncio.to_thread(self._engines.warm)
        while True:
            try:
                await self._engines.upkeep()
            except OSError:
                _log.warning("Tidying up failed; it is tried again", exc_info=True)
            await asyncio.sleep(UPKEEP_S)

    async def _attach_until_stopped(self) -> None:
        attempt, turn = 0, 0
        servers = self._options.server.split(",")
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            self.attached.clear()
            self._leaving.clear()
            server, began = servers[turn % len(servers)].strip(), clock()
            try:
                await self._attach(server)
            except grpc.aio.AioRpcError as error:
                _refused(error)
                _log.warning(
                    "The gateway %s ended the stream: %s %s",
                    server,
                    error.code().name,
                    (error.details() or "")[:200],
                )
            if self._stopping.is_set():
                break
            held = self.attached.is_set() and clock() - began >= STEADY_S
            attempt, turn = (0 if held else attempt + 1), turn + 1
            # With several servers the others are tried before anybody waits long.
            await self._pause(backoff(attempt // len(servers)))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _attach(self, server: str) -> None:
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(self._options.ca),
            grpc.access_token_call_credentials(self._options.token),
        )
        async with grpc.aio.secure_channel(
            server, credentials, options=_CHANNEL_OPTIONS
        ) as channel:
            stub: Any = GatewayStub(channel)  # generated code has no types
            stream = _Stream(stub.Attach())
            single = self._options.job
            jobs = Jobs(self._engines, self._options.slots, stream.send, single=single)
            try:
                await stream.send(pb.WorkerMessage(hello=self._hello()))
                await self._serve(stream, jobs)
            except asyncio.InvalidStateError:
                # The writer noticed first; the reader knows why.
                await stream.why()
            finally:
                stream.closed = True
                await jobs.cancel_all()
                await stream.close()

    async def _serve(self, stream: "_Stream", jobs: Jobs) -> None:
        """Read until the stream ends, a drain is asked for, or the writer fails."""
        reading = asyncio.create_task(self._read(stream, jobs))
        leaving = asyncio.create_task(self._leave(stream, jobs))
        beating = asyncio.create_task(self._beat(stream, jobs))
        done_once = asyncio.create_task(self._stop_after(jobs))
        tasks = {reading, leaving, stream.writing}
        others = (reading, leaving, beating, done_once)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if done == {stream.writing} and stream.writing.exception() is None:
                # All is said; hanging up before it was read could overtake the last answer.
                rest = {reading, leaving}
                done, _ = await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for task in done:
            task.result()

    async def _read(self, stream: "_Stream", jobs: Jobs) -> None:
        async for message in stream.call:
            match message.WhichOneof("message"):
                case "welcome":
                    self._welcomed(message.welcome, stream)
                case "action":
                    jobs.start(message.action)
                case "preview":
                    jobs.start_preview(message.preview)
                case "cancel":
                    jobs.cancel(message.cancel.request_id)
                case "credit":
                    jobs.grant(message.credit.request_id, message.credit.batches)
                case "commit":
                    jobs.commit(message.commit.request_id)
                case "drain":
                    self._leaving.set()
                case _:
                    _log.debug("A message of a newer protocol was ignored")

    def _welcomed(self, welcome: pb.Welcome, stream: "_Stream") -> None:
        self.worker_id = welcome.worker_id
        stream.heartbeat_seconds = welcome.heartbeat_seconds or 10
        stream.welcomed.set()
        self.attached.set()
        _log.info("Attached as worker %s", self.worker_id)

    async def _leave(self, stream: "_Stream", jobs: Jobs) -> None:
        await self._leaving.wait()
        jobs.draining = True
        await stream.send(pb.WorkerMessage(draining=pb.Draining()))
        await jobs.finish(self._options.drain_s)
        await stream.flush()

    async def _stop_after(self, jobs: Jobs) -> None:
        await jobs.performed.wait()
        self.stop()

    async def _beat(self, stream: "_Stream", jobs: Jobs) -> None:
        await stream.welcomed.wait()
        while True:
            await stream.send(pb.WorkerMessage(heartbeat=pb.Heartbeat(load=jobs.load)))
            await asyncio.sleep(stream.heartbeat_seconds)

    def _hello(self) -> pb.Hello:
        return pb.Hello(
            worker_name=self._options.name,
            version=__version__,
            protocol=PROTOCOL,
            engines=ENGINES,
            slots=self._options.slots,
            modes=(JOB if self._options.job else WORKER,),
            sources=[
                pb.HeldSource(name=name, engine=str(source["engine"]))
                for name, source in self._engines.held.items()
            ],
            host=socket.gethostname(),
        )


class _Stream:
    """The call with the one writer it may have; everybody else queues."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.closed = False
        self.welcomed = asyncio.Event()
        self.heartbeat_seconds = 10.0
        self._queue: asyncio.Queue[pb.WorkerMessage | None] = asyncio.Queue(_QUEUE)
        self.writing = asyncio.create_task(self._write())

    async def send(self, message: pb.WorkerMessage) -> None:
        """Queue a message; does nothing once the stream is gone."""
        if not self.closed and not self.writing.done():
            await self._queue.put(message)

    async def flush(self) -> None:
        """Send everything queued, say that no more will come, and wait until it was read.

        Hanging up at once could overtake the last answer.
        """
        await self._queue.put(None)
        await asyncio.wait({self.writing}, timeout=5)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.call.code(), 5)

    async def _write(self) -> None:
        while (message := await self._queue.get()) is not None:
            await self.call.write(message)
        await self.call.done_writing()

    async def why(self) -> None:
        """Raise the AioRpcError that broke the call, if there is one."""
        async for _ in self.call:
            pass

    async def close(self) -> None:
        """End the call; queued messages of a broken stream are dropped."""
        self.writing.cancel()
        self.call.cancel()
        await asyncio.gather(self.writing, return_exceptions=True)


def _refused(error: grpc.aio.AioRpcError) -> None:
    code = _REFUSALS.get(error.code())
    if code is not None:
        raise Refused(code, (error.details() or error.code().name)[:500]) from None
