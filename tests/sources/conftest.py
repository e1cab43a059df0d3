"""A gateway on loopback TLS, and workers that attach to it."""

from collections.abc import AsyncGenerator, Callable

import httpx
import pytest

from datelier.kit.context import Context, Resources
from datelier.sources.gateway import WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from datelier.sources.workers import create_worker
from tests.sources.app import client
from tests.sources.real_worker import RealWorker
from tests.sources.scripted_worker import Script, ScriptedWorker, echo
from tests.support.certificates import loopback_certificate

MakeWorker = Callable[..., "ScriptedWorker"]


@pytest.fixture(scope="session")
def certificate() -> tuple[bytes, bytes]:
    return loopback_certificate()


@pytest.fixture
async def gateway(
    resources: Resources, certificate: tuple[bytes, bytes]
) -> AsyncGenerator[Gateway]:
    key, cert = certificate
    server = Gateway(
        resources,
        Listen("127.0.0.1", 0, key, cert, replica="test", heartbeat_s=0.05),
        ca=cert,
    )
    await server.start()
    resources.register(WorkerGateway, server)
    yield server
    await server.stop(0)


@pytest.fixture
async def worker_token(ctx: Context) -> str:
    """Token of a worker that belongs to the test's organization."""
    return await create_worker(ctx.resources, "test", ctx.org_id)


@pytest.fixture
def scripted(
    gateway: Gateway, certificate: tuple[bytes, bytes], worker_token: str
) -> Callable[[Script], ScriptedWorker]:
    def make(script: Script = echo) -> ScriptedWorker:
        return ScriptedWorker(gateway, certificate[1], worker_token, script)

    return make


@pytest.fixture
async def real_worker(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes]
) -> AsyncGenerator[RealWorker]:
    async with RealWorker(ctx, gateway, certificate[1]) as worker:
        yield worker


@pytest.fixture
async def http(ctx: Context, real_worker: RealWorker) -> AsyncGenerator[httpx.AsyncClient]:
    async with client(ctx) as caller:
        yield caller
