"""Processes that die, freeze or are told to go: the run goes on, once."""

import signal
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from datelier.kit.context import Actor, Context, Resources
from datelier.kit.settings import Settings
from datelier.runs.engine import Engine, open_engine
from datelier.runs.fold import fold
from datelier.runs.runner import POLL_MOST
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, watch
from tests.runs.processes import Process, processes, until

WORKER = "tests.runs.worker"
LEASE = 2


@pytest.fixture
async def place(fresh_url: str) -> AsyncGenerator[tuple[Engine, Context]]:
    """A process that only watches, on an installation of its own."""
    resources: Resources = resources_for(fresh_url, lease_seconds=LEASE, database_pool=4)
    async with open_engine(resources) as engine:
        ctx = Context(
            actor=Actor("user", None, "Test"),
            org_id=await make_org(resources),
            scopes=ALL_SCOPES,
            resources=resources,
        )
        yield engine, ctx
    await resources.db.close()


@pytest.fixture
def start() -> Generator[Callable[..., Process]]:
    with processes() as begin_process:
        yield begin_process


async def status_of(ctx: Context, run_id: UUID) -> Any:
    async with ctx.begin() as tx:
        statement = text("select status, attempt, error from run where id = :id")
        return (await tx.session.execute(statement, {"id": run_id})).one()


async def stored(ctx: Context, run_id: UUID) -> list[tuple[int, dict[str, Any]]]:
    async with ctx.begin() as tx:
        rows = await tx.session.execute(
            text("select seq, part::text from run_event where run_id = :id order by seq"),
            {"id": run_id},
        )
        return [(row[0], orjson.loads(row[1])) for row in rows]


def texts(entries: list[tuple[int, dict[str, Any]]]) -> list[str]:
    folded = fold(part for _, part in entries)
    return [part["text"] for part in folded if part["type"] == "text"]


async def began(gate: Path, step: int) -> bool:
    path = gate / "began"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return any(line.startswith(f"{step} ") for line in lines)


def began_by(gate: Path) -> list[tuple[int, int]]:
    lines = (gate / "began").read_text(encoding="utf-8").splitlines()
    return [(int(line.split()[0]), int(line.split()[1])) for line in lines]


WHOLE = ["begin0 end0", "begin1 end1", "begin2 end2"]


@pytest.mark.contract("W1")
async def test_a_killed_runners_run_goes_on_elsewhere_from_its_last_step(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    first = await start(WORKER, fresh_url, LEASE).ready()
    run_id = await begin(ctx, "gated", input={"gate": str(tmp_path)})
    (tmp_path / "0").touch()
    await until(lambda: began(tmp_path, 1), "the second step begins")
    first.signal(signal.SIGKILL)
    second = await start(WORKER, fresh_url, LEASE).ready()
    for step in (1, 2):
        (tmp_path / str(step)).touch()
    seen = await watch(engine, run_id)
    assert texts(seen) == WHOLE
    assert seen == await stored(ctx, run_id)
    assert [part["type"] for _, part in seen].count("finish") == 1
    assert [part["type"] for _, part in seen].count("reset-step") == 1
    assert began_by(tmp_path) == [
        (0, first.pid),
        (1, first.pid),
        (1, second.pid),
        (2, second.pid),
    ]
    assert (await status_of(ctx, run_id)).status == "succeeded"
    async with ctx.db.system() as session:
        left = await session.execute(text("select count(*) from checkpoints"))
        assert left.scalar() == 0


async def test_a_runner_that_wakes_up_after_its_lease_writes_nothing_more(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    zombie = await start(WORKER, fresh_url, LEASE).ready()
    run_id = await begin(ctx, "gated", input={"gate": str(tmp_path)})
    (tmp_path / "0").touch()
    await until(lambda: began(tmp_path, 1), "the second step begins")
    zombie.signal(signal.SIGSTOP)
    await start(WORKER, fresh_url, LEASE).ready()
    for step in (1, 2):
        (tmp_path / str(step)).touch()
    seen = await watch(engine, run_id)
    zombie.signal(signal.SIGCONT)

    async def fenced() -> bool:
        return "run_fenced" in zombie.errors()

    await until(fenced, "the zombie learns that it lost the run")
    assert texts(seen) == WHOLE
    assert await stored(ctx, run_id) == seen
    assert began_by(tmp_path)[-1][1] != zombie.pid


async def test_sigterm_hands_runs_over_at_once_and_is_no_crash(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    first = await start(WORKER, fresh_url, 600).ready()
    run_id = await begin(ctx, "gated", input={"gate": str(tmp_path)})
    await until(lambda: began(tmp_path, 0), "the first step begins")
    first.signal(signal.SIGTERM)
    assert await first.ended() == 0, first.errors()
    for step in (0, 1, 2):
        (tmp_path / str(step)).touch()
    await start(WORKER, fresh_url, 600).ready()
    assert texts(await watch(engine, run_id)) == WHOLE
    assert (await status_of(ctx, run_id)).attempt == 1


async def test_a_run_that_gets_on_is_not_parked_however_many_processes_end_under_it(
    place: tuple[Engine, Context], start: Callable[..., Process], fresh_url: str, tmp_path: Path
) -> None:
    engine, ctx = place
    run_id = await begin(ctx, "fragile", input={"gate": str(tmp_path)})
    for _ in range(5):
        process = start(WORKER, fresh_url, 1)
        assert await process.ended() == 137, process.errors()
    await start(WORKER, fresh_url, 1).ready()
    seen = await watch(engine, run_id)
    assert [words.strip() for words in texts(seen)] == [f"step{step}" for step in range(5)]
    assert (await status_of(ctx, run_id)).status == "succeeded"


def test_the_leases_that_processes_take_leave_time_to_go_on_within_fifteen_seconds() -> None:
    # A process dies just after a renewal, and the next looks just before the lease has run out.
    usual = Settings(home=Path("/nowhere")).lease_seconds
    assert usual + POLL_MOST < 15
