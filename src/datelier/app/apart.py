"""`python -m datelier.app.apart`: a process that executes one run, for a runner that looks on.

What it is told stands on its standard input: the run, the claim, and all settings of the runner,
those from its command line included. Once that input ends, it gives the run back.
"""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from uuid import UUID

import orjson

from datelier.app.resources import open_resources
from datelier.app.runner import GRAPHS
from datelier.app.services import engine_services, remote_gateway_service
from datelier.app.tls import open_tls
from datelier.app.wiring import TOOLS
from datelier.kit.log import get_logger, setup_logging
from datelier.kit.settings import Settings
from datelier.runs.apart import parent_gone
from datelier.runs.runner import Runner

log = get_logger(__name__)


async def _execute(settings: Settings, run_id: UUID, epoch: int) -> None:
    assert settings.database_url is not None
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    parent_gone(lambda: loop.call_soon_threadsafe(stopping.set))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value()
        resources = await stack.enter_async_context(open_resources(settings, url, log.info))
        engine = await stack.enter_async_context(engine_services(resources))
        await stack.enter_async_context(remote_gateway_service(resources, await open_tls(settings)))
        runner = Runner(engine, GRAPHS, TOOLS, slots=0)
        await runner.start()
        if not stopping.is_set():
            await runner.take_over(run_id, epoch)
        ending = [asyncio.create_task(runner.idle()), asyncio.create_task(stopping.wait())]
        await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        await runner.drain()


def main() -> None:
    """Execute the run that is told."""
    told = orjson.loads(sys.stdin.buffer.readline())
    settings = Settings.model_validate(told["settings"])
    setup_logging(settings)
    asyncio.run(_execute(settings, UUID(told["run"]), told["epoch"]))


if __name__ == "__main__":
    main()
