"""How soon a run goes on elsewhere after its runner was killed, or was asked to end.

`make bench ARGS=recovery`, or `ARGS="recovery 30"` for thirty times each. Two servers, two runners and PostgreSQL as processes of their own, with
the lease of a new installation; runners are killed at random moments of their renewals.
"""

import asyncio
import random
import signal
import statistics
import time
from typing import Any, Final

import httpx
import psycopg

from bench.targets import Row, at_most, table
from tests.chaos.fleet import Fleet, Member, new_fleet, until
from tests.support.scripted_openai import ScriptedOpenAI, Turn

TIMES: Final = 10
_WORDS: Final = " ".join(f"word{number}" for number in range(900))
_PATIENCE_S: Final = 90.0
_RENEWAL_S: Final = 3.0
_HELD: Final = "select lease_owner, epoch from run where id = %s and status = 'running'"


def _model(body: dict[str, Any]) -> Turn:
    return Turn.say(_WORDS, pause=0.1) if body.get("stream") else Turn.say("A title")


class Runs:
    """Runs that last longer than anybody waits, and where they are executed."""

    def __init__(self, fleet: Fleet, http: httpx.AsyncClient, model_id: str) -> None:
        self._fleet = fleet
        self._http = http
        self._model_id = model_id

    async def taken_over(self, how: signal.Signals, pause: float) -> tuple[float, float]:
        """End the process that executes a run.

        Returns:
            Seconds until another process held the run, and until a viewer read something new.
        """
        run_id = await self._begin()
        owner, epoch = await self._holder(run_id, 0)
        await self._words(run_id)
        await asyncio.sleep(pause)
        began = time.monotonic()
        member = self._member(owner)
        starts = member.starts
        member.signal(how)
        await self._holder(run_id, epoch)
        held = time.monotonic() - began
        await self._words(run_id, after=True)
        told = time.monotonic() - began
        (await self._http.post(f"/runs/{run_id}/stop")).raise_for_status()
        await self._two_runners(member, starts + 1)
        return held, told

    async def _begin(self) -> str:
        made = await self._http.post("/threads", json={"model_id": self._model_id})
        thread = made.raise_for_status().json()["id"]
        sent = await self._http.post(f"/threads/{thread}/messages", json={"text": "Go on."})
        return sent.raise_for_status().json()["run_id"]

    async def _holder(self, run_id: str, beyond: int) -> tuple[str, int]:
        """Return who holds a run under a claim after `beyond`."""
        url = self._fleet.cluster.url("chaos")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
            end = time.monotonic() + _PATIENCE_S
            while time.monotonic() < end:
                row = await (await database.execute(_HELD, (run_id,))).fetchone()
                if row is not None and row[0] is not None and row[1] > beyond:
                    return str(row[0]), int(row[1])
                await asyncio.sleep(0.005)
        raise AssertionError(f"nobody took the run within {_PATIENCE_S} s")

    async def _words(self, run_id: str, *, after: bool = False) -> None:
        """Read the run's events until words came, after a withdrawn step if asked."""
        path = f"/runs/{run_id}/events"
        withdrawn = not after
        async with self._http.stream("GET", path, timeout=_PATIENCE_S) as response:
            async for line in response.aiter_lines():
                withdrawn = withdrawn or '"reset-step"' in line
                if withdrawn and '"text-delta"' in line:
                    return
        raise AssertionError("the run ended early")

    def _member(self, owner: str) -> Member:
        pid = int(owner.rpartition(":")[2])
        members = self._fleet.members.values()
        return next(m for m in members if m.process is not None and m.process.pid == pid)

    async def _two_runners(self, ended: Member, start: int) -> None:
        """Wait until two execute runs again, the one that ended with its start number `start`."""
        names = ("runner a", "runner b")

        def both() -> bool:
            if ended.starts < start:
                return False
            logs = [(self._fleet.home / f"{n.replace(' ', '-')}.log").read_text() for n in names]
            starts = [self._fleet.members[name].starts for name in names]
            said = [log.count("Executing runs.") for log in logs]
            return said == starts

        await until(both, "both runners execute runs", _PATIENCE_S)


async def _measure(times: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    chance = random.Random(7)  # when runners are killed
    fleet = new_fleet(lease=None)
    try:
        async with ScriptedOpenAI() as models:
            models.respond("m", _model)
            await fleet.start()
            async with fleet.client("server a") as http:
                body = {"name": "Slow", "provider": "generic", "model_name": "m"}
                keys = {"api_key": "sk-x", "endpoint_url": models.url}
                made = (await http.post("/models", json=body | keys)).raise_for_status().json()
                runs = Runs(fleet, http, made["id"])
                killed = [
                    await runs.taken_over(signal.SIGKILL, chance.uniform(0, _RENEWAL_S))
                    for _ in range(times)
                ]
                drained = [
                    await runs.taken_over(signal.SIGTERM, chance.uniform(0, _RENEWAL_S))
                    for _ in range(times)
                ]
    finally:
        await fleet.stop()
    return killed, drained


def run(times: int = TIMES) -> None:
    """End runners `times` times each way, and print."""
    killed, drained = asyncio.run(_measure(times))
    rows: list[Row] = []
    for name, found, most in (("kill -9", killed, 15.0), ("SIGTERM", drained, 1.0)):
        held, told = ([pair[index] for pair in found] for index in (0, 1))
        rows += [
            Row(f"{name}: another runner holds it, median", f"{statistics.median(held):.2f} s"),
            at_most(f"{name}: another runner holds it, worst", max(held), most, "s"),
            Row(f"{name}: new words read, median", f"{statistics.median(told):.2f} s"),
            Row(f"{name}: new words read, worst", f"{max(told):.2f} s"),
        ]
    table(f"A run whose runner ends, {times} times each", rows)
