"""The worker as a process of its own, killed in the middle of a statement."""

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from datelier.kit.context import Context
from datelier.queries.schemas import QueryIn
from datelier.queries.service import run_query
from datelier.sources.capability import Need
from datelier.sources.gateway_server import Gateway
from datelier.sources.workers import create_local_worker, replicas
from tests.sources.app import client

PROGRAM = """
import sys
from pathlib import Path
from datelier.worker.engines.opening import Engines
from datelier.worker.main import run
from datelier.worker.session import Options
server, token, ca, root = sys.argv[1:]
run(Options(server, token, "child", ca=Path(ca).read_bytes()), Engines(root))
"""


async def test_a_killed_worker_fails_the_query_at_once_and_with_a_name(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificate[1])
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        f"127.0.0.1:{gateway.port}",
        await create_local_worker(ctx.resources),
        str(ca),
        str(ctx.resources.blobs.root),
    )
    try:
        async with asyncio.timeout(30):
            while gateway.local_stream(ctx.org_id, Need("files")) is None:
                await replicas(ctx)
        async with client(ctx) as http:
            files = [("files", ("t.csv", b"a\n1\n"))]
            source = (await http.post("/sources/upload", files=files)).json()
        started: asyncio.Queue[Any] = asyncio.Queue()
        sql = "select count(*) from range(1000000000) a, range(1000000) b"
        request = QueryIn(source_id=UUID(source["id"]), sql=sql)
        task = asyncio.create_task(run_query(ctx, request, on_start=started.put))
        await started.get()
        stream = gateway.local_stream(ctx.org_id, Need("files"))
        assert stream is not None
        async with asyncio.timeout(10):
            while stream.load == 0:
                await replicas(ctx)
        child.kill()
        version = await asyncio.wait_for(task, 10)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    assert version.status == "failed"
    assert version.error is not None
    assert version.error.code == "worker_lost"
