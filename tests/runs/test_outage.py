"""PostgreSQL goes away in the middle of runs and comes back."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Generator

import pytest

from datelier.kit.context import Actor, Context
from datelier.kit.ids import uuid7
from datelier.migrations import upgrade
from datelier.runs.engine import Engine, open_engine
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from datelier.runs.runner import Runner
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, graph_of, say, watch
from tests.support.cluster import Cluster


class Mortal(Cluster):
    """A server that can be killed and started again."""

    def restart(self, how: signal.Signals) -> None:
        """End the server at once, and start it anew on the same data."""
        self._server.send_signal(how)
        self._server.wait(30)
        self.start()


@pytest.fixture(scope="module")
def mortal() -> Generator[Mortal]:
    server = Mortal()
    upgrade(server.create("template_datelier"))
    yield server
    server.stop()


@pytest.fixture
async def place(mortal: Mortal) -> AsyncGenerator[tuple[Mortal, Engine, Context]]:
    server = mortal
    url = server.create(f"t_{uuid7().hex}", template="template_datelier")
    resources = resources_for(url, database_pool=4, lease_seconds=6)
    async with open_engine(resources) as engine:
        org_id = await make_org(resources)
        yield server, engine, Context(Actor("user", None, "T"), org_id, ALL_SCOPES, resources)
    await resources.db.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_runs_survive_a_restart_and_new_ones_start(
    place: tuple[Mortal, Engine, Context], how: signal.Signals
) -> None:
    server, engine, ctx = place
    began, go = asyncio.Event(), asyncio.Event()

    async def halted(run: ActiveRun) -> None:
        run.log.put({"type": "text-start", "id": "h"})
        run.log.delta("text-delta", "h", "before ")
        await run.log.flush()
        began.set()
        await go.wait()
        run.log.delta("text-delta", "h", "after")
        run.log.put({"type": "text-end", "id": "h"})

    runner = Runner(engine, (graph_of("g", say("one"), halted, say("three")),), ())
    await runner.start()
    async with asyncio.timeout(90):
        first = await begin(ctx, "g")
        viewer = asyncio.create_task(watch(engine, first))
        await began.wait()
        await asyncio.to_thread(server.restart, how)
        go.set()
        seen = await viewer
        second = await begin(ctx, "g")
        again = await watch(engine, second)
    await runner.drain()
    for entries in (seen, again):
        assert [seq for seq, _ in entries] == list(range(1, len(entries) + 1))
        folded = fold(part for _, part in entries)
        assert [p["text"] for p in folded if p["type"] == "text"] == [
            "one ",
            "before after",
            "three ",
        ]
        assert entries[-1][1]["type"] == "finish"
