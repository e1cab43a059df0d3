"""`datelier runner start`: a process that executes runs and serves nothing.

Apart from `serve`, so that neither pays for what only the other needs: LangGraph here, routes and
the web framework there.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

from datelier.app.database import Say, database_url
from datelier.app.resources import open_resources
from datelier.app.runner import runner_service
from datelier.app.services import engine_services, remote_gateway_service, warm_models
from datelier.app.tls import open_tls
from datelier.kit.settings import Settings


async def run_runner(settings: Settings, *, say: Say, ready: Callable[[], None]) -> None:
    """Execute runs until SIGINT or SIGTERM; what still runs is handed over to another runner."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database_url(settings, say))
        resources = await stack.enter_async_context(open_resources(settings, url, say))
        engine = await stack.enter_async_context(engine_services(resources))
        await stack.enter_async_context(remote_gateway_service(resources, await open_tls(settings)))
        begin_to_warm = await stack.enter_async_context(warm_models(resources))
        await stack.enter_async_context(runner_service(engine))
        say("Executing runs.")
        ready()
        begin_to_warm()
        await stopping.wait()
        say("Handing over what still runs.")
