"""`datelier up`: everything in one place, started together and stopped together."""

import asyncio
import importlib
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack
from uuid import UUID

from datelier import __version__
from datelier.app.database import Say, database_url
from datelier.app.first_account import keep_profile
from datelier.app.home import alone_in_home
from datelier.app.local_worker import local_worker, local_worker_token
from datelier.app.ports import require_free
from datelier.app.resources import open_resources
from datelier.app.server import create_app
from datelier.app.services import engine_services, gateway_service, warm_models
from datelier.app.tls import Tls, open_tls
from datelier.app.web_server import web_server
from datelier.identity.links import create_setup_link, needs_setup
from datelier.kit.context import Resources
from datelier.kit.settings import Settings
from datelier.runs.engine import Engine
from datelier.sources.capability import Need
from datelier.sources.gateway_server import Gateway

_WORKER_SECONDS = 15.0
Ready = Callable[[str], None]


async def run_up(
    settings: Settings, *, say: Say, ready: Ready, worker: bool, open_browser: bool
) -> None:
    """Start everything, say where it is, and run until a signal ends it.

    Args:
        settings: The process's settings.
        say: Told what happens.
        ready: Told the address to open, once everything answers.
        worker: Whether to start the data worker as a child process.
        open_browser: Whether to open the address.

    Raises:
        StartFailed: This home is in use, a port is taken, or the key is missing.
        PostgresFailed: The embedded PostgreSQL cannot be started.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(alone_in_home(settings))
        require_free(settings.host, settings.port, "--port")
        require_free(settings.gateway_host, settings.worker_port, "--gateway-port")
        say(f"Datelier {__version__}, data in {settings.home}")
        url = await stack.enter_async_context(database_url(settings, say))
        resources = await stack.enter_async_context(open_resources(settings, url, say))
        tls = await open_tls(settings)
        engine = await stack.enter_async_context(engine_services(resources, keep_profile))
        gateway = await stack.enter_async_context(gateway_service(resources, tls))
        if worker:
            await _start_worker(stack, resources, gateway, tls)
        begin_to_warm = await stack.enter_async_context(warm_models(resources))
        leaving = await stack.enter_async_context(web_server(create_app(resources), settings))
        await _start_runner(stack, engine)
        if worker:
            await _wait_for_worker(gateway, say)
        address = await setup_address(resources)
        if address != resources.settings.base_url:
            say("The demo model answers until you connect another; the link below works once.")
        say("Stop with Ctrl-C.")
        ready(address)
        begin_to_warm()
        if open_browser:
            await asyncio.to_thread(webbrowser.open, address)
        await leaving.wait()
        say("Stopping.")


async def _start_worker(
    stack: AsyncExitStack, resources: Resources, gateway: Gateway, tls: Tls
) -> None:
    token = await local_worker_token(resources)
    host = resources.settings.gateway_host
    server = f"{'127.0.0.1' if host == '0.0.0.0' else host}:{gateway.port}"  # noqa: S104  # compared, not bound
    child = local_worker(resources, token, server=server, tls=tls)
    await child.start()
    stack.push_async_callback(child.stop)


async def _start_runner(stack: AsyncExitStack, engine: Engine) -> None:
    # In a thread, so that the web server answers while LangGraph is imported.
    module = await asyncio.to_thread(importlib.import_module, "datelier.app.runner")
    await stack.enter_async_context(module.runner_service(engine))


async def _wait_for_worker(gateway: Gateway, say: Say) -> None:
    # The local worker serves every organization, so any id finds it.
    deadline = asyncio.get_running_loop().time() + _WORKER_SECONDS
    while gateway.local_stream(UUID(int=0), Need("files")) is None:
        if asyncio.get_running_loop().time() > deadline:
            say("The local worker is not connected yet; see the lines above for why.")
            return
        await asyncio.sleep(0.02)
    say("The local data worker is connected.")


async def setup_address(resources: Resources) -> str:
    """Return what to open: the one-time link until there is an account, then the start page."""
    base = resources.settings.base_url
    if await needs_setup(resources):
        return f"{base}/welcome#t={await create_setup_link(resources)}"
    return base
