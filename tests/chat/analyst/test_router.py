"""The router: what it is asked, what it may answer, and when nobody asks it."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from datelier.agents.definition import Mention
from datelier.chat.analyst.mentions import mentioned
from datelier.chat.analyst.router import read_route
from datelier.chat.analyst.settings import SETTINGS, AnalystSettings
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, Got, sorts
from tests.support.scripted_openai import Turn

HELLO = Turn.say("Hello!")


def intent(got: Got) -> dict[str, Any]:
    (data,) = got.data("data-intent")
    return data


@pytest.mark.contract("D12", "D28", "D32", "D58", "D89")
async def test_the_routers_decision_is_in_the_log_with_its_reasons(desk: Desk) -> None:
    desk.script(
        router=sorts("clarify", missing_slots=["period"], language="de", confidence=0.4),
        clarifier=Turn.say("Welches Jahr?\n1. Dieses\n2. Letztes"),
    )
    got = await desk.ask(await desk.thread(), "Wie war der Umsatz?")
    assert intent(got) == {
        "intent": "clarify",
        "reasoning": "It is clarify.",
        "confidence": 0.4,
        "language": "de",
        "missing_slots": ["period"],
        "by": "model",
    }
    thought = got.data("data-thinking")[0]
    assert thought == {"node": "router", "text": "It is clarify.", "status": "done"}
    assert got.body("router")["response_format"] == {"type": "json_object"}
    assert "code “de”" in got.prompt("clarifier")
    assert "period" in got.prompt("clarifier")


@pytest.mark.contract("D27", "W10", "D50")
@pytest.mark.parametrize("door", ["threads", "chat"])
async def test_a_forced_intent_asks_no_model(desk: Desk, door: str) -> None:
    desk.script(direct=HELLO)
    agent_id = await desk.agent()
    thread_id = await desk.place.thread(agent_id=agent_id)
    if door == "threads":
        got = await desk.ask(thread_id, "Revenue by region", intent="direct")
    else:
        words = [{"type": "text", "text": "Revenue by region"}]
        body = {"id": thread_id, "message": {"role": "user", "parts": words}, "intent": "direct"}
        posted = await desk.place.http.post("/chat", json=body)
        assert posted.status_code == 200
        answer = (await desk.place.messages(thread_id))[-1]
        got = Got(answer["run_id"], thread_id, [], answer, desk.asked)
    assert got.nodes == ["direct"]
    assert intent(got)["by"] == "forced"
    assert intent(got)["intent"] == "direct"


async def test_an_intent_that_does_not_exist_is_refused_at_the_door(desk: Desk) -> None:
    thread_id = await desk.thread()
    body = {"text": "Hi", "intent": "guess"}
    refused = await desk.place.http.post(f"/threads/{thread_id}/messages", json=body)
    assert refused.status_code == 422


@pytest.mark.contract("D26", "W9")
async def test_a_mention_of_the_agents_table_chooses_intent_and_partition(desk: Desk) -> None:
    desk.script(research=[Turn.call("describe", {}), NOTES], recovery=Turn.say("{}"))
    table = {"schema": {"intent": "research", "partition": "metadata"}}
    got = await desk.ask(await desk.thread(mentions=table), "What is in it, @Schema?")
    assert got.nodes[0] == "research"
    assert intent(got)["by"] == "mention"
    assert got.offered("research") == ["describe", "long_names", "lost_names", "notify"]


@pytest.mark.contract("W9")
async def test_an_unknown_mention_is_plain_text(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=HELLO)
    table = {"schema": {"intent": "research"}}
    got = await desk.ask(await desk.thread(mentions=table), "@wdr says hello to a@schema.org")
    assert got.nodes == ["router", "direct"]
    assert "@wdr" in str(got.body("router")["messages"][-1]["content"])


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("@DATA now", "data"),
        ("now (@data)", "data"),
        ("@other then @data", "data"),
        ("mail me@data.org", None),
        ("@@data", None),
        ("@database", None),
        ("nothing", None),
    ],
)
def test_mentions_are_whole_words(question: str, name: str | None) -> None:
    table = {"data": Mention(intent="research")}
    found = mentioned(question, table)
    assert (found[0] if found else None) == name


@pytest.mark.contract("D89", "D91")
@pytest.mark.parametrize(
    "said",
    [
        Turn.say("I think it is research."),
        Turn.say('{"intent": "guess"}'),
        Turn.say('{"intent": "direct"'),
        Turn.say("[]"),
        Turn.empty(),
        Turn.cut(),
        Turn.broken(),
        Turn.rate_limited(),
    ],
)
async def test_a_router_that_fails_makes_it_research(desk: Desk, said: Turn) -> None:
    desk.script(router=said, research=[LOOK, NOTES])
    got = await desk.ask(await desk.thread())
    assert got.nodes[-4:] == ["research", "research", "narrator", "followups"]
    assert (intent(got)["intent"], intent(got)["by"]) == ("research", "fallback")
    assert got.answer["status"] == "complete"


@pytest.mark.contract("D12", "D89")
async def test_a_question_that_is_not_sorted_in_time_is_researched(desk: Desk) -> None:
    silent = replace(sorts("direct"), release=asyncio.Event())
    desk.script(router=silent, research=[LOOK, NOTES])
    desk.place.resources.register(AnalystSettings, AnalystSettings(routing_seconds=0.2))
    try:
        got = await desk.ask(await desk.thread())
    finally:
        desk.place.resources.register(AnalystSettings, SETTINGS)
    assert got.nodes == ["router", "research", "research", "narrator", "followups"]
    assert intent(got)["reasoning"].endswith("because the model took too long.")
    assert got.answer["status"] == "complete"


async def test_an_endpoint_without_a_mode_for_json_is_asked_without_it(desk: Desk) -> None:
    model = await desk.studio.model("plain-endpoint")

    def respond(body: dict[str, Any]) -> Turn:
        if "response_format" in body:
            return Turn.refuse(400, "response_format is not supported")
        return sorts("direct")

    desk.place.models.respond("plain-endpoint", respond)
    desk.script(direct=HELLO)
    agent_id = await desk.agent(routing_model_id=model)
    for _ in range(2):
        got = await desk.ask(await desk.place.thread(agent_id=agent_id), "Hi")
        assert intent(got)["by"] == "model"
        assert got.nodes == ["direct"]
    asked = [r for r in desk.place.models.requests if r["model"] == "plain-endpoint"]
    assert ["response_format" in request for request in asked] == [True, False, False]


@pytest.mark.contract("D12", "D29", "D71", "D73")
async def test_questions_are_sorted_by_the_routing_model_and_answered_by_the_other(
    desk: Desk,
) -> None:
    model = await desk.studio.model("sorter")
    desk.place.models.respond("sorter", lambda _: sorts("direct"))
    desk.script(direct=HELLO)
    got = await desk.ask(await desk.thread(routing_model_id=model), "Hi")
    assert got.nodes == ["direct"]
    assert intent(got)["by"] == "model"
    assert got.answer["metadata"]["model"]["name"] == "Scripted"
    usage = got.data("data-usage")[0]["by_node"]
    assert set(usage) == {"router", "direct"}


async def test_a_routing_model_must_exist(desk: Desk) -> None:
    definition = {"workflow": "analyst", "routing_model_id": str(desk.place.org_id)}
    made = await desk.place.http.post("/agents", json={"name": "N", "definition": definition})
    assert made.status_code == 404
    assert "routing_model_id" in made.text


@pytest.mark.contract("D30", "D31", "D33")
async def test_the_router_reads_the_last_ten_messages_without_lists_of_follow_ups(
    desk: Desk,
) -> None:
    desk.script(
        router=[sorts("research"), sorts("direct")],
        research=[LOOK, NOTES],
        direct=HELLO,
    )
    thread_id = await desk.thread()
    await desk.ask(thread_id)
    for _ in range(5):
        await desk.ask(thread_id, "Hi")
    got = await desk.ask(thread_id, "Hi")
    said = got.body("router")["messages"]
    assert [m["role"] for m in said] == ["system", *["assistant", "user"] * 5]
    first = await desk.ask(thread_id, "Hi")
    assert len(first.body("router")["messages"]) == 11
    early = [b for n, b in desk.asked if n == "router"][1]["messages"]
    assert [m["content"] for m in early[1:]] == ["Orders by region, please.", "Here it is.", "Hi"]


@pytest.mark.contract("D32")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"confidence": 2}, {"confidence": None}),
        ({"confidence": True}, {"confidence": None}),
        ({"language": "Klingon!"}, {"language": None}),
        ({"detected_language": "fr"}, {"language": "fr"}),
        ({"missing_slots": "year"}, {"missing_slots": []}),
        ({"missing_slots": [" year\n", "", 7]}, {"missing_slots": ["year", "7"]}),
        ({"reasoning": None}, {"reasoning": "No reason was given."}),
        ({"reasoning": "a\n\x00b"}, {"reasoning": "a b"}),
    ],
)
def test_what_the_router_says_is_read_with_care(said: dict[str, Any], expected: Any) -> None:
    route = read_route(f"Sure: {json.dumps({'intent': 'CLARIFY', **said})} Bye.")
    assert route is not None
    assert {key: route[key] for key in expected} == expected


@pytest.mark.contract("D32")
def test_slots_belong_to_questions_back_only() -> None:
    route = read_route('{"intent": "research", "missing_slots": ["year"]}')
    assert route is not None
    assert route["missing_slots"] == []
