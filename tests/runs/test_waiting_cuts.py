"""Processes killed between the commits of asking, deciding and going on: nothing lost, nothing twice.

A test holds a lock that the process runs into, so that it is killed exactly there.
"""

import signal
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.schemas import ActionDecision, DecideIn, RequestOut, RequestQuery
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.ids import uuid7
from datelier.kit.tools import Toolbox
from datelier.runs import decide as deciding
from datelier.runs.engine import Engine, open_engine
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, watch
from tests.runs.processes import Process, processes, until
from tests.runs.test_waiting import cards, texts

WORKER, DECIDER = "tests.runs.worker", "tests.runs.decider"
LEASE = 2


class Place:
    """An installation of its own, a run that asks after its first step, and what became of it."""

    def __init__(self, url: str, engine: Engine, ctx: Context, gate: Path) -> None:
        self.url, self.engine, self.ctx, self.gate = url, engine, ctx, gate

    async def begin(self) -> UUID:
        for step in (0, 1):
            (self.gate / str(step)).touch()
        return await begin(self.ctx, "asking", input={"gate": str(self.gate)})

    async def scalar(self, sql: str, **values: Any) -> Any:
        async with self.ctx.db.system() as session:
            return (await session.execute(text(sql), values)).scalar()

    async def status(self, run_id: UUID) -> str:
        return await self.scalar("select status from run where id = :id", id=run_id)

    async def requests(self) -> list[RequestOut]:
        async with self.ctx.begin() as tx:
            return (await inbox.list_requests(tx, RequestQuery(view="open"))).data

    async def request(self, run_id: UUID) -> RequestOut:
        async def look() -> bool:
            return await self.status(run_id) == "waiting"

        await until(look, "the run waits")
        [request] = await self.requests()
        return request

    async def decide(self, request: RequestOut) -> None:
        said = ActionDecision(action_id="1", type="respond", message="yes")
        given = DecideIn(decision_id=uuid7(), revision=request.revision, decisions=[said])
        await deciding.decide(self.ctx, request.id, given)

    @asynccontextmanager
    async def stuck(self, lock: str) -> AsyncGenerator[None]:
        """Hold a lock until the block ends; inside, wait for a process to run into it."""
        async with await psycopg.AsyncConnection.connect(self.url) as connection:
            await connection.execute(lock.encode())
            yield
            await connection.rollback()

    async def blocked(self) -> None:
        async def look() -> bool:
            return bool(
                await self.scalar(
                    "select count(*) from pg_stat_activity where datname = current_database() "
                    "and wait_event_type = 'Lock' and query not like '%advisory%'"
                )
            )

        await until(look, "a process waits for the lock")

    async def end(self, run_id: UUID) -> None:
        """The run ends as if nothing had happened."""
        seen = await watch(self.engine, run_id)
        assert texts(seen) == ["begin0 end0", "begin1 end1"]
        assert cards(seen) == ["responded"]
        assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
        assert await self.status(run_id) == "succeeded"
        assert await self.scalar("select count(*) from request") == 1
        assert await self.scalar("select count(*) from decision") == 1
        assert {answer for answer, _ in self.answers()} == {"yes"}

    def answers(self) -> list[tuple[str, int]]:
        lines = (self.gate / "answers").read_text(encoding="utf-8").splitlines()
        return [(line.split()[0], int(line.split()[1])) for line in lines]


@pytest.fixture
async def place(fresh_url: str, tmp_path: Path) -> AsyncGenerator[Place]:
    resources: Resources = resources_for(fresh_url, lease_seconds=LEASE, database_pool=4)
    resources.register(Toolbox, Toolbox(()))
    async with open_engine(resources) as engine:
        ctx = Context(Actor("user", None, "Test"), await make_org(resources), ALL_SCOPES, resources)
        yield Place(fresh_url, engine, ctx, tmp_path)
    await resources.db.close()


@pytest.fixture
def start() -> Generator[Callable[..., Process]]:
    with processes() as begin_process:
        yield begin_process


async def kill(process: Process) -> None:
    process.signal(signal.SIGKILL)
    await process.ended()


async def test_killed_after_the_question_is_in_the_checkpoint_and_before_it_is_asked(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    async with place.stuck("lock table request in exclusive mode"):
        first = await start(WORKER, place.url, LEASE).ready()
        await place.blocked()
        asked = "select count(*) from checkpoint_writes where channel = '__interrupt__'"
        assert await place.scalar(asked) == 1
        await kill(first)
    assert await place.requests() == []
    await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))
    await place.end(run_id)


async def test_killed_before_the_question_is_in_the_checkpoint(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    async with place.stuck("lock table checkpoint_writes in exclusive mode"):
        first = await start(WORKER, place.url, LEASE).ready()
        await place.blocked()
        await kill(first)
    await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))
    await place.end(run_id)


@pytest.mark.contract("S39")
async def test_killed_while_nobody_has_decided_and_decided_while_nobody_executes(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    first = await start(WORKER, place.url, LEASE).ready()
    request = await place.request(run_id)
    await kill(first)
    await place.decide(request)
    assert await place.status(run_id) == "queued"
    second = await start(WORKER, place.url, LEASE).ready()
    await place.end(run_id)
    assert place.answers() == [("yes", second.pid)]


async def test_a_decider_killed_before_its_commit_has_decided_nothing(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    await start(WORKER, place.url, LEASE).ready()
    request = await place.request(run_id)
    async with place.stuck("lock table run_event in exclusive mode"):
        decider = await start(DECIDER, place.url, place.ctx.org_id, request.id).ready()
        await place.blocked()
        await kill(decider)
    assert (await place.request(run_id)).revision == 1
    assert await place.scalar("select count(*) from decision") == 0
    await place.decide(request)
    await place.end(run_id)


async def test_a_decider_killed_after_its_commit_has_told_nobody_and_the_run_goes_on(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    await start(WORKER, place.url, LEASE).ready()
    request = await place.request(run_id)
    decider = start(DECIDER, place.url, place.ctx.org_id, request.id)
    assert await decider.ended() == 137, decider.errors()
    await place.end(run_id)


async def test_killed_between_the_answer_and_its_checkpoint_it_is_given_once_more(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    first = await start(WORKER, place.url, LEASE).ready()
    request = await place.request(run_id)
    async with place.stuck("lock table checkpoint_writes in exclusive mode"):
        await place.decide(request)
        await place.blocked()
        await kill(first)
    second = await start(WORKER, place.url, LEASE).ready()
    await place.end(run_id)
    assert place.answers() == [("yes", first.pid), ("yes", second.pid)]


async def test_killed_in_the_step_after_the_answer_only_that_step_is_done_again(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    (place.gate / "1").unlink()
    first = await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))

    async def began() -> bool:
        return "1 " in (place.gate / "began").read_text(encoding="utf-8")

    await until(began, "the step after the answer begins")
    await kill(first)
    (place.gate / "1").touch()
    await start(WORKER, place.url, LEASE).ready()
    await place.end(run_id)
    assert place.answers() == [("yes", first.pid)]


async def test_a_run_that_asks_again_and_again_is_not_taken_for_one_that_crashes(
    place: Place, start: Callable[..., Process]
) -> None:
    run_id = await place.begin()
    await start(WORKER, place.url, LEASE).ready()
    await place.decide(await place.request(run_id))
    await place.end(run_id)
    assert await place.scalar("select attempt from run where id = :id", id=run_id) == 1
    assert await place.scalar("select epoch from run where id = :id", id=run_id) == 2
