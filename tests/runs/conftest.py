"""A run engine on the shared database, and graphs made for one test each."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Any, TypedDict
from uuid import UUID

import orjson
import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from datelier.identity.models import Organization
from datelier.kit.context import Context, Resources
from datelier.kit.tools import Toolbox
from datelier.runs.engine import Engine, open_engine
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.runner import Runner
from datelier.runs.start import Start, start_run

assert Organization.__tablename__  # the table that every run refers to is known

Node = Callable[[ActiveRun], Awaitable[None]]


def _join(old: list[str], new: list[str]) -> list[str]:
    return old + new


class Steps(TypedDict):
    done: Annotated[list[str], _join]


def step_of(node: Node, step: str) -> Any:
    """A node of a graph, as a step of its own."""

    async def act(state: Steps, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
        runtime.context.begin_step()
        await node(runtime.context)
        runtime.context.finish_step()
        return {"done": [step]}

    return act


def graph_of(name: str, *nodes: Node) -> Graph:
    """A graph that runs nodes one after another, each as a step of its own."""

    def build() -> Any:
        graph = StateGraph(Steps, context_schema=ActiveRun)
        before = START
        for index, node in enumerate(nodes):
            step = f"step{index}"

            graph.add_node(step, step_of(node, step))
            graph.add_edge(before, step)
            before = step
        graph.add_edge(before, END)
        return graph

    return Graph(name, build, {"done": []})


def say(text: str) -> Node:
    """A node that streams `text`, word by word."""

    async def node(run: ActiveRun) -> None:
        run.log.put({"type": "text-start", "id": "t"})
        for word in text.split(" "):
            run.log.delta("text-delta", "t", word + " ")
            await asyncio.sleep(0)
        run.log.put({"type": "text-end", "id": "t"})

    return node


@asynccontextmanager
async def watching(resources: Resources) -> AsyncGenerator[Engine]:
    """One process's engine, without a runner."""
    own = Resources(
        settings=resources.settings,
        db=resources.db,
        blobs=resources.blobs,
        cipher=resources.cipher,
    )
    own.register(Toolbox, Toolbox(()))
    async with open_engine(own) as engine:
        yield engine


@asynccontextmanager
async def running(resources: Resources, *graphs: Graph) -> AsyncGenerator[tuple[Engine, Runner]]:
    """One process's engine and runner."""
    async with watching(resources) as engine:
        runner = Runner(engine, graphs, ())
        await runner.start()
        try:
            yield engine, runner
        finally:
            await runner.drain()


async def begin(ctx: Context, graph: str, **start: Any) -> UUID:
    """Start a run outside any thread."""
    async with ctx.begin() as tx:
        return await start_run(tx, Start(graph, **start))


async def watch(engine: Engine, run_id: UUID, after: int = 0) -> list[tuple[int, dict[str, Any]]]:
    """Everything a viewer gets until the run ends."""
    entries: list[tuple[int, dict[str, Any]]] = []
    async for batch in engine.hub.subscribe(run_id, after):
        entries.extend((seq, orjson.loads(part)) for seq, part in batch)
    return entries


@pytest.fixture
def in_engine(ctx: Context) -> Callable[[Engine], Context]:
    """The test's context on an engine's resources."""
    return lambda engine: replace(ctx, resources=engine.resources)
