"""A runner as a process of its own: `python -m tests.runs.worker URL LEASE_SECONDS [RUN EPOCH]`.

With a run it is what such a runner starts for one that has ended its process twice.

Its graphs are steered by files, so that a test decides when a step goes on. A run's input holds
`gate`: the folder in which step N waits for a file named N.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from datelier.identity.models import Organization
from datelier.kit.log import setup_logging
from datelier.runs.apart import child_process, parent_gone
from datelier.runs.engine import open_engine
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.runner import Runner
from tests.chat.app import resources_for
from tests.runs.conftest import Node, Steps, graph_of, say, step_of

_LOOK = 0.02


def gated(step: int) -> Node:
    """A step that says half of its text, waits for its gate, and says the rest."""

    async def node(run: ActiveRun) -> None:
        gate = Path(run.claim.input["gate"])
        log = run.log
        log.put({"type": "text-start", "id": f"s{step}"})
        log.delta("text-delta", f"s{step}", f"begin{step} ")
        await log.flush()
        with (gate / "began").open("a", encoding="utf-8") as file:
            file.write(f"{step} {os.getpid()}\n")
        while not (gate / str(step)).exists():  # noqa: ASYNC110  # other processes set no events
            await asyncio.sleep(_LOOK)
        log.delta("text-delta", f"s{step}", f"end{step}")
        log.put({"type": "text-end", "id": f"s{step}"})

    return node


async def crash(run: ActiveRun) -> None:
    """A step that ends its process."""
    await say("about to crash")(run)
    await run.log.flush()
    os._exit(137)


def fragile(step: int) -> Node:
    """A step that ends its process the first time."""

    async def node(run: ActiveRun) -> None:
        mark = Path(run.claim.input["gate"]) / f"crashed{step}"
        await say(f"step{step}")(run)
        await run.log.flush()
        if not mark.exists():
            mark.touch()
            os._exit(137)

    return node


async def asks(state: Steps, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """A step that waits for a person and notes what it was answered."""
    said = interrupt("Go on?")
    gate = Path(runtime.context.claim.input["gate"])
    with (gate / "answers").open("a", encoding="utf-8") as file:
        file.write(f"{said} {os.getpid()}\n")
    return {"done": ["asks"]}


def asking() -> Graph:
    """A step, a question, and another step."""

    def build() -> Any:
        graph = StateGraph(Steps, context_schema=ActiveRun)
        for name, node in (
            ("first", step_of(gated(0), "first")),
            ("last", step_of(gated(1), "last")),
        ):
            graph.add_node(name, node)
        graph.add_node("asks", asks)
        graph.add_edge(START, "first")
        graph.add_edge("first", "asks")
        graph.add_edge("asks", "last")
        graph.add_edge("last", END)
        return graph

    return Graph("asking", build, {"done": []})


GRAPHS = (
    asking(),
    graph_of("gated", gated(0), gated(1), gated(2)),
    graph_of("crash", crash),
    graph_of("late", say("fine"), crash),
    graph_of("fragile", *(fragile(step) for step in range(5))),
)


async def apart(run_id: UUID, epoch: int) -> bool:
    """Execute one run in a process of its own."""
    command = [sys.executable, "-m", "tests.runs.worker", *sys.argv[1:3], str(run_id), str(epoch)]
    return await child_process(command, b"", os.environ)  # noqa: TID251  # children inherit


async def one(runner: Runner, run_id: UUID, epoch: int, stop: asyncio.Event) -> None:
    """Execute one run, and nothing else."""
    loop = asyncio.get_running_loop()
    parent_gone(lambda: loop.call_soon_threadsafe(stop.set))
    await runner.take_over(run_id, epoch)
    ending = [asyncio.create_task(runner.idle()), asyncio.create_task(stop.wait())]
    await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)


async def main(url: str, lease: float, *only: str) -> None:
    """Execute runs until SIGTERM, then give them back."""
    assert Organization.__tablename__
    resources = resources_for(url, lease_seconds=lease, database_pool=4, log_format="json")
    setup_logging(resources.settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, stop.set)
    async with open_engine(resources) as engine:
        runner = Runner(engine, GRAPHS, (), apart=apart, slots=0 if only else None)
        await runner.start()
        if only:
            await one(runner, UUID(only[0]), int(only[1]), stop)
        else:
            print("ready", flush=True)  # noqa: T201  # the test waits for it
            await stop.wait()
        await runner.drain()
    await resources.db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:]))
