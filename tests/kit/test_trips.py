"""Transactions of prepared statements, outside sessions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import DataError

from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.kit.numbers import COUNT_UP
from datelier.kit.trips import Trips
from datelier.runs.pool import engine_pool
from tests.conftest import make_org

# Cancels after each of this many turns of the loop; a trip takes fewer.
TURNS = 60


@asynccontextmanager
async def one_connection(ctx: Context) -> AsyncGenerator[Trips]:
    pool = engine_pool(ctx.db.conninfo, 1, name="test")
    await pool.open()
    try:
        yield Trips(pool)
    finally:
        await pool.close()


def count(ctx: Context) -> Statement:
    return Statement(COUNT_UP, {"org": ctx.org_id, "kind": "trip"})


async def counted(ctx: Context) -> list[int]:
    async with ctx.begin() as tx:
        found = await tx.session.execute(text("select value from counter where kind = 'trip'"))
        return list(found.scalars())


async def test_what_is_not_committed_is_rolled_back(ctx: Context) -> None:
    async with one_connection(ctx) as trips:
        async with trips.begin(ctx.org_id) as trip:
            await trip.send([count(ctx)])
        assert await counted(ctx) == []
        async with trips.begin(ctx.org_id) as trip:
            await trip.send([count(ctx)])
            [rows] = await trip.send([count(ctx)], commit=True)
        assert [row["value"] for row in rows] == [2]
    assert await counted(ctx) == [2]


async def test_a_failed_statement_undoes_the_others_and_leaves_the_connection_usable(
    ctx: Context,
) -> None:
    again = Statement(
        "insert into counter (org_id, kind, value) values (%(org)s, 'trip', 9) returning value",
        {"org": ctx.org_id},
    )
    async with one_connection(ctx) as trips:
        with pytest.raises(UniqueViolation):
            async with trips.begin(ctx.org_id) as trip:
                await trip.send([count(ctx), again, count(ctx)], commit=True)
        assert await counted(ctx) == []
        async with trips.begin(ctx.org_id) as trip:
            await trip.send([count(ctx)], commit=True)
    assert await counted(ctx) == [1]


async def test_a_trip_sees_only_its_own_organization(ctx: Context) -> None:
    other = await make_org(ctx.resources)
    everybody = Statement("select id from organization", {})
    async with one_connection(ctx) as trips, trips.begin(ctx.org_id) as trip:
        [rows] = await trip.send([everybody])
    ids = [row["id"] for row in rows]
    assert ids == [ctx.org_id]
    assert other not in ids


async def test_a_single_trip_is_a_transaction_of_its_organization(ctx: Context) -> None:
    await make_org(ctx.resources)
    who = Statement("select current_user as role, (select count(*) from organization) as seen", {})
    async with one_connection(ctx) as trips:
        async with trips.begin(ctx.org_id) as trip:
            [_, [found]] = await trip.send([count(ctx), who], commit=True)
        assert found == {"role": "datelier_app", "seen": 1}
        async with trips.begin(ctx.org_id) as trip:
            broken = Statement("select 1 / (value - value) from counter", {})
            with pytest.raises(DataError):
                await trip.send([count(ctx), broken], commit=True)
    assert await counted(ctx) == [1]


async def test_a_cancelled_trip_leaves_no_answer_to_the_next_caller(ctx: Context) -> None:
    async with one_connection(ctx) as trips:

        async def theirs() -> None:
            async with trips.begin(ctx.org_id) as trip:
                await trip.send([Statement("select 'theirs' as whose", {})] * 3, commit=True)

        for turns in range(TURNS):
            task = asyncio.create_task(theirs())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with trips.begin(ctx.org_id) as trip:
                [rows] = await trip.send([Statement("select 'mine' as whose", {})])
            assert [row["whose"] for row in rows] == ["mine"], f"cancelled after {turns} turns"


async def test_a_server_that_goes_after_its_answer_changes_nothing_of_it(ctx: Context) -> None:
    me = Statement("select pg_backend_pid() as pid", {})
    async with one_connection(ctx) as trips:
        async with trips.begin(ctx.org_id) as trip:
            [[found]] = await trip.send([me])
            async with ctx.db.engine.begin() as other:
                await other.execute(text(f"select pg_terminate_backend({found['pid']}, 5000)"))
        async with trips.begin(ctx.org_id) as trip:
            await trip.send([count(ctx)], commit=True)
    assert await counted(ctx) == [1]
