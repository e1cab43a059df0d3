"""The loop that claims runs and executes them, up to `slots` at once in one process."""

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Sequence
from uuid import UUID

import psycopg

from datelier.kit.fail_points import reach
from datelier.kit.ids import age
from datelier.kit.log import get_logger
from datelier.kit.metrics import chat_request_seconds, stream_first_byte_seconds
from datelier.kit.tools import Tool
from datelier.runs import ending
from datelier.runs.apart import Apart, ExecuteApart
from datelier.runs.bus import QUEUE, STOP, THREAD, run_id_of
from datelier.runs.claim import GONE, Claim, Claims
from datelier.runs.drive import LOST_DATABASE, Compiled, Driver, context_of
from datelier.runs.engine import Engine
from datelier.runs.errors import RunParked, StarterGone, UnknownGraph, WaitedInVain
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.finish import Ending, finish, log_parts
from datelier.runs.fold import Part
from datelier.runs.held import Held
from datelier.runs.local import LocalRunners
from datelier.runs.saver import Interrupted
from datelier.runs.thread_viewers import thread_word
from datelier.runs.waiting import wait_for_people

log = get_logger(__name__)

_MOST_SURVIVED = 3  # times that a run may hold up a process beyond its lease and not be blamed
_POLL = 1.0
_JITTER = 0.2
POLL_MOST = _POLL * (1 + _JITTER)
"""Seconds after which a process looks again, should nobody tell it of a run."""
_REMEMBERED = 1000
_RETRY = 0.2
_MOST_RETRIES = 50


class Runner:
    """Executes runs.

    Args:
        engine: The process's run engine.
        graphs: Every graph a run may ask for.
        tools: Every tool a graph may offer.
        apart: Executes a run in a process of its own; see :mod:`datelier.runs.apart`.
        slots: How many runs at once; the setting when left out, none but those adopted for 0.
    """

    def __init__(
        self,
        engine: Engine,
        graphs: Sequence[Graph],
        tools: Sequence[Tool],
        *,
        apart: ExecuteApart | None = None,
        slots: int | None = None,
    ) -> None:
        settings = engine.resources.settings
        self._engine = engine
        self._tools = tuple(tools)
        self._graphs = {graph.name: graph for graph in graphs}
        self._compiled: dict[str, Compiled] = {}
        self._slots = settings.slots if slots is None else slots
        self._claims = Claims(
            engine.pool,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            lease=settings.lease_seconds,
            cap=settings.org_max_running,
        )
        self._apart = Apart(self._claims, apart, self.adopt)
        self._driver = Driver(engine.pool, self._claims, settings.max_steps)
        self._held: dict[UUID, Held] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self._loops: list[asyncio.Task[None]] = []
        self._after: set[asyncio.Task[None]] = set()
        self._survived: dict[UUID, int] = {}

    @property
    def running(self) -> int:
        """How many runs this process executes now."""
        return len(self._held)

    @property
    def free(self) -> int:
        """How many more runs this process could execute now."""
        return 0 if self._draining else self._slots - len(self._held)

    @property
    def owner(self) -> str:
        """Name under which this process holds runs."""
        return self._claims.owner

    @property
    def lease(self) -> float:
        """Seconds that a claim lasts without renewal."""
        return self._claims.lease

    @property
    def cap(self) -> int:
        """Most runs of an organization that has no number of its own."""
        return self._claims.cap

    def adopt(self, claim: Claim) -> None:
        """Execute a run that was claimed while it was stored."""
        if self._draining:
            self._later(self._give_back(claim))
        else:
            self._begin(claim)

    async def take_over(self, run_id: UUID, epoch: int) -> None:
        """Execute a run that another process holds for this one under `epoch`, if it still does."""
        claim = await self._claims.take_over(run_id, epoch)
        if claim is not None:
            self.adopt(claim)

    async def idle(self) -> None:
        """Wait until nothing is executed here."""
        await self._idle.wait()

    async def start(self) -> None:
        """Compile the graphs and begin to claim."""
        for name, graph in self._graphs.items():
            graph.setup(self._engine.resources)
            self._compiled[name] = graph.build().compile(name=name)
        self._engine.resources.get(LocalRunners).runner = self
        bus = self._engine.bus
        bus.on(QUEUE, lambda _word: self._wake.set())
        bus.on(STOP, self._stop)
        bus.on_gap.append(self._wake.set)
        self._loops = [
            asyncio.create_task(self._claim_loop(), name="claim"),
            asyncio.create_task(self._renew_loop(), name="renew"),
        ]

    async def drain(self, grace: float = 0) -> None:
        """Claim nothing more; after `grace` seconds give the rest back, and stop.

        A run that is given back goes on in another process from its last step.
        """
        self._draining = True
        reach("drain.begun")
        local = self._engine.resources.get(LocalRunners)
        if local.runner is self:
            local.runner = None
        self._wake.set()
        if grace > 0 and self._held:
            await asyncio.wait([asyncio.create_task(self._idle.wait())], timeout=grace)
        tasks = [held.task for held in self._held.values() if held.task is not None]
        for held in list(self._held.values()):
            held.cancel("drain")
        await self._apart.close()
        if tasks:
            await asyncio.wait(tasks)
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, *self._after, return_exceptions=True)

    # -- claiming and keeping

    async def _claim_loop(self) -> None:
        while not self._draining:
            self._wake.clear()
            free = self.free
            if free > 0:
                try:
                    claims = await self._claims.take(free, self._apart.places)
                except psycopg.Error as error:
                    log.warning("claim_failed", error=str(error))
                    await asyncio.sleep(_RETRY)
                    continue
                for claim in claims:
                    if claim.apart:
                        self._apart.begin(claim)
                    else:
                        self._begin(claim)
                if len(claims) == free:
                    continue
            try:
                jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # not a secret
                async with asyncio.timeout(_POLL * jitter):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _renew_loop(self) -> None:
        while True:
            await asyncio.sleep(self._claims.lease / 4)
            epochs = {run_id: held.claim.epoch for run_id, held in self._held.items()}
            if not epochs:
                continue
            try:
                renewed = await self._claims.renew(epochs)
            except psycopg.Error as error:
                log.warning("renew_failed", error=str(error))
                continue
            for run_id, epoch in epochs.items():
                held = self._held.get(run_id)
                if held is None or held.claim.epoch != epoch or held.ending:
                    continue
                if run_id not in renewed:
                    held.log.fence()
                elif renewed[run_id]:
                    held.cancel("stop")

    def _stop(self, word: str) -> None:
        held = self._held.get(run_id) if (run_id := run_id_of(word)) else None
        if held is not None:
            reach("stop.reached")
            held.cancel("stop")

    # -- executing

    def _begin(self, claim: Claim) -> None:
        reach("run.claimed")
        run_log = self._engine.writer.open(claim.id, claim.epoch, claim.last_seq)
        held = Held(claim, run_log)
        run_log.on_fenced = lambda: held.cancel("fenced")
        self._held[claim.id] = held
        self._idle.clear()
        held.task = asyncio.create_task(self._execute(held), name=f"run {claim.id}")

    async def _execute(self, held: Held) -> None:
        claim = held.claim
        ctx = context_of(self._engine.resources, claim)
        run = ActiveRun(ctx, claim, held.log, self._tools)
        try:
            await self._to_the_end(held, run)
        except (Fenced, asyncio.CancelledError) as error:
            if held.reason == "drain":
                await self._give_back(claim)
            elif held.reason is None and isinstance(error, asyncio.CancelledError):
                raise
            else:
                log.warning("run_fenced", run_id=str(claim.id), epoch=claim.epoch)
                self._later(self._survive(claim))
        except Exception:
            # Its end could not be written: the lease runs out and another claim follows.
            log.exception("run_abandoned", run_id=str(claim.id))
        finally:
            self._held.pop(claim.id, None)
            if not self._held:
                self._idle.set()
            held.log.forget()

    async def _to_the_end(self, held: Held, run: ActiveRun) -> None:
        earlier: list[Part] = []
        try:
            earlier = await self._earlier(held.claim)
            run.restore(earlier)
            asked = held.claim.stop
            end = ending.stopped(run) if asked else await self._outcome(run, earlier)
            if isinstance(end, list):
                held.ending = True
                rest = await self._wait(held, run, end)
                if rest is None:
                    return
                await self._end(held, run, earlier, (ending.stopped(run), rest))
                return
        except asyncio.CancelledError:
            if held.reason != "stop":
                raise
            if held.task is not None:
                held.task.uncancel()
            earlier = earlier or await self._earlier(held.claim)
            end = ending.stopped(run)
        held.ending = True
        await self._end(held, run, earlier, (end, await held.log.close()))

    async def _wait(
        self, held: Held, run: ActiveRun, found: list[Interrupted]
    ) -> list[Part] | None:
        """Let the run wait for a person; return the rest of its log if it was stopped instead."""
        claim, engine = held.claim, self._engine
        rest = await held.log.close()
        tries = 0
        while True:
            try:
                waits = await wait_for_people(run, rest, found)
            except LOST_DATABASE:
                tries += 1
                if tries > _MOST_RETRIES:
                    raise
                await asyncio.sleep(_RETRY)
            else:
                break
        if not waits:
            return rest
        self._held.pop(claim.id, None)
        engine.bus.tell_all(QUEUE, (claim.id.hex,))
        if claim.thread_id is not None:
            engine.bus.tell_all(THREAD, (thread_word(claim.org_id, claim.thread_id, "run"),))
        return None

    async def _earlier(self, claim: Claim) -> list[Part]:
        if claim.last_seq == 0:
            return []
        async with self._engine.pool.connection() as connection:
            return await log_parts(connection, claim.id, claim.last_seq)

    def _admit(self, claim: Claim) -> Graph:
        if claim.crashes:
            raise RunParked(claim.crashes)
        if claim.resume is not None and "failed" in claim.resume:
            raise WaitedInVain(str(claim.resume["failed"]))
        if claim.role == GONE:
            raise StarterGone(str(claim.actor["name"]))
        if claim.graph not in self._graphs:
            raise UnknownGraph(f"This version has no graph called {claim.graph}.")
        return self._graphs[claim.graph]

    async def _outcome(self, run: ActiveRun, earlier: list[Part]) -> Ending | list[Interrupted]:
        claim = run.claim
        try:
            graph = self._admit(claim)
            found = await self._driver.drive(run, graph, self._compiled[claim.graph], earlier)
        except Fenced:
            raise
        except Exception as error:  # noqa: BLE001  # every failure ends in a terminal state
            return ending.failed(run, error)
        return found or ending.succeeded(run)

    async def _end(
        self, held: Held, run: ActiveRun, earlier: list[Part], last: tuple[Ending, list[Part]]
    ) -> None:
        claim, engine = held.claim, self._engine
        tries = 0
        end, rest = last
        while True:
            try:
                ended = await finish(engine.pool, held.log, (*earlier, *held.log.parts), rest, end)
            except LOST_DATABASE:
                tries += 1
                if tries > _MOST_RETRIES:
                    raise
                await asyncio.sleep(_RETRY)
            else:
                break
        self._held.pop(claim.id, None)
        engine.hub.publish(claim.id, ended.first, ended.parts)
        # A run's id is made when its request arrives, in whatever process that was.
        took = age(claim.id)
        if ended.first == 1:
            stream_first_byte_seconds.observe(took)
        if claim.thread_id is not None:
            chat_request_seconds.observe(took)
            engine.bus.tell_all(THREAD, (thread_word(claim.org_id, claim.thread_id, "run"),))
        if ended.more:
            engine.bus.tell_all(QUEUE, (claim.id.hex,))
        graph = self._graphs.get(claim.graph)
        if end.status == "succeeded" and graph is not None:
            self._later(graph.after(run))

    async def _give_back(self, claim: Claim) -> None:
        try:
            await self._claims.release(claim.id, claim.epoch)
            reach("run.released")
        except psycopg.Error as error:
            log.warning("release_failed", run_id=str(claim.id), error=str(error))
        self._engine.bus.tell(QUEUE, (claim.id.hex,))

    async def _survive(self, claim: Claim) -> None:
        """Say that a lease was lost and the process was not: a slow machine parks no run."""
        times = self._survived[claim.id] = self._survived.get(claim.id, 0) + 1
        if len(self._survived) > _REMEMBERED:
            del self._survived[next(iter(self._survived))]
        if times <= _MOST_SURVIVED:
            await self._claims.survived(claim.id, claim.epoch)

    def _later(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001  # the answer is stored; this was extra
                log.warning("after_run_failed", error=str(error))

        task = asyncio.create_task(guarded(), name="after run")
        self._after.add(task)
        task.add_done_callback(self._after.discard)
