"""A run waits for a person: its slot is free, its request is stored, and it goes on once."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, TypedDict
from uuid import UUID

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.schemas import (
    ActionDecision,
    DecideIn,
    RequestDetail,
    RequestOut,
    RequestQuery,
)
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.runs import decide as deciding
from datelier.runs.engine import Engine
from datelier.runs.execution import ActiveRun, Graph
from datelier.runs.fold import fold
from datelier.runs.runner import Runner
from datelier.runs.start import stop_run
from datelier.runs.tick import look_once
from tests.runs.conftest import begin, running, say, watch
from tests.runs.processes import until
from tests.support.processes import until_soon

HUMAN: dict[str, Any] = {
    "action_request": {"action": "clean", "args": {"table": "orders", "limit": 10.0}},
    "config": {
        "allow_accept": True,
        "allow_edit": True,
        "allow_respond": True,
        "allow_ignore": True,
    },
    "description": "Clean orders?",
}

began: list[str] = []  # nodes, each time they begin
answers: list[Any] = []  # what interrupts gave


def _join(old: list[str], new: list[str]) -> list[str]:
    return old + new


class State(TypedDict):
    done: Annotated[list[str], _join]


def node(name: str, *asks: Any, speaks: bool = True) -> Any:
    async def act(state: State, runtime: Any) -> dict[str, Any]:
        run: ActiveRun = runtime.context
        began.append(name)
        for value in asks:
            said = interrupt(value)
            answers.append(said)
        if speaks:
            run.begin_step()
            await say(name)(run)
            run.finish_step()
        return {"done": [name]}

    return act


def chain(name: str, *nodes: tuple[str, Any]) -> Graph:
    def build() -> Any:
        graph = StateGraph(State, context_schema=ActiveRun)
        before = START
        for key, made in nodes:
            graph.add_node(key, made)
            graph.add_edge(before, key)
            before = key
        graph.add_edge(before, END)
        return graph

    return Graph(name, build, {"done": []})


def fork(name: str) -> Graph:
    """Two branches that ask at once."""

    def build() -> Any:
        graph = StateGraph(State, context_schema=ActiveRun)
        for key in ("left", "right"):
            graph.add_node(key, node(key, f"{key}?", speaks=False))
            graph.add_edge(START, key)
            graph.add_edge(key, "end")
        graph.add_node("end", node("end"))
        graph.add_edge("end", END)
        return graph

    return Graph(name, build, {"done": []})


GRAPHS = (
    chain("middle", ("first", node("first")), ("gate", node("gate", HUMAN, speaks=False)), ("last", node("last"))),
    chain("first", ("gate", node("gate", "Where?", speaks=False)), ("last", node("last"))),
    chain("twice", ("gate", node("gate", "one?", "two?")), ("last", node("last"))),
    chain("several", ("gate", node("gate", [HUMAN, HUMAN]))),
    fork("fork"),
)  # fmt: skip


@pytest.fixture
async def place(ctx: Context) -> AsyncGenerator[tuple[Engine, Runner, Context]]:
    began.clear()
    answers.clear()
    async with running(ctx.resources, *GRAPHS) as (engine, runner):
        yield engine, runner, Context(ctx.actor, ctx.org_id, ctx.scopes, engine.resources)


async def waiting(ctx: Context, run_id: UUID) -> list[RequestOut]:
    """The open requests of a run that waits."""

    async def look() -> list[RequestOut] | None:
        async with ctx.begin() as tx:
            status = await tx.session.execute(
                text("select status from run where id = :id"), {"id": run_id}
            )
            if status.scalar() != "waiting":
                return None
            page = await inbox.list_requests(tx, RequestQuery(view="open"))
            return [request for request in page.data if request.run_id == run_id]

    return await until(look, "the run waits")


def given(request: RequestOut, kind: str = "approve", **more: Any) -> DecideIn:
    decisions = [
        ActionDecision.model_validate({"action_id": action.id, "type": kind, **more})
        for action in request.actions
    ]
    return DecideIn(decision_id=uuid7(), revision=request.revision, decisions=decisions)


async def decide(ctx: Context, request: RequestOut, *args: Any, **more: Any) -> RequestDetail:
    return await deciding.decide(ctx, request.id, given(request, *args, **more))


async def row_of(ctx: Context, run_id: UUID) -> Any:
    async with ctx.begin() as tx:
        found = await tx.session.execute(text("select * from run where id = :id"), {"id": run_id})
        return found.one()


def texts(entries: list[tuple[int, dict[str, Any]]]) -> list[str]:
    folded = fold(part for _, part in entries)
    return [part["text"].strip() for part in folded if part["type"] == "text"]


def cards(entries: list[tuple[int, dict[str, Any]]]) -> list[str]:
    folded = fold(part for _, part in entries)
    return [part["data"]["status"] for part in folded if part["type"] == "data-request"]


@pytest.mark.contract("S38", "S39", "S59", "W30")
async def test_a_run_waits_without_a_slot_and_goes_on_with_the_decision(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, runner, ctx = place
    run_id = await begin(ctx, "middle")
    [request] = await waiting(ctx, run_id)
    # Its row says so a moment before the runner lets go of it.
    await until_soon(lambda: runner.running == 0)
    row = await row_of(ctx, run_id)
    assert (row.lease_owner, row.lease_until, row.waiting_since is not None) == (None, None, True)
    assert (request.kind, request.title, request.step_id) == ("approval", "Clean orders?", "gate")
    edited = {"table": "orders", "limit": 5.0}
    await decide(ctx, request, "edit", args=edited)
    seen = await watch(engine, run_id)
    assert began == ["first", "gate", "gate", "last"]
    assert answers == [[{"type": "edit", "args": {"action": "clean", "args": edited}}]]
    assert type(answers[0][0]["args"]["args"]["limit"]) is float
    assert texts(seen) == ["first", "last"]
    assert cards(seen) == ["edited"]
    kinds = [part["type"] for _, part in seen]
    assert kinds.count("reset-step") == 0
    assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
    row = await row_of(ctx, run_id)
    assert (row.status, row.attempt, row.waiting_since) == ("succeeded", 1, None)


async def test_a_run_that_asks_before_its_first_step_is_done_goes_on(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "first")
    [request] = await waiting(ctx, run_id)
    assert (request.kind, request.dialect) == ("question", "generic")
    await decide(ctx, request, "respond", message="in Oslo")
    assert texts(await watch(engine, run_id)) == ["last"]
    assert answers == ["in Oslo"]


async def test_one_step_may_ask_twice(place: tuple[Engine, Runner, Context]) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "twice")
    for said in ("1", "2"):
        [request] = await waiting(ctx, run_id)
        await decide(ctx, request, "respond", message=said)
    assert texts(await watch(engine, run_id)) == ["gate", "last"]
    # The step begins anew each time, and is given what it was answered before.
    assert answers == ["1", "1", "2"]


async def test_two_branches_ask_at_once_and_both_are_waited_for(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "fork")
    requests = {request.title: request for request in await waiting(ctx, run_id)}
    assert sorted(requests) == ["left?", "right?"]
    await decide(ctx, requests["right?"], "respond", message="R")
    assert (await row_of(ctx, run_id)).status == "waiting"
    await decide(ctx, requests["left?"], "respond", message="L")
    assert texts(await watch(engine, run_id)) == ["end"]
    assert sorted(answers) == ["L", "R"]


async def test_a_list_of_interrupts_is_one_request_and_answered_in_order(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "several")
    [request] = await waiting(ctx, run_id)
    assert len(request.actions) == 2
    reply = [{"type": "response", "args": "why?"}, {"type": "ignore", "args": None}]
    shown = await deciding.resume_in_kind(ctx, request.id, None, reply)
    assert shown.status == "responded"
    await watch(engine, run_id)
    assert answers == [reply]


async def test_thirty_decisions_at_once_and_the_run_goes_on_once(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "middle")
    [request] = await waiting(ctx, run_id)
    tries = await asyncio.gather(*(decide(ctx, request) for _ in range(30)), return_exceptions=True)
    assert sum(isinstance(answer, RequestDetail) for answer in tries) == 1
    assert texts(await watch(engine, run_id)) == ["first", "last"]
    assert began.count("last") == 1


async def test_stop_withdraws_what_was_asked_and_keeps_what_was_said(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "middle")
    [request] = await waiting(ctx, run_id)
    for _ in range(2):  # a second stop changes nothing
        async with ctx.begin() as tx:
            await stop_run(tx, run_id)
    seen = await watch(engine, run_id)
    assert seen[-1][1]["type"] == "abort"
    assert texts(seen) == ["first"]
    assert cards(seen) == ["withdrawn"]
    assert (await row_of(ctx, run_id)).status == "cancelled"
    assert "last" not in began
    with pytest.raises(Exception, match="Stopped by"):
        await decide(ctx, request)


async def test_stop_after_the_decision_wins_over_going_on(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, runner, ctx = place
    run_id = await begin(ctx, "middle")
    [request] = await waiting(ctx, run_id)
    await runner.drain()
    await decide(ctx, request)
    async with ctx.begin() as tx:
        assert (await stop_run(tx, run_id)).status == "queued"
    again = Runner(engine, GRAPHS, ())
    await again.start()
    seen = await watch(engine, run_id)
    await again.drain()
    assert (texts(seen), seen[-1][1]["type"]) == (["first"], "abort")
    assert began == ["first", "gate"]


async def test_time_is_over_and_the_run_goes_on_without_approval(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "middle")
    [request] = await waiting(ctx, run_id)
    async with ctx.begin() as tx:
        await tx.session.execute(
            text("update request set expires_at = now() where id = :id"), {"id": request.id}
        )
    async with ctx.begin() as tx:
        assert await deciding.expire(tx, await deciding.lock_request(tx, request.id))
    seen = await watch(engine, run_id)
    assert cards(seen) == ["expired"]
    assert answers == [[{"type": "response", "args": "Rejected: Nobody decided in time."}]]


async def void_after(
    ctx: Context, engine: Engine, run_id: UUID, change: str
) -> list[tuple[int, dict[str, Any]]]:
    async with ctx.db.system() as session:
        await session.execute(text(change), {"run": run_id, "org": ctx.org_id})
    await look_once(engine.resources)
    return await watch(engine, run_id)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            (
                "with s as (insert into source (id, org_id, number, name, engine, config, deleted_at) "
                "values (gen_random_uuid(), :org, 1, 'Shop', 'files', '{}', now()) returning id) "
                "update request set source_id = (select id from s) where run_id = :run"
            ),
            "The source Shop was removed",
        ),
        (
            (
                "with a as (insert into agent (id, org_id, number, name, slug, draft, archived_at) "
                "values (gen_random_uuid(), :org, 1, 'Bo', 'bo', '{}', now()) returning id) "
                "update run set agent_id = (select id from a) where id = :run"
            ),
            "The agent Bo was archived",
        ),
        (
            (
                "with a as (insert into agent (id, org_id, number, name, slug, draft) "
                "values (gen_random_uuid(), :org, 1, 'Bo', 'bo', '{}') returning id), "
                "t as (insert into thread (id, org_id, number, agent_id, deleted_at) "
                "select gen_random_uuid(), :org, 1, id, now() from a returning id) "
                "update run set thread_id = (select id from t) where id = :run"
            ),
            "The chat was deleted",
        ),
        (
            (
                "update run set actor = actor || jsonb_build_object('id', gen_random_uuid(), "
                "'name', 'Eve') where id = :run and :org is not null"
            ),
            "Eve is no longer a member",
        ),
    ],
    ids=["source", "agent", "thread", "member"],
)
async def test_what_a_run_waits_for_is_gone_and_it_says_so(
    place: tuple[Engine, Runner, Context], change: str, why: str
) -> None:
    engine, _, ctx = place
    run_id = await begin(ctx, "middle")
    await waiting(ctx, run_id)
    seen = await void_after(ctx, engine, run_id, change)
    assert (seen[-1][1]["type"], cards(seen)) == ("error", ["withdrawn"])
    assert why in seen[-1][1]["errorText"]
    row = await row_of(ctx, run_id)
    assert (row.status, row.error["code"]) == ("failed", "request_withdrawn")
    assert texts(seen) == ["first"]


async def test_the_tick_expires_what_is_due_and_wakes_what_was_put_off(
    place: tuple[Engine, Runner, Context],
) -> None:
    engine, _, ctx = place
    late, asleep = await begin(ctx, "middle"), await begin(ctx, "first")
    [first], [second] = await waiting(ctx, late), await waiting(ctx, asleep)
    async with ctx.begin() as tx:
        for column, request in (("expires_at", first), ("snoozed_until", second)):
            await tx.session.execute(
                text(f"update request set {column} = now() where id = :id"), {"id": request.id}
            )
    await asyncio.gather(*(look_once(engine.resources) for _ in range(3)))
    assert cards(await watch(engine, late)) == ["expired"]
    async with ctx.begin() as tx:
        shown = await inbox.get_request(tx, second.id)
        expired = await inbox.get_request(tx, first.id)
    assert (shown.status, shown.snoozed_until) == ("pending", None)
    assert [entry.what for entry in expired.history] == ["opened", "expired"]
