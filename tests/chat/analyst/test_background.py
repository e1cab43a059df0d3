"""Agents that sort questions first, where nobody watches: what is unclear is asked in the inbox."""

from typing import Any

import pytest

from tests.chat.analyst.conftest import LOOK, NOTES, Desk, node_asking, sorts
from tests.chat.analyst.test_paths import found
from tests.chat.test_background import decide, request, start, stored
from tests.support.scripted_openai import Turn

WHICH = Turn.say("Which year is meant?\n\n1. 2025\n2. 2026")
TOLD = Turn.say("North had {{Q1[0].orders}} orders.")


def asked(desk: Desk) -> list[str]:
    return [node for node, _ in desk.asked]


def prompts(desk: Desk, node: str) -> list[str]:
    """The prompts of a node's calls."""
    return [str(body["messages"][0]["content"]) for name, body in desk.asked if name == node]


async def ended(desk: Desk, run: dict[str, Any]) -> Any:
    await desk.place.parts(run["id"])
    return await stored(desk.place, run["id"])


@pytest.mark.contract("D9", "S12", "S58")
async def test_a_goal_is_sorted_researched_and_reported_without_follow_ups(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, NOTES], narrator=TOLD)
    run = await start(desk.place, agent_id=await desk.agent())
    row = await ended(desk, run)
    assert (row.status, row.graph, row.kind) == ("succeeded", "analyst", "background")
    assert row.result == {"text": "North had 120 orders."}
    assert asked(desk) == ["router", "research", "research", "narrator"]
    for node in ("research", "narrator"):
        assert "Nobody is watching" in prompts(desk, node)[0]


@pytest.mark.contract("D19", "S38", "S39")
async def test_what_is_unclear_is_asked_in_the_inbox_and_the_answer_is_searched_with(
    desk: Desk,
) -> None:
    desk.script(
        router=sorts("clarify", missing_slots=["year"]),
        clarifier=WHICH,
        research=[LOOK, NOTES],
        narrator=TOLD,
    )
    run = await start(desk.place, agent_id=await desk.agent())
    question = await request(desk.place, run["id"])
    assert (question["kind"], question["title"]) == ("question", "Which year is meant?")
    assert question["actions"][0]["args"]["options"] == ["2025", "2026"]
    assert question["description"] == "It is clarify. Missing: year."
    assert (await stored(desk.place, run["id"])).status == "waiting"
    assert asked(desk) == ["router", "clarifier"]
    await decide(desk.place, question, "respond", args="2026")
    row = await ended(desk, run)
    assert row.result == {"text": "North had 120 orders."}
    # The node that asked is not asked again after the wait.
    assert asked(desk) == ["router", "clarifier", "research", "research", "narrator"]
    searched = next(body for node, body in desk.asked if node == "research")
    assert str(searched["messages"][-1]["content"]) == "Ada (token t) answered: 2026"
    packet = prompts(desk, "narrator")[0]
    assert "[asked a person] Which year is meant?" in packet
    assert "answered: 2026" in packet


@pytest.mark.contract("W11")
async def test_a_search_that_found_nothing_asks_once_and_then_reports(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[Turn.call("fails", {}), NOTES, NOTES],
        recovery=found("clarify"),
        clarifier=Turn.say("Which weather do you mean?"),
        narrator=Turn.say("There is none."),
    )
    run = await start(desk.place, agent_id=await desk.agent())
    question = await request(desk.place, run["id"])
    assert question["actions"][0]["args"]["options"] == []
    await decide(desk.place, question, "respond", args="Any.")
    row = await ended(desk, run)
    assert row.result == {"text": "There is none."}
    assert asked(desk)[3:] == ["recovery", "clarifier", "research", "narrator"]


async def test_an_agent_that_may_ask_nobody_goes_as_far_as_it_comes(desk: Desk) -> None:
    desk.script(router=sorts("clarify"), research=[LOOK, NOTES], narrator=TOLD)
    agent = await desk.agent(tools={"request_human": "never"})
    row = await ended(desk, await start(desk.place, agent_id=agent))
    assert row.result == {"text": "North had 120 orders."}
    assert asked(desk) == ["router", "research", "research", "narrator"]
    assert "request_human" not in str([body.get("tools") for _, body in desk.asked])


async def test_a_run_done_again_asks_as_it_did(desk: Desk) -> None:
    desk.script(router=sorts("clarify"), clarifier=WHICH, research=[LOOK, NOTES], narrator=TOLD)
    run = await start(desk.place, agent_id=await desk.agent())
    await decide(desk.place, await request(desk.place, run["id"]), "respond", args="2026")
    await ended(desk, run)
    steps = (await desk.place.http.get(f"/runs/{run['id']}/steps")).json()["steps"]
    last = [step["id"] for step in steps if step["kind"] == "step"][-1]
    desk.script(narrator=TOLD)
    sent = await desk.place.http.post(f"/runs/{run['id']}/rerun", json={"from_step": last})
    again = {"id": sent.json()["run_id"]}
    question = await request(desk.place, again["id"])
    assert question["title"] == "Which year is meant?"
    await decide(desk.place, question, "respond", args="2025")
    row = await ended(desk, again)
    assert row.result == {"text": "North had 120 orders."}
    assert {node_asking(body) for _, body in desk.asked} == {"narrator"}
