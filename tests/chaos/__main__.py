"""`python -m tests.chaos [--faults 30] [--seed N] [--state FILE]`: break things, count broken promises.

Faults come in rounds of ten, each with a fleet of its own. With --state, a run that was cut off
goes on at the round it was in. The exit code is 1 when a promise was broken.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos.desk import Desk
from tests.chaos.errands import ERRANDS, Ledger, model
from tests.chaos.faults import FAULTS, POINTS
from tests.chaos.fleet import Fleet, new_fleet, until
from tests.chaos.promises import broken_books, open_runs, unreported, violations, wrong_effects
from tests.chaos.report import say
from tests.chaos.talk import Talk
from tests.support.scripted_openai import ScriptedOpenAI

_ROUND: Final = 10
_PEOPLE: Final = 6
_DECIDERS: Final = 2
_REPORT_S: Final = 20.0
_STUCK_S: Final = 60.0
_LAST_WAIT: Final = 120.0


@dataclass
class Progress:
    """What was done so far."""

    seed: int
    faults: int
    done: int = 0
    answers: int = 0
    decisions: int = 0
    errands: dict[str, int] = field(default_factory=dict[str, int])
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    hits: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])


async def _prepare(fleet: Fleet, models: ScriptedOpenAI) -> tuple[dict[str, object], list[str]]:
    """Add a source and the scripted model; return what threads begin with, and what to ask for."""
    async with fleet.client("server a") as http:
        shop = {"host": "127.0.0.1", "port": fleet.cluster.port, "database": "shop"}
        config = {**shop, "user": "reader", "sslmode": "disable"}
        body = {"name": "Shop", "engine": "postgresql", "config": config}
        source = (await http.post("/sources", json=body, timeout=90)).raise_for_status().json()
        made = await http.post(
            "/models",
            json={
                "name": "Scripted",
                "provider": "generic",
                "model_name": "m",
                "endpoint_url": models.url,
                "api_key": "sk-x",
            },
        )
        account = {"user": "writer"}
        writable = await http.put(f"/sources/{source['id']}/write_connection", json=account)
        errands = [letter for letter in ERRANDS if letter != "w" or writable.is_success]
        model_id = made.raise_for_status().json()["id"]
        return {"source_ids": [source["id"]], "model_id": model_id}, errands


async def _settled(fleet: Fleet, talk: Talk, desk: Desk) -> list[str]:
    """Wait until nothing goes on any more; return what is wrong then."""
    platform = fleet.cluster.url("chaos")
    found: list[str] = []
    try:
        # What an approval has started may still run, and ask.
        await until(lambda: not open_runs(platform), "every run has ended", _LAST_WAIT)
        await until(lambda: not unreported(platform), "the inbox tells of every run", _REPORT_S)
    except AssertionError as error:
        found.append(str(error))
    await desk.close()
    found += broken_books(platform, desk.acknowledged)
    return found + wrong_effects(platform, Ledger(platform, fleet.cluster.url("shop")), talk)


async def _round(progress: Progress, count: int) -> None:
    chance = random.Random(f"{progress.seed}/{progress.done}")  # a seeded test
    fleet = new_fleet()
    async with ScriptedOpenAI() as models:
        models.respond("m", model)
        try:
            await fleet.start()
            body, errands = await _prepare(fleet, models)
            async with fleet.client("server a") as a, fleet.client("server b") as b:
                talk = Talk([a, b], body, errands, random.Random(chance.random()))  # as above
                desk = Desk([a, b], random.Random(chance.random()))
                talk.begin(_PEOPLE)
                desk.open(_DECIDERS)
                for number in range(1, count + 1):
                    await asyncio.sleep(chance.uniform(1, 4))
                    began = time.monotonic()
                    said = await chance.choice(FAULTS)(fleet, chance)
                    at = f"{progress.done + number}/{progress.faults}"
                    say(f"  {at:>8}  {said} ({time.monotonic() - began:.1f} s)")
                await talk.end(_LAST_WAIT)
                found = await asyncio.wait_for(violations(talk, _STUCK_S), _LAST_WAIT)
                found += await _settled(fleet, talk, desk)
        finally:
            await fleet.stop()
    progress.broken += found
    progress.hits += fleet.hits()
    progress.answers += len(talk.asked)
    progress.decisions += len(desk.acknowledged)
    errands = Counter(asked.errand.name for asked in talk.asked)
    progress.errands = dict(Counter(progress.errands) + errands)
    statuses = Counter(asked.status for asked in talk.asked)
    progress.statuses = dict(Counter(progress.statuses) + statuses)
    progress.done += count
    say(
        f"  {len(talk.asked)} runs {dict(errands)}, {len(desk.acknowledged)} decisions, "
        f"{dict(statuses)}, {len(found)} broken promises"
    )
    for what in found:
        say(f"    {what}")
    if found:
        say(f"    logs: {fleet.home}")


async def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--state", type=Path, default=None)
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    progress = Progress(seed, given.faults)
    if given.state is not None and given.state.exists():
        progress = Progress(**json.loads(given.state.read_text()))
    say(f"seed {progress.seed}, {progress.faults} faults, from {progress.done}")
    while progress.done < progress.faults:
        await _round(progress, min(_ROUND, progress.faults - progress.done))
        if given.state is not None:
            given.state.write_text(json.dumps(asdict(progress)))
    hit = Counter(progress.hits)
    say(
        f"\nseed {progress.seed}: {progress.done} faults, {progress.answers} runs "
        f"{progress.errands}, {progress.decisions} decisions, {progress.statuses}"
    )
    say("fail points hit: " + (", ".join(f"{k} x{v}" for k, v in sorted(hit.items())) or "none"))
    say("never hit: " + (", ".join(p for p in POINTS if p not in hit) or "none"))
    say(f"broken promises: {len(progress.broken)}")
    for what in progress.broken:
        say(f"  {what}")
    return 1 if progress.broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
