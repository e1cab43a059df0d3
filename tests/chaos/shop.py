"""The database that approved writes go to: a PostgreSQL of its own, which counts what was done to it.

Its table `ledger` holds a row for each effect and belongs to nobody but this database: whatever
the product says of an effect is held against it.
"""

import asyncio

import psycopg

from tests.chaos.tunnel import Tunnel
from tests.support.cluster import Cluster

_SETUP = (
    "create table orders as select n from generate_series(1, 42) as n",
    "create table ledger (what text not null, txid text not null default pg_current_xact_id()::text)",
    "create role reader login",
    "create role writer login",
    "grant select on orders, ledger to reader",
    "grant select, insert on ledger to writer",
)


class Shop:
    """The database; workers reach it through a tunnel."""

    def __init__(self) -> None:
        self.cluster = Cluster(tcp=True)
        self.tunnel = Tunnel(self.cluster.port)

    async def start(self) -> None:
        """Make the tables, and open the tunnel."""
        await asyncio.to_thread(self._fill)
        await self.tunnel.start()

    def _fill(self) -> None:
        with psycopg.connect(self.cluster.create("shop")) as shop:
            for statement in _SETUP:
                shop.execute(statement.encode())

    @property
    def place(self) -> dict[str, object]:
        """Where workers find it, as a source says it."""
        return {"host": "127.0.0.1", "port": self.tunnel.port, "database": "shop"}

    def effects(self) -> list[str]:
        """Return what was done, once for each time that it was done."""
        with psycopg.connect(self.cluster.url("shop")) as shop:
            return [str(row[0]) for row in shop.execute("select what from ledger")]

    async def stop(self) -> None:
        """End it."""
        await self.tunnel.close()
        await asyncio.to_thread(self.cluster.stop)
