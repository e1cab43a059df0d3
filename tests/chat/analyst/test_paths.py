"""Which node comes after which: every edge of the analyst graph, through the public API."""

import json
from typing import Any, get_args

import pytest

from datelier.agents.definition import Intent
from datelier.chat.analyst.graph import AFTER_ROUTER, NODES, build
from datelier.chat.analyst.settings import SETTINGS, AnalystSettings
from datelier.chat.analyst.state import WRITERS, AnalystState
from tests.chat.analyst.conftest import ASKED_NEXT, LOOK, NOTES, Desk, Got, sorts
from tests.chat.analyst.tools import called
from tests.chat.test_approvals import Chat
from tests.support.scripted_openai import Turn


def found(action: str, **more: Any) -> Turn:
    """The recovery's answer."""
    said = {"reason": "unanswerable", "explanation": "There is no weather in the data.", **more}
    return Turn.say(json.dumps({"action": action, **said}))


@pytest.mark.contract("D7", "D8", "D9", "D12", "D14", "D16", "D17")
async def test_research_goes_from_the_router_through_its_tools_to_the_narrator(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=Turn.say("North had {{Q1[0].orders}} orders."),
    )
    got = await desk.ask(await desk.thread())
    assert got.answer["status"] == "complete", got.answer
    assert got.nodes == ["router", "research", "research", "narrator", "followups"]
    assert called == ["regions"]
    assert got.text.startswith("North had 120 orders.")
    assert [c["kind"] for c in got.data("data-citation")] == ["exact"]


@pytest.mark.contract("D8", "D9", "D13", "D15")
@pytest.mark.parametrize(("intent", "tool"), [("quick_answer", "regions"), ("explain", "describe")])
async def test_quick_answers_and_explanations_reach_the_narrator_too(
    desk: Desk, intent: str, tool: str
) -> None:
    looks: list[Turn] = [Turn.call(tool, {}), NOTES]
    desk.script(router=sorts(intent), **{intent: looks})
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", intent, intent, "narrator", "followups"]
    assert called == [tool]


@pytest.mark.contract("D10", "D18", "D19", "D20")
@pytest.mark.parametrize(
    ("intent", "node"),
    [("direct", "direct"), ("clarify", "clarifier"), ("out_of_scope", "suggester")],
)
async def test_the_other_kinds_end_with_their_own_words(desk: Desk, intent: str, node: str) -> None:
    words = Turn.say("Which one do you mean?")
    desk.script(router=sorts(intent), **{node: words})
    got = await desk.ask(await desk.thread(), "Hi")
    assert got.nodes == ["router", node]
    assert got.text == "Which one do you mean?"
    assert not got.data("data-followups")
    assert called == []


@pytest.mark.contract("D2", "D8", "D25")
def test_each_of_the_six_intents_has_its_node() -> None:
    assert set(AFTER_ROUTER) == set(get_args(Intent))
    assert len(AFTER_ROUTER) == len(set(AFTER_ROUTER.values())) == 6


@pytest.mark.contract("D6", "D38", "D75", "W8")
def test_nothing_is_unwired() -> None:
    drawn = build().compile().get_graph()
    reached = {edge.target for edge in drawn.edges}
    left = {edge.source for edge in drawn.edges}
    assert set(NODES) <= reached & left


@pytest.mark.contract("D52", "D53", "D54")
def test_each_key_of_the_state_has_one_writer() -> None:
    assert set(AnalystState.__annotations__) == {"messages", *WRITERS}
    assert set(WRITERS.values()) <= set(NODES)


@pytest.mark.contract("W11")
async def test_a_search_that_found_nothing_can_end_in_a_refusal(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[Turn.call("fails", {}), Turn.say("No such table.")],
        recovery=found("refuse", nearest="Which regions are there?"),
        suggester=Turn.say("There is no weather here.\n\n1. Which regions are there?"),
    )
    got = await desk.ask(await desk.thread(), "How was the weather?")
    assert got.nodes == ["router", "research", "research", "recovery", "suggester"]
    (refusal,) = got.data("data-refusal")
    assert refusal == {
        "reason": "unanswerable",
        "explanation": "There is no weather here.",
        "nearest": "Which regions are there?",
    }
    assert "There is no weather in the data." in got.prompt("suggester")


@pytest.mark.contract("W11")
async def test_a_search_that_found_nothing_can_end_in_a_question_back(desk: Desk) -> None:
    desk.script(
        router=sorts("quick_answer"),
        quick_answer=Turn.say("Unclear which year."),
        recovery=found("clarify", reason="ambiguous"),
        clarifier=Turn.say("Which year?\n\n1. This year\n2. Last year"),
    )
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", "quick_answer", "recovery", "clarifier"]
    assert got.data("data-options") == [
        {"question": "Which year?", "options": ["This year", "Last year"]}
    ]


@pytest.mark.contract("W11")
@pytest.mark.parametrize("said", [found("answer"), Turn.say("not JSON"), Turn.broken()])
async def test_whatever_the_recovery_says_there_is_an_answer(desk: Desk, said: Turn) -> None:
    desk.script(router=sorts("research"), research=Turn.say("The notes say why."), recovery=said)
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", "research", "recovery", "narrator", "followups"]
    assert got.answer["status"] == "complete"


@pytest.mark.contract("W11")
async def test_the_recovery_can_be_left_out(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=Turn.say("No such table."))
    desk.place.resources.register(AnalystSettings, AnalystSettings(recovery=False))
    try:
        got = await desk.ask(await desk.thread())
    finally:
        desk.place.resources.register(AnalystSettings, SETTINGS)
    assert got.nodes == ["router", "research", "narrator", "followups"]


@pytest.mark.contract("W11")
async def test_a_question_about_an_earlier_result_needs_no_recovery(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES, Turn.say("Q1 of before has it.")],
        narrator=Turn.say("It is there."),
    )
    thread_id = await desk.thread()
    await desk.ask(thread_id)
    got = await desk.ask(thread_id, "And the south?")
    assert got.nodes == ["router", "research", "narrator", "followups"]
    assert "- Q1 v1: 2 rows" in got.prompt("narrator")


@pytest.mark.contract("D16", "D42")
async def test_the_narrator_draws_and_goes_on_writing(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=[Turn.call("draw", {"title": "Orders"}), Turn.say("See {{card C1}}.")],
    )
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", "research", "research", "narrator", "narrator", "followups"]
    assert called == ["regions", "draw"]
    assert "{{card C1}}" in got.text


@pytest.mark.contract("D93")
async def test_figures_that_cannot_be_filled_are_asked_for_once_more(desk: Desk) -> None:
    bad, good = Turn.say("{{Q1[0].profit}}"), Turn.say("North had {{Q1[0].orders}} orders.")
    desk.script(router=sorts("research"), research=[LOOK, NOTES], narrator=[bad, good])
    got = await desk.ask(await desk.thread())
    assert got.nodes[-3:] == ["narrator", "narrator", "followups"]
    assert "Q1 has no column profit" in str(got.body("narrator", 1)["messages"][-1]["content"])
    assert "120" in got.text


@pytest.mark.contract("D18")
async def test_small_talk_may_use_documents_and_nothing_else(desk: Desk) -> None:
    talks = [Turn.call("write_document", {}), Turn.say("It is written.")]
    desk.script(router=sorts("direct"), direct=talks)
    thread = await desk.thread(tools={"write_document": "auto"})
    got = await desk.ask(thread, "Write that down, please.")
    assert got.nodes == ["router", "direct", "direct"]
    assert got.offered("direct") == ["write_document"]
    assert called == ["describe"]
    assert got.text == "It is written."


@pytest.mark.contract("D18", "D93")
async def test_small_talk_is_held_to_the_same_figures(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=Turn.say("There are 777 orders."))
    got = await desk.ask(await desk.thread(), "Hi")
    assert [(c["shown"], c["kind"]) for c in got.data("data-citation")] == [("777", "untraced")]


@pytest.mark.parametrize("node", ["narrator", "direct"])
async def test_block_refuses_in_every_node_that_speaks(desk: Desk, node: str) -> None:
    intent = "research" if node == "narrator" else "direct"
    lie = Turn.say("There were 777 orders.")
    desk.script(router=sorts(intent), research=[LOOK, Turn.say("777!")], **{node: lie})
    got = await desk.ask(await desk.thread(numbers="block"))
    assert "777" not in json.dumps(got.parts)
    (refusal,) = got.data("data-refusal")
    assert refusal["reason"] == "untraced"
    assert got.text.startswith("I cannot give this answer")


async def test_a_node_with_nothing_to_say_fails_as_the_plain_loop_does(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=Turn.empty())
    got = await desk.ask(await desk.thread())
    assert got.answer["metadata"]["error"]["code"] == "empty_answer"


@pytest.mark.contract("D9", "D14")
async def test_a_tool_that_asks_waits_for_a_person_and_goes_on(desk: Desk) -> None:
    clean = Turn.call("clean", {"table": "orders"})
    desk.script(router=sorts("research"), research=[clean, NOTES])
    thread_id = await desk.thread()
    sent = await desk.place.send(thread_id, "Clean the orders")
    chat = Chat(desk.place, thread_id, sent["run_id"])
    await chat.request()
    assert called == []
    await chat.decide("approve")
    answer = await chat.answer()
    assert called == ["write"]
    assert answer["status"] == "complete"
    got = Got(sent["run_id"], thread_id, [], answer, desk.asked)
    assert got.nodes == ["router", "research", "research", "narrator", "followups"]


async def test_follow_ups_that_fail_do_not_fail_the_answer(desk: Desk) -> None:
    for said in (Turn.broken(), Turn.say("nothing to number"), ASKED_NEXT):
        desk.script(router=sorts("research"), research=[LOOK, NOTES], followups=said)
        got = await desk.ask(await desk.thread())
        assert got.answer["status"] == "complete"
        assert bool(got.data("data-followups")) == (said is ASKED_NEXT)
