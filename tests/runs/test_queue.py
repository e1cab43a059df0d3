"""Who runs next: fair between organizations, one at a time per thread, stopped on request."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from sqlalchemy import text

from datelier.kit.context import Actor, Context
from datelier.runs.claim import Claims
from datelier.runs.engine import Engine, open_engine
from datelier.runs.events import Fenced, RunLog
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from datelier.runs.runner import Runner
from datelier.runs.saver import FencedSaver
from datelier.runs.start import stop_run
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, graph_of, say, watch
from tests.runs.processes import until


@pytest.fixture
async def engine(fresh_url: str) -> AsyncGenerator[Engine]:
    """An engine without a runner, on an installation of its own."""
    resources = resources_for(fresh_url, database_pool=4)
    async with open_engine(resources) as opened:
        yield opened
    await resources.db.close()


async def member_of_new_org(engine: Engine) -> Context:
    return Context(
        actor=Actor("user", None, "Test"),
        org_id=await make_org(engine.resources),
        scopes=ALL_SCOPES,
        resources=engine.resources,
    )


def claims(engine: Engine, cap: int = 2, lease: float = 60) -> Claims:
    return Claims(engine.pool, owner="test", lease=lease, cap=cap)


async def test_no_organization_takes_more_than_its_share(engine: Engine) -> None:
    busy, small, other = [await member_of_new_org(engine) for _ in range(3)]
    for _ in range(12):
        await begin(busy, "g")
    for ctx in (small, other):
        await begin(ctx, "g")
    taken = await claims(engine).take(10)
    assert Counter(c.org_id for c in taken) == {busy.org_id: 2, small.org_id: 1, other.org_id: 1}
    assert await claims(engine).take(10) == []


async def test_an_organizations_own_cap_wins_over_the_default(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    async with ctx.db.system() as session:
        await session.execute(
            text("update organization set max_running = 5 where id = :id"), {"id": ctx.org_id}
        )
    for _ in range(9):
        await begin(ctx, "g")
    assert len(await claims(engine).take(20)) == 5


async def test_when_slots_are_few_each_organization_gets_one_first(engine: Engine) -> None:
    contexts = [await member_of_new_org(engine) for _ in range(3)]
    for ctx in contexts:
        for _ in range(4):
            await begin(ctx, "g")
    taken = await claims(engine, cap=4).take(3)
    assert {c.org_id for c in taken} == {ctx.org_id for ctx in contexts}


async def test_two_claimers_never_take_the_same_run(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    ids = {await begin(ctx, "g") for _ in range(20)}
    batches = await asyncio.gather(*(claims(engine, cap=50).take(3) for _ in range(10)))
    taken = [claim.id for batch in batches for claim in batch]
    assert len(taken) == len(set(taken))
    assert set(taken) == ids


async def test_a_lost_claim_is_taken_again_under_a_higher_epoch(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    run_id = await begin(ctx, "g")
    first = claims(engine, lease=0)
    (lost,) = await first.take(1)
    again = await claims(engine).take(1)
    assert [(c.id, c.epoch, c.attempt) for c in again] == [(run_id, lost.epoch + 1, 2)]
    assert await first.renew({run_id: lost.epoch}) == {}


class Blocked:
    """A node that says something and then hangs until it is cancelled."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.cancelled = False

    async def __call__(self, run: ActiveRun) -> None:
        await say("partial answer")(run)
        query = {"handle": "Q1", "status": "running", "sql": "select 1"}
        run.log.put({"type": "data-query", "id": "q:1", "data": query})
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True


async def test_a_lease_that_was_lost_by_a_living_process_is_no_attempt(fresh_url: str) -> None:
    resources = resources_for(fresh_url, database_pool=4, lease_seconds=1)
    began = asyncio.Event()

    async def halted(_run: ActiveRun) -> None:
        began.set()
        await asyncio.Event().wait()

    async def attempt() -> int:
        async with engine.resources.db.system() as session:
            return (await session.execute(text("select attempt from run"))).scalar_one()

    async with open_engine(resources) as engine:
        runner = Runner(engine, (graph_of("g", halted),), ())
        await runner.start()
        await begin(await member_of_new_org(engine), "g")
        await began.wait()
        async with engine.resources.db.system() as session:
            taken = await session.execute(
                text(
                    "update run set epoch = epoch + 1, attempt = attempt + 1, "
                    "lease_owner = 'another', lease_until = now() + interval '1 minute' "
                    "returning attempt"
                )
            )
            # Asked for later, the runner could have noticed already.
            assert taken.scalar_one() == 2

        async def forgiven() -> bool:
            return await attempt() == 1

        await until(forgiven, "the attempt does not count", 20)
        assert runner.running == 0
        await runner.drain()
    await resources.db.close()


async def test_a_run_that_another_process_has_ended_meanwhile_is_not_begun_anew(
    engine: Engine,
) -> None:
    """It wakes up between learning where the run stands and going on from there."""
    ctx, node = await member_of_new_org(engine), Blocked()
    runner = Runner(engine, (graph_of("g", say("first"), node),), ())
    await runner.start()
    run_id = await begin(ctx, "g")
    async with asyncio.timeout(30):
        await node.began.wait()
    log = engine.writer.open(run_id, 1, 0)
    saver = FencedSaver(engine.pool, log, fresh=False)
    assert await saver.position() is not None
    async with ctx.begin() as tx:
        await stop_run(tx, run_id)
    await watch(engine, run_id)
    with pytest.raises(Fenced):
        await saver.aget_tuple(saver.run_config)
    await runner.drain()


async def test_stop_keeps_what_was_said_and_ends_the_work(engine: Engine) -> None:
    ctx, node = await member_of_new_org(engine), Blocked()
    runner = Runner(engine, (graph_of("g", node),), ())
    await runner.start()
    run_id = await begin(ctx, "g")
    async with asyncio.timeout(30):
        await node.began.wait()
        async with ctx.begin() as tx:
            await stop_run(tx, run_id)
        parts = [part for _, part in await watch(engine, run_id)]
    await runner.drain()
    assert node.cancelled
    assert parts[-1]["type"] == "abort"
    assert any(part.get("text") == "partial answer " for part in fold(parts))
    # Nobody else says of the query that was under way how it ended.
    query = next(part["data"] for part in fold(parts) if part["type"] == "data-query")
    assert (query["sql"], query["status"]) == ("select 1", "cancelled")
    async with ctx.begin() as tx:
        status = await tx.session.execute(text("select status from run"))
        assert status.scalar() == "cancelled"


class Unwilling:
    """A node that is asked to stop and takes its time."""

    def __init__(self) -> None:
        self.began, self.asked, self.may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.log: RunLog | None = None

    async def __call__(self, run: ActiveRun) -> None:
        self.log = run.log
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.asked.set()
            await self.may_end.wait()


async def test_a_latecomer_does_not_disturb_the_end_that_is_being_written(engine: Engine) -> None:
    """What LangGraph still has to say of a stopped step must not cut its run's end off."""
    ctx, node = await member_of_new_org(engine), Unwilling()
    runner = Runner(engine, (graph_of("g", say("one"), node),), ())
    await runner.start()
    run_id = await begin(ctx, "g")
    waiting = "select count(*) from pg_locks where not granted"
    viewer = asyncio.create_task(watch(engine, run_id))
    async with asyncio.timeout(20):
        await node.began.wait()
        async with ctx.begin() as tx:
            await stop_run(tx, run_id)
        await node.asked.wait()
        async with engine.resources.db.system() as watcher:
            await watcher.execute(text("select from run where id = :id for share"), {"id": run_id})
            node.may_end.set()
            while not (await watcher.execute(text(waiting))).scalar():
                await watcher.execute(text("select pg_sleep(0.02)"))
            found = await watcher.execute(text("select channel from checkpoint_writes"))
            assert "__error__" not in found.scalars().all()
            assert node.log is not None
            node.log.fence()
            await asyncio.wait([viewer], timeout=0.1)  # whoever is told of it may act now
        parts = [part for _, part in await viewer]
    await runner.drain()
    assert parts[-1]["type"] == "abort"
    async with ctx.begin() as tx:
        row = (await tx.session.execute(text("select status, epoch from run"))).one()
        assert tuple(row) == ("cancelled", 1)


async def test_stopping_a_run_that_still_waits_ends_it_at_once(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    run_id = await begin(ctx, "g")
    async with ctx.begin() as tx:
        assert (await stop_run(tx, run_id)).status == "cancelled"
    assert [part["type"] for _, part in await watch(engine, run_id)] == ["start", "abort"]
    assert await claims(engine).take(5) == []


async def test_a_graph_that_this_version_lacks_is_a_readable_failure(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    runner = Runner(engine, (), ())
    await runner.start()
    run_id = await begin(ctx, "gone")
    async with asyncio.timeout(30):
        parts = [part for _, part in await watch(engine, run_id)]
    await runner.drain()
    assert parts[-1]["type"] == "error"
    assert parts[-1]["code"] == "unknown_graph"


async def test_a_run_acts_with_the_rights_of_whoever_started_it(engine: Engine) -> None:
    ctx = replace(await member_of_new_org(engine), scopes=frozenset({"run:get"}))
    seen: list[Context] = []

    async def look(run: ActiveRun) -> None:
        seen.append(run.ctx)

    runner = Runner(engine, (graph_of("g", look),), ())
    await runner.start()
    run_id = await begin(ctx, "g")
    async with asyncio.timeout(30):
        await watch(engine, run_id)
    await runner.drain()
    assert [(c.scopes, c.org_id, c.actor) for c in seen] == [(ctx.scopes, ctx.org_id, ctx.actor)]


async def test_time_spent_waiting_for_a_person_is_told_to_the_next_claim(engine: Engine) -> None:
    ctx = await member_of_new_org(engine)
    run_id = await begin(ctx, "g")
    for seconds, waited in ((100, 100), (20, 120)):
        async with ctx.db.system() as session:
            await session.execute(
                text(
                    "update run set status = 'queued', lease_until = null, "
                    "waiting_since = now() - make_interval(secs => :seconds) where id = :id"
                ),
                {"seconds": seconds, "id": run_id},
            )
        (claim,) = await claims(engine).take(1)
        assert claim.waited == pytest.approx(waited, abs=5)
    async with ctx.db.system() as session:
        left = text("select waiting_since from run where id = :id")
        assert (await session.execute(left, {"id": run_id})).scalar_one() is None
