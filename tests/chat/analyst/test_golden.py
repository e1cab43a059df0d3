"""The reviewed event stream of each intent: `tests/fixtures/analyst_runs` holds them.

A difference is a change that people and clients see. A test that finds one writes the new stream into
its temporary folder and says where: after a review it takes the place of the stored one.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from datelier.chat.analyst.router import INTENTS
from datelier.runs.fold import fold
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, sorts
from tests.chat.analyst.normal import normal
from tests.support.scripted_openai import Turn

FOLDER = Path(__file__).parents[2] / "fixtures" / "analyst_runs"
QUESTIONS = {
    "quick_answer": "How many orders have north and south?",
    "research": "Why is the north ahead? Draw it.",
    "explain": "What is an order?",
    "clarify": "What about revenue?",
    "out_of_scope": "Who wins the election?",
    "direct": "Hello!",
}
SAID: dict[str, Turn | list[Turn]] = {
    "quick_answer": [LOOK, NOTES],
    "research": [Turn(pieces=("I look at the regions.",), calls=LOOK.calls), NOTES],
    "explain": [Turn.call("describe", {}), Turn.say("An order is one row.")],
    "clarifier": Turn.say("Which revenue do you mean?\n\n1. Gross\n2. Net"),
    "suggester": Turn.say("I only know this shop.\n\n1. Which region sells most?"),
    "direct": Turn.say("Hello! Ask me about the shop."),
}
ANSWERS: dict[str, list[Turn]] = {
    "quick_answer": [Turn.say("{{Q1[0].region}} leads with {{Q1[0].orders}} orders.")],
    "research": [
        Turn.call("draw", {"title": "Orders by region"}),
        Turn.say("North has {{= Q1[0].orders - Q1[1].orders}} orders more.\n\n{{card C1}}"),
    ],
    "explain": [Turn.say("An order is one purchase.")],
}


@pytest.mark.contract("D77", "D47", "D82")
@pytest.mark.parametrize("intent", INTENTS)
async def test_the_event_stream_of_each_intent_is_the_reviewed_one(
    desk: Desk, intent: str, tmp_path: Path
) -> None:
    desk.script(router=sorts(intent), narrator=ANSWERS.get(intent, []), **SAID)
    got = await desk.ask(await desk.thread(), QUESTIONS[intent])
    assert got.answer["status"] == "complete"
    stream = normal(got.parts)
    assert normal(fold(got.parts)) == normal(got.answer["parts"])
    new = tmp_path / f"{intent}.json"
    new.write_text(_shown(stream), encoding="utf-8")
    reviewed = json.loads((FOLDER / new.name).read_text(encoding="utf-8"))
    assert stream == reviewed, f"the new stream is in {new}"


def _shown(stream: list[dict[str, Any]]) -> str:
    lines = ",\n".join(json.dumps(part, ensure_ascii=False) for part in stream)
    return f"[\n{lines}\n]\n"
