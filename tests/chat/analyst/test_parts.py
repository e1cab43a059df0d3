"""What the log of a sorted answer holds: stages, thoughts, cards, options, usage by node."""

from dataclasses import replace

import pytest

from tests.chat.analyst.conftest import LOOK, NOTES, Desk, sorts
from tests.support.scripted_openai import Turn

THINKING_NODES = {"router", "quick_answer", "research", "explain", "recovery"}


@pytest.mark.contract("D83")
async def test_each_stage_is_said_once_and_in_order(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, LOOK, NOTES])
    got = await desk.ask(await desk.thread())
    stages = [p["data"]["stage"] for p in got.parts if p["type"] == "data-stage"]
    named = [s for s in stages if s in ("routing", "interpreting", "retrieving", "generating")]
    assert named == ["routing", "interpreting", "retrieving", "generating"]
    kinds = [p["type"] for p in got.parts]
    assert kinds[:2] == ["start", "data-stage"]
    first = next(p for p in got.parts if p["type"] == "data-thinking")
    assert first["data"]["text"] == "Understanding your question…"
    assert first["data"]["status"] == "running"


@pytest.mark.contract("D83")
@pytest.mark.parametrize(
    ("intent", "node"),
    [
        ("quick_answer", "quick_answer"),
        ("explain", "explain"),
        ("direct", "direct"),
        ("clarify", "clarifier"),
        ("out_of_scope", "suggester"),
    ],
)
async def test_every_kind_of_answer_says_its_stages(desk: Desk, intent: str, node: str) -> None:
    looks = intent == node != "direct"
    said = [Turn.call("describe", {}), NOTES] if looks else [Turn.say("Hello!")]
    desk.script(router=sorts(intent), recovery=Turn.say("{}"), **{node: said})
    got = await desk.ask(await desk.thread())
    stages = [p["data"]["stage"] for p in got.parts if p["type"] == "data-stage"]
    named = [s for s in stages if s in ("routing", "interpreting", "retrieving", "generating")]
    between = ["interpreting", "retrieving"] if looks else []
    assert named == ["routing", *between, "generating"]


@pytest.mark.contract("D59", "D60", "D62", "D84")
async def test_thoughts_are_no_answer_and_the_answer_is_no_thought(desk: Desk) -> None:
    notes = Turn.say("I looked at Q1, which has one row per region. " * 20)
    aside = Turn(pieces=("Let me look.",), calls=LOOK.calls)
    desk.script(router=sorts("research"), research=[aside, notes], narrator=Turn.say("Two."))
    got = await desk.ask(await desk.thread())
    thoughts = [p for p in got.answer["parts"] if p["type"] == "data-thinking"]
    assert [p["id"] for p in thoughts] == ["router:0", "research:0", "research:1"]
    assert {p["data"]["node"] for p in thoughts} <= THINKING_NODES
    assert thoughts[1]["data"]["text"] == "Let me look."
    assert all(p["data"]["status"] == "done" for p in thoughts)
    assert "I looked at Q1" not in got.text
    assert got.text.startswith("Two.")


@pytest.mark.contract("D84")
async def test_a_growing_thought_is_said_twice_at_most(desk: Desk) -> None:
    words = "word " * 2_000
    desk.script(router=sorts("research"), research=[LOOK, Turn.say(words)])
    got = await desk.ask(await desk.thread())
    said = [p for p in got.parts if p["type"] == "data-thinking" and p["id"] == "research:1"]
    assert said[-1]["data"] == {"node": "research", "text": words.strip(), "status": "done"}
    assert {p["data"]["status"] for p in said[:-1]} == {"running"}
    total = sum(len(p["data"]["text"]) for p in said)
    assert total < 5 * len(words)


async def test_thoughts_are_not_shown_where_figures_must_be_checked_first(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, Turn.say("It is 4711.")])
    got = await desk.ask(await desk.thread(numbers="block"))
    assert "4711" not in str(got.parts)


@pytest.mark.contract("D61", "D63")
async def test_each_tool_call_is_in_the_log_exactly_once(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=[Turn.call("draw", {}), Turn.say("Drawn.")],
    )
    got = await desk.ask(await desk.thread())
    for kind in ("tool-input-start", "tool-input-available", "tool-output-available"):
        calls = [p["toolCallId"] for p in got.parts if p["type"] == kind]
        assert len(calls) == len(set(calls)) == 2


@pytest.mark.contract("D57", "D74", "D85")
async def test_usage_is_told_by_node(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, NOTES])
    got = await desk.ask(await desk.thread())
    (usage,) = got.data("data-usage")
    assert usage["input_tokens"] == 50
    assert {node: u["input_tokens"] for node, u in usage["by_node"].items()} == {
        "router": 10,
        "research": 20,
        "narrator": 10,
        "followups": 10,
    }
    assert usage["by_node"]["router"]["cost"] == "0.00002"
    assert got.answer["metadata"]["usage"] == {"input_tokens": 50, "output_tokens": 25}


@pytest.mark.contract("D85", "D91")
async def test_a_node_whose_model_tells_no_tokens_used_nobody_knows_how_many(desk: Desk) -> None:
    silent = replace(NOTES, usage=None)
    desk.script(router=sorts("research"), research=[LOOK, silent], narrator=silent)
    got = await desk.ask(await desk.thread())
    assert got.answer["status"] == "complete"
    (usage,) = got.data("data-usage")
    told = {node: used["input_tokens"] for node, used in usage["by_node"].items()}
    # Neither guessed nor left out, so that the cost of the whole is not known either.
    assert told == {"router": 10, "research": 10, "narrator": None, "followups": 10}
    assert (usage["by_node"]["narrator"]["cost"], usage["cost"]) == (None, None)


@pytest.mark.contract("D55", "D70", "D85", "D90")
async def test_a_quick_answer_has_a_card_bound_to_its_result(desk: Desk) -> None:
    desk.script(
        router=sorts("quick_answer"),
        quick_answer=[LOOK, NOTES],
        narrator=Turn.say("North leads."),
    )
    got = await desk.ask(await desk.thread(), "How many orders have north and south?")
    (card,) = got.data("data-card")
    assert card["kind"] == "comparison"
    assert [entry["value"]["raw"] for entry in card["entries"]] == ["120", "95"]
    assert "The reader sees a card" in got.prompt("narrator")
    kinds = [p["type"] for p in got.answer["parts"]]
    assert kinds.index("data-card") < kinds.index("text")


@pytest.mark.contract("D90")
async def test_research_has_no_card(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, NOTES])
    got = await desk.ask(await desk.thread())
    assert not got.data("data-card")
    assert "The reader sees a card" not in got.prompt("narrator")


@pytest.mark.contract("D17", "D56", "W12")
async def test_follow_ups_are_questions_to_click_and_a_list_to_read(desk: Desk) -> None:
    asked = Turn.say(
        "Sure:\n1. **Which region grew?**\n2) How many returns?\n- Which day?\n4. More?"
    )
    desk.script(router=sorts("research"), research=[LOOK, NOTES], followups=asked)
    got = await desk.ask(await desk.thread())
    questions = ["Which region grew?", "How many returns?", "Which day?"]
    assert got.data("data-followups") == [{"questions": questions}]
    parts = got.answer["parts"]
    place = next(i for i, p in enumerate(parts) if p["type"] == "data-followups")
    listed = "1. Which region grew?\n2. How many returns?\n3. Which day?"
    assert [p["text"] for p in parts[place + 1 :] if p["type"] == "text"] == [listed]


@pytest.mark.contract("D17")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("1. Only one?", []),
        ("1. Why 12% less?\n2. Which region?\n3. Which day?", ["Which region?", "Which day?"]),
        ("1. Orders by region, please.\n2. Which day?", []),
    ],
)
async def test_follow_ups_bring_no_figures_and_repeat_no_question(
    desk: Desk, said: str, shown: list[str]
) -> None:
    desk.script(router=sorts("research"), research=[LOOK, NOTES], followups=Turn.say(said))
    got = await desk.ask(await desk.thread())
    assert [q for data in got.data("data-followups") for q in data["questions"]] == shown


@pytest.mark.contract("D19", "D56")
async def test_a_question_back_offers_two_to_four_answers(desk: Desk) -> None:
    said = "Which revenue?\n\n1. Gross\n2. Net\n3. Paid\n4. Open\n5. Planned"
    desk.script(router=sorts("clarify", missing_slots=["measure"]), clarifier=Turn.say(said))
    got = await desk.ask(await desk.thread(), "Revenue?")
    assert got.data("data-options") == [
        {"question": "Which revenue?", "options": ["Gross", "Net", "Paid", "Open"]}
    ]
    desk.script(router=sorts("clarify"), clarifier=Turn.say("Which revenue?\n1. Gross"))
    got = await desk.ask(await desk.thread(), "Revenue?")
    assert not got.data("data-options")
    assert got.text


@pytest.mark.contract("D20", "D56")
async def test_a_question_out_of_scope_is_a_refusal_with_the_nearest_question(desk: Desk) -> None:
    said = "I only know this shop.\n\n1. Which region sells most?\n2. Orders per day?"
    desk.script(router=sorts("out_of_scope"), suggester=Turn.say(said))
    got = await desk.ask(await desk.thread(), "Who wins the election?")
    assert got.data("data-refusal") == [
        {
            "reason": "out_of_scope",
            "explanation": "I only know this shop.",
            "nearest": "Which region sells most?",
        }
    ]
    assert got.text == said


@pytest.mark.contract("D86")
async def test_a_narrator_that_breaks_off_leaves_what_was_found(desk: Desk) -> None:
    desk.script(router=sorts("research"), research=[LOOK, NOTES], narrator=Turn.cut("Half of"))
    got = await desk.ask(await desk.thread())
    assert got.answer["status"] == "failed"
    assert got.parts[-1]["type"] == "error"
    assert got.data("data-query")
    assert got.text.startswith("Half of")


@pytest.mark.contract("D87")
async def test_a_provider_that_sends_no_pieces_is_read_once(desk: Desk) -> None:
    whole = Turn(pieces=("All of it at once.",))
    desk.script(router=sorts("direct"), direct=whole)
    got = await desk.ask(await desk.thread(), "Hi")
    assert got.text == "All of it at once."


async def test_a_rerun_from_a_step_repeats_the_steps_before_it_without_a_model(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=[Turn.say("First."), Turn.say("Second.")],
    )
    got = await desk.ask(await desk.thread())
    tree = (await desk.place.http.get(f"/runs/{got.run_id}/steps")).json()["steps"]
    groups = [row["id"] for row in tree if row["kind"] == "step"]
    body = {"from_step": groups[3]}
    again = await desk.place.http.post(f"/runs/{got.run_id}/rerun", json=body)
    assert again.status_code == 202, again.text
    desk.asked.clear()
    await desk.place.parts(again.json()["run_id"])
    assert [node for node, _ in desk.asked] == ["narrator", "followups"]
    answers = await desk.place.messages(got.thread_id)
    assert any("Second." in str(answer["parts"]) for answer in answers)
