"""A run has the rights of whoever started it: those of then that they still have."""

import asyncio
from dataclasses import replace
from typing import Any, TypedDict
from uuid import UUID

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.schemas import ActionDecision, DecideIn, RequestQuery
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.runs import decide as deciding
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.tick import look_once
from tests.inbox.conftest import make_person
from tests.runs.conftest import begin, graph_of, running, watch, watching
from tests.runs.processes import until

held: list[frozenset[str]] = []
reached = asyncio.Event()


class _State(TypedDict):
    done: list[str]


async def _note(run: ActiveRun) -> None:
    held.append(run.ctx.scopes)


async def _ask(_state: _State, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    held.append(runtime.context.ctx.scopes)
    interrupt("Go on?")
    return {"done": ["ask"]}


async def _forever(run: ActiveRun) -> None:
    reached.set()
    await asyncio.Event().wait()


def _asking() -> Any:
    graph = StateGraph(_State, context_schema=ActiveRun)
    ask: Any = _ask
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    return graph


NOTES = graph_of("notes", _note)
ASKS = Graph("asks", _asking, {"done": []})
STAYS = graph_of("stays", _forever)


@pytest.fixture
async def builder(ctx: Context) -> Context:
    """A member who may write."""
    held.clear()
    return await make_person(ctx.resources, ctx.org_id, "Eve")


async def change(ctx: Context, statement: str) -> None:
    async with ctx.db.system() as session:
        await session.execute(text(statement), {"person": ctx.actor.id})


REMOVED = "delete from membership where person_id = :person"
DEMOTED = "update membership set role = 'viewer' where person_id = :person"
DISABLED = "update person set disabled_at = now() where id = :person"


async def status_of(ctx: Context, run_id: UUID) -> tuple[str, Any]:
    async with ctx.begin() as tx:
        found = await tx.session.execute(
            text("select status, error from run where id = :id"), {"id": run_id}
        )
        row = found.one()
    error: dict[str, Any] = row.error or {}
    return row.status, error.get("code")


@pytest.mark.parametrize("left", [REMOVED, DISABLED], ids=["removed", "disabled"])
async def test_what_somebody_has_queued_who_has_left_is_not_begun(
    builder: Context, left: str
) -> None:
    async with watching(builder.resources) as engine:
        run_id = await begin(replace(builder, resources=engine.resources), "notes")
    await change(builder, left)
    async with running(builder.resources, NOTES) as (engine, _):
        seen = await watch(engine, run_id)
    assert "Eve started this and is no longer a member" in seen[-1][1]["errorText"]
    assert await status_of(builder, run_id) == ("failed", "starter_gone")
    assert held == []


async def test_a_run_that_waited_goes_on_with_no_more_than_its_starter_may_by_then(
    builder: Context,
) -> None:
    async with running(builder.resources, ASKS) as (engine, _):
        own = replace(builder, resources=engine.resources)
        run_id = await begin(own, "asks")

        async def asked() -> Any:
            async with own.begin() as tx:
                page = await inbox.list_requests(tx, RequestQuery(view="open"))
            return page.data

        [request] = await until(asked, "the run waits")
        await change(builder, DEMOTED)
        said = ActionDecision(action_id="1", type="respond", message="yes")
        given = DecideIn(decision_id=uuid7(), revision=request.revision, decisions=[said])
        await deciding.decide(own, request.id, given)
        await watch(engine, run_id)
    before, after = held
    assert {"query:write", "run:create", "query:get"} <= before
    assert {"query:write", "run:create"}.isdisjoint(after)
    assert "query:get" in after


async def test_a_run_that_works_for_somebody_who_has_left_is_stopped(builder: Context) -> None:
    reached.clear()
    async with running(builder.resources, STAYS) as (engine, _):
        run_id = await begin(replace(builder, resources=engine.resources), "stays")
        await asyncio.wait_for(reached.wait(), 10)
        await change(builder, REMOVED)
        await look_once(engine.resources)
        seen = await watch(engine, run_id)
    assert seen[-1][1]["type"] == "abort"
    assert await status_of(builder, run_id) == ("cancelled", None)
