"""The short way of a question: what it looks up, and when it leaves the long way to it."""

from typing import Any
from uuid import UUID

from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.sources.models import Source
from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn


async def say(place: Place, chat: str, words: str, **more: Any) -> str:
    part = {"type": "text", "text": words}
    message = {"id": uuid7().hex, "role": "user", "parts": [part]}
    body = {"id": chat, "message": message, **more}
    answer = await place.http.post("/chat", json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


async def a_source(place: Place, name: str) -> str:
    async with place.context().begin() as tx:
        number = await next_number(tx, "source")
        made = await add_owned(tx, Source(number=number, name=name, engine="files", config={}))
        return str(made.id)


async def threads(place: Place) -> list[dict[str, Any]]:
    """Every thread, newest message first; other tests have theirs in the same place."""
    return (await place.http.get("/threads")).json()["data"]


async def test_a_chat_is_found_again_by_the_name_its_client_gave(place: Place) -> None:
    place.script(Turn.say("First answer."), Turn.say("Second answer."))
    assert "First" in await say(place, "my-chat", "first question")
    assert "Second" in await say(place, "my-chat", "second question")
    thread = (await threads(place))[0]
    assert [m["role"] for m in await place.messages(thread["id"])] == ["user", "assistant"] * 2
    told = [(m["role"], m["content"]) for m in place.asked[-1]["messages"][1:]]
    assert told == [
        ("user", "first question"),
        ("assistant", "First answer."),
        ("user", "second question"),
    ]


async def test_a_new_chat_asks_the_sources_it_names_and_every_source_otherwise(
    place: Place,
) -> None:
    place.script(Turn.say("ok"))
    first, second = await a_source(place, "reds"), await a_source(place, "blues")
    await say(place, "one", "hello", source_ids=[second])
    await say(place, "all", "hello")
    everything, one = (await threads(place))[:2]
    assert one["source_ids"] == [second]
    assert everything["source_ids"][-2:] == [first, second]
    # Rendered for the first answer, remembered for the next ones.
    await say(place, "all", "again")
    prompts = [request["messages"][0]["content"] for request in place.asked[-3:]]
    assert ["Source reds" in prompt for prompt in prompts] == [False, True, True]
    assert ["Source blues" in prompt for prompt in prompts] == [True, True, True]


async def test_other_sources_named_later_are_kept_by_the_chat(place: Place) -> None:
    place.script(Turn.say("ok"))
    first, second = await a_source(place, "old"), await a_source(place, "new")
    await say(place, "chat", "hello", source_ids=[first])
    await say(place, "chat", "and now", source_ids=[second])
    assert (await threads(place))[0]["source_ids"] == [second]


async def test_an_unknown_source_or_model_starts_nothing(place: Place) -> None:
    before = [thread["id"] for thread in await threads(place)]
    part = {"type": "text", "text": "hello"}
    message = {"id": "m", "role": "user", "parts": [part]}
    for wrong in ({"source_ids": [str(UUID(int=7))]}, {"model_id": str(UUID(int=7))}):
        answer = await place.http.post("/chat", json={"id": "c", "message": message, **wrong})
        assert answer.status_code == 404, answer.text
    assert [thread["id"] for thread in await threads(place)] == before


async def test_a_removed_chat_does_not_come_back(place: Place) -> None:
    place.script(Turn.say("ok"))
    await say(place, "gone", "hello")
    thread, asked = (await threads(place))[0], len(place.asked)
    assert (await place.http.delete(f"/threads/{thread['id']}")).status_code == 204
    part = {"type": "text", "text": "hello again"}
    message = {"id": "m2", "role": "user", "parts": [part]}
    answer = await place.http.post("/chat", json={"id": "gone", "message": message})
    assert answer.status_code == 404
    assert len(place.asked) == asked
