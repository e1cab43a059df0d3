"""Workers that lie: forged, cut, doubled, oversized and random messages (security.md §10b)."""

import asyncio
import contextlib
import gc
import itertools
import random
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import grpc
import psutil
import pytest
from prometheus_client import REGISTRY

from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.sources.capability import Need
from datelier.sources.errors import ActionFailed, LimitExceeded
from datelier.sources.gateway import Order, RemoteGateway
from datelier.sources.gateway_server import Gateway
from datelier.sources.internal_token import issue
from datelier.sources.target import describe_target
from datelier.sources.worker_stream import DROPS_PER_MINUTE
from datelier.sources.workers import create_local_worker, create_worker, replicas
from datelier.wire.handshake import Tally
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub
from tests.conftest import make_org
from tests.sources.scripted_worker import ScriptedWorker

Scripted = Callable[..., ScriptedWorker]
POSTGRES = describe_target("postgresql", {"host": "db"}, None)
EXECUTE = Order("execute", {"sql": "select 1"})
MIB = 1024**2


def dropped(reason: str | None = None) -> float:
    name = "datelier_worker_answers_dropped_total"
    if reason is not None:
        return REGISTRY.get_sample_value(name, {"reason": reason}) or 0
    metrics = (metric for metric in REGISTRY.collect() if metric.name == name[: -len("_total")])
    return sum(s.value for m in metrics for s in m.samples if s.name == name)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": -1},
        {"rows": 1},
        {"batches": 1},
        {"batches": -1},
        {"crc32": 1},
        None,
    ],
)
@pytest.mark.parametrize("remote", [False, True])
async def test_a_result_that_is_not_what_was_counted_is_an_error_and_never_short(
    ctx: Context,
    gateway: Gateway,
    scripted: Scripted,
    certificate: tuple[bytes, bytes],
    change: dict[str, int] | None,
    remote: bool,
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        tally = Tally()
        for seq, data in enumerate((b"one", b"two")):
            tally.add(data, 3)
            await worker.send_batch(request.request_id, seq, data, rows=3)
        trailer = tally.trailer() if change is not None else None
        for field, off in (change or {}).items():
            setattr(trailer, field, getattr(trailer, field) + off)
        await worker.send_response(
            request_id=request.request_id, ok=True, result_json='{"row_count":6}', trailer=trailer
        )

    asked = RemoteGateway(ctx.resources, ca=certificate[1]) if remote else gateway
    before = dropped("trailer")
    async with scripted(script):
        with pytest.raises(ActionFailed, match="did not all arrive"):
            await asked.perform_on(ctx, POSTGRES, EXECUTE)
    assert dropped("trailer") == before + 1
    if remote:
        await asked.close()


async def test_an_older_worker_counts_nothing_and_is_believed(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.send_batch(request.request_id, 0)
        await worker.send_response(request_id=request.request_id, ok=True, result_json="{}")

    worker = scripted(script)
    worker.protocol = 1
    async with worker:
        assert (await gateway.perform_on(ctx, POSTGRES, EXECUTE)).batches == [b"x"]


# ---- W1: a worker of one organization and the actions of another ------------------------------


def _kinds(request: pb.AgentActionRequest) -> list[pb.WorkerMessage]:
    """Every kind of message with one field forged to be the other organization's."""
    key = request.request_id
    made: list[pb.WorkerMessage] = []
    for action in ("", "execute", "count", "describe", "test"):
        for ok, forged in itertools.product((True, False), (None, '{"forged":1}')):
            response = pb.AgentActionResponse(
                request_id=key, ok=ok, action_type=action, error='{"code":"x"}', result_json=forged
            )
            made.append(pb.WorkerMessage(response=response))
    for seq, last in itertools.product((0, 1, 7, 2**32 - 1), (True, False)):
        batch = pb.ResultBatch(request_id=key, seq=seq, last=last, rows=10**9, arrow_ipc=b"forged")
        made.append(pb.WorkerMessage(batch=batch))
    made.extend(
        pb.WorkerMessage(preview=pb.DataPreviewResponse(request_id=key, ok=ok))
        for ok in (True, False)
    )
    made.append(pb.WorkerMessage(hello=pb.Hello(worker_name="again", protocol=1)))
    made.append(pb.WorkerMessage(heartbeat=pb.Heartbeat(load=2**32 - 1)))
    made.append(pb.WorkerMessage())
    return made


async def test_no_message_of_a_stranger_touches_an_action_of_another_organization(
    ctx: Context, gateway: Gateway, scripted: Scripted, certificate: tuple[bytes, bytes]
) -> None:
    strange_org = await make_org(ctx.resources)
    stranger = replace(ctx, org_id=strange_org)
    token = await create_worker(ctx.resources, "stranger", strange_org)
    gate = asyncio.Event()

    async def waits(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await gate.wait()
        await worker.send_batch(request.request_id, 0, b"mine", rows=1)
        await worker.answer(request, {"mine": 1})

    async with scripted(waits) as own, ScriptedWorker(gateway, certificate[1], token) as other:
        task = asyncio.create_task(gateway.perform_on(ctx, POSTGRES, EXECUTE))
        request = await own.requests.get()
        forged = _kinds(request)
        before = dropped()
        for message in forged:
            await other.write(message)
        # An answered action of its own: everything before it on the stream was looked at.
        await gateway.perform_on(stranger, POSTGRES, EXECUTE)
        assert dropped() - before == len(forged) - 1  # a heartbeat is a heartbeat
        assert not task.done()
        assert own.cancelled.empty()
        gate.set()
        result = await task
    assert (result.batches, result.result) == ([b"mine"], {"mine": 1})


@pytest.mark.parametrize("field", ["org", "worker", "both", "nonsense", "held"])
async def test_one_organization_cannot_ask_for_the_worker_of_another(
    ctx: Context, gateway: Gateway, scripted: Scripted, certificate: tuple[bytes, bytes], field: str
) -> None:
    strange_org = await make_org(ctx.resources)
    async with scripted() as own:
        own_id = own.worker_id
        source = '{"engine":"postgresql"}'
        org, token_org, worker = str(strange_org), strange_org, own_id
        if field == "org":
            org = str(ctx.org_id)  # the token says otherwise
        elif field == "both":
            worker = str(uuid7())
        elif field == "nonsense":
            worker, source = "'; drop", "[]"
        elif field == "held":
            source = '{"engine":"postgresql","worker_source":"vault"}'
        action = pb.AgentActionRequest(request_id="r", action_type="execute", source_json=source)
        credentials = grpc.ssl_channel_credentials(certificate[1])
        async with grpc.aio.secure_channel(f"127.0.0.1:{gateway.port}", credentials) as channel:
            stub: Any = GatewayStub(channel)
            secret = issue(ctx.resources.cipher, token_org)
            call = stub.Perform(
                pb.PerformRequest(org_id=org, action=action, worker_id=worker),
                metadata=(("authorization", f"Bearer {secret}"),),
            )
            if field == "org":
                assert await call.code() == grpc.StatusCode.PERMISSION_DENIED
            else:
                event = await call.read()
                assert not event.response.ok
                assert "no_worker" in event.response.error
        assert own.requests.empty()


# ---- W3: random frames ------------------------------------------------------------------------


def _random_response(rng: random.Random, key: str) -> pb.WorkerMessage:
    answer = pb.AgentActionResponse(
        request_id=key,
        ok=rng.random() < 0.5,
        action_type=rng.choice(["", "execute", "count", "\0"]),
        error=rng.choice(["", "{", "[]", '{"code":1}', "null"]),
        result_json=rng.choice(["", "{", "[]", '{"a":' * 50, "1e999"]),
        execution_time_ms=rng.randrange(-(2**63), 2**63),
    )
    if rng.random() < 0.5:
        answer.trailer.CopyFrom(
            pb.Trailer(batches=rng.randrange(2**32), rows=rng.randrange(-9, 9), crc32=7)
        )
    return pb.WorkerMessage(response=answer)


def _random_batch(rng: random.Random, key: str) -> pb.WorkerMessage:
    batch = pb.ResultBatch(
        request_id=key,
        seq=rng.choice([0, 1, 2, rng.randrange(2**32)]),
        arrow_ipc=rng.randbytes(rng.randrange(3000)),
        rows=rng.randrange(2**32),
    )
    return pb.WorkerMessage(batch=batch)


def _random_bytes(rng: random.Random, _key: str) -> pb.WorkerMessage:
    """Unknown fields and half messages, as far as they parse at all."""
    try:
        return pb.WorkerMessage.FromString(rng.randbytes(rng.randrange(60)))
    except Exception:  # noqa: BLE001  # protobuf's own class differs by implementation
        return pb.WorkerMessage()


_MAKERS: tuple[Callable[[random.Random, str], pb.WorkerMessage], ...] = (
    _random_response,
    _random_batch,
    _random_batch,
    _random_bytes,
    lambda rng, _: pb.WorkerMessage(hello=pb.Hello(protocol=rng.randrange(2**32))),
    lambda rng, _: pb.WorkerMessage(heartbeat=pb.Heartbeat(load=rng.randrange(2**32))),
    lambda _, key: pb.WorkerMessage(preview=pb.DataPreviewResponse(request_id=key)),
)


def _random_message(rng: random.Random, keys: list[str]) -> pb.WorkerMessage:
    """A message of random fields, half of them around real request ids."""
    key = rng.choice([*keys, str(uuid7()), "", "x" * rng.randrange(2000), "\u202e\0"])
    return rng.choice(_MAKERS)(rng, key)


async def test_ten_thousand_random_messages_leave_the_server_alive_and_small(
    ctx: Context, gateway: Gateway, scripted: Scripted, certificate: tuple[bytes, bytes]
) -> None:
    rng = random.Random(20261121)  # repeatable, not secret
    fuzzer_token = await create_worker(ctx.resources, "fuzz", ctx.org_id)
    gc.collect()
    before = psutil.Process().memory_info().rss
    sent = 0
    while sent < 10_000:
        # A flood ends its stream; the next one goes on.
        async with ScriptedWorker(gateway, certificate[1], fuzzer_token, _never) as fuzzer:
            tasks = [
                asyncio.create_task(
                    gateway.perform_on(ctx, POSTGRES, replace(EXECUTE, timeout_s=-2.5))
                )
                for _ in range(3)
            ]
            keys = [(await fuzzer.requests.get()).request_id for _ in tasks]
            for _ in range(DROPS_PER_MINUTE + 200):
                try:
                    await fuzzer.write(_random_message(rng, keys))
                except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                    break
                sent += 1
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                assert not isinstance(outcome, BaseException) or isinstance(outcome, ActionFailed)
    gc.collect()
    assert psutil.Process().memory_info().rss - before < 32 * MIB
    async with scripted() as honest:
        assert (await gateway.perform_on(ctx, POSTGRES, EXECUTE)).result
        assert honest.requests.qsize() == 1


async def _never(_worker: ScriptedWorker, _request: pb.AgentActionRequest) -> None:
    """The fuzzer answers by itself."""


async def test_a_flood_of_answers_nobody_asked_for_ends_the_stream(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted() as worker:
        message = pb.WorkerMessage(response=pb.AgentActionResponse(request_id="late", ok=True))
        for _ in range(DROPS_PER_MINUTE):
            await worker.write(message)
        await asyncio.wait_for(worker.ended.wait(), 10)
        assert await worker.call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_bytes_that_are_no_protobuf_end_that_stream_only(
    ctx: Context, gateway: Gateway, scripted: Scripted, certificate: tuple[bytes, bytes]
) -> None:
    rng = random.Random(7)  # repeatable, not secret
    token = await create_worker(ctx.resources, "raw", ctx.org_id)
    credentials = grpc.ssl_channel_credentials(certificate[1])
    async with scripted() as honest:
        async with grpc.aio.secure_channel(f"127.0.0.1:{gateway.port}", credentials) as channel:
            for _ in range(50):
                attach: Any = cast("Any", channel).stream_stream("/datelier.wire.v1.Gateway/Attach")
                call: Any = attach(metadata=(("authorization", f"Bearer {token}"),))
                await call.write(rng.randbytes(rng.randrange(1, 400)))
                await call.done_writing()
                assert await asyncio.wait_for(call.code(), 20) != grpc.StatusCode.OK
        assert (await gateway.perform_on(ctx, POSTGRES, EXECUTE)).result
        assert honest.requests.qsize() == 1


async def test_compressed_messages_are_refused_because_a_small_one_may_unfold(
    gateway: Gateway, certificate: tuple[bytes, bytes], worker_token: str
) -> None:
    credentials = grpc.ssl_channel_credentials(certificate[1])
    target = f"127.0.0.1:{gateway.port}"
    async with grpc.aio.secure_channel(
        target, credentials, compression=grpc.Compression.Gzip
    ) as channel:
        stub: Any = GatewayStub(channel)
        call = stub.Attach(metadata=(("authorization", f"Bearer {worker_token}"),))
        hello = pb.Hello(protocol=2, worker_name="x" * 1_000_000)
        with contextlib.suppress(grpc.aio.AioRpcError):  # the refusal may come while it is written
            await call.write(pb.WorkerMessage(hello=hello))
        refused = await asyncio.wait_for(call.code(), 20)
        # The reset of the stream may overtake the reason.
        assert refused in {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL}


async def test_a_worker_that_claims_more_rows_than_asked_for_is_not_believed(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        seq = 0
        while worker.cancelled.empty():
            if seq >= 8:
                await worker.credits.get()
            await worker.send_batch(request.request_id, seq, bytes(2 * MIB), rows=100_000_000)
            seq += 1
        await worker.fail(request, "cancelled", "Stopped.")

    async with scripted(script):
        with pytest.raises(LimitExceeded):
            await gateway.perform_on(ctx, POSTGRES, EXECUTE, on_batch=_forget)


async def _forget(_data: bytes, _rows: int) -> None:
    """A reader that keeps nothing."""


# ---- backpressure, end to end ---------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from datelier.worker.engines.opening import Engines
from datelier.worker.main import run
from datelier.worker.session import Options
server, token, ca, root = sys.argv[1:]
run(Options(server, token, "child", ca=Path(ca).read_bytes()), Engines(root, (root,)))
"""


@asynccontextmanager
async def worker_process(
    ctx: Context, gateway: Gateway, ca: Path, root: Path
) -> AsyncGenerator[None]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, f"127.0.0.1:{gateway.port}",
        await create_local_worker(ctx.resources), str(ca), str(root),
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while gateway.local_stream(ctx.org_id, Need("files")) is None:
                await replicas(ctx)
        yield
    finally:
        child.terminate()
        await child.wait()


# With both replicas in this one process, their buffers add up.
@pytest.mark.parametrize(("remote", "room"), [(False, 64), (True, 96)])
async def test_a_slow_reader_grows_the_server_no_further_than_what_is_on_its_way(
    ctx: Context,
    gateway: Gateway,
    certificate: tuple[bytes, bytes],
    tmp_path: Path,
    remote: bool,
    room: int,
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificate[1])
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "one.csv").write_text("a\n1\n", encoding="utf-8")
    target = describe_target("files", {"folder": str(folder)}, None)
    sql = "select range as i, repeat('0123456789abcdef', 50) as pad from range(200000)"
    limits = {"row_limit": 200_000, "max_bytes": 250 * MIB}
    asked = RemoteGateway(ctx.resources, ca=certificate[1]) if remote else gateway
    async with worker_process(ctx, gateway, ca, folder):
        warm = Order("execute", {"sql": sql, "row_limit": 20_000}, limits=limits)
        await asked.perform_on(ctx, target, warm, on_batch=_forget)
        gc.collect()
        start = psutil.Process().memory_info().rss
        peak = 0
        size = 0

        async def slowly(data: bytes, _rows: int) -> None:
            nonlocal peak, size
            size += len(data)
            # Long enough for everything that can be sent ahead to be sent.
            for _ in range(5):
                await replicas(ctx)
            peak = max(peak, psutil.Process().memory_info().rss - start)

        order = Order("execute", {"sql": sql, "row_limit": 200_000}, limits=limits, timeout_s=120)
        result = await asked.perform_on(ctx, target, order, on_batch=slowly)
    if remote:
        await asked.close()
    assert result.result["row_count"] == 200_000
    assert size > 150 * MIB
    assert peak < room * MIB, f"the server grew by {peak / MIB:.0f} MiB"


def test_forged_fields_cover_every_kind_there_is() -> None:
    request = pb.AgentActionRequest(request_id=str(UUID(int=1)))
    kinds = {message.WhichOneof("message") for message in _kinds(request)}
    everything = {field.name for field in pb.WorkerMessage.DESCRIPTOR.oneofs[0].fields}
    assert kinds - {None} == everything - {"draining"}  # that one only stops its own stream
    assert len(_kinds(request)) > 30
