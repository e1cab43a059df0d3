"""PostgreSQL goes away in the middle of runs and comes back."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Generator
from functools import partial
from uuid import UUID

import psycopg
import pytest

from datelier.kit.context import Actor, Context
from datelier.kit.ids import uuid7
from datelier.migrations import upgrade
from datelier.runs.claim import Claims
from datelier.runs.engine import Engine, open_engine
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from datelier.runs.runner import Runner
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, graph_of, say, watch
from tests.runs.processes import until
from tests.support.cluster import Cluster


class Mortal(Cluster):
    """A server that can be killed and started again."""

    def restart(self, how: signal.Signals) -> None:
        """End the server at once, and start it anew on the same data."""
        self._server.send_signal(how)
        self._server.wait(30)
        self.start()


@pytest.fixture(scope="module")
def mortal() -> Generator[Mortal]:
    server = Mortal()
    upgrade(server.create("template_datelier"))
    yield server
    server.stop()


@pytest.fixture
async def place(mortal: Mortal) -> AsyncGenerator[tuple[Mortal, Engine, Context]]:
    server = mortal
    url = server.create(f"t_{uuid7().hex}", template="template_datelier")
    resources = resources_for(url, database_pool=4, lease_seconds=6)
    async with open_engine(resources) as engine:
        org_id = await make_org(resources)
        yield server, engine, Context(Actor("user", None, "T"), org_id, ALL_SCOPES, resources)
    await resources.db.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_runs_survive_a_restart_and_new_ones_start(
    place: tuple[Mortal, Engine, Context], how: signal.Signals
) -> None:
    server, engine, ctx = place
    began, go = asyncio.Event(), asyncio.Event()

    async def halted(run: ActiveRun) -> None:
        run.log.put({"type": "text-start", "id": "h"})
        run.log.delta("text-delta", "h", "before ")
        await run.log.flush()
        began.set()
        await go.wait()
        run.log.delta("text-delta", "h", "after")
        run.log.put({"type": "text-end", "id": "h"})

    runner = Runner(engine, (graph_of("g", say("one"), halted, say("three")),), ())
    await runner.start()
    async with asyncio.timeout(90):
        first = await begin(ctx, "g")
        viewer = asyncio.create_task(watch(engine, first))
        await began.wait()
        await asyncio.to_thread(server.restart, how)
        go.set()
        seen = await viewer
        second = await begin(ctx, "g")
        again = await watch(engine, second)
    await runner.drain()
    for entries in (seen, again):
        assert [seq for seq, _ in entries] == list(range(1, len(entries) + 1))
        folded = fold(part for _, part in entries)
        assert [p["text"] for p in folded if p["type"] == "text"] == [
            "one ",
            "before after",
            "three ",
        ]
        assert entries[-1][1]["type"] == "finish"


async def test_a_claim_that_was_given_outlives_a_crash(
    place: tuple[Mortal, Engine, Context],
) -> None:
    """Undone, it would be given again under the same epoch, and two processes would write."""
    server, engine, ctx = place
    claims = Claims(engine.pool, owner="first", lease=60, cap=10)
    for _ in range(5):  # what is not on disk may be there by chance
        run_id = await begin(ctx, "g")
        assert [claim.id for claim in await claims.take(1)] == [run_id]
        server.kill()
        await asyncio.to_thread(server.start)
        held = await until(partial(_held, claims, {run_id: 1}), "PostgreSQL answers again")
        assert held == ({run_id: False},)


async def _held(claims: Claims, held: dict[UUID, int]) -> tuple[dict[UUID, bool]] | None:
    with contextlib.suppress(psycopg.OperationalError):
        return (await claims.renew(held),)
    return None


async def test_a_claim_knows_what_was_written_while_it_waited(
    place: tuple[Mortal, Engine, Context],
) -> None:
    """Else what it says would have numbers that are taken, and would be lost without a word."""
    _, engine, ctx = place
    claims = Claims(engine.pool, owner="first", lease=60, cap=10)
    run_id = await begin(ctx, "g")
    assert len(await claims.take(1)) == 1
    async with engine.pool.connection() as writing, writing.transaction():
        await writing.execute("select from run where id = %s for share", (run_id,))
        taking = asyncio.create_task(claims.take_over(run_id, 1))
        await _until_blocked(ctx)
        await writing.execute(
            "insert into run_event (org_id, run_id, seq, part) values (%s, %s, 1, '{}')",
            (ctx.org_id, run_id),
        )
    taken = await taking
    assert taken is not None
    assert (taken.epoch, taken.last_seq) == (2, 1)


async def _until_blocked(ctx: Context) -> None:
    blocked = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(ctx.db.conninfo, autocommit=True) as owner:

        async def look() -> object:
            return await (await owner.execute(blocked)).fetchone()

        await until(look, "the claim waits for the lock")
