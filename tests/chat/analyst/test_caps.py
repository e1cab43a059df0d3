"""Thresholds, caps and budgets: each is reached, and what happens then is what was promised."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.tokens import CUT, count, newest, shorten, within
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, sorts
from tests.chat.analyst.tools import called
from tests.support.scripted_openai import ToolCall, Turn

HELLO = Turn.say("Hello!")


@pytest.mark.contract("D13", "D14", "D91")
@pytest.mark.parametrize(("node", "cap"), [("quick_answer", 3), ("research", 10)])
async def test_rounds_of_tools_have_a_cap_and_then_the_answer_is_written(
    desk: Desk, node: str, cap: int
) -> None:
    desk.script(router=sorts(node), **{node: LOOK})
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", *[node] * cap, "narrator", "followups"]
    assert len(called) == cap
    assert got.answer["status"] == "complete"


@pytest.mark.contract("D13", "D14", "D15")
@pytest.mark.parametrize(("node", "cap"), [("quick_answer", 3), ("explain", 3), ("research", 10)])
async def test_below_its_cap_a_node_notes_what_it_found(desk: Desk, node: str, cap: int) -> None:
    look = Turn.call("describe", {})
    for wanted in (cap - 1, cap, cap + 1):
        desk.script(
            router=sorts(node), recovery=Turn.say("{}"), **{node: [look] * wanted + [NOTES]}
        )
        got = await desk.ask(await desk.thread())
        assert len(called) == min(wanted, cap)
        assert got.nodes.count(node) == min(wanted + 1, cap)
        assert ("[notes] Q1 holds" in got.prompt("narrator")) == (wanted < cap)


@pytest.mark.contract("D15")
async def test_an_explanation_looks_three_times_at_most(desk: Desk) -> None:
    desk.script(router=sorts("explain"), explain=Turn.call("describe", {}))
    got = await desk.ask(await desk.thread())
    assert got.nodes == ["router", *["explain"] * 3, "narrator", "followups"]


@pytest.mark.contract("D13", "D91")
async def test_rounds_are_counted_and_not_calls(desk: Desk) -> None:
    both = Turn.calling(ToolCall("regions", "{}"), ToolCall("describe", "{}"))
    desk.script(router=sorts("quick_answer"), quick_answer=[both, both, NOTES])
    got = await desk.ask(await desk.thread())
    assert got.nodes.count("quick_answer") == 3
    assert len(called) == 4


@pytest.mark.contract("D16", "D91")
async def test_after_its_last_chart_the_narrator_writes_without_tools(desk: Desk) -> None:
    def draws(body: dict[str, Any]) -> bool:
        return bool(body.get("tools"))

    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=[*[Turn.call("draw", {})] * 6, Turn.say("Enough.")],
    )
    got = await desk.ask(await desk.thread())
    told = [draws(body) for node, body in got.asked if node == "narrator"]
    assert told == [True] * 6 + [False]
    assert got.text.startswith("Enough.")


@pytest.mark.contract("D18", "D91")
async def test_after_three_rounds_small_talk_goes_on_without_tools(desk: Desk) -> None:
    desk.script(
        router=sorts("direct"),
        direct=[*[Turn.call("write_document", {})] * 3, Turn.say("It is written.")],
    )
    got = await desk.ask(await desk.thread(tools={"write_document": "auto"}), "Write it down.")
    assert [bool(body.get("tools")) for node, body in got.asked if node == "direct"] == [
        True, True, True, False,
    ]  # fmt: skip
    assert got.text == "It is written."


@pytest.mark.parametrize("tool", ["regions", "fails"])
async def test_the_agents_own_limit_leaves_a_call_for_the_answer(desk: Desk, tool: str) -> None:
    desk.script(router=sorts("research"), research=Turn.call(tool, {}))
    got = await desk.ask(await desk.thread(limits={"max_steps": 4}))
    assert got.nodes == ["router", "research", "research", "narrator"]
    assert got.answer["status"] == "complete"
    assert "tools" not in got.body("narrator")


@pytest.mark.contract("D24", "D40", "D41", "D42", "X14")
async def test_each_node_is_offered_its_partition_and_nothing_else(desk: Desk) -> None:
    data = [
        "clean", "describe", "fails", "long", "long_names", "lost", "lost_names", "notify",
        "regions",
    ]  # fmt: skip
    for node, offered in {
        "quick_answer": data,
        "research": data,
        "explain": ["describe", "long_names", "lost_names"],
    }.items():
        desk.script(router=sorts(node), recovery=Turn.say("{}"), **{node: NOTES})
        got = await desk.ask(await desk.thread(tools={"write_document": "auto"}))
        assert got.offered(node) == offered
        assert got.offered("narrator") == ["draw", "write_document"]
        assert "only when the user asks for one" in got.prompt("narrator")
        assert got.offered("router") == got.offered("followups") == []


@pytest.mark.contract("D43")
async def test_documents_are_written_only_where_the_agent_may(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=[Turn.call("write_document", {}), Turn.say("Here it is.")],
    )
    got = await desk.ask(await desk.thread())
    assert got.offered("narrator") == ["draw"]
    assert "document only when" not in got.prompt("narrator")
    assert "There is no tool named write_document" in str(got.body("narrator", 1)["messages"][-1])


@pytest.mark.contract("D42", "D91")
@pytest.mark.parametrize(
    ("node", "tool"),
    [
        ("research", "draw"),
        ("explain", "regions"),
        ("explain", "notify"),
        ("research", "no_such_tool"),
    ],
)
async def test_a_call_from_another_partition_is_one_of_a_tool_that_is_not_there(
    desk: Desk, node: str, tool: str
) -> None:
    desk.script(router=sorts(node), recovery=Turn.say("{}"), **{node: [Turn.call(tool, {}), NOTES]})
    got = await desk.ask(await desk.thread())
    assert called == []
    told = str(got.body(node, 1)["messages"][-1]["content"])
    assert f"There is no tool named {tool}" in told
    assert got.answer["status"] == "complete"


async def test_a_model_without_tools_that_calls_one_all_the_same_is_not_heard(desk: Desk) -> None:
    both = Turn(pieces=("Which one?",), calls=(ToolCall("regions", "{}"),))
    desk.script(router=sorts("clarify"), clarifier=both)
    got = await desk.ask(await desk.thread())
    assert got.text == "Which one?"
    assert called == []
    assert not [p for p in got.answer["parts"] if p["type"] == "dynamic-tool"]


@pytest.mark.contract("D11")
async def test_an_answer_does_not_fail_because_no_notes_were_made(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=HELLO, summarizer=Turn.broken())
    thread_id = await desk.thread()
    for turn in range(11):
        await desk.ask(thread_id, f"Hi {turn}")
    got = await desk.ask(thread_id, "Hi")
    assert got.nodes[0] == "summarizer"
    assert got.answer["status"] == "complete"


@pytest.mark.contract("D17", "D91")
async def test_follow_ups_are_made_from_six_messages_and_a_thousand_characters(desk: Desk) -> None:
    long = Turn.say("x" * 5_000)
    desk.script(router=sorts("research"), research=[LOOK, long], narrator=Turn.say("Here."))
    thread_id = await desk.thread()
    for _ in range(3):
        await desk.ask(thread_id)
    got = await desk.ask(thread_id)
    # The system prompt, six messages, and the request.
    assert len(got.body("followups")["messages"]) == 8
    found = got.prompt("followups").partition("What was found")[2]
    assert len(found) < SETTINGS.followup_packet + 50


def test_tokens_are_counted_and_not_messages() -> None:
    many = [HumanMessage("hi") for _ in range(500)]
    assert len(newest(many, 4_000)) == 500
    few = [HumanMessage("word " * 1_000) for _ in range(50)]
    assert len(newest(few, 4_000)) == 3
    assert len(newest(few, 4_000, most=2)) == 2


def test_the_question_is_kept_and_cut_where_it_must_be() -> None:
    (kept,) = newest([HumanMessage("a"), HumanMessage("long " * 50_000)], 1_000)
    assert kept.text.endswith(CUT)
    assert 900 < count(kept.text) <= 1_000


@pytest.mark.parametrize("text", ["", "a", "äöü" * 100, "数字" * 100, "🙂" * 50, "plain " * 100])
@pytest.mark.parametrize("most", [1, 10, 40, 1_000])
def test_a_shortened_text_fits_and_is_the_beginning(text: str, most: int) -> None:
    short = shorten(text, most)
    assert short == text or text.startswith(short.removesuffix(CUT))
    assert count(short) <= max(most, count(CUT))


def test_old_results_are_shortened_before_new_ones_and_no_call_loses_its_answer() -> None:
    def call(name: str) -> list[Any]:
        asked = AIMessage("", tool_calls=[{"name": "t", "args": {}, "id": name}])
        return [asked, ToolMessage("row " * 2_000, tool_call_id=name)]

    messages = [*call("a"), *call("b"), *call("c")]
    kept = within(messages, 3_000)
    assert [type(m) for m in kept] == [type(m) for m in messages]
    assert sum(map(count, (m.text for m in kept))) < 3_000
    assert kept[-1].text == messages[-1].text
    assert count(kept[1].text) < 100
    assert within(messages, 10_000) == messages
