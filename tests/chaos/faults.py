"""What can go wrong, one at a time, chosen by a seed.

The pauses are the faults themselves: how long something is frozen, cut off or away.
"""

import asyncio
import contextlib
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, get_args

import psutil
import psycopg

from datelier.kit.fail_points import Point
from tests.chaos.effects import rows
from tests.chaos.fleet import Fleet, Member, until
from tests.chaos.shop import Shop
from tests.chaos.talk import Talk
from tests.chaos.tunnel import HungUp, Trap, Tunnel
from tests.support.cluster import Cluster

# Those of the platform, and those of the worker that commits a write.
POINTS: Final[tuple[str, ...]] = (*get_args(Point), "write.before_commit", "write.after_commit")
# Those that only a process reaches that is asked to end.
_DRAINED: Final = frozenset({"drain.begun", "release.before_commit", "run.released"})
# Errands that lead to points of a kind; a question leads to all others.
_LEADS: Final = {
    "effect": "w",
    "write": "w",
    "approval": "w",
    "decision": "b",
    "interrupt": "b",
    "resume": "b",
    "report": "b",
    "checkpoint": "b",
}
_HOLDERS: Final = "select distinct lease_owner as owner from run where status = 'running'"
_POINT_PATIENCE: Final = 15.0
_NUDGE: Final = 2.0
_COMMIT_PATIENCE: Final = 20.0
_COMMIT: Final = b"COMMIT\0"
_DRAIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What faults happen to, and where.

    Attributes:
        hit: Fail points that were reached before this fleet was there.
    """

    fleet: Fleet
    shop: Shop
    talk: Talk
    hit: frozenset[str]


Fault = Callable[[Scene, random.Random], Awaitable[str]]


class NothingHappened(Exception):
    """Nobody came to where the fault lay in wait."""


def _any(scene: Scene, chance: random.Random) -> Member:
    return chance.choice(list(scene.fleet.members.values()))


async def kill(scene: Scene, chance: random.Random) -> str:
    """A process ends without a word."""
    member = _any(scene, chance)
    member.resting = True
    member.signal(signal.SIGKILL)
    pause = chance.uniform(0, 3)
    await asyncio.sleep(pause)
    member.resting = False
    return f"killed {member.name}, back after {pause:.1f} s"


async def freeze(scene: Scene, chance: random.Random) -> str:
    """A process stands still, longer than its leases last, and wakes up."""
    member = _any(scene, chance)
    pause = chance.uniform(2, 12)
    member.signal(signal.SIGSTOP)
    await asyncio.sleep(pause)
    member.signal(signal.SIGCONT)
    return f"froze {member.name} for {pause:.1f} s"


async def partition(scene: Scene, chance: random.Random) -> str:
    """A process hears nothing of PostgreSQL, or of the servers; or workers nothing of the shop."""
    places: list[tuple[str, tuple[Tunnel, ...]]] = [
        (m.name, m.tunnels) for m in scene.fleet.members.values()
    ]
    name, tunnels = chance.choice([*places, ("the shop", (scene.shop.tunnel,))])
    pause = chance.uniform(2, 12)
    for tunnel in tunnels:
        tunnel.cut()
    await asyncio.sleep(pause)
    for tunnel in tunnels:
        tunnel.heal()
    return f"cut {name} off for {pause:.1f} s"


def _databases(scene: Scene, chance: random.Random) -> tuple[str, list[Cluster]]:
    own, shop = scene.fleet.cluster, scene.shop.cluster
    both = ("both PostgreSQL", [own, shop])
    return chance.choice([("PostgreSQL", [own]), ("PostgreSQL", [own]), ("the shop", [shop]), both])


async def crash_database(scene: Scene, chance: random.Random) -> str:
    """PostgreSQL ends without a word."""
    name, clusters = _databases(scene, chance)
    for cluster in clusters:
        await asyncio.to_thread(cluster.kill)
    pause = chance.uniform(0, 4)
    await asyncio.sleep(pause)
    for cluster in clusters:
        await asyncio.to_thread(cluster.start)
    return f"killed {name}, back after {pause:.1f} s"


async def freeze_database(scene: Scene, chance: random.Random) -> str:
    """Every process of a PostgreSQL stands still, and goes on."""
    name, clusters = _databases(scene, chance)
    pause = chance.uniform(1, 8)
    for cluster in clusters:
        _signal_all(cluster, signal.SIGSTOP)
    await asyncio.sleep(pause)
    for cluster in clusters:
        _signal_all(cluster, signal.SIGCONT)
    return f"froze {name} for {pause:.1f} s"


def _signal_all(cluster: Cluster, number: signal.Signals) -> None:
    top = psutil.Process(cluster.pid)
    for process in (top, *top.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


async def drain(scene: Scene, chance: random.Random) -> str:
    """A process is asked to end in good order, as at every deployment."""
    member = _any(scene, chance)
    member.resting = True
    process = member.process
    member.signal(signal.SIGTERM)
    try:
        if process is not None:
            await asyncio.to_thread(process.wait, _DRAIN)
    except subprocess.TimeoutExpired:
        member.signal(signal.SIGKILL)
        return f"drained {member.name}, which had to be killed after {_DRAIN:.0f} s"
    finally:
        member.resting = False
    return f"drained {member.name}"


async def die_at_point(scene: Scene, chance: random.Random) -> str:
    """The next process that reaches a named point ends there."""
    hit = scene.hit.union(scene.fleet.hits())
    point = chance.choice([p for p in POINTS if p not in hit] or list(POINTS))
    armed = scene.fleet.points / point
    armed.touch()
    nudging = asyncio.create_task(_nudge(scene, point, chance))
    try:
        await until(lambda: not armed.exists(), point, _POINT_PATIENCE)
    except AssertionError:
        if armed.exists():
            armed.unlink(missing_ok=True)
            raise NothingHappened(f"nobody reached {point}") from None
    finally:
        nudging.cancel()
    return f"died at {point}"


async def _nudge(scene: Scene, point: str, chance: random.Random) -> None:
    """Do what leads to a point that few things lead to."""
    while True:
        if point in _DRAINED:
            for member in await asyncio.to_thread(_executing, scene.fleet):
                member.signal(signal.SIGTERM)
                break
            else:
                scene.talk.ask_once("q")
        elif point.startswith("stop."):
            scene.talk.stop_one(waiting=point == "stop.waiting")
        else:
            scene.talk.ask_once(_LEADS.get(point.partition(".")[0], "q"))
            return
        await asyncio.sleep(_NUDGE)


def _executing(fleet: Fleet) -> list[Member]:
    """Return the processes that execute runs just now."""
    try:
        held = rows(fleet.cluster.url("chaos"), _HOLDERS)
    except psycopg.OperationalError:
        return []
    pids = {int(str(row["owner"]).rpartition(":")[2]) for row in held}
    return [m for m in fleet.members.values() if m.process is not None and m.process.pid in pids]


async def break_commit(scene: Scene, chance: random.Random) -> str:
    """Something ends as a worker commits a write: before the shop hears of it, or before the worker
    hears that it was done."""
    before = chance.random() < 0.5
    shop = scene.shop
    member = _any(scene, chance)

    async def crash() -> None:
        await asyncio.to_thread(shop.cluster.kill)

    async def hang_up() -> None:
        raise HungUp

    async def end() -> None:
        member.signal(signal.SIGKILL)

    async def hang() -> None:
        member.signal(signal.SIGSTOP)

    name, spring = chance.choice(
        [
            ("the shop died", crash),
            ("the shop died", crash),
            ("the connection broke", hang_up),
            (f"{member.name} died", end),
            (f"{member.name} froze", hang),
        ]
    )
    trap = shop.tunnel.trap = Trap(_COMMIT, before, spring)
    scene.talk.ask_once("w")
    try:
        async with asyncio.timeout(_COMMIT_PATIENCE):
            await trap.sprung.wait()
    except TimeoutError:
        shop.tunnel.trap = None
        raise NothingHappened("nobody committed a write") from None
    pause = chance.uniform(0, 4) + (6 if spring is hang else 0)
    await asyncio.sleep(pause)
    if spring is crash:
        await asyncio.to_thread(shop.cluster.start)
    member.signal(signal.SIGCONT)
    return f"{name} {'before' if before else 'after'} a COMMIT, for {pause:.1f} s"


FAULTS: Final[tuple[Fault, ...]] = (
    kill,
    kill,
    freeze,
    partition,
    crash_database,
    freeze_database,
    drain,
    break_commit,
    break_commit,
    die_at_point,
    die_at_point,
    die_at_point,
    die_at_point,
    die_at_point,
)
