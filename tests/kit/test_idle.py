"""Giving way: waiting for the rest of a process's work, but not for ever."""

import asyncio
import time

from datelier.kit.idle import until_idle

LONG = 600.0


async def busy(done: list[int], turns: int) -> None:
    for turn in range(turns):
        time.sleep(0.005)  # noqa: ASYNC251  # it is meant to hold up the loop
        done.append(turn)
        await asyncio.sleep(0)


async def test_an_idle_process_is_not_waited_for() -> None:
    async with asyncio.timeout(60):
        await until_idle(LONG)


async def test_work_that_is_under_way_is_let_through() -> None:
    done: list[int] = []
    async with asyncio.timeout(60):
        working = asyncio.create_task(busy(done, 40))
        await until_idle(LONG)
    assert len(done) == 40
    await working


async def test_a_process_that_is_never_idle_is_given_up() -> None:
    working = asyncio.create_task(busy([], 100_000))
    async with asyncio.timeout(60):
        await until_idle(0.05)
    assert not working.done()
    working.cancel()
