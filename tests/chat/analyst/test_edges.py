"""Every edge of the analyst graph, walked by a question or a goal, and named by its contract line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from datelier.chat.analyst.graph import NODES, build
from datelier.chat.analyst.state import WRITERS
from datelier.effects.service import DO_NOW, HAPPENED, LEAVE
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, sorts, walked, wrote
from tests.chat.analyst.test_paths import found
from tests.chat.test_approvals import Chat
from tests.chat.test_background import start
from tests.support.scripted_openai import Turn

Said = Mapping[str, Turn | list[Turn]]
YES: dict[str, Any] = {"kind": "approve"}
NO_SUCH = Turn.say("There are {{Q9[0].orders}} orders.")
HELLO = Turn.say("Hello!")
WHICH = Turn.say("Which year?\n1. This\n2. Last")
NOT_HERE = Turn.say("Not here.\n1. Which region?")
FAILS = Turn.call("fails", {})
WRITES = Turn.call("write_document", {})
DRAWS = Turn.call("draw", {})
NOTHING = Turn.say("There is none.")


@dataclass(frozen=True)
class Walk:
    """A run's way through the graph.

    Attributes:
        intent: What the router says.
        path: The nodes between the router and the end.
        said: What their models say.
        agent: Of the agent's definition.
        decisions: What people decide when the run waits for them.
        unwatched: A goal in the background, not a question in a chat.
    """

    intent: str
    path: str
    said: Said
    agent: dict[str, Any] = field(default_factory=dict[str, Any])
    decisions: Sequence[dict[str, Any]] = ()
    unwatched: bool = False

    @property
    def nodes(self) -> list[str]:
        return ["router", *self.path.split()]


def says(answer: str) -> dict[str, Any]:
    """What somebody says who has looked whether a call happened."""
    return {"kind": "respond", "args": answer}


def asking(*tools: str) -> dict[str, Any]:
    return {"tools": dict.fromkeys(tools, "ask")}


WALKS: dict[str, Walk] = {
    "D8 research, D9 narrator, D9 follow-ups, D9 end": Walk(
        "research", "research tools research narrator followups", {"research": [LOOK, NOTES]}
    ),
    "D8 quick answer, D9 narrator": Walk(
        "quick_answer",
        "quick_answer tools quick_answer narrator followups",
        {"quick_answer": [LOOK, NOTES]},
    ),
    "D8 explanation, D9 narrator": Walk(
        "explain",
        "explain tools explain narrator followups",
        {"explain": [Turn.call("describe", {}), NOTES]},
    ),
    "D8 explanation of what is silent, never looked at again": Walk(
        "explain", "explain narrator followups", {"explain": NOTHING}
    ),
    "D8 small talk, D10 end": Walk("direct", "direct", {"direct": HELLO}),
    "D8 question back, D10 end": Walk("clarify", "clarifier", {"clarifier": WHICH}),
    "D8 refusal, D10 end": Walk("out_of_scope", "suggester", {"suggester": NOT_HERE}),
    "D8 question back that nobody would hear, so research": Walk(
        "clarify",
        "research tools research narrator",
        {"research": [LOOK, NOTES]},
        {"tools": {"request_human": "never"}},
        unwatched=True,
    ),
    "D13 quick answer that waits for a person": Walk(
        "quick_answer",
        "quick_answer approval tools quick_answer narrator followups",
        {"quick_answer": [LOOK, NOTES]},
        asking("regions"),
        [YES],
    ),
    "D14 research that waits for a person": Walk(
        "research",
        "research approval tools research narrator followups",
        {"research": [LOOK, NOTES]},
        asking("regions"),
        [YES],
    ),
    "D15 explanation that waits for a person": Walk(
        "explain",
        "explain approval tools explain narrator followups",
        {"explain": [Turn.call("describe", {}), NOTES]},
        asking("describe"),
        [YES],
    ),
    "D16 narrator that draws": Walk(
        "research",
        "research tools research narrator tools narrator followups",
        {"research": [LOOK, NOTES], "narrator": [DRAWS, HELLO]},
    ),
    "D16 narrator that waits for a person": Walk(
        "research",
        "research tools research narrator approval tools narrator followups",
        {"research": [LOOK, NOTES], "narrator": [DRAWS, HELLO]},
        asking("draw"),
        [YES],
    ),
    "D93 narrator that writes its figures again": Walk(
        "research",
        "research tools research narrator narrator followups",
        {"research": [LOOK, NOTES], "narrator": [NO_SUCH, HELLO]},
    ),
    "D91 narrator in the last call, D17 without follow-ups": Walk(
        "research",
        "research tools research tools narrator",
        {"research": LOOK},
        {"limits": {"max_steps": 4}},
    ),
    "D18 small talk that writes a document": Walk(
        "direct",
        "direct tools direct",
        {"direct": [WRITES, HELLO]},
        {"tools": {"write_document": "auto"}},
    ),
    "D18 small talk that waits for a person": Walk(
        "direct",
        "direct approval tools direct",
        {"direct": [WRITES, HELLO]},
        asking("write_document"),
        [YES],
    ),
    "D93 small talk that writes its figures again": Walk(
        "direct", "direct direct", {"direct": [NO_SUCH, HELLO]}
    ),
    "D93 question back that writes its figures again": Walk(
        "clarify", "clarifier clarifier", {"clarifier": [NO_SUCH, WHICH]}
    ),
    "D93 refusal that writes its figures again": Walk(
        "out_of_scope", "suggester suggester", {"suggester": [NO_SUCH, NOT_HERE]}
    ),
    "D13 cap of a quick answer, D9 narrator": Walk(
        "quick_answer", f"{'quick_answer tools ' * 3}narrator followups", {"quick_answer": LOOK}
    ),
    "D13 cap of a quick answer, W11 recovery": Walk(
        "quick_answer",
        f"{'quick_answer tools ' * 3}recovery narrator followups",
        {"quick_answer": FAILS, "recovery": found("answer")},
    ),
    "W11 research that found nothing, answered all the same": Walk(
        "research",
        "research recovery narrator followups",
        {"research": NOTHING, "recovery": found("answer")},
    ),
    "W11 quick answer that found nothing, asked back": Walk(
        "quick_answer",
        "quick_answer recovery clarifier",
        {"quick_answer": NOTHING, "recovery": found("clarify"), "clarifier": WHICH},
    ),
    "W11 research that found nothing, refused": Walk(
        "research",
        "research recovery suggester",
        {"research": NOTHING, "recovery": found("refuse"), "suggester": NOT_HERE},
    ),
    "D19 question back to the inbox, D14 research goes on with it": Walk(
        "clarify",
        "clarifier approval tools research tools research narrator",
        {"clarifier": WHICH, "research": [LOOK, NOTES]},
        decisions=[says("This")],
        unwatched=True,
    ),
    "D14 research at its cap, asked back, D9 narrator": Walk(
        "research",
        f"{'research tools ' * 10}recovery clarifier approval tools narrator",
        {"research": FAILS, "recovery": found("clarify"), "clarifier": WHICH},
        decisions=[says("This")],
        unwatched=True,
    ),
    "W1 research whose call may have happened": Walk(
        "research",
        "research tools unknown research narrator followups",
        {"research": [Turn.call("lost", {}), NOTES]},
        decisions=[says(HAPPENED)],
    ),
    "W1 call that is made again and lost again": Walk(
        "quick_answer",
        "quick_answer tools unknown unknown quick_answer narrator followups",
        {"quick_answer": [Turn.call("lost", {}), NOTES]},
        decisions=[says(DO_NOW), says(HAPPENED)],
    ),
    "W1 explanation whose call may have happened": Walk(
        "explain",
        "explain tools unknown explain narrator followups",
        {"explain": [Turn.call("lost_names", {}), NOTES]},
        decisions=[says(HAPPENED)],
    ),
    "W1 narrator whose call may have happened": Walk(
        "research",
        "research tools research narrator tools unknown narrator followups",
        {"research": [LOOK, NOTES], "narrator": [Turn.call("lost_document", {}), HELLO]},
        {"tools": {"lost_document": "auto"}},
        decisions=[says(HAPPENED)],
    ),
    "W1 small talk whose call may have happened": Walk(
        "direct",
        "direct tools unknown direct",
        {"direct": [Turn.call("lost_document", {}), HELLO]},
        {"tools": {"lost_document": "auto"}},
        decisions=[says(HAPPENED)],
    ),
    "W1 last call of a quick answer, of which nobody knows": Walk(
        "quick_answer",
        f"{'quick_answer tools ' * 3}unknown recovery narrator followups",
        {"quick_answer": [FAILS, FAILS, Turn.call("lost", {})], "recovery": found("answer")},
        decisions=[says(LEAVE)],
    ),
}


@pytest.mark.contract("D8", "D9", "D10", "D13", "D14", "D15", "D16", "D17", "D18", "D19", "D20")
@pytest.mark.parametrize("name", WALKS)
async def test_a_run_goes_this_way(desk: Desk, name: str) -> None:
    walk = WALKS[name]
    desk.script(router=sorts(walk.intent), **walk.said)
    agent_id = await desk.agent(**walk.agent)
    if walk.unwatched:
        run = await start(desk.place, agent_id=agent_id)
    else:
        run = await desk.place.send(await desk.place.thread(agent_id=agent_id), "Orders, please.")
        run["id"] = run["run_id"]
    chat = Chat(desk.place, run["thread_id"], run["id"])
    for decision in walk.decisions:
        await chat.decide(**decision)
    answer = await chat.answer()
    assert answer["status"] == "complete", answer["metadata"]
    assert walked[run["id"]] == walk.nodes


@pytest.mark.contract("D7", "D11")
async def test_a_long_conversation_begins_with_its_notes(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=HELLO, summarizer=NOTES)
    thread_id = await desk.thread()
    paths = [(await desk.ask(thread_id, f"Hi {turn}")).path for turn in range(12)]
    assert paths == [*[["router", "direct"]] * 11, ["summarizer", "router", "direct"]]


@pytest.mark.contract("D52", "D53", "D54", "D55")
async def test_each_key_of_the_state_is_written_by_one_node(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=HELLO, summarizer=NOTES)
    thread_id = await desk.thread()
    for _ in range(11):
        await desk.ask(thread_id, "Hi")
    desk.script(
        router=sorts("research"),
        summarizer=NOTES,
        research=[FAILS, NOTHING],
        recovery=found("answer"),
    )
    got = await desk.ask(thread_id)
    own = {"summarizer": {"summary"}, "router": {"route"}, "recovery": {"finding"}}
    nodes = ["summarizer", "router", "research", "tools", "recovery", "narrator", "followups"]
    assert wrote[got.run_id] == {node: {"messages", *own.get(node, ())} for node in nodes}
    assert {key: node for node, keys in own.items() for key in keys} == WRITERS


@pytest.mark.contract("D6", "D7", "W8")
def test_no_edge_is_left_that_no_walk_takes() -> None:
    drawn = build().compile().get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    notes = ["summarizer", "router", "direct"]
    ways = [["__start__", *way, "__end__"] for way in [notes, *(w.nodes for w in WALKS.values())]]
    taken = {step for way in ways for step in pairwise(way)}
    assert edges == taken
    assert {source for source, _ in edges} - {"__start__"} == set(NODES)
