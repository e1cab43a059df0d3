"""`datelier serve`: a server without a runner; the same parts as `up`, stateless beside others."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from datelier.app.database import Say, database_url
from datelier.app.ports import require_free
from datelier.app.resources import open_resources
from datelier.app.server import create_app
from datelier.app.services import engine_services, gateway_service
from datelier.app.tls import open_tls
from datelier.app.up import setup_address
from datelier.app.web_server import web_server
from datelier.kit.settings import Settings
from datelier.sources.worker_join import dial_address


async def run_server(settings: Settings, *, say: Say, ready: Callable[[str], None]) -> None:
    """Serve the web app, the API and the worker gateway until a signal ends it."""
    require_free(settings.host, settings.port, "--port")
    require_free(settings.gateway_host, settings.worker_port, "--gateway-port")
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database_url(settings, say))
        resources = await stack.enter_async_context(open_resources(settings, url, say))
        await stack.enter_async_context(engine_services(resources))
        gateway = await stack.enter_async_context(
            gateway_service(resources, await open_tls(settings))
        )
        leaving = await stack.enter_async_context(web_server(create_app(resources), settings))
        say(f"Workers attach at {dial_address(settings, gateway.port)}.")
        ready(await setup_address(resources))
        await leaving.wait()
