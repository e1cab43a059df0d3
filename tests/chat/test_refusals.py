"""A model declines a question: a part with a reason and the nearest question, and the same in words."""

import json
from typing import Any

import pytest

from tests.chat.conftest import Place
from tests.chat.test_agents import Studio
from tests.chat.test_figures import LOOK, asked, cites, text_of
from tests.support.scripted_openai import ToolCall, Turn

WHY = "There are no ages in these sources."
NEAREST = "How many customers are there?"


def declines(explanation: str = WHY, **more: Any) -> Turn:
    given = {"reason": "unanswerable", "explanation": explanation, **more}
    return Turn.call("cannot_answer", given)


def refusal(answer: dict[str, Any]) -> dict[str, Any] | None:
    found = [p["data"] for p in answer["parts"] if p["type"] == "data-refusal"]
    return found[0] if found else None


async def test_a_refusal_is_the_whole_answer(place: Place) -> None:
    before = len(place.asked)
    parts, answer = await asked(place, declines(nearest=NEAREST), Turn.say("Not asked any more."))
    assert refusal(answer) == {"reason": "unanswerable", "explanation": WHY, "nearest": NEAREST}
    assert text_of(answer) == f"{WHY}\n\n→ {NEAREST}"
    assert parts[-1]["type"] == "finish"
    assert answer["status"] == "complete"
    said = [body for body in place.asked[before:] if body.get("tools")]
    assert len(said) == 1, "the model is not asked again"


async def test_a_refusal_after_a_look_is_the_answer_too(place: Place) -> None:
    _, answer = await asked(place, LOOK, declines(reason="not_permitted"))
    assert refusal(answer) == {"reason": "not_permitted", "explanation": WHY}


async def test_figures_of_a_refusal_are_accounted_for_like_others(place: Place) -> None:
    told = "North had {{Q1[0].orders}} orders; there are 77 before."
    _, answer = await asked(place, LOOK, declines(told))
    found = refusal(answer)
    assert found is not None
    assert found["explanation"] == "North had 120 orders; there are 77 before."
    assert cites(answer) == [("120", "exact"), ("77", "untraced")]


async def test_an_agent_that_blocks_untraced_figures_blocks_them_in_refusals(place: Place) -> None:
    agent = await Studio(place).agent(numbers="block")
    place.script(declines("There are 77 ages."))
    thread_id = await place.thread(agent_id=agent)
    sent = await place.send(thread_id, "Ages?")
    parts = await place.parts(sent["run_id"])
    answer = (await place.messages(thread_id))[-1]
    found = refusal(answer)
    assert found is not None
    assert found["reason"] == "untraced"
    assert not any("77" in part.get("delta", "") for part in parts if part["type"] == "text-delta")


async def test_declining_beside_other_tools_is_no_answer(place: Place) -> None:
    both = Turn.calling(
        ToolCall("regions", "{}"),
        ToolCall("cannot_answer", json.dumps({"reason": "ambiguous", "explanation": WHY})),
    )
    _, answer = await asked(place, both, Turn.say("North had {{Q1[0].orders}} orders."))
    assert refusal(answer) is None
    assert text_of(answer) == "North had 120 orders."


@pytest.mark.parametrize(
    "given", [{"reason": "bored", "explanation": WHY}, {"reason": "ambiguous"}]
)
async def test_a_refusal_without_a_reason_is_tried_again(
    place: Place, given: dict[str, str]
) -> None:
    _, answer = await asked(place, Turn.call("cannot_answer", given), Turn.say("Then I answer."))
    assert refusal(answer) is None
    assert text_of(answer) == "Then I answer."


async def test_a_blocked_answer_is_a_refusal_with_its_reason(place: Place) -> None:
    agent = await Studio(place).agent(numbers="block")
    place.script(Turn.say("There are 42 orders."))
    thread_id = await place.thread(agent_id=agent)
    await place.parts((await place.send(thread_id, "Orders?"))["run_id"])
    answer = (await place.messages(thread_id))[-1]
    found = refusal(answer)
    assert found is not None
    assert found["reason"] == "untraced"
    assert found["explanation"] == text_of(answer)
