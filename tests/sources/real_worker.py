"""The real worker as a task of the test, on its own stream over TLS."""

import asyncio
from pathlib import Path
from typing import Self

from datelier.kit.context import Context
from datelier.sources.capability import Need
from datelier.sources.gateway_server import Gateway
from datelier.sources.workers import create_local_worker, replicas
from datelier.worker.engines.opening import Engines
from datelier.worker.session import Options, Session


class RealWorker:
    """Attached while used as a context manager."""

    def __init__(
        self, ctx: Context, gateway: Gateway, ca: bytes, folders: tuple[Path, ...] = ()
    ) -> None:
        self._ctx, self._gateway, self._ca, self._folders = ctx, gateway, ca, folders

    async def __aenter__(self) -> Self:
        token = await create_local_worker(self._ctx.resources)
        options = Options(
            server=f"127.0.0.1:{self._gateway.port}", token=token, name="real", slots=4, ca=self._ca
        )
        root = str(self._ctx.resources.blobs.root)
        self._session = Session(options, Engines(root, tuple(map(str, self._folders))))
        self._task = asyncio.create_task(self._session.run())
        async with asyncio.timeout(10):
            while self._gateway.local_stream(self._ctx.org_id, Need("files")) is None:
                await replicas(self._ctx)
                assert not self._task.done(), self._task
        return self

    async def __aexit__(self, *_: object) -> None:
        self._session.stop()
        await asyncio.wait_for(self._task, 10)
