"""A process that is told to go lets go at once, of what it holds and of what it was about to take."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from datelier.app.runner import runner_service
from datelier.kit.context import Actor, Context
from datelier.runs.claim import TURN_LOCK
from datelier.runs.engine import Engine, open_engine
from datelier.runs.runner import Runner
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import graph_of, say
from tests.runs.processes import until

WAITING = (
    "select l.pid from pg_locks l join pg_database d on d.oid = l.database "
    "where not l.granted and d.datname = current_database()"
)


@pytest.fixture
async def engine(fresh_url: str) -> AsyncGenerator[Engine]:
    """An engine without a runner, on an installation of its own."""
    resources = resources_for(fresh_url, database_pool=4)
    async with open_engine(resources) as opened:
        yield opened
    await resources.db.close()


@pytest.fixture
async def beside(fresh_url: str) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
    """Somebody else on the same database, who sees who waits for whom."""
    async with await psycopg.AsyncConnection.connect(fresh_url, autocommit=True) as connection:
        yield connection


async def waiting(beside: psycopg.AsyncConnection[Any]) -> list[int]:
    return [pid for (pid,) in await (await beside.execute(WAITING)).fetchall()]


async def drains(runner: Runner) -> bool:
    return runner.free == 0


@pytest.mark.parametrize("ended", [0, 2], ids=["first attempt", "after two ends"])
async def test_what_is_claimed_while_a_process_goes_is_given_back_and_no_connection_is_cut(
    engine: Engine,
    beside: psycopg.AsyncConnection[Any],
    caplog: pytest.LogCaptureFixture,
    ended: int,
) -> None:
    async def apart(*_claim: object) -> bool:
        return True

    ctx = Context(
        Actor("user", None, "T"), await make_org(engine.resources), ALL_SCOPES, engine.resources
    )
    runner = Runner(engine, (graph_of("g", say("hello")),), (), apart=apart)
    await beside.execute("select pg_advisory_lock(%s)", (TURN_LOCK,))
    await runner.start()
    await until(lambda: waiting(beside), "the runner waits for its turn to claim")
    async with ctx.db.system() as session:
        await session.execute(
            text(
                "insert into run (id, org_id, graph, actor, kind, status, attempt, available_at) "
                "values (gen_random_uuid(), :org, 'g', '{}', 'chat', 'queued', :attempt, "
                "now() - interval '1 minute')"  # the claim's transaction has begun already
            ),
            {"org": ctx.org_id, "attempt": ended},
        )
    draining = asyncio.create_task(runner.drain())
    await until(lambda: drains(runner), "the runner drains")
    await beside.execute("select pg_advisory_unlock(%s)", (TURN_LOCK,))
    await draining
    row = await (
        await beside.execute("select status, attempt, lease_until, epoch from run")
    ).fetchone()
    assert row == ("queued", ended, None, 2)  # claimed once, and given back
    assert [one.getMessage() for one in caplog.records if one.name.startswith("psycopg")] == []


async def test_a_handover_waits_for_nothing_that_is_done_beside_the_runs(
    engine: Engine, beside: psycopg.AsyncConnection[Any]
) -> None:
    frozen: list[int] = []
    service = runner_service(engine)
    runner = await service.__aenter__()
    async with beside.transaction():
        await beside.execute("lock table request, request_event in access exclusive mode")
        frozen += await until(lambda: waiting(beside), "the tick waits", 20)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
    leaving = asyncio.create_task(service.__aexit__(None, None, None))
    try:
        await until(lambda: drains(runner), "the runner drains", 3)
        assert not leaving.done()
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    await leaving
