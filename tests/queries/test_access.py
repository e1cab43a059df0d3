"""What was asked in a chat, and what came of it, is its owner's; others learn not even that it is."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from datelier.kit.context import Actor, Context
from datelier.kit.ids import uuid7
from tests.conftest import add_person
from tests.queries.test_queries import begin_thread
from tests.sources.app import client

ORDERS = b"id,region,amount\n1,North,10.5\n2,South,3\n3,North,7\n"
SQL = "select region, amount from orders order by id"


@pytest.fixture
async def source(http: httpx.AsyncClient) -> str:
    answer = await http.post("/sources/upload", files=[("files", ("orders.csv", ORDERS))])
    return str(answer.json()["id"])


async def person(ctx: Context, name: str) -> Context:
    person_id = await add_person(ctx.resources, ctx.org_id, name, "owner")
    return replace(ctx, actor=Actor("user", person_id, name))


@pytest.fixture
async def ada(ctx: Context, source: str) -> Context:
    assert source  # made before anybody else signs in
    return await person(ctx, "Ada")


@pytest.fixture
async def grace(ctx: Context) -> Context:
    return await person(ctx, "Grace")


async def asked(ctx: Context, source: str, thread: UUID | None) -> dict[str, Any]:
    """A query with rows and a chart of somebody's."""
    async with client(ctx) as http:
        body: dict[str, Any] = {"source_id": source, "sql": SQL}
        if thread is not None:
            body["thread_id"] = str(thread)
        version = (await http.post("/queries", json=body)).json()
        drawn = await http.post("/charts", json={"result_id": version["result_id"]})
        assert drawn.status_code == 201, drawn.text
    return version | {"chart_id": drawn.json()["id"]}


Call = tuple[str, str, dict[str, Any] | None]


def looks(of: dict[str, Any]) -> list[Call]:
    """Every way to see it."""
    result = f"/results/{of['result_id']}"
    return [
        ("GET", f"/queries/{of['query_id']}", None),
        ("GET", result, None),
        ("GET", f"{result}/rows", None),
        ("GET", f"{result}/profile?column=region", None),
        *(("GET", f"{result}/download?format={form}", None) for form in ("csv", "arrow")),
        ("POST", f"{result}/exports", {"format": "csv"}),
        ("GET", f"/charts/{of['chart_id']}", None),
    ]


def changes(of: dict[str, Any], source: str) -> list[Call]:
    """Every way to make something of it."""
    again = {"source_id": source, "sql": "select 1 as n", "query_id": of["query_id"]}
    return [
        ("POST", "/queries", again),
        ("POST", f"/queries/{of['query_id']}/cancel", None),
        ("POST", "/charts", {"result_id": of["result_id"]}),
        ("PATCH", f"/charts/{of['chart_id']}", {"title": "Mine now"}),
    ]


async def called(http: httpx.AsyncClient, call: Call) -> httpx.Response:
    method, path, body = call
    return await http.request(method, path, json=body)


async def background(ctx: Context, thread: UUID, **request: Any) -> None:
    """Let the thread be that of a run in the background, with a request."""
    values = {"org": ctx.org_id, "thread": thread, "run": uuid7(), "request": uuid7()}
    async with ctx.resources.db.system() as session:
        await session.execute(
            text(
                "insert into run (id, org_id, graph, kind, thread_id, actor, status) "
                "values (:run, :org, 'background', 'background', :thread, '{}', 'succeeded')"
            ),
            values,
        )
        await session.execute(
            text(
                "insert into request (id, org_id, number, kind, title, run_id, audience, "
                "assignee_id) values (:request, :org, 1, 'finished', 'Done', :run, :audience, "
                ":assignee)"
            ),
            {"audience": "owner", "assignee": None, **values, **request},
        )


@pytest.mark.parametrize("in_a_chat", [True, False])
async def test_nobody_else_sees_a_query_its_rows_or_its_charts(
    ada: Context, grace: Context, source: str, in_a_chat: bool
) -> None:
    hers = await asked(ada, source, await begin_thread(ada) if in_a_chat else None)
    unknown = {key: str(uuid7()) for key in ("query_id", "result_id", "chart_id")}
    async with client(grace) as http:
        every = zip(
            looks(hers) + changes(hers, source),
            looks(unknown) + changes(unknown, source),
            strict=True,
        )
        for call, like in every:
            answer, expected = await called(http, call), await called(http, like)
            assert answer.status_code == 404, call
            assert answer.json() == expected.json(), call
    async with client(ada) as http:
        for call in looks(hers):
            assert (await called(http, call)).status_code == 200, call
        again, cancelled, drawn, renamed = [
            (await called(http, call)).status_code for call in changes(hers, source)
        ]
        # What has ended cannot be cancelled, which only its owner is told.
        assert (again, cancelled, drawn, renamed) == (200, 409, 201, 200)


async def test_who_is_asked_by_a_run_in_the_background_sees_what_it_asked_and_changes_nothing(
    ada: Context, grace: Context, source: str
) -> None:
    thread = await begin_thread(ada)
    hers = await asked(ada, source, thread)
    await background(ada, thread, assignee=grace.actor.id)
    async with client(grace) as http:
        for call in looks(hers):
            assert (await called(http, call)).status_code == 200, call
        for call in changes(hers, source):
            assert (await called(http, call)).status_code == 404, call


async def test_a_run_in_the_background_that_asked_only_its_owner_is_hers(
    ada: Context, grace: Context, source: str
) -> None:
    thread = await begin_thread(ada)
    hers = await asked(ada, source, thread)
    await background(ada, thread)
    async with client(grace) as http:
        for call in looks(hers):
            assert (await called(http, call)).status_code == 404, call


async def test_the_rows_of_a_removed_chat_stay_its_owners(
    ada: Context, grace: Context, source: str
) -> None:
    thread = await begin_thread(ada)
    hers = await asked(ada, source, thread)
    async with ada.resources.db.system() as session:
        await session.execute(
            text("update thread set deleted_at = now() where id = :thread"), {"thread": thread}
        )
    rows = ("GET", f"/results/{hers['result_id']}/rows", None)
    async with client(ada) as http:
        assert (await called(http, rows)).status_code == 200
    async with client(grace) as http:
        assert (await called(http, rows)).status_code == 404
