"""People who ask all the time, and viewers who follow every answer from two servers at once.

Nothing is concluded from a pause: it only keeps those who try again from doing so in a hurry.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from datelier.runs.fold import Fold
from tests.support.scripted_openai import Turn

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
SQL: Final = "select count(*) as orders from orders"
_PAUSE: Final = 0.2
_WORDS: Final = 40
_STOPPED: Final = 0.15  # share of answers that somebody stops
_TROUBLE = (httpx.HTTPError, json.JSONDecodeError)


def answer(question: str) -> str:
    """Return what the scripted model says to a question, every word of it different."""
    return " ".join(f"{question}-{number}" for number in range(_WORDS))


def model(body: dict[str, Any]) -> Turn:
    """Query once, then answer slowly with words that name the question."""
    messages = body["messages"]
    if not body.get("stream"):
        return Turn.say("A title")
    said = [message for message in messages if message["role"] == "user"][-1]
    if messages[-1]["role"] == "user":
        return Turn.call("execute_sql_query", {"sql": SQL})
    words = said["content"]
    text = words if isinstance(words, str) else words[0]["text"]
    return Turn.say(answer(text), pause=0.05)


@dataclass
class Viewer:
    """What one viewer has seen of a run."""

    parts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    broken: list[str] = field(default_factory=list[str])
    ended: bool = False

    def see(self, seq: int, part: dict[str, Any]) -> None:
        """Take a part in; anything but the next one is a broken promise."""
        if seq != len(self.parts) + 1:
            self.broken.append(f"saw seq {seq} after {len(self.parts)}")
        self.parts.append(part)


@dataclass
class Asked:
    """An answer that was promised with 202."""

    question: str
    thread_id: str
    run_id: str
    at: float
    stopped: bool
    ended_at: float | None = None
    status: str = "queued"
    viewers: tuple[Viewer, Viewer] = field(default_factory=lambda: (Viewer(), Viewer()))


class Talk:
    """The load.

    Args:
        clients: A client of each server.
        body: What every thread begins with.
        chance: Decides whom a person asks, and what is stopped.
    """

    def __init__(
        self, clients: list[httpx.AsyncClient], body: dict[str, Any], chance: random.Random
    ) -> None:
        self._clients = clients
        self._body = body
        self._chance = chance
        self._more = True
        self._tasks: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []

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

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

    async def _person(self, number: int) -> None:
        turn = 0
        while self._more:
            turn += 1
            asked = await self._ask(f"q{number}x{turn}")
            if asked is None:
                return
            self.asked.append(asked)
            views = [self._view(asked, viewer, i) for i, viewer in enumerate(asked.viewers)]
            await asyncio.gather(*views, *([self._stop(asked)] if asked.stopped else []))
            await self._look(asked)

    async def _ask(self, question: str) -> Asked | None:
        thread = uuid4()
        key = {"Idempotency-Key": str(uuid4())}
        while self._more:
            http = self._chance.choice(self._clients)
            try:
                made = await http.post("/threads", json={**self._body, "id": str(thread)})
                if made.status_code >= 500 and made.status_code != 201:
                    raise httpx.HTTPStatusError("again", request=made.request, response=made)
                path = f"/threads/{thread}/messages"
                sent = await http.post(path, json={"text": question}, headers=key)
            except _TROUBLE:
                await asyncio.sleep(_PAUSE)
                continue
            if sent.status_code == 202:
                stopped = self._chance.random() < _STOPPED
                run_id = sent.json()["run_id"]
                return Asked(question, str(thread), run_id, time.monotonic(), stopped)
            await asyncio.sleep(_PAUSE)
        return None

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
                    viewer.ended = True
                    return
                elif line.startswith("data:"):
                    viewer.see(seq, json.loads(line[5:]))

    async def _stop(self, asked: Asked) -> None:
        await asyncio.sleep(self._chance.uniform(0, 2))
        await self._insist(lambda http: http.post(f"/runs/{asked.run_id}/stop"))

    async def _look(self, asked: Asked) -> None:
        found = await self._insist(lambda http: http.get(f"/runs/{asked.run_id}"))
        asked.ended_at = time.monotonic()
        asked.status = found["status"]

    async def stored(self, asked: Asked) -> dict[str, Any]:
        """Return the answer as it is stored."""
        found = await self._insist(lambda http: http.get(f"/threads/{asked.thread_id}/messages"))
        return found["data"][-1]

    async def _insist(self, call: Callable[[httpx.AsyncClient], Any]) -> dict[str, Any]:
        while True:
            try:
                response = await call(self._chance.choice(self._clients))
                if response.is_success:
                    return response.json()
            except _TROUBLE:
                pass
            await asyncio.sleep(_PAUSE)


async def violations(talk: Talk, stuck_s: float) -> list[str]:
    """Return every broken promise of a load that has ended."""
    found: list[str] = []
    for asked in talk.asked:
        name = f"{asked.question} (run {asked.run_id})"
        if asked.status not in ENDED or asked.ended_at is None:
            found.append(f"lost: {name} is {asked.status}")
            continue
        if asked.ended_at - asked.at > stuck_s:
            found.append(f"stuck: {name} took {asked.ended_at - asked.at:.0f} s")
        stored = await talk.stored(asked)
        found += _differences(asked, stored, name)
    return found


def _differences(asked: Asked, stored: dict[str, Any], name: str) -> list[str]:
    found: list[str] = []
    for viewer in asked.viewers:
        found += [f"order: {name}: {what}" for what in viewer.broken]
        view = Fold()
        for seq, part in enumerate(viewer.parts, 1):
            view.add(seq, part)
        if view.parts != stored["parts"]:
            found.append(f"differs: {name}: a viewer saw another answer than is stored")
    said = "".join(p["text"] for p in stored["parts"] if p["type"] == "text")
    if asked.status == "succeeded" and said != answer(asked.question):
        found.append(f"doubled or missing: {name} says {said[:80]!r}")
    if asked.status == "failed":
        error: dict[str, Any] = stored["metadata"].get("error") or {}
        if error.get("code") != "run_parked":
            found.append(f"failed: {name}: {error.get('code')}: {error.get('message')}")
    if asked.status == "cancelled" and not asked.stopped:
        found.append(f"stopped by nobody: {name}")
    return found
