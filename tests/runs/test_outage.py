"""PostgreSQL goes away in the middle of runs and comes back."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncGenerator

import pytest

from datelier.kit.context import Actor, Context
from datelier.migrations import upgrade
from datelier.runs.engine import Engine, open_engine
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import fold
from datelier.runs.runner import Runner
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES, make_org
from tests.runs.conftest import begin, graph_of, say, watch
from tests.support.cluster import Cluster, binaries


class Mortal(Cluster):
    """A server that can be killed and started again."""

    def restart(self, how: signal.Signals) -> None:
        """End the server at once, and start it anew on the same data."""
        command = self._server.args
        self._server.send_signal(how)
        self._server.wait(30)
        groups: list[int] | None = [] if self._uid else None
        with (self.root / "log").open("ab") as log:
            self._server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                user=self._uid,
                group=self._gid,
                extra_groups=groups,
            )
        for _ in range(200):
            ready = [binaries() / "pg_isready", "-q", "-h", self.root, "-t", "5"]
            if subprocess.run(ready, check=False).returncode == 0:
                return
        raise AssertionError((self.root / "log").read_text())


@pytest.fixture
async def place() -> AsyncGenerator[tuple[Mortal, Engine, Context]]:
    server = Mortal()
    url = server.create("datelier")
    upgrade(url)
    resources = resources_for(url, database_pool=4, lease_seconds=6)
    async with open_engine(resources) as engine:
        org_id = await make_org(resources)
        yield server, engine, Context(Actor("user", None, "T"), org_id, ALL_SCOPES, resources)
    await resources.db.close()
    server.stop()


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
