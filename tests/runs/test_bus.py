"""What processes tell each other."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from datelier.kit.context import Context
from datelier.runs.bus import EVENTS, THREAD, Bus
from datelier.runs.pool import EnginePool, engine_pool


class Heard:
    """Words another process has heard, with their channels."""

    def __init__(self, bus: Bus) -> None:
        self._words: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        for channel in (EVENTS, THREAD):
            bus.on(channel, lambda word, channel=channel: self._words.put_nowait((channel, word)))

    async def words(self, count: int) -> set[tuple[str, str]]:
        async with asyncio.timeout(20):
            return {await self._words.get() for _ in range(count)}


@asynccontextmanager
async def listening(ctx: Context) -> AsyncGenerator[tuple[EnginePool, Heard]]:
    """A pool to tell from, and what another process hears."""
    async with engine_pool(ctx.db.conninfo, 2, name="test") as pool:
        other = Bus(ctx.db.conninfo, pool)
        heard = Heard(other)
        await other.start()
        await asyncio.wait_for(other.listening.wait(), 20)
        yield pool, heard
        await other.close()


async def test_what_can_wait_travels_with_what_cannot(ctx: Context) -> None:
    async with listening(ctx) as (pool, heard):
        bus = Bus(ctx.db.conninfo, pool)
        bus.tell(THREAD, ("a",))
        bus.tell(THREAD, ("b",))
        bus.tell(EVENTS, ("c",))
        assert await heard.words(3) == {(THREAD, "a"), (THREAD, "b"), (EVENTS, "c")}
        bus.tell(THREAD, ("alone",))
        assert await heard.words(1) == {(THREAD, "alone")}
        await bus.close()


async def test_who_leaves_says_what_waited(ctx: Context) -> None:
    async with listening(ctx) as (pool, heard):
        bus = Bus(ctx.db.conninfo, pool)
        bus.tell(THREAD, ("last",))
        await bus.close()
        assert await heard.words(1) == {(THREAD, "last")}
