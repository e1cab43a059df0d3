"""Calls that a person must allow: asked for, decided in the inbox, made exactly once or not."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.chat import tools
from tests.chat.conftest import Place
from tests.runs.processes import until
from tests.support.scripted_openai import Turn

BY = "Ada (token t)"


class Chat:
    """One thread in which the agent wants to clean tables."""

    def __init__(self, place: Place, thread_id: str, run_id: str) -> None:
        self.place = place
        self.thread_id = thread_id
        self.run_id = run_id

    @classmethod
    async def begin(cls, place: Place, *turns: Turn) -> "Chat":
        tools.cleaned.clear()
        tools.calls.clear()
        place.script(*turns)
        thread_id = await place.thread()
        sent = await place.send(thread_id, "Clean up.")
        return cls(place, thread_id, sent["run_id"])

    async def request(self) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            got = await self.place.http.get("/requests", params={"view": "open"})
            found = [r for r in got.json()["data"] if r["run_id"] == self.run_id]
            return found[0] if found else None

        return await until(look, "a request is there")

    async def decide(self, kind: str, **more: Any) -> dict[str, Any]:
        request = await self.request()
        decisions = [{"action_id": a["id"], "type": kind, **more} for a in request["actions"]]
        return await self.send(request, decisions)

    async def send(self, request: dict[str, Any], decisions: list[dict[str, Any]]) -> Any:
        body = {
            "decision_id": str(uuid4()),
            "revision": request["revision"],
            "decisions": decisions,
        }
        got = await self.place.http.post(f"/requests/{request['id']}/decide", json=body)
        assert got.status_code == 200, got.text
        return got.json()

    async def answer(self) -> dict[str, Any]:
        await self.place.parts(self.run_id)
        return (await self.place.messages(self.thread_id))[-1]

    def told(self) -> str:
        """What the model was told of its last call."""
        return str(self.place.asked[-1]["messages"][-1]["content"])


def clean(table: str = "orders", **more: Any) -> Turn:
    return Turn.call("clean", {"table": table, **more})


def part(answer: dict[str, Any], kind: str = "dynamic-tool") -> dict[str, Any]:
    return next(p for p in answer["parts"] if p["type"] == kind)


@pytest.mark.contract("S24", "S39")
async def test_an_approved_call_is_made_exactly_as_it_was_shown(place: Place) -> None:
    chat = await Chat.begin(place, clean(limit=3), Turn.say("Done."))
    request = await chat.request()
    assert tools.cleaned == []
    assert request["title"] == "Analyst wants to clean orders"
    assert (request["kind"], request["risk"]) == ("approval", "write")
    assert request["preview"] == {"actions": {"1": {"rows": 3}}}
    assert request["actions"][0]["args"] == {"table": "orders", "limit": 3}
    assert request["actions"][0]["args_schema"]["properties"]["limit"]["type"] == "integer"
    assert request["owner"]["name"] == "Ada"
    await chat.decide("approve")
    answer = await chat.answer()
    assert tools.cleaned == [{"table": "orders", "limit": 3}]
    assert part(answer)["output"] == {"cleaned": 3}
    card = part(answer, "data-request")["data"]
    assert (card["status"], card["decided_by"]) == ("approved", BY)
    detail = (await place.http.get(f"/requests/{request['id']}")).json()
    assert [entry["what"] for entry in detail["history"]] == ["opened", "decided", "used"]


async def test_an_edited_call_is_made_as_edited(place: Place) -> None:
    chat = await Chat.begin(place, clean(limit=1000), Turn.say("Done."))
    await chat.decide("edit", args={"table": "orders", "limit": 5})
    answer = await chat.answer()
    assert tools.cleaned == [{"table": "orders", "limit": 5}]
    assert part(answer)["input"] == {"table": "orders", "limit": 5}


async def test_a_rejected_call_is_not_made_and_the_model_learns_why(place: Place) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Then not."))
    await chat.decide("reject", message="too broad")
    answer = await chat.answer()
    assert tools.cleaned == []
    assert part(answer)["state"] == "output-denied"
    assert chat.told() == f"{BY} rejected Clean: too broad"


async def test_a_response_goes_to_the_model_in_place_of_a_result(place: Place) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("I see."))
    await chat.decide("respond", message="use the archive instead")
    await chat.answer()
    assert tools.cleaned == []
    assert chat.told() == f"Not executed. {BY} answered instead: use the archive instead"


async def test_several_calls_are_one_request_and_decided_one_by_one(place: Place) -> None:
    both = clean("a")
    calls = Turn(both.pieces, calls=(*both.calls, *clean("b").calls))
    chat = await Chat.begin(place, calls, Turn.say("Done."))
    request = await chat.request()
    assert request["title"] == "Analyst wants to do 2 things: clean a; clean b"
    kinds = {"a": "approve", "b": "reject"}
    decisions = [
        {"action_id": a["id"], "type": kinds[a["args"]["table"]]} for a in request["actions"]
    ]
    await chat.send(request, decisions)
    await chat.answer()
    assert [call["table"] for call in tools.cleaned] == ["a"]


async def test_reading_calls_of_the_same_turn_are_made_once(place: Place) -> None:
    count = Turn.call("count_rows", {"table": "orders"})
    both = Turn(count.pieces, calls=(*count.calls, *clean().calls))
    chat = await Chat.begin(place, both, Turn.say("Done."))
    await chat.decide("approve")
    await chat.answer()
    assert (len(tools.calls), len(tools.cleaned)) == (1, 1)


async def test_nobody_is_asked_for_a_call_that_cannot_be_made(place: Place) -> None:
    chat = await Chat.begin(place, Turn.call("clean", {"limit": "x"}), Turn.say("Sorry."))
    await chat.answer()
    assert "table: Field required" in chat.told()
    listed = await place.http.get("/requests", params={"view": "open"})
    assert all(r["run_id"] != chat.run_id for r in listed.json()["data"])


async def test_a_preview_that_fails_says_so_and_the_call_can_still_be_decided(
    place: Place,
) -> None:
    chat = await Chat.begin(place, clean("locked"), Turn.say("Done."))
    request = await chat.request()
    assert request["preview"] == {"actions": {"1": {"error": "The table is locked."}}}
    await chat.decide("reject")
    await chat.answer()


async def test_what_destroys_says_so(place: Place) -> None:
    chat = await Chat.begin(place, clean("everything"), Turn.say("Done."))
    assert (await chat.request())["risk"] == "destructive"
    await chat.decide("reject")
    await chat.answer()


@pytest.mark.parametrize(
    "change",
    [
        'actions = json_build_array((actions->0)::jsonb || \'{"definition_hash": "old"}\')',
        'actions = json_build_array((actions->0)::jsonb || \'{"args": {"table": "other"}}\')',
    ],
    ids=["the tool", "the arguments"],
)
async def test_what_changed_after_the_decision_is_not_made(place: Place, change: str) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Hm."))
    request = await chat.request()
    async with place.resources.db.engine.begin() as owner:
        await owner.execute(text("alter table request disable row level security"))
        await owner.execute(
            text(f"update request set {change} where id = cast(:id as uuid)"),
            {"id": request["id"]},
        )
        await owner.execute(text("alter table request enable row level security"))
    got = await place.http.post(
        f"/requests/{request['id']}/decide",
        json={
            "decision_id": str(uuid4()),
            "revision": 1,
            "decisions": [{"action_id": "1", "type": "approve"}],
        },
    )
    # A tool that changed is noticed at once; changed arguments when they would be used.
    assert got.status_code in (200, 409), got.text
    if got.status_code == 409:
        assert got.json()["code"] == "request_superseded"
    await chat.answer()
    assert tools.cleaned == []
    assert "was not executed" in chat.told()


async def test_a_message_queues_while_a_run_waits_and_send_now_withdraws_the_request(
    place: Place,
) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Next."))
    request = await chat.request()
    queued = await place.send(chat.thread_id, "And then?")
    assert (queued["queued"], queued["ahead"]) == (True, 1)
    now = await place.send(chat.thread_id, "Forget it.", mode="send_now")
    await place.parts(chat.run_id)
    await place.parts(queued["run_id"])
    await place.parts(now["run_id"])
    shown = (await place.http.get(f"/requests/{request['id']}")).json()
    assert (shown["status"], shown["note"]) == ("withdrawn", f"Stopped by {BY}.")
    assert tools.cleaned == []
    late = await place.http.post(
        f"/requests/{request['id']}/decide",
        json={
            "decision_id": str(uuid4()),
            "revision": 1,
            "decisions": [{"action_id": "1", "type": "approve"}],
        },
    )
    assert (late.status_code, late.json()["code"]) == (409, "request_withdrawn")


async def test_deleting_the_chat_withdraws_what_it_asked(place: Place) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Done."))
    request = await chat.request()
    gone = await place.http.delete(f"/threads/{chat.thread_id}")
    assert gone.status_code == 204, gone.text

    async def withdrawn() -> bool:
        shown = (await place.http.get(f"/requests/{request['id']}")).json()
        return shown["status"] == "withdrawn"

    await until(withdrawn, "the request is withdrawn")
    assert tools.cleaned == []


async def test_thirty_clicks_and_the_call_is_made_once(place: Place) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Done."))
    request = await chat.request()

    async def click() -> int:
        body = {
            "decision_id": str(uuid4()),
            "revision": 1,
            "decisions": [{"action_id": "1", "type": "approve"}],
        }
        return (await place.http.post(f"/requests/{request['id']}/decide", json=body)).status_code

    codes = await asyncio.gather(*(click() for _ in range(30)))
    assert sorted(codes) == [200] + [409] * 29
    await chat.answer()
    assert len(tools.cleaned) == 1


async def test_the_list_of_chats_says_which_chat_waits_for_a_person(place: Place) -> None:
    chat = await Chat.begin(place, clean(), Turn.say("Then not."), Turn.say("Yes?"))
    await chat.request()
    behind = await place.send(chat.thread_id, "Are you there?")

    async def active() -> dict[str, Any] | None:
        listed = (await place.http.get("/threads")).json()["data"]
        return next(one for one in listed if one["id"] == chat.thread_id)["active_run"]

    assert await active() == {"id": chat.run_id, "status": "waiting"}
    await chat.decide("reject")
    # The run that was decided about goes on, and the one behind it: neither waits for a person.
    assert (await active() or {"status": "ended"})["status"] != "waiting"
    await place.parts(behind["run_id"])
    assert await active() is None
