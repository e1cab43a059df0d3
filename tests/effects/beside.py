"""A runner or a worker as a process of its own, for tests that kill it.

`python -m tests.effects.beside runner URL LEASE CA_FILE`
`python -m tests.effects.beside worker ADDRESS TOKEN CA_FILE`
"""

import asyncio
import sys
from pathlib import Path

from datelier.chat.background import BACKGROUND
from datelier.chat.graph import PLAIN
from datelier.effects.tools import HTTP_REQUEST, WRITE_SQL
from datelier.identity.models import Organization
from datelier.kit.log import setup_logging
from datelier.kit.tools import Toolbox
from datelier.queries.tools import DATA_TOOLS
from datelier.runs.engine import open_engine
from datelier.runs.runner import Runner
from datelier.sources.gateway import RemoteGateway, WorkerGateway
from datelier.worker.engines.opening import Engines
from datelier.worker.session import Options, Session
from tests.chat.app import resources_for

TOOLS = (*DATA_TOOLS, WRITE_SQL, HTTP_REQUEST)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


async def runner(url: str, lease: str, ca_file: str) -> None:
    """Execute runs until SIGTERM."""
    assert Organization.__tablename__
    resources = resources_for(url, lease_seconds=float(lease), database_pool=4, log_format="json")
    setup_logging(resources.settings)
    remote = RemoteGateway(resources, ca=_read(ca_file))
    resources.register(WorkerGateway, remote)
    resources.register(Toolbox, Toolbox(TOOLS))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, stop.set)
    async with open_engine(resources) as engine:
        executing = Runner(engine, (PLAIN, BACKGROUND), TOOLS)
        await executing.start()
        print("ready", flush=True)  # noqa: T201  # the test waits for it
        await stop.wait()
        await executing.drain()
    await remote.close()
    await resources.db.close()


async def worker(address: str, token: str, ca_file: str) -> None:
    """Serve actions until it is killed."""
    ca = _read(ca_file)
    session = Session(Options(server=address, token=token, name="beside", ca=ca), Engines("/tmp"))
    running = asyncio.create_task(session.run())
    await session.attached.wait()
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    await running


if __name__ == "__main__":
    asyncio.run({"runner": runner, "worker": worker}[sys.argv[1]](*sys.argv[2:5]))
