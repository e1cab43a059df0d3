"""A process dies at each named point around asking, deciding and going on: the run ends once, right."""

import signal
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import get_args

import pytest

from datelier.kit.context import Actor, Context, Resources
from datelier.kit.fail_points import HIT, Point
from datelier.kit.tools import Toolbox
from datelier.runs.engine import open_engine
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.processes import Process, processes, until
from tests.runs.test_waiting_cuts import DECIDER, LEASE, WORKER, Place

# Points that a runner passes before a person is asked, and those after the decision.
BEFORE = (
    "claim.before_commit",
    "events.after_commit",
    "notify.before",
    "checkpoint.after_commit",
    "interrupt.before_commit",
    "interrupt.after_commit",
)
AFTER = ("resume.before", "finish.before_commit", "finish.after_commit")
DECIDING = ("decision.before_commit", "decision.after_commit")


@pytest.fixture
async def place(fresh_url: str, tmp_path: Path) -> AsyncGenerator[Place]:
    resources: Resources = resources_for(fresh_url, lease_seconds=LEASE, database_pool=4)
    resources.register(Toolbox, Toolbox(()))
    async with open_engine(resources) as engine:
        ctx = Context(Actor("user", None, "Test"), await make_org(resources), ALL_SCOPES, resources)
        yield Place(fresh_url, engine, ctx, tmp_path)
    await resources.db.close()


@pytest.fixture
def points(tmp_path: Path) -> Path:
    folder = tmp_path / "points"
    folder.mkdir()
    return folder


@pytest.fixture
def start(points: Path) -> Generator[Callable[..., Process]]:
    """Start processes that can die at the points."""
    with processes() as begin_process:
        yield lambda *args: begin_process(*args, DATELIER_FAIL_POINTS=str(points))


def arm(points: Path, point: str) -> None:
    assert point in get_args(Point)
    (points / point).touch()


async def died(process: Process, points: Path, point: str) -> None:
    """Wait until a process has died at a point, and nowhere else."""
    assert await process.ended() == -signal.SIGKILL, process.errors()
    assert (points / HIT).read_text(encoding="utf-8").split() == [point]


@pytest.mark.parametrize("point", BEFORE)
async def test_a_runner_dies_before_the_question_is_known(
    place: Place, start: Callable[..., Process], points: Path, point: str
) -> None:
    arm(points, point)
    run_id = await place.begin()
    await died(start(WORKER, place.url, LEASE), points, point)
    await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))
    await place.end(run_id)


@pytest.mark.parametrize("point", AFTER)
async def test_a_runner_dies_with_the_decision_in_its_hands(
    place: Place, start: Callable[..., Process], points: Path, point: str
) -> None:
    run_id = await place.begin()
    first = start(WORKER, place.url, LEASE)
    request = await place.request(run_id)
    arm(points, point)
    await place.decide(request)
    await died(first, points, point)
    await start(WORKER, place.url, LEASE).ready()
    await place.end(run_id)


@pytest.mark.parametrize("point", DECIDING)
async def test_whoever_takes_the_decision_dies_and_nothing_is_half_done(
    place: Place, start: Callable[..., Process], points: Path, point: str
) -> None:
    run_id = await place.begin()
    await start(WORKER, place.url, LEASE).ready()
    request = await place.request(run_id)
    arm(points, point)
    await died(start(DECIDER, place.url, place.ctx.org_id, request.id), points, point)
    kept = point == "decision.after_commit"
    assert await place.scalar("select count(*) from decision") == int(kept)
    if not kept:
        await place.decide(request)
    await place.end(run_id)


async def test_a_runner_dies_while_it_hands_its_runs_over(
    place: Place, start: Callable[..., Process], points: Path
) -> None:
    run_id = await place.begin()
    (place.gate / "0").unlink()
    first = await start(WORKER, place.url, LEASE).ready()

    async def began() -> bool:
        path = place.gate / "began"
        return path.exists() and "0 " in path.read_text(encoding="utf-8")

    await until(began, "the first step begins")
    arm(points, "release.before_commit")
    first.signal(signal.SIGTERM)
    await died(first, points, "release.before_commit")
    (place.gate / "0").touch()
    await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))
    await place.end(run_id)
