"""A run that ends its process again and again is told from those that were only beside it."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from datelier.kit.context import Context
from datelier.runs.engine import Engine
from datelier.runs.runner import Runner
from tests.runs.conftest import begin, graph_of, say, watch
from tests.runs.processes import Process, until
from tests.runs.test_failover import WHOLE, WORKER, began_by, place, start, status_of, texts

assert place, start  # fixtures

LEASE = 1


async def beginnings(gate: Path, count: int) -> bool:
    return (gate / "began").exists() and len(began_by(gate)) >= count


async def in_line(ctx: Context, graph: str, *, crashes: int, **start: Any) -> UUID:
    """A run that has ended as many processes in its present step."""
    run_id = await begin(ctx, graph, **start)
    async with ctx.db.system() as session:
        change = text("update run set attempt = :crashes where id = :id")
        await session.execute(change, {"id": run_id, "crashes": crashes})
    return run_id


@pytest.mark.contract("W1")
async def test_of_runs_in_one_process_only_the_one_that_ends_it_is_parked(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    first = await start(WORKER, fresh_url, LEASE).ready()
    innocent: dict[UUID, Path] = {}
    for name in ("a", "b"):
        gate = tmp_path / name
        gate.mkdir()
        innocent[await begin(ctx, "gated", input={"gate": str(gate)})] = gate
        await until(lambda gate=gate: beginnings(gate, 1), "an innocent run begins")
    poisoned = await begin(ctx, "late")
    for process in (first, start(WORKER, fresh_url, LEASE)):
        assert await process.ended() == 137, process.errors()
    last = await start(WORKER, fresh_url, LEASE).ready()
    for gate in innocent.values():
        for step in (0, 1, 2):
            (gate / str(step)).touch()
    parts = [part for _, part in await watch(engine, poisoned)]
    row = await status_of(ctx, poisoned)
    assert (row.status, row.attempt, row.error["code"]) == ("failed", 3, "run_parked")
    assert "three times" in row.error["message"]
    assert parts[-1]["errorText"] == row.error["message"]
    for run_id, gate in innocent.items():
        assert texts(await watch(engine, run_id)) == WHOLE
        assert (await status_of(ctx, run_id)).status == "succeeded"
        assert began_by(gate)[-1][1] != last.pid
    assert last.alive


async def test_a_process_of_its_own_that_ends_with_its_runner_counts_as_no_attempt(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    run_id = await in_line(ctx, "gated", crashes=2, input={"gate": str(tmp_path)})

    async def given_back() -> bool:
        row = await status_of(ctx, run_id)
        return (row.status, row.attempt) == ("queued", 2)

    process = await start(WORKER, fresh_url, LEASE).ready()
    await until(lambda: beginnings(tmp_path, 1), "the run begins", 90)
    assert (await status_of(ctx, run_id)).attempt == 3
    process.signal(signal.SIGKILL)
    await until(given_back, "the run is given back", 90)
    for step in (0, 1, 2):
        (tmp_path / str(step)).touch()
    await start(WORKER, fresh_url, LEASE).ready()
    assert texts(await watch(engine, run_id)) == WHOLE
    assert (await status_of(ctx, run_id)).status == "succeeded"


class Fake:
    """What would execute runs apart; it takes none over."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.asked: list[UUID] = []
        self._hangs = hangs

    async def __call__(self, run_id: UUID, epoch: int) -> bool:
        self.asked.append(run_id)
        if self._hangs:
            await asyncio.Event().wait()
        return False


@pytest.fixture
async def runner_with(
    place: tuple[Engine, Context],
) -> AsyncGenerator[Callable[[Fake], Runner]]:
    made: list[Runner] = []

    def make(fake: Fake) -> Runner:
        made.append(Runner(place[0], (graph_of("g", say("done")),), (), apart=fake))
        return made[-1]

    yield make
    for runner in made:
        await runner.drain()


async def test_where_no_process_can_be_started_the_runner_tries_once_more_itself(
    place: tuple[Engine, Context], runner_with: Callable[[Fake], Runner]
) -> None:
    engine, ctx = place
    run_id, fake = await in_line(ctx, "g", crashes=2), Fake()
    await runner_with(fake).start()
    assert [words.strip() for words in texts(await watch(engine, run_id))] == ["done"]
    assert fake.asked == [run_id]
    assert (await status_of(ctx, run_id)).attempt == 3


async def test_a_run_that_was_not_begun_apart_is_given_back_uncounted(
    place: tuple[Engine, Context], runner_with: Callable[[Fake], Runner]
) -> None:
    _, ctx = place
    ids = {await in_line(ctx, "g", crashes=2) for _ in range(3)}
    fake = Fake(hangs=True)
    runner = runner_with(fake)
    await runner.start()

    async def asked() -> bool:
        return len(fake.asked) == 2  # at once; the third waits

    await until(asked, "two runs are executed apart")
    await runner.drain()
    rows = [await status_of(ctx, run_id) for run_id in ids]
    assert [(row.status, row.attempt) for row in rows] == [("queued", 2)] * 3


async def test_ends_that_nobody_saw_are_counted_too_and_end(
    place: tuple[Engine, Context], runner_with: Callable[[Fake], Runner]
) -> None:
    engine, ctx = place
    run_id, fake = await in_line(ctx, "g", crashes=6), Fake()
    await runner_with(fake).start()
    await watch(engine, run_id)
    row = await status_of(ctx, run_id)
    assert (row.error["code"], fake.asked) == ("run_parked", [])
    assert "six times" in row.error["message"]
