"""Questions and answers through the public API, against a scripted model."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.chat import tools
from tests.chat.conftest import Place
from tests.runs.processes import until
from tests.support.scripted_openai import ToolCall, Turn


async def ask(place: Place, *turns: Turn, words: str = "How many orders?") -> dict[str, Any]:
    """Ask in a new thread; return the sent ids, the parts and the stored answer."""
    place.script(*turns)
    thread_id = await place.thread()
    sent = await place.send(thread_id, words)
    parts = await place.parts(sent["run_id"])
    answer = (await place.messages(thread_id))[-1]
    return {**sent, "parts": parts, "answer": answer}


def kinds(parts: list[dict[str, Any]]) -> list[str]:
    return [part["type"] for part in parts]


@pytest.mark.contract("S14")
async def test_an_answer_is_streamed_stored_and_paid_for(place: Place) -> None:
    got = await ask(place, Turn.say("There are 42 orders."))
    answer = got["answer"]
    assert answer["status"] == "complete"
    assert [p["text"] for p in answer["parts"] if p["type"] == "text"] == ["There are 42 orders."]
    assert answer["metadata"]["usage"] == {"input_tokens": 10, "output_tokens": 5}
    assert answer["metadata"]["cost"] == "0.00002"
    assert answer["metadata"]["model"]["name"] == "Scripted"
    thread = (await place.http.get(f"/threads/{got['thread_id']}")).json()
    assert thread["title"] == "How many orders?"
    assert thread["active_run"] is None
    assert thread["usage"]["output_tokens"] == 5
    run = (await place.http.get(f"/runs/{got['run_id']}")).json()
    assert (run["status"], run["attempt"], run["cost"]) == ("succeeded", 1, "0.00002")


def measured(name: str) -> tuple[float, float]:
    """How often a duration was observed, and the sum of seconds."""
    count = REGISTRY.get_sample_value(f"{name}_count")
    total = REGISTRY.get_sample_value(f"{name}_sum")
    assert count is not None
    assert total is not None
    return count, total


async def test_the_first_part_and_the_whole_answer_are_timed(place: Place) -> None:
    names = ("datelier_stream_first_byte_seconds", "datelier_chat_request_seconds")
    before = [measured(name) for name in names]
    await ask(place, Turn.say("There are 42 orders."))
    after = [measured(name) for name in names]
    counts = [new[0] - old[0] for old, new in zip(before, after, strict=True)]
    first, whole = [new[1] - old[1] for old, new in zip(before, after, strict=True)]
    assert counts == [1, 1]
    assert 0 < first <= whole < 60


@pytest.mark.contract("A16", "A20")
async def test_tools_run_once_each_and_their_results_reach_the_model(place: Place) -> None:
    tools.calls.clear()
    two = Turn.calling(
        ToolCall("count_rows", '{"table": "orders"}', "same"),
        ToolCall("count_rows", '{"table": "items"}', "same"),
    )
    before = len(place.asked)
    got = await ask(place, two, Turn.say("Done."))
    assert len(tools.calls) == len(set(tools.calls)) == 2
    shown = [p for p in got["answer"]["parts"] if p["type"] == "dynamic-tool"]
    assert [p["output"]["table"] for p in shown] == ["orders", "items"]
    assert len([p for p in got["answer"]["parts"] if p["type"] == "data-query"]) == 2
    first, second = place.asked[before : before + 2]
    assert "admin_only" not in [tool["function"]["name"] for tool in first["tools"]]
    results = [m["content"] for m in second["messages"] if m["role"] == "tool"]
    assert ["orders: 42 rows" in r and r.startswith("<data>") for r in results] == [True, False]
    assert got["answer"]["metadata"]["usage"] == {"input_tokens": 20, "output_tokens": 10}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (ToolCall("no_such_tool", "{}"), "There is no tool named no_such_tool"),
        (ToolCall("count_rows", '{"table": 3}'), "table: Input should be a valid string"),
        (ToolCall("count_rows", '{"table": '), "not a JSON object"),
        (ToolCall("refuse", "{}"), "The table is locked. Try later."),
        (ToolCall("break", "{}"), "Break failed. Reference: "),
    ],
)
async def test_a_failed_call_is_said_to_the_model_and_the_turn_goes_on(
    place: Place, call: ToolCall, said: str
) -> None:
    got = await ask(place, Turn.calling(call), Turn.say("Sorry."))
    (shown,) = [p for p in got["answer"]["parts"] if p["type"] == "dynamic-tool"]
    assert shown["state"] == "output-error"
    assert said in shown["errorText"]
    assert "internal detail" not in str(got["parts"])
    assert got["answer"]["status"] == "complete"
    assert said in str(place.asked[-1]["messages"][-1]["content"])


async def test_a_second_attempt_that_works_is_noted_with_its_reason(place: Place) -> None:
    got = await ask(
        place,
        Turn.call("count_rows", {"table": 3}),
        Turn.call("count_rows", {"table": "orders"}),
        Turn.call("count_rows", {"table": "returns"}),
        Turn.say("42."),
    )
    notes = [p["data"]["text"] for p in got["answer"]["parts"] if p["type"] == "data-step-note"]
    assert len(notes) == 1
    assert notes[0].startswith("repeated: Count rows: The arguments of count_rows do not fit")


async def test_a_model_that_only_calls_tools_comes_to_a_typed_end(place: Place) -> None:
    got = await ask(place, Turn.call("count_rows", {"table": "orders"}))
    assert got["parts"][-1]["type"] == "error"
    assert got["parts"][-1]["code"] == "step_limit"
    assert got["answer"]["status"] == "failed"
    newest = (await place.http.get("/threads")).json()["data"][0]
    assert (newest["last_status"], newest["active_run"]) == ("failed", None)
    assert len([p for p in got["answer"]["parts"] if p["type"] == "dynamic-tool"]) == 6


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (Turn.refuse(), "model_key_refused"),
        (Turn.rate_limited(), "model_rate_limited"),
        (Turn.broken(), "model_failed"),
        (Turn.cut(), "model_bad_answer"),
        (Turn.garbage(), "model_bad_answer"),
        (Turn.empty(), "empty_answer"),
    ],
)
@pytest.mark.contract("A33", "W5")
async def test_a_failing_model_ends_in_a_typed_error(place: Place, turn: Turn, code: str) -> None:
    got = await ask(place, turn)
    last = got["parts"][-1]
    assert (last["type"], last["code"]) == ("error", code)
    assert got["answer"]["status"] == "failed"
    assert got["answer"]["metadata"]["error"]["code"] == code


@pytest.mark.contract("D86")
async def test_what_was_said_before_the_line_broke_is_kept(place: Place) -> None:
    got = await ask(place, Turn.cut("Half of"))
    assert [p["text"] for p in got["answer"]["parts"] if p["type"] == "text"] == ["Half of"]


async def test_the_model_gets_the_branch_and_not_the_rows_of_earlier_turns(place: Place) -> None:
    place.script(Turn.say("One."), Turn.say("Two."))
    thread_id = await place.thread()
    for words in ("first", "second"):
        sent = await place.send(thread_id, words)
        await place.parts(sent["run_id"])
    said = [(m["role"], m["content"]) for m in place.asked[-1]["messages"]]
    assert said[1:] == [("user", "first"), ("assistant", "One."), ("user", "second")]
    assert "data" in said[0][1]


@pytest.mark.contract("S16", "X44")
async def test_a_message_sent_meanwhile_waits_and_can_be_taken_back(place: Place) -> None:
    release = asyncio.Event()
    place.script(Turn.say("slow", release=release), Turn.say("next"))
    thread_id = await place.thread()
    first = await place.send(thread_id, "one")
    second = await place.send(thread_id, "two")
    third = await place.send(thread_id, "three")
    assert [(s["queued"], s["ahead"]) for s in (first, second, third)] == [
        (False, 0),
        (True, 1),
        (True, 2),
    ]
    gone = await place.http.delete(f"/threads/{thread_id}/messages/{second['message_id']}")
    assert gone.status_code == 204, gone.text
    release.set()
    await place.parts(third["run_id"])
    late = await place.http.delete(f"/threads/{thread_id}/messages/{third['message_id']}")
    assert late.status_code == 409
    listed = await place.messages(thread_id)
    assert [m["parts"][-2 if m["role"] == "assistant" else 0] for m in listed]
    assert [m["role"] for m in listed] == ["user", "assistant"] * 2
    assert [m["parent_id"] for m in listed] == [None, *[m["id"] for m in listed[:-1]]]
    assert {m["status"] for m in listed} == {"complete"}


async def test_stop_reaches_the_model_call_and_keeps_the_partial_answer(place: Place) -> None:
    place.script(Turn.stall("Half an answer"))
    thread_id = await place.thread()
    sent = await place.send(thread_id, "go on")
    async with place.http.stream("GET", f"/runs/{sent['run_id']}/events") as events:
        async for line in events.aiter_lines():
            if "answer" in line and "delta" in line:
                break
    stopped = await place.http.post(f"/runs/{sent['run_id']}/stop")
    assert stopped.status_code == 200
    parts = await place.parts(sent["run_id"])
    assert kinds(parts)[-1] == "abort"
    await asyncio.wait_for(place.models.idle.wait(), 10)
    answer = (await place.messages(thread_id))[-1]
    assert answer["status"] == "stopped"
    assert [p["text"] for p in answer["parts"] if p["type"] == "text"] == ["Half an answer"]


async def test_stop_cancels_the_tool_that_runs(place: Place) -> None:
    tools.waiting.clear()
    tools.cancelled.clear()
    place.script(Turn.call("wait", {}))
    thread_id = await place.thread()
    sent = await place.send(thread_id, "wait")
    await asyncio.wait_for(tools.waiting.wait(), 20)
    await place.http.post(f"/chat/{thread_id}/stop")
    await asyncio.wait_for(tools.cancelled.wait(), 10)
    assert kinds(await place.parts(sent["run_id"]))[-1] == "abort"


async def test_regenerating_puts_another_answer_beside_the_first(place: Place) -> None:
    got = await ask(place, Turn.say("A."), Turn.say("B."))
    path = f"/threads/{got['thread_id']}/messages/{got['answer']['id']}/regenerate"
    again = (await place.http.post(path, json={})).json()
    await place.parts(again["run_id"])
    listed = await place.messages(got["thread_id"])
    assert [m["role"] for m in listed] == ["user", "assistant", "assistant"]
    assert listed[1]["parent_id"] == listed[2]["parent_id"] == listed[0]["id"]


@pytest.mark.contract("W24")
async def test_the_same_idempotency_key_asks_once(place: Place) -> None:
    place.script(Turn.say("ok"))
    thread_id = await place.thread()
    path = f"/threads/{thread_id}/messages"
    key = {"idempotency-key": "k1"}
    first = await place.http.post(path, json={"text": "once"}, headers=key)
    again = await place.http.post(path, json={"text": "once"}, headers=key)
    other = await place.http.post(path, json={"text": "twice"}, headers=key)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    await place.parts(first.json()["run_id"])
    assert len(await place.messages(thread_id)) == 2


async def test_a_seq_from_the_future_and_a_foreign_run_are_refused(place: Place) -> None:
    got = await ask(place, Turn.say("ok"))
    path = f"/runs/{got['run_id']}/events"
    assert (await place.http.get(path, params={"after": 999})).status_code == 400
    assert (await place.http.get(path, headers={"last-event-id": "x"})).status_code == 400
    foreign = "/runs/01900000-0000-7000-8000-000000000000/events"
    assert (await place.http.get(foreign)).status_code == 404


async def test_text_that_postgresql_cannot_hold_is_made_readable(place: Place) -> None:
    got = await ask(place, Turn.say("nul \0 here"), words="also \0 here")
    assert got["answer"]["status"] == "complete"
    question = (await place.messages(got["thread_id"]))[0]
    assert question["parts"][0]["text"] == "also \ufffd here"


async def title_of(place: Place, thread_id: str) -> str:
    return (await place.http.get(f"/threads/{thread_id}")).json()["title"]


async def test_a_title_is_refined_once_and_never_after_a_rename(place: Place) -> None:
    place.script(Turn.say("ok"))
    mine, ours = await place.thread(), await place.thread()
    for thread_id in (mine, ours):
        await place.parts((await place.send(thread_id, "first: question"))["run_id"])
        assert await title_of(place, thread_id) == "first question"
    await place.http.patch(f"/threads/{mine}", json={"title": "Kept"})
    for thread_id in (mine, ours):
        await place.parts((await place.send(thread_id, "and more"))["run_id"])

    async def refined() -> bool:
        return await title_of(place, ours) == "Orders counted"

    await until(refined, "the title is refined")
    assert await title_of(place, mine) == "Kept"
