"""The part of a process that executes runs, and every graph a run may ask for.

Apart from the other services because it costs LangGraph's import, a second of CPU: a server
that executes no runs never pays it, and `datelier up` answers before it has.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from datelier.app.wiring import TOOLS
from datelier.channels.delivering import Deliverer
from datelier.chat.analyst.graph import ANALYST
from datelier.chat.background import BACKGROUND
from datelier.chat.graph import PLAIN
from datelier.kit.collector import settle
from datelier.runs.engine import Engine
from datelier.runs.execution import Graph
from datelier.runs.runner import Runner
from datelier.runs.tick import keep_looking

GRAPHS: tuple[Graph, ...] = (PLAIN, BACKGROUND, ANALYST)


@asynccontextmanager
async def runner_service(engine: Engine) -> AsyncGenerator[Runner]:
    """Execute runs and tell people meanwhile; at the end what still runs is handed over."""
    runner = Runner(engine, GRAPHS, TOOLS)
    await runner.start()
    ticking = asyncio.create_task(keep_looking(engine.resources), name="tick")
    deliverer = Deliverer(engine.resources)
    delivering = asyncio.create_task(deliverer.run(), name="channels")
    settle()
    try:
        yield runner
    finally:
        ticking.cancel()
        delivering.cancel()
        await asyncio.gather(ticking, delivering, return_exceptions=True)
        await asyncio.gather(runner.drain(), deliverer.close())
