"""Threads belong to whoever began them."""

import asyncio
from typing import Any, cast

import httpx
import pytest

from datelier.kit.ids import uuid7
from tests.chat.conftest import Place, make_member, sse_parts
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
