"""What a process needs to start, watch or execute runs, opened and closed together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from datelier.inbox.notices import Notices
from datelier.kit.context import Resources
from datelier.kit.trips import Trips
from datelier.runs.bus import Bus
from datelier.runs.events import EventWriter
from datelier.runs.hub import RunHub
from datelier.runs.inbox_viewers import BusNotices, InboxViewers
from datelier.runs.local import LocalRunners
from datelier.runs.pool import EnginePool, engine_pool
from datelier.runs.thread_viewers import ThreadViewers

_ASKING = 4  # connections; they wait for each other's CPU, so more are not faster


@dataclass(frozen=True, slots=True)
class Engine:
    """The run engine of one process."""

    resources: Resources
    pool: EnginePool
    bus: Bus
    hub: RunHub
    writer: EventWriter


@asynccontextmanager
async def open_engine(resources: Resources) -> AsyncGenerator[Engine]:
    """Open the engine and register its bus and hub; every process of the product needs one.

    A process that executes runs starts a :class:`datelier.runs.runner.Runner` on it.
    """
    conninfo = resources.db.conninfo
    size = resources.settings.database_pool
    pool = engine_pool(conninfo, size, name="runs")
    # Apart, so that a crowd of questions cannot stand in the way of leases and words.
    asking = engine_pool(conninfo, min(size, _ASKING), name="questions", planned_once=True)
    await pool.open()
    await asking.open()
    bus = Bus(conninfo, pool)
    hub = RunHub(pool, bus)
    writer = EventWriter(pool, hub.publish)
    resources.register(Trips, Trips(asking))
    resources.register(Bus, bus)
    resources.register(RunHub, hub)
    resources.register(LocalRunners, LocalRunners())
    resources.register(ThreadViewers, ThreadViewers(bus))
    resources.register(InboxViewers, InboxViewers(bus))
    resources.register(Notices, BusNotices(bus))
    await bus.start()
    try:
        yield Engine(resources, pool, bus, hub, writer)
    finally:
        await writer.close()
        await hub.close()
        await bus.close()
        await asking.close()
        await pool.close()
