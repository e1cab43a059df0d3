"""Queries whose process or whose row in PostgreSQL was lost in the middle."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from datelier.kit.context import Context
from datelier.queries.schemas import QueryIn, QueryVersionOut
from datelier.queries.service import Author, run_query
from datelier.queries.watching import watch_for_end
from datelier.runs.execution import ActiveRun
from tests.runs.conftest import begin, graph_of, running, watch
from tests.runs.processes import until


@pytest.fixture
async def source(http: httpx.AsyncClient) -> UUID:
    answer = await http.post("/sources/upload", files=[("files", ("o.csv", b"id\n1\n"))])
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def test_a_version_that_a_crash_has_forgotten_is_nobodys_wish_to_stop(
    ctx: Context, source: UUID
) -> None:
    async def forget(version: QueryVersionOut) -> None:
        async with ctx.begin() as tx:
            values = {"org": ctx.org_id, "id": version.query_id}
            await tx.session.execute(
                text("delete from query where org_id = :org and id = :id"), values
            )

    with pytest.raises(OperationalError, match="lost in a crash"):
        await run_query(ctx, QueryIn(source_id=source, sql="select id from o"), on_start=forget)


async def test_a_query_that_died_with_its_process_ends_with_its_run(
    ctx: Context, http: httpx.AsyncClient, source: UUID
) -> None:
    begun: list[QueryVersionOut] = []

    async def die(version: QueryVersionOut) -> Any:
        begun.append(version)
        raise LookupError

    async def node(run: ActiveRun) -> None:
        author = Author("agent", "A", run_id=run.id)
        with contextlib.suppress(LookupError):
            request = QueryIn(source_id=source, sql="select id from o")
            await run_query(run.ctx, request, author=author, on_start=die)

    async with running(ctx.resources, graph_of("g", node)) as (engine, _), asyncio.timeout(30):
        await watch(
            engine, await begin(Context(ctx.actor, ctx.org_id, ctx.scopes, engine.resources), "g")
        )
    kept = (await http.get(f"/queries/{begun[0].query_id}")).json()["versions"][0]
    assert (kept["status"], kept["error"]["code"]) == ("cancelled", "cancelled")


async def test_a_query_says_that_its_process_died_half_a_minute_after_its_last_sign(
    ctx: Context, http: httpx.AsyncClient, source: UUID
) -> None:
    begun: list[QueryVersionOut] = []

    async def die(version: QueryVersionOut) -> Any:
        begun.append(version)
        raise LookupError

    with contextlib.suppress(LookupError):
        await run_query(ctx, QueryIn(source_id=source, sql="select id from o"), on_start=die)
    [version] = begun

    async def told() -> tuple[str, str | None]:
        got = await http.get(f"/queries/{version.query_id}")
        kept: dict[str, Any] = got.json()["versions"][0]
        return kept["status"], kept["error"]["code"] if kept["error"] else None

    async def age(seconds: int) -> None:
        values = {"org": ctx.org_id, "id": version.query_id, "age": seconds}
        async with ctx.begin() as tx:
            await tx.session.execute(
                text(
                    "update query_version set updated_at = now() - make_interval(secs => :age) "
                    "where org_id = :org and query_id = :id"
                ),
                values,
            )

    assert await told() == ("running", None)
    await age(31)
    assert await told() == ("failed", "interrupted")
    watching = asyncio.create_task(watch_for_end(ctx, version_id=await _version_id(ctx, version)))

    async def signed() -> bool:
        return await told() == ("running", None)

    await until(signed, "its process gives a sign", 20)
    watching.cancel()


async def _version_id(ctx: Context, version: QueryVersionOut) -> UUID:
    async with ctx.begin() as tx:
        found = await tx.session.execute(
            text("select id from query_version where org_id = :org and query_id = :id"),
            {"org": ctx.org_id, "id": version.query_id},
        )
        return found.scalar_one()
