"""Conversations that have become long: notes, budgets, and which model reads what in every node."""

from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.summarizer import due
from datelier.chat.analyst.tokens import count
from datelier.chat.history import Told
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, Got, sorts
from tests.support.scripted_openai import Turn

HELLO = Turn.say("Hello!")
NOTED = Turn.say("They greet each other.")
NOTHING = Turn.say("There is none.")


async def talk(desk: Desk, words: Turn = HELLO) -> str:
    """Return a thread with 22 messages: one more, and notes are due."""
    desk.script(router=sorts("direct"), direct=words)
    thread_id = await desk.thread()
    for turn in range(11):
        await desk.ask(thread_id, f"Hi {turn}")
    return thread_id


@pytest.mark.contract("D7", "D11", "D21", "D22", "D23", "D31", "D54")
async def test_notes_are_made_beyond_twenty_messages_and_again_after_eight_from_thirty(
    desk: Desk,
) -> None:
    desk.script(router=sorts("direct"), direct=HELLO, summarizer=NOTED)
    thread_id = await desk.thread()
    read: dict[int, list[str]] = {}
    for turn in range(20):
        got = await desk.ask(thread_id, f"Hi {turn}")
        if "summarizer" in got.nodes:
            assert got.nodes == ["summarizer", "router", "direct"]
            assert got.data("data-summary") == [{"text": "They greet each other."}]
            assert "They greet" not in got.text
            assert not got.offered("summarizer")
            said = got.body("summarizer")["messages"]
            assert said[-1]["content"] == "Write the notes now."
            read[2 * turn] = [message["content"] for message in said[1:-1]]
            assert ("They greet" in got.prompt("summarizer")) == (turn > 11)
    # Messages before the question: the first beyond 20, then 8 new ones, and never more than 30.
    assert {before: len(said) for before, said in read.items()} == {22: 22, 30: 30, 38: 30}
    assert [said[0] for said in read.values()] == ["Hi 0", "Hi 0", "Hi 4"]
    assert {said[-1] for said in read.values()} == {"Hello!"}
    assert "They greet each other." in (await desk.ask(thread_id, "Hi")).prompt("router")


@pytest.mark.contract("D21", "D22")
@pytest.mark.parametrize(
    ("before", "summary", "since", "expected"),
    [
        (19, "", 0, False),
        (20, "", 0, False),
        (21, "", 0, True),
        (40, "Notes.", 7, False),
        (40, "Notes.", 8, True),
        (40, "Notes.", 9, True),
    ],
)
def test_notes_are_due_after_twenty_messages_and_after_eight_new_ones(
    before: int, summary: str, since: int, expected: bool
) -> None:
    said = [HumanMessage("Hi")] * (before + 1)  # the last one is the question
    assert due(Told(said, summary=summary, since=since + 1)) == expected


# Each node, with the most that it can be given to read.
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("quick_answer", {"quick_answer": [Turn.call("long", {}), Turn.call("long", {}), NOTES]}),
    ("research", {"research": [*[Turn.call("long", {})] * 9, NOTES]}),
    ("explain", {"explain": [Turn.call("long_names", {}), Turn.call("long_names", {}), NOTES]}),
    ("research", {"research": [Turn.call("fails", {}), NOTHING], "recovery": Turn.say("{}")}),
    ("direct", {"direct": HELLO}),
    ("clarify", {"clarifier": Turn.say("Which one?")}),
    ("out_of_scope", {"suggester": Turn.say("Not here.")}),
]


def read_by(got: Got) -> dict[str, int]:
    """The most tokens that each node read of what was said before and of what was found."""
    most: dict[str, int] = {}
    for node, body in got.asked:
        prompt, *said = body["messages"]
        sections = str(prompt["content"]).split("\n\n")
        found = [s for s in sections if s.startswith(("What was found", "Earlier in this"))]
        packet = str(prompt["content"]).partition("What was found")[2] or "".join(found)
        tokens = sum(count(str(message["content"] or "")) for message in said) + count(packet)
        most[node] = max(tokens, most.get(node, 0))
    return most


@pytest.mark.contract("D92", "W45")
async def test_no_node_reads_more_than_its_budget_and_each_uses_it(desk: Desk) -> None:
    long = "word " * 1_800
    thread_id = await talk(desk, Turn.say(long))
    read: dict[str, int] = {}
    for intent, said in KINDS:
        desk.script(router=sorts(intent), summarizer=NOTED, narrator=Turn.say(long), **said)
        got = await desk.ask(thread_id, f"And now? {long}")
        assert got.answer["status"] == "complete", got.answer["metadata"]
        for node, tokens in read_by(got).items():
            read[node] = max(tokens, read.get(node, 0))
    contract = {
        "router": 4, "research": 32, "narrator": 16, "direct": 8, "explain": 16, "clarifier": 2,
        "suggester": 4, "summarizer": 8, "followups": 4,
    }  # fmt: skip
    contract |= {"quick_answer": 32, "recovery": 4}
    assert set(read) == set(contract) == set(SETTINGS.budgets)
    slack = 50  # headings and what the node itself is asked for
    over = {n: tokens for n, tokens in read.items() if tokens > 1_000 * contract[n] + slack}
    assert over == {}
    # A quarter of it at least: nothing is cut that would have found room.
    unused = {n: tokens for n, tokens in read.items() if tokens < 250 * contract[n]}
    assert unused == {}


@pytest.mark.contract("W45")
async def test_long_messages_are_left_out_however_few_they_are(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=Turn.say("word " * 4_000))
    thread_id = await desk.thread()
    await desk.ask(thread_id, "Hi")
    got = await desk.ask(thread_id, "Hi again")
    assert got.roles("router") == ["system", "user"]
    assert got.roles("direct") == ["system", "user", "assistant", "user"]


@pytest.mark.contract("D71", "D72", "D74")
async def test_the_model_that_a_person_picks_answers_in_every_node_but_the_router(
    desk: Desk,
) -> None:
    sorter, picked = await desk.studio.model("sorts"), await desk.studio.model("picked")
    thread_id = await talk(desk)
    changed = {"agent_id": await desk.agent(routing_model_id=sorter)}
    assert (await desk.place.http.patch(f"/threads/{thread_id}", json=changed)).status_code == 200
    asked: dict[str, set[str]] = {}
    for intent, said in [*KINDS, ("research", {"research": [LOOK, NOTES]})]:
        desk.script(router=sorts(intent), summarizer=NOTED, **said)
        for name in ("sorts", "picked"):
            desk.place.models.respond(name, desk.place.models.responder("m"))
        got = await desk.ask(thread_id, model_id=picked)
        assert got.answer["status"] == "complete", got.answer["metadata"]
        for node, body in got.asked:
            asked.setdefault(node, set()).add(body["model"])
        # What each node used is told by node, and stored in total with the answer.
        (usage,) = got.data("data-usage")
        assert {n: used["input_tokens"] for n, used in usage["by_node"].items()} == {
            node: 10 * got.nodes.count(node) for node in got.nodes
        }
        assert all(used["cost"] for used in usage["by_node"].values())
        assert got.answer["metadata"]["usage"]["input_tokens"] == 10 * len(got.nodes)
    assert asked == {n: {"sorts" if n == "router" else "picked"} for n in SETTINGS.budgets}
