"""Several workers and several replicas: who is asked, and who takes over."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from datelier.kit.context import Context
from datelier.sources.capability import Need, Offer
from datelier.sources.errors import (
    ActionTimeout,
    DriverMissing,
    NoWorker,
    WorkerLeaving,
    WorkerLost,
)
from datelier.sources.gateway import MOST_LOST, Order, RemoteGateway, WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from datelier.sources.target import describe_target, held_target
from datelier.sources.worker_stream import CREDIT_STEP
from datelier.sources.workers import create_worker
from datelier.wire.handshake import JOB
from datelier.wire.v1 import worker_pb2 as pb
from tests.sources.scripted_worker import Script, ScriptedWorker, echo

POSTGRES = describe_target("postgresql", {"host": "db"}, None)
EXECUTE = Order("execute", {"sql": "select 1"})
VAULT = held_target("postgresql", "vault")


@pytest.fixture
async def two(
    ctx: Context, certificate: tuple[bytes, bytes]
) -> AsyncGenerator[tuple[Gateway, Gateway]]:
    """Two replicas of one installation."""
    key, cert = certificate
    made = [
        Gateway(
            ctx.resources,
            Listen("127.0.0.1", 0, key, cert, replica=name, heartbeat_s=0.1, silence_s=1.5),
            ca=cert,
        )
        for name in ("one", "two")
    ]
    for server in made:
        await server.start()
    yield made[0], made[1]
    for server in made:
        await server.stop(0)


class Crew:
    """Makes workers of one organization."""

    def __init__(self, ctx: Context, ca: bytes) -> None:
        self._ctx, self._ca = ctx, ca

    async def worker(
        self, gateway: Gateway, script: Script = echo, *held: str, **more: Any
    ) -> ScriptedWorker:
        token = await create_worker(self._ctx.resources, "w", self._ctx.org_id)
        worker = ScriptedWorker(gateway, self._ca, token, script)
        worker.held = [(name, "postgresql") for name in held]
        for name, value in more.items():
            setattr(worker, name, value)
        return worker


@pytest.fixture
def crew(ctx: Context, certificate: tuple[bytes, bytes]) -> Crew:
    return Crew(ctx, certificate[1])


async def dies(worker: ScriptedWorker, _request: pb.AgentActionRequest) -> None:
    worker.call.cancel()


async def dies_after_rows(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
    for seq in range(CREDIT_STEP):
        await worker.send_batch(request.request_id, seq)
    await worker.credits.get()  # so the rows have been passed on
    worker.call.cancel()


async def leaves(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
    await worker.fail(request, "worker_leaving", "bye")


async def lacks(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
    await worker.fail(request, "driver_missing", "install it")


async def freezes(worker: ScriptedWorker, _request: pb.AgentActionRequest) -> None:
    worker.frozen.set()


async def silent(_worker: ScriptedWorker, _request: pb.AgentActionRequest) -> None:
    """Never answer."""


@pytest.mark.contract("W28")
@pytest.mark.parametrize("script", [dies, leaves, lacks, freezes])
@pytest.mark.parametrize("apart", [False, True])
async def test_a_worker_lost_before_rows_is_replaced_by_another_that_holds_the_source(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew, script: Script, apart: bool
) -> None:
    first = await crew.worker(two[0], script, "vault", slots=100)
    second = await crew.worker(two[1 if apart else 0], echo, "vault")
    other = await crew.worker(two[0], echo, "another")
    async with first, other, second:
        async with asyncio.timeout(10):
            while not first.requests.qsize():
                result = await two[0].perform_on(ctx, VAULT, EXECUTE)
                assert result.result == {"sql": "select 1"}
        assert second.requests.qsize() >= 1
        assert other.requests.empty()


@pytest.mark.parametrize("remote", [False, True])
async def test_once_rows_were_passed_on_nobody_takes_over(
    ctx: Context,
    two: tuple[Gateway, Gateway],
    crew: Crew,
    certificate: tuple[bytes, bytes],
    remote: bool,
) -> None:
    asked: WorkerGateway = RemoteGateway(ctx.resources, ca=certificate[1]) if remote else two[0]
    first = await crew.worker(two[0], dies_after_rows, slots=100)
    second = await crew.worker(two[1])
    async with first:
        taken: list[bytes] = []

        async def take(data: bytes, _rows: int) -> None:
            taken.append(data)

        task = asyncio.create_task(asked.perform_on(ctx, POSTGRES, EXECUTE, on_batch=take))
        await first.requests.get()
        async with second:
            with pytest.raises(WorkerLost):
                await task
            assert second.requests.empty()
        assert taken == [b"x"] * CREDIT_STEP
    if remote:
        await asked.close()


async def test_a_request_that_takes_workers_down_does_not_meet_them_all(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    workers = [await crew.worker(two[n % 2], dies) for n in range(4)]
    for worker in workers:
        await worker.__aenter__()
    with pytest.raises(WorkerLost):
        await two[0].perform_on(ctx, POSTGRES, EXECUTE)
    assert sum(worker.requests.qsize() for worker in workers) == MOST_LOST
    for worker in workers:
        await worker.__aexit__()


async def test_the_only_worker_that_leaves_is_a_typed_error(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    async with await crew.worker(two[0], leaves):
        with pytest.raises(WorkerLeaving):
            await two[0].perform_on(ctx, POSTGRES, EXECUTE)
        with pytest.raises(NoWorker):  # it said so; it is not asked again
            await two[0].perform_on(ctx, POSTGRES, EXECUTE)


async def test_a_driver_that_no_worker_has_is_named(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    async with await crew.worker(two[0], lacks), await crew.worker(two[1], lacks):
        with pytest.raises(DriverMissing, match="install it"):
            await two[0].perform_on(ctx, POSTGRES, EXECUTE)


async def test_a_worker_that_drains_is_asked_no_more_from_anywhere(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew, certificate: tuple[bytes, bytes]
) -> None:
    remote = RemoteGateway(ctx.resources, ca=certificate[1])
    async with await crew.worker(two[0]) as worker:
        await remote.perform_on(ctx, POSTGRES, EXECUTE)
        await worker.write(pb.WorkerMessage(draining=pb.Draining()))
        for gateway in (two[0], remote):
            async with asyncio.timeout(5):
                while True:
                    try:
                        await gateway.perform_on(ctx, POSTGRES, EXECUTE)
                    except (NoWorker, WorkerLeaving):
                        break
    await remote.close()


@pytest.mark.contract("Q94")
async def test_a_worker_of_mode_job_is_given_one_action(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    job = await crew.worker(two[0], echo, modes=[JOB], slots=1)
    async with job:
        assert (await two[0].perform_on(ctx, POSTGRES, EXECUTE)).result
        with pytest.raises(NoWorker):
            await two[0].perform_on(ctx, POSTGRES, EXECUTE)
    assert job.requests.qsize() == 1


async def test_a_full_worker_is_passed_over_for_one_with_room(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    full = await crew.worker(two[0], silent, slots=2)
    for apart in (False, True):
        async with full:
            held = [
                asyncio.create_task(two[0].perform_on(ctx, POSTGRES, EXECUTE)) for _ in range(2)
            ]
            for _ in held:
                await full.requests.get()
            async with await crew.worker(two[int(apart)]) as free:
                assert (await two[0].perform_on(ctx, POSTGRES, EXECUTE)).result
                assert free.requests.qsize() == 1
            for task in held:
                task.cancel()
            await asyncio.gather(*held, return_exceptions=True)


async def test_an_action_ends_by_its_deadline_even_if_every_worker_is_silent(
    ctx: Context, two: tuple[Gateway, Gateway], crew: Crew
) -> None:
    async with await crew.worker(two[0], silent), await crew.worker(two[1], silent):
        order = Order("execute", {}, timeout_s=1)
        async with asyncio.timeout(1 + 3 + 5 + 1):
            with pytest.raises((ActionTimeout, WorkerLost)):
                await two[0].perform_on(ctx, POSTGRES, order)


async def test_the_same_worker_twice_leaves_one_stream_and_no_double_execution(
    ctx: Context, two: tuple[Gateway, Gateway], certificate: tuple[bytes, bytes]
) -> None:
    seen: list[str] = []

    async def count(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        seen.append(request.request_id)
        await worker.answer(request, {})

    token = await create_worker(ctx.resources, "twin", ctx.org_id)
    for round_ in range(20):
        old = ScriptedWorker(two[0], certificate[1], token, count)
        new = ScriptedWorker(two[round_ % 2], certificate[1], token, count)
        async with old, new:
            await asyncio.wait_for(old.ended.wait(), 5)
            for _ in range(10):
                await two[0].perform_on(ctx, POSTGRES, EXECUTE)
            assert new.requests.qsize() == 10
            assert old.requests.empty()
    assert len(seen) == len(set(seen)) == 200


def test_what_a_worker_holds_is_for_its_own_organization_only(ctx: Context) -> None:
    held = frozenset({("vault", "postgresql")})
    own = Offer(ctx.org_id, frozenset({"postgresql"}), held)
    shared = Offer(None, frozenset({"postgresql", "files"}), held)
    need = Need("postgresql", "vault")
    assert own.serves(ctx.org_id, need)
    assert not shared.serves(ctx.org_id, need)
    assert not own.serves(ctx.org_id, Need("mysql", "vault"))
    assert not own.serves(ctx.org_id, Need("files"))
    assert shared.serves(ctx.org_id, Need("files"))
