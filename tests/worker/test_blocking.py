"""What the engines with a blocking driver share, with a driver made for one test."""

import asyncio
import threading
import time
from typing import Any

import pytest
from typing_extensions import override

from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.blocking import BlockingEngine


class SlowToStop:
    """A session that runs until it is stopped; the server ends the statement before it says so."""

    user: str | None = "reader"

    def __init__(self) -> None:
        self.running = True
        self.began = threading.Event()
        self.ended = threading.Event()
        self.said: list[str] = []

    def start(self, sql: str, limits: Limits, outcome: Outcome, /) -> Any:
        self.began.set()
        self.ended.wait(20)
        raise RuntimeError("ended by the server")

    def query(self, sql: str) -> list[Any]:
        raise NotImplementedError

    def stop(self) -> None:
        running, self.running = self.running, False
        if running:
            self.ended.set()
            time.sleep(0.2)  # long enough for a close that does not wait to come first
            self.said.append("stopped")

    def close(self) -> None:
        self.said.append("closed")


class OneSession(BlockingEngine):
    name = "Test"

    def __init__(self, session: SlowToStop) -> None:
        super().__init__()
        self.session = session

    @override
    def connect(self) -> SlowToStop:
        return self.session

    @override
    async def scope(self) -> Any:
        raise NotImplementedError

    @override
    async def catalog(self, table: str | None = None) -> list[Any]:
        raise NotImplementedError

    @override
    def failure(self, error: Exception) -> Any:
        return error

    @override
    def steps(self) -> Any:
        raise NotImplementedError


async def test_a_session_is_closed_once_the_server_was_told_to_stop() -> None:
    session = SlowToStop()
    engine = OneSession(session)

    async def read() -> None:
        await anext(engine.stream("select 1", Limits(), Outcome()))

    reading = asyncio.create_task(read())
    assert await asyncio.to_thread(session.began.wait, 20)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await engine.close()
    async with asyncio.timeout(20):
        while "closed" not in session.said:
            await asyncio.to_thread(time.sleep, 0.01)
    assert session.said == ["stopped", "closed"]
