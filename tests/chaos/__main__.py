"""`python -m tests.chaos [--faults 30] [--seed N] [--state FILE]`: break things, count broken promises.

Faults come in rounds, each with a fleet of its own and judged at its end. Whoever interrupts the
command has the present round judged at once; with --state, the next one goes on from there. The
exit code is 1 when a promise was broken, and 3 when faults are left.
"""

import argparse
import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.channels.sinks import Receiver, receiving
from tests.chaos.complaints import complaints
from tests.chaos.desk import Desk
from tests.chaos.effects import Books, wrong_effects
from tests.chaos.errands import LOAD, model
from tests.chaos.faults import FAULTS, POINTS, NothingHappened, Scene
from tests.chaos.fleet import Fleet, new_fleet, until
from tests.chaos.progress import Progress, added
from tests.chaos.promises import (
    broken_books,
    broken_notices,
    longest_silence,
    notices,
    open_runs,
    unreported,
    untold,
    violations,
)
from tests.chaos.report import say
from tests.chaos.shop import Shop
from tests.chaos.talk import Talk
from tests.support.scripted_openai import ScriptedOpenAI

_ROUND: Final = 25
_PEOPLE: Final = 6
_DECIDERS: Final = 2
_PAUSE_S: Final = (0.5, 3.0)  # between two faults
_REPORT_S: Final = 20.0
_STUCK_S: Final = 60.0
_LAST_WAIT: Final = 120.0


@dataclass
class Round:
    """What a round has shown."""

    faults: list[str] = field(default_factory=list[str])
    hits: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    effects: int = 0
    talk: Talk | None = None
    desk: Desk | None = None


async def _prepare(fleet: Fleet, shop: Shop, models: ScriptedOpenAI) -> dict[str, object]:
    """Add all that the load needs, and a webhook; return what threads have."""
    async with fleet.client("server a") as http:
        (await http.post("/webhooks", json={"name": "Chaos", "url": fleet.hook})).raise_for_status()
        config = {**shop.place, "user": "reader", "sslmode": "disable"}
        body = {"name": "Shop", "engine": "postgresql", "config": config}
        source = (await http.post("/sources", json=body, timeout=90)).raise_for_status().json()
        path = f"/sources/{source['id']}/write_connection"
        (await http.put(path, json={"user": "writer"})).raise_for_status()
        budget = {"unit": "tokens", "period": "month", "hard_limit": 10**12}
        (await http.post("/budgets", json=budget)).raise_for_status()
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
        return {"source_ids": [source["id"]], "model_id": made.raise_for_status().json()["id"]}


async def _judged(scene: Scene, desk: Desk, hook: Receiver) -> list[str]:
    """Wait until nothing goes on any more; return what is wrong then."""
    talk, platform = scene.talk, scene.fleet.cluster.url("chaos")
    await talk.end(_LAST_WAIT)
    try:
        found = await asyncio.wait_for(violations(talk, _STUCK_S), _LAST_WAIT)
    except TimeoutError:
        return [f"unreadable: the answers could not be read within {_LAST_WAIT:.0f} s"]
    try:
        # What an approval has started may still run, and ask.
        await until(lambda: not open_runs(platform), "every run has ended", _LAST_WAIT)
        await until(lambda: not unreported(platform), "the inbox tells of every run", _REPORT_S)
        await until(lambda: not untold(platform), "every notice has arrived", _LAST_WAIT)
    except AssertionError as error:
        found.append(str(error))
    await desk.close()
    found += broken_books(platform, desk.acknowledged) + complaints(scene.fleet.home)
    found += broken_notices(notices(platform), {got.headers["webhook-id"] for got in hook.seen})
    return found + wrong_effects(Books.read(platform), scene.shop.effects(), talk.asked)


async def _break(
    scene: Scene, chance: random.Random, count: int, enough: asyncio.Event, at: str
) -> list[str]:
    """Let faults happen; return them."""
    said: list[str] = []
    while len(said) < count and not enough.is_set():
        await asyncio.sleep(chance.uniform(*_PAUSE_S))
        began = time.monotonic()
        fault = chance.choice(FAULTS)
        try:
            told = await fault(scene, chance)
        except NothingHappened as error:
            say(f"  {'':>8}  {error} ({time.monotonic() - began:.1f} s)")
            continue
        said.append(fault.__name__)
        where = at.format(len(said))
        say(f"  {where:>8}  {told} ({time.monotonic() - began:.1f} s)")
    return said


async def _round(progress: Progress, wanted: int, enough: asyncio.Event) -> Round:
    chance = random.Random(f"{progress.seed}/{progress.done}")  # a seeded test
    shop, shown = Shop(), Round()
    async with ScriptedOpenAI() as models, receiving() as hook:
        fleet = new_fleet(hook=hook.url)
        models.respond("m", model)
        try:
            await shop.start()
            await fleet.start()
            body = await _prepare(fleet, shop, models)
            async with fleet.client("server a") as a, fleet.client("server b") as b:
                talk = Talk([a, b], body, LOAD, random.Random(chance.random()))  # as above
                desk = Desk([a, b], talk, random.Random(chance.random()))
                shown.talk, shown.desk = talk, desk
                scene = Scene(fleet, shop, talk, frozenset(progress.hits))
                talk.begin(_PEOPLE)
                desk.open(_DECIDERS)
                at = f"{progress.done} + {{}}/{wanted}"
                count = min(_ROUND, wanted - progress.done)
                shown.faults = await _break(scene, chance, count, enough, at)
                shown.broken = await _judged(scene, desk, hook)
                shown.effects = len(shop.effects())
        finally:
            await fleet.stop()
            await shop.stop()
    shown.hits = fleet.hits()
    if shown.broken:
        say(f"    logs: {fleet.home}")
    else:
        shutil.rmtree(fleet.home.parent, ignore_errors=True)
    return shown


def _add(progress: Progress, shown: Round, seconds: float) -> None:
    assert shown.talk is not None
    assert shown.desk is not None
    load = f"load average {os.getloadavg()[0]:.1f}"
    asked = shown.talk.asked
    progress.done += len(shown.faults)
    progress.seconds += seconds
    progress.faults = added(progress.faults, shown.faults)
    progress.hits += shown.hits
    progress.answers += len(asked)
    progress.decisions += len(shown.desk.acknowledged)
    progress.effects += shown.effects
    seconds_silent, silence = longest_silence(shown.talk)
    progress.silence = max(progress.silence, seconds_silent)
    progress.errands = added(progress.errands, (one.errand.name for one in asked))
    statuses = added({}, (one.status for one in asked))
    progress.statuses = added(progress.statuses, (one.status for one in asked))
    progress.broken += [f"{what} [fault {progress.done}, {load}]" for what in shown.broken]
    say(
        f"  {len(asked)} runs {statuses}, {len(shown.desk.acknowledged)} decisions, "
        f"{shown.effects} writes, {len(shown.broken)} broken promises, {seconds:.0f} s, {load}\n"
        f"  longest silence: {silence}"
    )
    for what in shown.broken:
        say(f"    {what}")


def _tell(progress: Progress) -> None:
    hit = added({}, progress.hits)
    say(
        f"\nseed {progress.seed}: {progress.done} faults {progress.faults} in "
        f"{progress.seconds / 60:.0f} minutes\n{progress.answers} runs {progress.errands}, "
        f"{progress.decisions} decisions, {progress.effects} writes, {progress.statuses}\n"
        f"longest silence of a run: {progress.silence:.0f} s"
    )
    say("fail points hit: " + (", ".join(f"{k} x{v}" for k, v in sorted(hit.items())) or "none"))
    say("never hit: " + (", ".join(p for p in POINTS if p not in hit) or "none"))
    say(f"broken promises: {len(progress.broken)}")
    for what in progress.broken:
        say(f"  {what}")


async def _all(progress: Progress, wanted: int, state: Path | None) -> None:
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    while progress.done < wanted and not enough.is_set():
        began = time.monotonic()
        shown = await _round(progress, wanted, enough)
        _add(progress, shown, time.monotonic() - began)
        progress.keep(state)


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--state", type=Path, default=None)
    given = parser.parse_args()
    progress = Progress.resumed(given.state, given.seed, secrets.randbelow(1_000_000))
    say(f"seed {progress.seed}, {given.faults} faults, from {progress.done}")
    asyncio.run(_all(progress, given.faults, given.state))
    _tell(progress)
    if progress.broken:
        return 1
    return 3 if progress.done < given.faults else 0


if __name__ == "__main__":
    sys.exit(main())
