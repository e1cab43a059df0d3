"""Many questions at once: stored together, in order, and none for the failure of another."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from datelier.kit.ids import uuid7
from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn


async def post(place: Place, chat: str, words: str, **more: Any) -> httpx.Response:
    message = {"id": uuid7().hex, "role": "user", "parts": [{"type": "text", "text": words}]}
    return await place.http.post("/chat", json={"id": chat, "message": message, **more})


async def said(place: Place, thread_id: str) -> list[str]:
    """What people said in a thread, in order."""
    return [m["parts"][0]["text"] for m in await place.messages(thread_id) if m["role"] == "user"]


async def newest(place: Place, count: int) -> list[dict[str, Any]]:
    return (await place.http.get("/threads")).json()["data"][:count]


async def test_a_crowd_is_answered_and_shares_its_commits(place: Place) -> None:
    place.script(Turn.say("ok"))
    chats = [uuid7() for _ in range(20)]
    answers = await asyncio.gather(*(post(place, str(chat), f"ask {chat}") for chat in chats))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert all("[DONE]" in answer.text for answer in answers)
    assert [await said(place, str(chat)) for chat in chats] == [[f"ask {c}"] for c in chats]
    async with place.resources.db.system() as session:
        # An entry of the audit log is never written again, so it shows who stored it.
        made = await session.execute(
            text(
                "select count(distinct xmin::text) from audit_entry "
                "where action = 'thread.created' and target_id = any(:ids)"
            ),
            {"ids": chats},
        )
        assert made.scalar_one() < 20
        attempts = await session.execute(
            text("select distinct attempt, epoch from run where thread_id = any(:ids)"),
            {"ids": chats},
        )
        assert attempts.all() == [(1, 1)]


async def test_who_cannot_be_stored_fails_alone(place: Place) -> None:
    place.script(Turn.say("ok"))
    nobody = str(UUID(int=7))
    models = [nobody if index in (3, 6) else None for index in range(8)]
    answers = await asyncio.gather(
        *(post(place, str(uuid7()), "hello", model_id=model) for model in models)
    )
    assert [answer.status_code for answer in answers] == [404 if m else 200 for m in models]


async def test_two_questions_of_one_chat_come_after_one_another(place: Place) -> None:
    place.script(Turn.say("ok"))
    first, second = await asyncio.gather(
        post(place, "at once", "one"), post(place, "at once", "two")
    )
    assert (first.status_code, second.status_code) == (200, 200)
    [thread] = await newest(place, 1)
    assert sorted(await said(place, thread["id"])) == ["one", "two"]
    # The same chat by the name its client gave and by ours.
    await asyncio.gather(post(place, "at once", "three"), post(place, thread["id"], "four"))
    assert sorted((await said(place, thread["id"]))[2:]) == ["four", "three"]
    parents = [message["parent_id"] for message in await place.messages(thread["id"])]
    assert len(set(parents)) == len(parents) == 8
