"""Runs from start to end on a real database."""

import asyncio
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.kit.context import Context
from datelier.runs.engine import Engine
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from tests.runs.conftest import begin, graph_of, running, say, watch
from tests.runs.processes import until

OnEngine = Callable[[Engine], Context]


async def test_a_run_streams_its_steps_and_ends_once(ctx: Context, in_engine: OnEngine) -> None:
    graph = graph_of("two", say("hello world"), say("good bye"))
    async with running(ctx.resources, graph) as (engine, _):
        run_id = await begin(in_engine(engine), "two")
        async with asyncio.timeout(20):
            entries = await watch(engine, run_id)
            again = await watch(engine, run_id)
    assert [seq for seq, _ in entries] == list(range(1, len(entries) + 1))
    assert entries == again
    parts = [part for _, part in entries]
    assert parts[0]["type"] == "start"
    assert parts[-1]["type"] == "finish"
    texts = [part["text"] for part in fold(parts) if part["type"] == "text"]
    assert texts == ["hello world ", "good bye "]


async def test_an_unexpected_error_shows_only_its_id(ctx: Context, in_engine: OnEngine) -> None:
    async def fail(run: ActiveRun) -> None:
        await say("so far")(run)
        raise LookupError("secret detail")

    async with running(ctx.resources, graph_of("bad", fail)) as (engine, _):
        run_id = await begin(in_engine(engine), "bad")
        async with asyncio.timeout(20):
            parts = [part for _, part in await watch(engine, run_id)]
        async with in_engine(engine).begin() as tx:
            row = (
                await tx.session.execute(
                    text("select status, error from run where id = :id"), {"id": run_id}
                )
            ).one()
    assert parts[-1]["type"] == "error"
    assert "secret" not in str(parts)
    assert parts[-1]["error_id"] in parts[-1]["errorText"]
    assert row.status == "failed"
    assert row.error["code"] == "internal"
    assert any(part.get("text") == "so far " for part in fold(parts))


_THREAD = """
    with a as (
        insert into agent (id, org_id, number, name, slug, draft)
        values (gen_random_uuid(), :org, 1, 'Bo', 'bo', '{}') returning id
    )
    insert into thread (id, org_id, number, agent_id)
    select gen_random_uuid(), :org, 1, id from a returning id
"""
_WAITS_FOR_A_LOCK = """
    select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database()
"""


async def waits_for_a_lock(session: AsyncSession) -> bool:
    return bool((await session.execute(text(_WAITS_FOR_A_LOCK))).scalar_one())


async def test_a_run_that_ends_waits_for_who_asks_its_thread_and_holds_nothing_meanwhile(
    ctx: Context, in_engine: OnEngine
) -> None:
    asked = asyncio.Event()

    async def until_asked(run: ActiveRun) -> None:
        await asked.wait()

    async with running(ctx.resources, graph_of("slow", until_asked)) as (engine, _):
        async with ctx.resources.db.system() as session:
            thread_id = (await session.execute(text(_THREAD), {"org": ctx.org_id})).scalar_one()
        run_id = await begin(in_engine(engine), "slow", thread_id=thread_id)
        async with asyncio.timeout(20), ctx.resources.db.system() as session:
            lock = "select id from {} where id = :id for update"
            await session.execute(text(lock.format("thread")), {"id": thread_id})
            asked.set()
            await until(lambda: waits_for_a_lock(session), "the run's end waits")
            # Sooner than PostgreSQL would find two that wait for each other, and end one.
            await session.execute(text("set local lock_timeout = '500ms'"))
            await session.execute(text(lock.format("run")), {"id": run_id})
        async with asyncio.timeout(20):
            parts = [part for _, part in await watch(engine, run_id)]
    assert parts[-1]["type"] == "finish"
