"""A process that tells people, for tests that kill it.

`python -m tests.channels.beside URL PORT LEASE`, with the port of the one receiver there is.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import mkdtemp

from datelier.channels.delivering import Deliverer
from datelier.identity.models import Organization
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.log import setup_logging
from datelier.kit.settings import Settings

assert Organization.__tablename__  # the table that every row refers to is known


async def main(url: str, port: str, lease: str) -> None:
    """Deliver until it is killed."""
    home = Path(mkdtemp(prefix="dtl-home-"))
    settings = Settings(home=home, http_hosts=[f"127.0.0.1:{port}"], log_format="json")
    setup_logging(settings)
    db = Database(url, pool_size=3)
    resources = Resources(settings, db, Blobs(home / "blobs"), Cipher(bytes(range(32))))
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    await Deliverer(resources, float(lease)).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
