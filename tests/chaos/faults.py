"""What can go wrong, one at a time, chosen by a seed.

The pauses are the faults themselves: how long something is frozen, cut off or away.
"""

import asyncio
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable
from typing import Final, get_args

from datelier.kit.fail_points import Point
from tests.chaos.fleet import Fleet, Member, until

# Those of the platform, and those of the worker that commits a write.
POINTS: Final[tuple[str, ...]] = (*get_args(Point), "write.before_commit", "write.after_commit")
_POINT_PATIENCE: Final = 15.0
_DRAIN: Final = 30.0

Fault = Callable[[Fleet, random.Random], Awaitable[str]]


def _any(fleet: Fleet, chance: random.Random, *, tunnelled: bool = False) -> Member:
    members = [m for m in fleet.members.values() if not tunnelled or m.tunnel is not None]
    return chance.choice(members)


async def kill(fleet: Fleet, chance: random.Random) -> str:
    """A process ends without a word."""
    member = _any(fleet, chance)
    member.resting = True
    member.signal(signal.SIGKILL)
    pause = chance.uniform(0, 3)
    await asyncio.sleep(pause)
    member.resting = False
    return f"killed {member.name}, back after {pause:.1f} s"


async def freeze(fleet: Fleet, chance: random.Random) -> str:
    """A process stands still, longer than its leases last, and wakes up."""
    member = _any(fleet, chance)
    pause = chance.uniform(2, 12)
    member.signal(signal.SIGSTOP)
    await asyncio.sleep(pause)
    member.signal(signal.SIGCONT)
    return f"froze {member.name} for {pause:.1f} s"


async def partition(fleet: Fleet, chance: random.Random) -> str:
    """A process and PostgreSQL hear nothing of each other."""
    member = _any(fleet, chance, tunnelled=True)
    assert member.tunnel is not None
    pause = chance.uniform(2, 12)
    member.tunnel.cut()
    await asyncio.sleep(pause)
    member.tunnel.heal()
    return f"cut {member.name} off from PostgreSQL for {pause:.1f} s"


async def crash_database(fleet: Fleet, chance: random.Random) -> str:
    """PostgreSQL ends without a word."""
    await asyncio.to_thread(fleet.cluster.kill)
    pause = chance.uniform(0, 4)
    await asyncio.sleep(pause)
    await asyncio.to_thread(fleet.cluster.start)
    return f"killed PostgreSQL, back after {pause:.1f} s"


async def drain(fleet: Fleet, chance: random.Random) -> str:
    """A process is asked to end in good order, as at every deployment."""
    member = _any(fleet, chance)
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


async def die_at_point(fleet: Fleet, chance: random.Random) -> str:
    """The next process that reaches a named point ends there."""
    hit = set(fleet.hits())
    point = chance.choice([p for p in POINTS if p not in hit] or list(POINTS))
    armed = fleet.points / point
    armed.touch()
    try:
        await until(lambda: not armed.exists(), point, _POINT_PATIENCE)
    except AssertionError:
        armed.unlink(missing_ok=True)
        return f"nobody reached {point}"
    return f"died at {point}"


FAULTS: Final[tuple[Fault, ...]] = (
    kill,
    freeze,
    partition,
    crash_database,
    drain,
    die_at_point,
    die_at_point,
    die_at_point,
)
