"""`python -m tests.chaos.cuts [--cuts 500] [--seed N]`: cut streams at random bytes, count what differs.

Two viewers follow every answer from two servers, connection after connection, while runners,
servers and PostgreSQL are processes of their own. Now and then a server is killed under them. The
exit code is 1 when a viewer saw anything but the log, whole and once.
"""

import argparse
import asyncio
import random
import secrets
import signal
import sys
from collections import Counter
from typing import Any

import httpx

from datelier.runs.fold import fold
from tests.chaos.fleet import Fleet, new_fleet
from tests.chaos.report import say
from tests.support.cut_viewer import CutViewer
from tests.support.scripted_openai import ScriptedOpenAI, Turn

_WORDS = " ".join(f"größe{number}→東京{number}🚲" for number in range(150))
_EVERY = 4  # answers between two deaths of a server


def _model(body: dict[str, Any]) -> Turn:
    return Turn.say(_WORDS, pause=0.01) if body.get("stream") else Turn.say("A title")


async def _ask(http: httpx.AsyncClient, model_id: str) -> tuple[str, str]:
    made = (await http.post("/threads", json={"model_id": model_id})).raise_for_status().json()
    sent = await http.post(f"/threads/{made['id']}/messages", json={"text": "Say it."})
    return made["id"], sent.raise_for_status().json()["run_id"]


async def _differences(
    http: httpx.AsyncClient, thread_id: str, run_id: str, viewers: list[CutViewer]
) -> list[str]:
    exported = (await http.get(f"/runs/{run_id}/export")).raise_for_status().json()
    log = [event["part"] for event in exported["events"]]
    stored = (await http.get(f"/threads/{thread_id}/messages")).raise_for_status().json()["data"]
    found: list[str] = []
    for viewer in viewers:
        if viewer.seqs != list(range(1, len(log) + 1)):
            found.append(f"run {run_id}: a viewer saw parts twice, not at all, or out of order")
        elif viewer.parts != log or fold(viewer.parts) != stored[-1]["parts"]:
            found.append(f"run {run_id}: a viewer saw another answer than is stored")
        found += [f"run {run_id}: refused: {head[:80]!r}" for head in viewer.refused]
    return found


async def _cut(fleet: Fleet, cuts: int, chance: random.Random) -> tuple[list[str], Counter[str]]:
    places: Counter[str] = Counter()
    found: list[str] = []
    replicas = [f"{url}/api/v1" for url in fleet.urls.values()]
    answers = 0
    async with ScriptedOpenAI() as models, fleet.client("server a") as http:
        models.respond("m", _model)
        body = {"name": "Slow", "provider": "generic", "model_name": "m", "api_key": "sk-x"}
        made = await http.post("/models", json=body | {"endpoint_url": models.url})
        model_id = made.raise_for_status().json()["id"]
        while places.total() < cuts:
            answers += 1
            thread_id, run_id = await _ask(http, model_id)
            viewers = [CutViewer(fleet.token, random.Random(chance.random())) for _ in range(2)]
            if answers % _EVERY == 0:
                fleet.members["server b"].signal(signal.SIGKILL)
            left = cuts - places.total()
            await asyncio.gather(*(v.follow(replicas, run_id, (left + 1) // 2) for v in viewers))
            found += await _differences(http, thread_id, run_id, viewers)
            for viewer in viewers:
                places.update(viewer.places)
            say(f"  {places.total():>6}/{cuts} cuts, {answers} answers, {len(found)} differences")
    return found, places


async def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.cuts")
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    say(f"seed {seed}, {given.cuts} cuts, two viewers, two servers")
    fleet = new_fleet()
    try:
        await fleet.start()
        found, places = await _cut(fleet, given.cuts, random.Random(seed))  # a seeded test
    finally:
        await fleet.stop()
    where = ", ".join(f"{place} x{count}" for place, count in places.most_common())
    say(f"\nseed {seed}: {places.total()} cuts inside {where}")
    say(f"transcripts that differ: {len(found)}")
    for what in found:
        say(f"  {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
