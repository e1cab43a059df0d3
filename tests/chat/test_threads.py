"""Threads belong to whoever began them."""

import asyncio
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text

from datelier.chat.schemas import MessageIn
from datelier.chat.service import send_message
from datelier.kit.ids import uuid7
from datelier.threads.service import get_own_thread, list_threads
from tests.chat.conftest import Place, make_member, sse_parts
from tests.runs.processes import until
from tests.support.scripted_openai import Turn

UNKNOWN = "01900000-0000-7000-8000-000000000000"


async def test_a_colleagues_thread_is_not_there(place: Place) -> None:
    place.script(Turn.say("ok"))
    thread_id = await place.thread(title="Mine")
    sent = await place.send(thread_id, "hello")
    await place.parts(sent["run_id"])
    _, secret = await make_member(place.resources, place.org_id, "Bob")
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers) as bob:
        for method, path, body in (
            ("GET", f"/threads/{thread_id}", None),
            ("PATCH", f"/threads/{thread_id}", {"title": "Stolen"}),
            ("DELETE", f"/threads/{thread_id}", None),
            ("GET", f"/threads/{thread_id}/messages", None),
            ("GET", f"/threads/{thread_id}/queries", None),
            ("POST", f"/threads/{thread_id}/messages", {"text": "hi"}),
            ("POST", "/threads", {"id": thread_id}),
            ("GET", f"/runs/{sent['run_id']}", None),
            ("GET", f"/runs/{sent['run_id']}/events", None),
            ("POST", f"/runs/{sent['run_id']}/stop", None),
            ("GET", f"/chat/{thread_id}/stream", None),
            ("POST", f"/chat/{thread_id}/stop", None),
        ):
            answer = await bob.request(method, path, json=body)
            assert answer.status_code == 404, (method, path, answer.text)
        said: dict[str, Any] = {
            "id": thread_id,
            "message": {"role": "user", "parts": [], "content": "hi"},
        }
        assert (await bob.post("/chat", json=said)).status_code == 404
        assert (await bob.get("/threads")).json()["data"] == []


async def test_asking_for_the_same_id_twice_gives_the_same_thread(place: Place) -> None:
    chosen = "01900000-0000-7000-8000-0000000000aa"
    first = await place.http.post("/threads", json={"id": chosen, "title": "One"})
    again = await place.http.post("/threads", json={"id": chosen, "title": "Two"})
    assert first.json()["id"] == again.json()["id"] == chosen
    assert again.json()["title"] == "One"


async def test_threads_are_found_by_title_and_by_what_was_said(place: Place) -> None:
    place.script(Turn.say("The zebra answer."))
    by_text, by_title = await place.thread(), await place.thread(title="A zebra title")
    await place.parts((await place.send(by_text, "stripes?"))["run_id"])
    found = (await place.http.get("/threads", params={"q": "zebra"})).json()["data"]
    assert [t["id"] for t in found] == [by_text, by_title]
    assert (await place.http.get("/threads", params={"q": "giraffe"})).json()["data"] == []


async def test_every_word_is_found_in_any_order_and_the_last_from_its_beginning(
    place: Place,
) -> None:
    place.script(Turn.say("The hippopotamus answers."))
    said, titled = await place.thread(), await place.thread(title="Hippopotamus sales in Perth")
    await place.parts((await place.send(said, "who?"))["run_id"])
    for words, found in (
        ("hippopo", [said, titled]),
        ("the hippopo", [said]),
        ("perth hippopotamus", [titled]),
        ("hippopo answers", []),
        ("hippopotamus london", []),
        ("&", []),
        ("'", []),
    ):
        page = (await place.http.get("/threads", params={"q": words})).json()
        assert [thread["id"] for thread in page["data"]] == found, words


async def test_a_list_reads_the_threads_of_its_caller_alone(place: Place) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        asked.append((sql, values))

    engine = place.resources.db.engine.sync_engine
    async with place.context().begin() as tx:
        event.listen(engine, "before_cursor_execute", note)
        try:
            await list_threads(tx, q=None, cursor=None, limit=20)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        await tx.session.execute(text("set local enable_seqscan = off"))
        connection = await tx.session.connection()
        plan = await connection.exec_driver_sql(f"explain {asked[0][0]}", asked[0][1])
        lines = [row[0] for row in plan]
    [found] = [line for line in lines if "Index Cond" in line]
    assert "owner_id = " in found


@pytest.mark.contract("S15")
async def test_pages_follow_each_other_without_gap(place: Place) -> None:
    for _ in range(5):
        await place.thread(title="paged")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2, "q": "paged", **({"cursor": cursor} if cursor else {})}
        page = (await place.http.get("/threads", params=query)).json()
        seen += [t["id"] for t in page["data"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("body", [{"source_ids": [UNKNOWN]}, {"model_id": UNKNOWN}])
async def test_a_thread_cannot_name_what_does_not_exist(
    place: Place, body: dict[str, object]
) -> None:
    assert (await place.http.post("/threads", json=body)).status_code == 404
    thread_id = await place.thread()
    assert (await place.http.patch(f"/threads/{thread_id}", json=body)).status_code == 404


async def test_a_deleted_thread_is_gone(place: Place) -> None:
    thread_id = await place.thread(title="Soon gone")
    assert (await place.http.delete(f"/threads/{thread_id}")).status_code == 204
    assert (await place.http.get(f"/threads/{thread_id}")).status_code == 404


async def test_what_is_asked_while_a_thread_is_being_deleted_is_stopped(place: Place) -> None:
    place.script(Turn.stall("Well"))
    ctx, thread_id = place.context(), UUID(await place.thread())
    async with ctx.begin() as tx:
        thread = await get_own_thread(tx, thread_id, for_update=True)
        sent = await send_message(tx, thread, MessageIn(text="One more thing"))
        deleting = asyncio.create_task(place.http.delete(f"/threads/{thread_id}"))

        async def waits() -> bool:
            async with place.resources.db.system() as session:
                blocked = await session.execute(
                    text("select 1 from pg_locks where not granted and locktype = 'transactionid'")
                )
                return blocked.scalar() is not None

        await until(waits, "the deletion waits for the thread")
    assert (await deleting).status_code == 204

    async def ended() -> str | None:
        async with place.resources.db.system() as session:
            found = await session.execute(
                text("select status from run where id = :id and finished_at is not null"),
                {"id": sent.run_id},
            )
            return found.scalar()

    assert await until(ended, "the run ends", 10) == "cancelled"


async def test_a_question_that_was_asked_twice_while_it_waited_is_taken_back_whole(
    place: Place,
) -> None:
    slow = Turn.say("Slow.", release=asyncio.Event())
    place.script(slow, Turn.say("Quick."))
    thread_id = await place.thread()
    first = await place.send(thread_id, "One")
    second = await place.send(thread_id, "Two")
    path = f"/threads/{thread_id}/messages/{second['message_id']}"
    again = (await place.http.post(f"{path}/regenerate", json={})).json()
    assert (await place.http.delete(path)).status_code == 204
    for run_id in (second["run_id"], again["run_id"]):
        assert (await place.http.get(f"/runs/{run_id}")).json()["status"] == "cancelled"
    third = await place.send(thread_id, "Three")
    assert slow.release is not None
    slow.release.set()
    for sent in (first, third):
        await place.parts(sent["run_id"])
    said = [
        part["text"]
        for m in await place.messages(thread_id)
        for part in m["parts"]
        if part["type"] == "text"
    ]
    assert said == ["One", "Slow.", "Three", "Quick."]


def first_words(chat_id: str, **more: object) -> dict[str, object]:
    parts = [{"type": "text", "text": "How many orders?"}]
    return {"id": chat_id, "message": {"id": "m1", "role": "user", "parts": parts}, **more}


async def test_a_chat_begun_twice_at_once_is_one_chat(place: Place) -> None:
    place.script(Turn.say("42"))
    name = f"twice-{uuid7()}"
    bodies = [first_words(name) for _ in range(6)]
    for number, body in enumerate(bodies):
        body["message"] = {**cast("dict[str, object]", body["message"]), "id": f"m{number}"}
    answers = await asyncio.gather(
        *(place.http.post("/chat", json=body, timeout=60) for body in bodies)
    )
    ends = [sse_parts(answer.text)[-1]["type"] for answer in answers]
    assert ends == ["finish"] * 6
    found = (await place.http.get("/threads", params={"limit": 200})).json()["data"]
    chains = [await place.messages(thread["id"]) for thread in found]
    [ours] = [chain for chain in chains if len(chain) == 12]
    assert len({message["parent_id"] for message in ours}) == 12


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (first_words("no-model", model_id=UNKNOWN), 404),
        (first_words("odd\0"), 422),
        ({"id": "odd", "message": {"id": "m\0", "role": "user", "content": "x"}}, 422),
    ],
)
async def test_a_chat_that_cannot_begin_leaves_nothing(
    place: Place, body: dict[str, object], status: int
) -> None:
    before = (await place.http.get("/threads")).json()["data"]
    answer = await place.http.post("/chat", json=body)
    assert answer.status_code == status, answer.text
    assert (await place.http.get("/threads")).json()["data"] == before
