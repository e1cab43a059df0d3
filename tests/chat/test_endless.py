"""A model that never comes to an end is hung up on, one that was cut off says so; words stay."""

from typing import Literal

import pytest

from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn

_GOES_ON = Literal["content", "reasoning_content", "arguments"]


@pytest.mark.parametrize("workflow", ["plain", "analyst"])
@pytest.mark.parametrize("what", ["content", "reasoning_content", "arguments"])
async def test_a_model_that_never_stops_is_hung_up_on_and_what_it_said_stays(
    place: Place, what: _GOES_ON, workflow: str
) -> None:
    agent = {"name": f"Endless {what} {workflow}", "definition": {"workflow": workflow}}
    made = (await place.http.post("/agents", json=agent)).raise_for_status().json()
    published = await place.http.post(f"/agents/{made['id']}/publish", json={"note": "first"})
    published.raise_for_status()
    place.script(Turn.endless(what))
    thread_id = await place.thread(agent_id=made["id"])
    sent = await place.send(thread_id, "How long is a piece of string?")
    parts = await place.parts(sent["run_id"])
    await place.models.idle.wait()  # nobody listens any more
    answer = (await place.messages(thread_id))[-1]
    error = answer["metadata"]["error"]
    assert (error["code"], answer["status"]) == ("answer_too_long", "failed")
    assert error["message"] == "Scripted did not stop after 100,000 characters."
    assert parts[-1]["type"] == "error"
    if workflow == "plain" and what != "arguments":  # of a call that never began nothing is shown
        assert 90_000 < len(str(answer["parts"])) < 130_000
    place.script(Turn.say("All is well."))
    sent = await place.send(thread_id, "And now?")
    await place.parts(sent["run_id"])
    assert (await place.messages(thread_id))[-1]["status"] == "complete"


async def test_an_answer_that_was_cut_at_its_longest_does_not_pass_for_a_whole_one(
    place: Place,
) -> None:
    place.script(Turn.say("There are three reasons: first", finish="length"))
    thread_id = await place.thread()
    sent = await place.send(thread_id, "Why?")
    parts = await place.parts(sent["run_id"])
    notes = [part["data"]["text"] for part in parts if part["type"] == "data-step-note"]
    assert notes == ["Scripted stopped at its longest answer, so this one is cut short."]
    assert parts[-1]["finishReason"] == "length"
    assert (await place.messages(thread_id))[-1]["status"] == "complete"
