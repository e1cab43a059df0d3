"""Executing one claim: from its checkpoint to the end of its graph."""

import asyncio
from collections.abc import Sequence
from copy import copy
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy.exc
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from datelier.identity.scopes import as_role, effective
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.fail_points import reach
from datelier.kit.log import get_logger
from datelier.runs.claim import GONE, Claim, Claims
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.fold import Part
from datelier.runs.pool import EnginePool
from datelier.runs.saver import FencedSaver, Interrupted

log = get_logger(__name__)

# What the drivers raise when PostgreSQL went away. Nodes and tools let these through: the step is
# done again once it is back.
LOST_DATABASE = (
    psycopg.OperationalError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
)
_OUTAGES = 5
_RETRY = 0.2

Compiled = CompiledStateGraph[Any, ActiveRun, Any, Any]


def context_of(resources: Resources, claim: Claim) -> Context:
    """Return the context a run acts under: the rights of whoever started it.

    They are those that its starter had then and still has: nobody acts through a run with rights
    that were taken from them.
    """
    actor = claim.actor
    actor_id: str | None = actor["id"]
    scopes: frozenset[str] = frozenset(actor["scopes"])
    if claim.role == GONE:
        scopes = frozenset()
    elif claim.role:
        scopes &= effective(as_role(claim.role), None)
    return Context(
        actor=Actor(actor["kind"], UUID(actor_id) if actor_id else None, actor["name"]),
        org_id=claim.org_id,
        scopes=scopes,
        resources=resources,
        correlation_id=actor["correlation_id"],
    )


class Driver:
    """Runs a compiled graph under one claim, across outages of PostgreSQL.

    Args:
        pool: Connections of the run engine.
        claims: To learn after an outage whether the claim still stands.
        max_steps: Most model calls of one run.
    """

    def __init__(self, pool: EnginePool, claims: Claims, max_steps: int) -> None:
        self._pool = pool
        self._claims = claims
        # A step is a model call, a person's approval and the tools that were called.
        self._limit = 3 * max_steps + 4

    async def drive(
        self, run: ActiveRun, graph: Graph, compiled: Compiled, earlier: Sequence[Part]
    ) -> list[Interrupted]:
        """Run the graph to its end, or to where it waits for a person.

        Args:
            run: The claim.
            graph: Its description.
            compiled: The graph, compiled without a checkpointer.
            earlier: What earlier claims have committed to the log.

        Returns:
            What it waits for; nothing when it came to its end.

        Raises:
            Fenced: Another process holds the run.
        """
        fresh = run.claim.fresh
        outages = 0
        while True:
            again = run.claim.attempt > 1
            saver = FencedSaver(self._pool, run.log, fresh=fresh, again=again)
            try:
                state = graph.initial if fresh else await self._resume(run, graph, saver, earlier)
                await self._invoke(run, compiled, saver, state)
            except LOST_DATABASE as error:
                outages += 1
                if outages > _OUTAGES:
                    raise
                log.warning("run_waits_for_database", run_id=str(run.id), error=str(error))
                await self._wait_for_database(run)
                fresh = False
            else:
                return list(saver.interrupts.values())

    async def _invoke(
        self,
        run: ActiveRun,
        compiled: Compiled,
        saver: FencedSaver,
        state: dict[str, Any] | Command[Any] | None,
    ) -> None:
        config: RunnableConfig = {**saver.run_config, "recursion_limit": self._limit}
        # Its own `copy` would prove the whole graph valid once more for every run.
        bound = copy(compiled)
        bound.checkpointer = saver
        # Nodes write to the log themselves; "custom" asks LangGraph to stream nothing.
        async for _ in bound.astream(
            state, config, context=run, stream_mode="custom", durability="sync"
        ):
            pass

    async def _resume(
        self, run: ActiveRun, graph: Graph, saver: FencedSaver, earlier: Sequence[Part]
    ) -> dict[str, Any] | Command[Any] | None:
        """Withdraw what the checkpoint does not know of; return what to go on with."""
        await run.log.flush()
        position = await saver.position()
        begun = 0
        requests: dict[str, Part] = {}  # of the step that is begun
        for seq, part in enumerate((*earlier, *run.log.parts), 1):
            if part["type"] == "start-step":
                begun = seq
                requests.clear()
            elif part["type"] == "data-request":
                requests[part["id"]] = part
        if begun and (position is None or (begun > position.log_seq and not position.step_done)):
            run.log.put({"type": "reset-step"}, at_once=True)
            run.step_is_open = True
            for part in requests.values():
                # What a person was asked stays, also when the step that asked is done again.
                run.log.put(dict(part))
        if position is None:
            return graph.initial
        answers: dict[str, str] = (run.claim.resume or {}).get("answers", {})
        # Answers are kept until the next interrupt: after a crash they are given once more, but
        # only to an interrupt that still waits for them.
        due = {key: orjson.loads(answers[key]) for key in position.interrupts if key in answers}
        if due:
            reach("resume.before")
        return Command(resume=due) if due else None

    async def _wait_for_database(self, run: ActiveRun) -> None:
        while True:
            try:
                held = await self._claims.renew({run.id: run.claim.epoch})
            except psycopg.OperationalError:
                await asyncio.sleep(_RETRY)
            else:
                if run.id not in held:
                    run.log.fence()
                    raise Fenced
                return
