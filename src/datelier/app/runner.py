"""The part of a process that executes runs, and every graph a run may ask for.

Apart from the other services because it costs LangGraph's import, a second of CPU: a server
that executes no runs never pays it, and `datelier up` answers before it has.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import orjson
from pydantic import SecretStr

from datelier.app.wiring import TOOLS
from datelier.channels.delivering import Deliverer
from datelier.chat.analyst.graph import ANALYST
from datelier.chat.background import BACKGROUND
from datelier.chat.graph import PLAIN
from datelier.kit.collector import settle
from datelier.kit.context import Resources
from datelier.kit.settings import Settings
from datelier.runs.apart import child_process
from datelier.runs.engine import Engine
from datelier.runs.execution import Graph
from datelier.runs.runner import Runner
from datelier.runs.tick import keep_looking

_APART = [sys.executable, "-m", "datelier.app.apart"]
GRAPHS: tuple[Graph, ...] = (PLAIN, BACKGROUND, ANALYST)


async def execute_apart(resources: Resources, run_id: UUID, epoch: int) -> bool:
    """Execute a run in a process of its own; return whether that ended in good order.

    Raises:
        OSError: It cannot be started.
    """
    settings = resources.settings.model_copy(
        update={"database_url": SecretStr(resources.db.conninfo)}
    )
    told = {"run": str(run_id), "epoch": epoch, "settings": _plain(settings)}
    return await child_process(_APART, orjson.dumps(told) + b"\n", os.environ)  # noqa: TID251  # children inherit


def _plain(settings: Settings) -> dict[str, object]:
    """Return settings as JSON holds them; secrets travel through a pipe and nowhere else."""
    given = settings.model_dump()
    secret = {k: v.get_secret_value() for k, v in given.items() if isinstance(v, SecretStr)}
    return {**settings.model_dump(mode="json"), **secret}


@asynccontextmanager
async def runner_service(engine: Engine) -> AsyncGenerator[Runner]:
    """Execute runs and tell people meanwhile; at the end what still runs is handed over."""
    runner = Runner(engine, GRAPHS, TOOLS, apart=partial(execute_apart, engine.resources))
    await runner.start()
    ticking = asyncio.create_task(keep_looking(engine.resources), name="tick")
    deliverer = Deliverer(engine.resources)
    delivering = asyncio.create_task(deliverer.run(), name="channels")
    settle()
    try:
        yield runner
    finally:
        # What runs is handed over at once: it waits for nothing that was done beside it.
        await asyncio.gather(runner.drain(), _leave_off(deliverer, ticking, delivering))


async def _leave_off(deliverer: Deliverer, *beside: "asyncio.Task[None]") -> None:
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    await deliverer.close()
