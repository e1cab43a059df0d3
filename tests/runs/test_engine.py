"""Runs from start to end on a real database."""

import asyncio
from collections.abc import Callable

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.runs.engine import Engine
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from tests.runs.conftest import begin, graph_of, running, say, watch

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
