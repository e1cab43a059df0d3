"""The gateway against well-behaved, vanished and lying workers, over real TLS."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import grpc
import pytest
from prometheus_client import REGISTRY

from datelier.kit.context import Context
from datelier.kit.errors import NotFound, Unauthenticated
from datelier.kit.ids import uuid7
from datelier.sources.errors import (
    ActionFailed,
    ActionTimeout,
    LimitExceeded,
    NoWorker,
    SqlFailed,
    WorkerLost,
)
from datelier.sources.fleet import list_workers
from datelier.sources.gateway import Order, RemoteGateway
from datelier.sources.gateway_server import Gateway
from datelier.sources.internal_token import issue, verify
from datelier.sources.target import describe_target
from datelier.sources.worker_stream import MAX_BATCH_BYTES
from datelier.sources.workers import create_local_worker, create_worker, replicas, revoke_worker
from datelier.wire.handshake import PROTOCOL
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub
from tests.conftest import make_org
from tests.sources.scripted_worker import ScriptedWorker

Scripted = Callable[..., ScriptedWorker]
POSTGRES = describe_target("postgresql", {"host": "db"}, None)


def dropped(reason: str) -> float:
    name = "datelier_worker_answers_dropped_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0


async def forever(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
    """Never answer, but confirm a cancel."""
    await worker.cancelled.get()
    await worker.fail(request, "cancelled", "Stopped.")


async def silent(_worker: ScriptedWorker, _request: pb.AgentActionRequest) -> None:
    """Never answer anything."""


def executed(params: dict[str, Any] | None = None, **options: Any) -> Order:
    return Order("execute", params or {"sql": "select 1"}, **options)


@pytest.mark.contract("Q27", "Q36", "Q37")
async def test_an_action_reaches_the_worker_and_its_answer_the_caller(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted():
        result = await gateway.perform_on(ctx, POSTGRES, executed({"sql": "select 2"}))
    assert result.result == {"sql": "select 2"}


async def test_batches_arrive_in_order_and_credit_flows_back(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        for seq in range(20):
            if seq >= 8:
                await worker.credits.get()
            await worker.send_batch(request.request_id, seq, bytes([seq]))
        await worker.answer(request, {})

    async with scripted(script):
        result = await gateway.perform_on(ctx, POSTGRES, executed())
    assert result.batches == [bytes([seq]) for seq in range(20)]


async def test_a_slow_reader_holds_the_worker_back(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    gate, seen = asyncio.Event(), list[bytes]()

    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        for seq in range(8):
            await worker.send_batch(request.request_id, seq)
        assert worker.credits.empty()
        gate.set()
        await worker.credits.get()
        await worker.answer(request, {})

    async def on_batch(data: bytes, _rows: int) -> None:
        await gate.wait()
        seen.append(data)

    async with scripted(script):
        await gateway.perform_on(ctx, POSTGRES, executed(), on_batch=on_batch)
    assert len(seen) == 8


async def test_a_worker_that_ignores_its_credit_is_stopped(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        for seq in range(9):
            await worker.send_batch(request.request_id, seq)
        await forever(worker, request)

    release = asyncio.Event()

    async def on_batch(_data: bytes, _rows: int) -> None:
        await release.wait()

    before = dropped("no_credit")
    async with scripted(script) as worker:
        task = asyncio.create_task(gateway.perform_on(ctx, POSTGRES, executed(), on_batch=on_batch))
        request = await worker.requests.get()
        while dropped("no_credit") == before:  # the reader below waits for nothing but this
            await asyncio.wait({task}, timeout=0.01)
        release.set()
        with pytest.raises(ActionFailed, match="ignored its limits"):
            await task
    assert request.action_type == "execute"


async def test_a_worker_that_vanishes_mid_action_is_a_typed_error(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.send_batch(request.request_id, 0)
        worker.call.cancel()

    async with scripted(script):
        with pytest.raises(WorkerLost):
            await gateway.perform_on(ctx, POSTGRES, executed())


@pytest.mark.contract("Q14", "Q54")
async def test_no_worker_is_said_at_once(ctx: Context, gateway: Gateway) -> None:
    with pytest.raises(NoWorker) as caught:
        await asyncio.wait_for(gateway.perform_on(ctx, POSTGRES, executed()), 1)
    assert caught.value.code == "no_worker"
    assert "datelier worker start" in str(caught.value.hint)


async def test_the_workers_failure_comes_back_typed(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.fail(request, "sql_failed", "no such column")

    async with scripted(script):
        with pytest.raises(SqlFailed, match="no such column"):
            await gateway.perform_on(ctx, POSTGRES, executed())


async def test_cancelling_the_caller_cancels_on_the_worker_and_waits_for_it(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    confirmed: list[str] = []

    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        cancelled = await worker.cancelled.get()
        confirmed.append(cancelled)
        await worker.fail(request, "cancelled", "Stopped.")

    async with scripted(script) as worker:
        task = asyncio.create_task(gateway.perform_on(ctx, POSTGRES, executed()))
        request = await worker.requests.get()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert confirmed == [request.request_id]


@pytest.mark.contract("Q55")
async def test_a_deadline_cancels_on_the_worker_and_names_checks(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted(forever):
        with pytest.raises(ActionTimeout) as caught:
            await gateway.perform_on(ctx, POSTGRES, executed(timeout_s=-2.9))
    assert "worker is connected" in str(caught.value.hint)


@pytest.mark.contract("Q27")
async def test_late_and_foreign_answers_are_dropped_and_counted(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.send_response(request_id=str(uuid7()), ok=True, result_json='{"forged":1}')
        await worker.send_batch(str(uuid7()), 0)
        await worker.send_response(
            request_id=request.request_id, ok=True, action_type="count", result_json='{"n":1}'
        )
        await worker.answer(request, {"true": 1})
        await worker.answer(request, {"twice": 1})

    before = dropped("unknown_request"), dropped("forged")
    async with scripted(script):
        first = await gateway.perform_on(ctx, POSTGRES, executed())
        assert first.result == {"true": 1}
        # The second answer of the first action was read before anything of this one.
        await gateway.perform_on(ctx, POSTGRES, executed())
    assert dropped("unknown_request") >= before[0] + 3
    assert dropped("forged") == before[1] + 2


@pytest.mark.parametrize(("seqs", "reason"), [([0, 0, 1], "duplicate"), ([0, 2], "out_of_order")])
async def test_doubled_and_missing_parts_never_mix_into_a_result(
    ctx: Context, gateway: Gateway, scripted: Scripted, seqs: list[int], reason: str
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        for seq in seqs:
            await worker.send_batch(request.request_id, seq, bytes([seq]))
        if reason == "duplicate":
            await worker.answer(request, {})
        else:
            await forever(worker, request)

    before = dropped(reason)
    async with scripted(script):
        if reason == "duplicate":
            result = await gateway.perform_on(ctx, POSTGRES, executed())
            assert result.batches == [b"\0", b"\1"]
        else:
            with pytest.raises(ActionFailed, match="lost a part"):
                await gateway.perform_on(ctx, POSTGRES, executed())
    assert dropped(reason) == before + 1


async def test_an_oversized_batch_fails_the_action_and_not_the_server(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.send_batch(request.request_id, 0, bytes(MAX_BATCH_BYTES + 1))
        await forever(worker, request)

    async with scripted(script):
        with pytest.raises(LimitExceeded):
            await gateway.perform_on(ctx, POSTGRES, executed())


async def test_a_message_over_the_transport_limit_ends_that_stream_only(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        await worker.send_batch(request.request_id, 0, bytes(20 << 20))

    async with scripted(script):
        with pytest.raises(WorkerLost):
            await gateway.perform_on(ctx, POSTGRES, executed())
    async with scripted():
        assert (await gateway.perform_on(ctx, POSTGRES, executed())).result


@pytest.mark.parametrize("secret", ["", "dtw_wrong", "x" * 4000])
async def test_a_worker_without_a_valid_token_is_refused(
    gateway: Gateway, certificate: tuple[bytes, bytes], secret: str
) -> None:
    worker = ScriptedWorker(gateway, certificate[1], secret)
    with pytest.raises((grpc.aio.AioRpcError, AssertionError)):
        await worker.__aenter__()
    assert await worker.call.code() == grpc.StatusCode.UNAUTHENTICATED
    await worker.__aexit__()


@pytest.mark.contract("Q19", "Q41")
async def test_a_worker_never_serves_another_organization(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    async with scripted() as worker:
        with pytest.raises(NoWorker):
            await gateway.perform_on(stranger, POSTGRES, executed())
        assert worker.requests.empty()
        seats = await replicas(stranger)
        assert UUID(worker.worker_id) not in {seat.worker_id for seat in seats}


@pytest.mark.contract("W28")
async def test_the_platforms_worker_serves_every_organization_and_alone_reads_files(
    ctx: Context,
    gateway: Gateway,
    certificate: tuple[bytes, bytes],
    scripted: Scripted,
) -> None:
    local = await create_local_worker(ctx.resources)
    files = describe_target("files", {"folder": "/data"}, None)
    async with scripted() as own, ScriptedWorker(gateway, certificate[1], local) as shared:
        await gateway.perform_on(ctx, POSTGRES, executed())
        await gateway.perform_on(ctx, files, executed())
        stranger = replace(ctx, org_id=await make_org(ctx.resources))
        await gateway.perform_on(stranger, POSTGRES, executed())
        assert own.requests.qsize() == 1
        assert shared.requests.qsize() == 2


async def test_a_second_stream_of_a_worker_fences_the_first(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted(silent) as old:
        task = asyncio.create_task(gateway.perform_on(ctx, POSTGRES, executed()))
        await old.requests.get()
        async with scripted() as new:
            # Nothing had been delivered, so the read moves to the stream that counts.
            assert (await task).result
            await asyncio.wait_for(old.ended.wait(), 5)
            assert await old.call.code() == grpc.StatusCode.ABORTED
            assert (await gateway.perform_on(ctx, POSTGRES, executed())).result
            assert new.requests.qsize() == 2


async def test_revoking_a_worker_cuts_its_stream(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted() as worker:
        await revoke_worker(ctx.resources, UUID(worker.worker_id))
        await asyncio.wait_for(worker.ended.wait(), 5)
        with pytest.raises(NoWorker):
            await gateway.perform_on(ctx, POSTGRES, executed())


@pytest.mark.contract("Q94")
@pytest.mark.parametrize(("off", "advice"), [(2, "Upgrade the server"), (-PROTOCOL, "the worker")])
async def test_a_protocol_too_far_away_is_refused_and_says_which_side_to_upgrade(
    ctx: Context, gateway: Gateway, scripted: Scripted, off: int, advice: str
) -> None:
    worker = scripted()
    worker.protocol = PROTOCOL + off
    with pytest.raises((grpc.aio.AioRpcError, AssertionError)):
        await worker.__aenter__()
    assert await worker.call.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert advice in await worker.call.details()
    await worker.__aexit__()
    async with ctx.begin() as tx:
        (row,) = [one for one in await list_workers(tx) if not one.platform]
    assert (row.state, row.health) == ("offline", "failing")
    assert advice in str(row.last_error)


@pytest.mark.parametrize("off", [1, 0, 1 - PROTOCOL])
async def test_neighbouring_protocols_work_together(
    ctx: Context, gateway: Gateway, scripted: Scripted, off: int
) -> None:
    worker = scripted()
    worker.protocol = PROTOCOL + off
    async with worker:
        assert (await gateway.perform_on(ctx, POSTGRES, executed())).result
    assert worker.welcome.protocol == min(PROTOCOL, worker.protocol)


async def test_a_process_without_streams_performs_through_the_replica_that_has_them(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        for seq in range(12):
            if seq >= 8:
                await worker.credits.get()
            await worker.send_batch(request.request_id, seq, bytes([seq]), rows=seq)
        await worker.answer(request, {"row_count": 66})

    remote = RemoteGateway(ctx.resources, ca=certificate[1])
    async with scripted(script):
        result = await remote.perform_on(ctx, POSTGRES, executed())
    await remote.close()
    assert result.result == {"row_count": 66}
    assert len(result.batches) == 12


async def test_failures_and_cancels_travel_through_a_replica(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        if b"fail" in request.parameters_json.encode():
            await worker.fail(request, "sql_failed", "broken")
        # Otherwise wait: the test looks at what is cancelled.

    remote = RemoteGateway(ctx.resources, ca=certificate[1])
    async with scripted(script) as worker:
        with pytest.raises(SqlFailed, match="broken"):
            await remote.perform_on(ctx, POSTGRES, executed({"sql": "fail"}))
        failed = await worker.requests.get()
        task = asyncio.create_task(remote.perform_on(ctx, POSTGRES, executed()))
        request = await worker.requests.get()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.wait_for(worker.cancelled.get(), 5) == request.request_id
        assert failed.request_id != request.request_id
        await worker.fail(request, "cancelled", "Stopped.")
    await remote.close()


async def test_a_worker_lost_behind_a_replica_is_the_same_typed_error(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], scripted: Scripted
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        worker.call.cancel()

    remote = RemoteGateway(ctx.resources, ca=certificate[1])
    async with scripted(script):
        with pytest.raises(WorkerLost):
            await remote.perform_on(ctx, POSTGRES, executed())
    with pytest.raises(NoWorker):
        await remote.perform_on(ctx, POSTGRES, executed())
    await remote.close()


@pytest.mark.parametrize("kind", ["none", "forged", "other_org", "worker"])
async def test_perform_refuses_callers_that_are_not_the_platform(
    ctx: Context,
    gateway: Gateway,
    certificate: tuple[bytes, bytes],
    worker_token: str,
    kind: str,
) -> None:
    cipher = ctx.resources.cipher
    secret = {
        "none": "",
        "forged": issue(cipher, ctx.org_id)[:-4] + "AAAA",
        "other_org": issue(cipher, uuid7()),
        "worker": worker_token,
    }[kind]
    action = pb.AgentActionRequest(request_id="r", action_type="execute", source_json=POSTGRES.json)
    credentials = grpc.ssl_channel_credentials(certificate[1])
    async with grpc.aio.secure_channel(f"127.0.0.1:{gateway.port}", credentials) as channel:
        stub: Any = GatewayStub(channel)
        call = stub.Perform(
            pb.PerformRequest(org_id=str(ctx.org_id), action=action, worker_id=str(uuid7())),
            metadata=(("authorization", f"Bearer {secret}"),),
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert caught.value.code() in {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
    }


def test_internal_tokens_expire_and_name_one_organization(ctx: Context) -> None:
    cipher = ctx.resources.cipher
    assert verify(cipher, issue(cipher, ctx.org_id)) == ctx.org_id
    with pytest.raises(Unauthenticated):
        verify(cipher, "not.a.token")


async def test_an_unknown_source_is_not_found_before_any_worker_hears_of_it(
    ctx: Context, gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted() as worker:
        with pytest.raises(NotFound):
            await gateway.perform(ctx, uuid7(), "execute", {"sql": "select 1"})
        assert worker.requests.empty()


async def test_stopping_the_gateway_asks_workers_to_finish(
    gateway: Gateway, scripted: Scripted
) -> None:
    async with scripted() as worker:
        await gateway.stop(0.2)
        await asyncio.wait_for(worker.ended.wait(), 5)
    assert worker.drained.is_set()


async def test_tokens_of_two_workers_differ(ctx: Context) -> None:
    first = await create_worker(ctx.resources, "a", ctx.org_id)
    second = await create_worker(ctx.resources, "a", ctx.org_id)
    assert first != second
