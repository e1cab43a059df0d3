"""People who ask all the time, and viewers who follow every answer from two servers at once.

Nothing is concluded from a pause: it only keeps those who try again from doing so in a hurry.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.chaos.errands import ERRANDS, Errand

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
_PAUSE: Final = 0.2  # before a server that may be dead just now is asked again
_STOPPED: Final = 0.15  # share of answers that somebody stops
_OTHERS: Final = 100  # a number that none of those who ask all the time has
_WAITING: Final = 0.4  # share of those that are stopped once they wait for a decision
_TROUBLE = (httpx.HTTPError, json.JSONDecodeError)


@dataclass
class Viewer:
    """What one viewer has seen of a run.

    Attributes:
        silence: The longest time without anything new, in seconds.
        broke: The type of the part that ended it.
        load: How many processes wanted a processor then.
    """

    parts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    broken: list[str] = field(default_factory=list[str])
    ended: bool = False
    silence: float = 0
    broke: str = ""
    load: float = 0
    last: float = field(default_factory=time.monotonic)

    def see(self, seq: int, part: dict[str, Any]) -> None:
        """Take a part in; anything but the next one is a broken promise."""
        if seq != len(self.parts) + 1:
            self.broken.append(f"saw seq {seq} after {len(self.parts)}")
        self.parts.append(part)
        self._heard(str(part["type"]))

    def end(self) -> None:
        """The answer is over."""
        self.ended = True
        self._heard("[DONE]")

    def _heard(self, what: str) -> None:
        now = time.monotonic()
        if now - self.last > self.silence:
            self.silence, self.broke, self.load = now - self.last, what, os.getloadavg()[0]
        self.last = now


@dataclass
class Asked:
    """An answer that was promised with 202."""

    question: str
    thread_id: str
    run_id: str
    at: float
    stopped: bool
    errand: Errand
    ended_at: float | None = None
    status: str = "queued"
    stored: dict[str, Any] = field(default_factory=dict[str, Any])
    viewers: tuple[Viewer, Viewer] = field(default_factory=lambda: (Viewer(), Viewer()))

    @property
    def asks(self) -> bool:
        """Whether it comes to wait for a person, if nothing goes wrong."""
        return self.errand.background or self.errand.effect is not None


class Talk:
    """The load.

    Args:
        clients: A client of each server.
        body: What every thread begins with.
        errands: First letters of what people ask for.
        chance: Decides whom a person asks, and what is stopped.

    Attributes:
        asked: Every answer that was promised.
        left_waiting: Runs that are to be stopped while they wait for a decision.
    """

    def __init__(
        self,
        clients: list[httpx.AsyncClient],
        body: dict[str, Any],
        errands: Sequence[str],
        chance: random.Random,
    ) -> None:
        self._clients = clients
        self._body = body
        self._errands = errands
        self._chance = chance
        self._more = True
        self._others = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []
        self.left_waiting: set[str] = set()

    def begin(self, people: int) -> None:
        """Let `people` ask one question after the other."""
        for number in range(people):
            self._later(self._person(number))

    async def end(self, seconds: float) -> None:
        """Ask nothing more, and wait until every answer has been seen to its end."""
        self._more = False
        done, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()

    def stop_one(self, *, waiting: bool = False) -> None:
        """Stop an answer that is under way, or one that may come to wait, once it does."""
        for asked in self._chance.sample(self.asked, len(self.asked)):
            if asked.ended_at is None and not asked.stopped and (asked.asks or not waiting):
                asked.stopped = True
                self._later(self._stop_waiting(asked) if waiting else self._stop(asked, 0))
                return

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

    def ask_once(self, letter: str) -> None:
        """Let somebody else ask for one errand."""
        self._others += 1
        self._later(self._errand(letter, f"{letter}{_OTHERS}x{self._others}"))

    async def _person(self, number: int) -> None:
        turn = 0
        while self._more:
            turn += 1
            letter = self._chance.choice(self._errands)
            await self._errand(letter, f"{letter}{number}x{turn}")

    async def _errand(self, letter: str, question: str) -> None:
        asked = await self._ask(ERRANDS[letter], question)
        if asked is None:
            return
        self.asked.append(asked)
        views = [self._view(asked, viewer, i) for i, viewer in enumerate(asked.viewers)]
        await asyncio.gather(*views, *([self._stop_sometime(asked)] if asked.stopped else []))
        await self._look(asked)

    async def _ask(self, errand: Errand, question: str) -> Asked | None:
        thread, key = str(uuid4()), {"Idempotency-Key": str(uuid4())}
        send = self._start if errand.background else self._say
        while self._more:
            try:
                sent = await send(self._chance.choice(self._clients), thread, question, key)
            except _TROUBLE:
                await asyncio.sleep(_PAUSE)
                continue
            if sent.status_code == 202:
                stopped = self._chance.random() < _STOPPED
                told = sent.json()
                run_id = told["id"] if errand.background else told["run_id"]
                at = time.monotonic()
                return Asked(question, told["thread_id"], run_id, at, stopped, errand)
            await asyncio.sleep(_PAUSE)
        return None

    async def _say(
        self, http: httpx.AsyncClient, thread: str, question: str, key: dict[str, str]
    ) -> httpx.Response:
        made = await http.post("/threads", json={**self._body, "id": thread})
        if made.status_code >= 500:
            return made
        return await http.post(f"/threads/{thread}/messages", json={"text": question}, headers=key)

    async def _start(
        self, http: httpx.AsyncClient, _thread: str, question: str, key: dict[str, str]
    ) -> httpx.Response:
        agent = ERRANDS[question[0]].agent
        body = {**self._body, "goal": question, "agent": agent}
        return await http.post("/runs", json=body, headers=key)

    async def _view(self, asked: Asked, viewer: Viewer, first: int) -> None:
        server = first
        while not viewer.ended:
            try:
                await self._follow(asked, viewer, self._clients[server % 2])
            except _TROUBLE:
                server += 1
                await asyncio.sleep(_PAUSE)

    async def _follow(self, asked: Asked, viewer: Viewer, http: httpx.AsyncClient) -> None:
        path = f"/runs/{asked.run_id}/events"
        seq = 0
        async with http.stream(
            "GET", path, params={"after": len(viewer.parts)}, timeout=httpx.Timeout(10, read=20)
        ) as response:
            if response.status_code != 200:
                raise httpx.ReadError("again")
            async for line in response.aiter_lines():
                if line.startswith("id:"):
                    seq = int(line[3:])
                elif line == "data: [DONE]":
                    viewer.end()
                    return
                elif line.startswith("data:"):
                    viewer.see(seq, json.loads(line[5:]))

    async def _stop_sometime(self, asked: Asked) -> None:
        if asked.asks and self._chance.random() < _WAITING:
            await self._stop_waiting(asked)
        else:
            await self._stop(asked, self._chance.uniform(0, 2))

    async def _stop_waiting(self, asked: Asked) -> None:
        self.left_waiting.add(asked.run_id)
        status = ""
        while status not in {"waiting", *ENDED}:
            await asyncio.sleep(_PAUSE)
            status = (await self._insist(lambda http: http.get(f"/runs/{asked.run_id}")))["status"]
        await self._stop(asked, 0)

    async def _stop(self, asked: Asked, pause: float) -> None:
        await asyncio.sleep(pause)
        await self._insist(lambda http: http.post(f"/runs/{asked.run_id}/stop"))

    async def _look(self, asked: Asked) -> None:
        found = await self._insist(lambda http: http.get(f"/runs/{asked.run_id}"))
        asked.ended_at = time.monotonic()
        asked.status = found["status"]

    async def fetch(self, asked: Asked) -> None:
        """Get the answer as it is stored."""
        found = await self._insist(lambda http: http.get(f"/threads/{asked.thread_id}/messages"))
        asked.stored = found["data"][-1]

    async def _insist(self, call: Callable[[httpx.AsyncClient], Any]) -> dict[str, Any]:
        while True:
            try:
                response = await call(self._chance.choice(self._clients))
                if response.is_success:
                    return response.json()
            except _TROUBLE:
                pass
            await asyncio.sleep(_PAUSE)
