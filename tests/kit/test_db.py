"""The two walls between organizations, at the level of the helpers."""

import asyncio
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from datelier.kit.context import Context, Resources
from datelier.kit.db import Database, Statement, one_trip
from datelier.kit.numbers import next_number
from datelier.runs.pool import engine_pool
from tests.conftest import make_org

# Cancels after each of this many turns of the loop; a trip takes fewer.
TURNS = 60
OTHERS = "select 'not yours' as whose"


@pytest.fixture
def busy_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let psycopg yield to the loop before each send, as it does only in a busy process."""
    monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", 0)


async def test_numbers_count_up_per_organization(ctx: Context) -> None:
    async with ctx.begin() as tx:
        assert [await next_number(tx, "source") for _ in range(3)] == [1, 2, 3]
        assert await next_number(tx, "thread") == 1


async def test_request_role_sees_only_its_own_organization(ctx: Context) -> None:
    other = await make_org(ctx.resources)
    async with ctx.begin() as tx:
        seen = (await tx.session.execute(text("select id from organization"))).scalars().all()
    assert seen == [ctx.org_id]
    assert other not in seen


async def test_context_without_transaction_refuses_to_touch_rows(ctx: Context) -> None:
    with pytest.raises(RuntimeError, match="open transaction"):
        _ = ctx.session


async def test_on_commit_runs_after_commit_and_not_after_rollback(ctx: Context) -> None:
    calls: list[str] = []
    async with ctx.begin() as tx:
        tx.on_commit(lambda: calls.append("kept"))

    async def fail() -> None:
        async with ctx.begin() as tx:
            tx.on_commit(lambda: calls.append("lost"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert calls == ["kept"]


async def test_no_transaction_may_stay_open_for_long(ctx: Context) -> None:
    """A process that froze in one would keep its rows locked for everybody."""
    limit = text("select current_setting('idle_in_transaction_session_timeout')")
    async with ctx.begin() as tx:
        assert (await tx.session.execute(limit)).scalar() == "1min"
    async with ctx.resources.db.system() as session:
        assert (await session.execute(limit)).scalar() == "1min"
    async with engine_pool(ctx.resources.db.conninfo, 1, name="t") as pool, pool.connection() as c:
        assert await (await c.execute(str(limit).encode())).fetchone() == {
            "current_setting": "1min"
        }


async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(
    resources: Resources,
) -> None:
    db = Database(resources.db.conninfo, pool_size=1)
    try:
        async with db.system() as session:
            pid = (await session.execute(text("select pg_backend_pid()"))).scalar_one()
        async with await psycopg.AsyncConnection.connect(db.conninfo, autocommit=True) as other:
            # Waits until the backend is gone, so that its last words are on our socket.
            await other.execute("select pg_terminate_backend(%s, 5000)", (pid,))
        async with db.system() as session:
            assert (await session.execute(text("select pg_backend_pid()"))).scalar_one() != pid
    finally:
        await db.close()


@pytest.mark.parametrize("alone_in_it", [False, True])
@pytest.mark.usefixtures("busy_loop")
async def test_a_cancelled_trip_leaves_no_answer_to_the_next_caller(
    ctx: Context, *, alone_in_it: bool
) -> None:
    db = Database(ctx.db.conninfo, pool_size=1)
    alone = replace(ctx, resources=replace(ctx.resources, db=db))

    async def trip() -> None:
        statements = [Statement(OTHERS, {})] * 3
        if alone_in_it:
            await db.once(statements, ctx.org_id)
            return
        async with alone.begin() as tx:
            await one_trip(tx, statements)

    try:
        for turns in range(TURNS):
            trip_ = asyncio.create_task(trip())
            for _ in range(turns):
                await asyncio.sleep(0)
            trip_.cancel()
            ended = await asyncio.gather(trip_, return_exceptions=True)
            assert ended == [None] or isinstance(ended[0], asyncio.CancelledError)
            async with alone.begin() as tx:
                rows = (await tx.session.execute(text("select 'mine'"))).all()
            assert rows == [("mine",)], f"cancelled after {turns} turns"
    finally:
        await db.close()


async def test_what_failed_is_told_without_what_it_was_about(ctx: Context) -> None:
    with pytest.raises(ProgrammingError) as caught:
        async with ctx.begin() as tx:
            await tx.session.execute(text("select :secret from nowhere"), {"secret": "CANARY"})
    assert "select" in str(caught.value)
    assert "CANARY" not in str(caught.value)
