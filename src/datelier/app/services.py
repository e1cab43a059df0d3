"""What runs inside the processes besides the web server: sign-in, the run engine, the gateway."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from datelier.app.tls import Tls
from datelier.app.wiring import ON_CATALOG_READ, ON_ORGANIZATION_CREATED
from datelier.identity.provision import Provisioning
from datelier.identity.wiring import register_identity
from datelier.kit.context import Context, Resources
from datelier.kit.settings import Settings
from datelier.llms.clients import model_clients
from datelier.llms.warming import warm_clients
from datelier.runs.engine import Engine, open_engine
from datelier.sources.catalog import CatalogWatches
from datelier.sources.gateway import RemoteGateway, WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from datelier.sources.worker_join import ANYWHERE

Hook = Callable[[Context], Awaitable[None]]


@asynccontextmanager
async def engine_services(
    resources: Resources, *also_on_organization_created: Hook
) -> AsyncGenerator[Engine]:
    """Open what every process needs: sign-in, provisioning and the run engine.

    Args:
        resources: The process's resources.
        also_on_organization_created: What this process adds to a new organization's start.
    """
    register_identity(
        resources, Provisioning((*ON_ORGANIZATION_CREATED, *also_on_organization_created))
    )
    resources.register(CatalogWatches, CatalogWatches(ON_CATALOG_READ))
    try:
        async with open_engine(resources) as engine:
            yield engine
    finally:
        await model_clients(resources).close()


@asynccontextmanager
async def gateway_service(resources: Resources, tls: Tls) -> AsyncGenerator[Gateway]:
    """Listen for workers and register the gateway, which verbs reach data through."""
    settings = resources.settings
    listen = Listen(
        host=settings.gateway_host,
        port=settings.worker_port,
        key=tls.key,
        cert=tls.certificate,
        replica=f"{socket.gethostname()}:{os.getpid()}",
        address=settings.replica_address or _own_address(settings),
    )
    gateway = Gateway(resources, listen, ca=tls.ca)
    await gateway.start()
    resources.register(WorkerGateway, gateway)
    try:
        yield gateway
    finally:
        await gateway.stop()


def _own_address(settings: Settings) -> str | None:
    """Nobody can dial "every address"; this machine's name stands for them."""
    if settings.gateway_host not in ANYWHERE or settings.worker_port == 0:
        return None
    return f"{socket.gethostname()}:{settings.worker_port}"


@asynccontextmanager
async def remote_gateway_service(resources: Resources, tls: Tls) -> AsyncGenerator[None]:
    """Register a gateway that reaches workers through the servers that hold their streams."""
    gateway = RemoteGateway(resources, ca=tls.ca)
    resources.register(WorkerGateway, gateway)
    try:
        yield
    finally:
        await gateway.close()


@asynccontextmanager
async def warm_models(resources: Resources) -> AsyncGenerator[Callable[[], None]]:
    """Import meanwhile what the stored models need, so that no first token waits for it.

    Yields what begins that, for a process that has said that it is ready. Entered before what
    executes runs, so that a hand-over does not wait for its end.
    """
    tasks: list[asyncio.Task[list[str]]] = []
    try:
        yield lambda: tasks.append(asyncio.create_task(warm_clients(resources), name="warm"))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
