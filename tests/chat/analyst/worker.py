"""A runner of the analyst graph as a process: `python -m tests.chat.analyst.worker URL LEASE`."""

import asyncio
import sys

from datelier.chat.analyst.graph import ANALYST
from datelier.identity.models import Organization
from datelier.kit.log import setup_logging
from datelier.runs.engine import open_engine
from datelier.runs.runner import Runner
from tests.chat.analyst.tools import TOOLS
from tests.chat.app import resources_for


async def main(url: str, lease: float) -> None:
    """Execute runs until SIGTERM, then give them back."""
    assert Organization.__tablename__
    resources = resources_for(url, lease_seconds=lease, database_pool=4, log_format="json")
    setup_logging(resources.settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, stop.set)
    async with open_engine(resources) as engine:
        runner = Runner(engine, (ANALYST,), TOOLS)
        await runner.start()
        print("ready", flush=True)  # noqa: T201  # the test waits for it
        await stop.wait()
        await runner.drain()
    await resources.db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
