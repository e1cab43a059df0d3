"""People who decide what runs ask, two at once, and remember what they were told.

Nothing is concluded from a pause: it only keeps those who look again from doing so in a hurry.
"""

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.chaos.talk import Talk

_PAUSE: Final = 0.3  # how often a person looks, and before a server that may be dead is asked again
_REJECTED: Final = 0.2  # share of approvals that are refused
_EDITED: Final = 0.2  # share of writes that are approved with other words
EDITED: Final = " (edited)"
"""What a decider adds to the words of a write."""

_TROUBLE = (httpx.HTTPError, json.JSONDecodeError)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A decision that the product has accepted with 200."""

    request_id: str
    decision_id: str
    type: str


class Desk:
    """Deciders.

    Args:
        clients: A client of each server.
        talk: Says which runs are to be stopped while they wait: nobody decides those.
        chance: What is decided, and through which server.
    """

    def __init__(self, clients: list[httpx.AsyncClient], talk: Talk, chance: random.Random) -> None:
        self._clients = clients
        self._talk = talk
        self._chance = chance
        self._tasks: list[asyncio.Task[None]] = []
        self.acknowledged: list[Acknowledged] = []

    def open(self, people: int) -> None:
        """Let people decide from now on."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(people)]

    async def close(self) -> None:
        """Decide nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            for kind in ("approval", "question"):
                for asked in await self._pending(kind):
                    if asked["run_id"] not in self._talk.left_waiting:
                        await self._decide(asked)

    async def _pending(self, kind: str) -> list[dict[str, Any]]:
        wanted: dict[str, str | int] = {"view": "open", "kind": kind, "limit": 200}
        try:
            got = await self._chance.choice(self._clients).get("/requests", params=wanted)
            return got.json()["data"] if got.is_success else []
        except _TROUBLE:
            return []

    async def _decide(self, asked: dict[str, Any]) -> None:
        """Say the same until there is an answer, as a client that was cut off does."""
        decisions = [{"action_id": a["id"], **self._say(asked)} for a in asked["actions"]]
        decision_id = str(uuid4())
        body = {
            "decision_id": decision_id,
            "revision": asked["revision"],
            "decisions": decisions,
        }
        path = f"/requests/{asked['id']}/decide"
        while True:
            try:
                said = await self._chance.choice(self._clients).post(path, json=body)
            except _TROUBLE:
                await asyncio.sleep(_PAUSE)
                continue
            if said.status_code < 500:
                break
            await asyncio.sleep(_PAUSE)
        if said.is_success:
            known = Acknowledged(asked["id"], decision_id, decisions[0]["type"])
            self.acknowledged.append(known)

    def _say(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["kind"] == "question":
            return {"type": "respond", "args": "yes"}
        chosen = self._chance.random()
        if chosen < _REJECTED:
            return {"type": "reject", "message": "no"}
        args = asked["actions"][0]["args"]
        if chosen < _REJECTED + _EDITED and "sql" in args:
            return {
                "type": "edit",
                "args": {**args, "sql": args["sql"].replace("')", f"{EDITED}')")},
            }
        return {"type": "approve"}
