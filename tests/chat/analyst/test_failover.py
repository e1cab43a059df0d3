"""A runner that is killed in any node: the answer goes on elsewhere, nothing is lost or said twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from datelier.runs.fold import fold
from tests.chat.analyst.conftest import LOOK, NOTES, Desk, node_asking, sorts
from tests.chat.analyst.test_paths import found
from tests.chat.app import resources_for
from tests.chat.conftest import Place, make_home, serving
from tests.chat.test_agents import Studio
from tests.runs.processes import Process, processes
from tests.support.cluster import Cluster
from tests.support.scripted_openai import ScriptedOpenAI, Turn

LEASE = 6  # seconds; a busy machine must not lose its own runs
PATIENCE = 90.0
SAID: dict[str, Turn | list[Turn]] = {
    "summarizer": Turn.say("Notes."),
    "research": [LOOK, NOTES],
    "quick_answer": Turn.say("Nothing there."),
    "explain": [Turn.call("describe", {}), NOTES],
    "narrator": Turn.say("It is in the result."),
    "direct": Turn.say("Hello to you."),
    "clarifier": Turn.say("Which one?\n1. This\n2. That"),
    "suggester": Turn.say("Not here.\n1. Which region?"),
}


@pytest.fixture(scope="module")
async def apart(cluster: Cluster, template_url: str) -> AsyncGenerator[tuple[Desk, str]]:
    """An installation whose runs are executed by processes that the test starts and kills."""
    url_of_database = cluster.create("analyst_failover", template="template_datelier")
    resources = resources_for(url_of_database, lease_seconds=LEASE)
    async with ScriptedOpenAI() as models, serving(resources, runner=False) as url:
        org_id, person_id, secret = await make_home(resources, models.url)
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as http:
            place = Place(url, http, secret, org_id, person_id, resources, models)
            yield Desk(place, Studio(place)), url_of_database


@dataclass
class Runners:
    """The one process that executes runs, and the next one once it was killed."""

    start: Callable[..., Process]
    url: str
    current: Process | None = None

    async def alive(self) -> Process:
        if self.current is None:
            self.current = await self.start("tests.chat.analyst.worker", self.url, LEASE).ready()
        return self.current

    async def replace(self) -> None:
        (await self.alive()).signal(signal.SIGKILL)
        self.current = None
        await self.alive()


@pytest.fixture(scope="module")
def runners(apart: tuple[Desk, str]) -> Generator[Runners]:
    with processes() as start:
        yield Runners(start, apart[1])


def hold(desk: Desk, node: str) -> asyncio.Event:
    """Hold the first call of a node for ever; the event is set once it has come."""
    answers = desk.place.models.responder("m")
    held = [replace(Turn.say("never"), release=asyncio.Event())]
    reached = held[0].started

    def respond(body: dict[str, Any]) -> Turn:
        if node_asking(body) != node or not held:
            return answers(body)
        desk.asked.append((node, body))
        return held.pop()

    desk.place.models.respond("m", respond)
    return reached


@pytest.mark.contract("W1")
@pytest.mark.parametrize(
    ("killed", "intent", "nodes"),
    [
        ("router", "direct", ["router", "direct"]),
        ("research", "research", ["router", "research", "research", "narrator", "followups"]),
        ("recovery", "quick_answer", ["router", "quick_answer", "recovery", "suggester"]),
        ("narrator", "explain", ["router", "explain", "explain", "narrator", "followups"]),
        ("followups", "research", ["router", "research", "research", "narrator", "followups"]),
        ("clarifier", "clarify", ["router", "clarifier"]),
    ],
)
async def test_a_run_killed_in_any_node_goes_on_from_it(
    apart: tuple[Desk, str], runners: Runners, killed: str, intent: str, nodes: list[str]
) -> None:
    desk, _ = apart
    await runners.alive()
    desk.script(**SAID, router=sorts(intent), recovery=found("refuse"))
    reached = hold(desk, killed)
    thread_id = await desk.thread()
    sent = await desk.place.send(thread_id, "Orders by region, please.")
    await asyncio.wait_for(reached.wait(), PATIENCE)
    await runners.replace()
    parts = await desk.place.parts(sent["run_id"])
    answer = (await desk.place.messages(thread_id))[-1]
    assert answer["status"] == "complete", answer["metadata"]
    assert answer["parts"] == fold(parts)
    kinds = Counter(part["type"] for part in parts)
    assert kinds["finish"] == 1
    assert kinds["reset-step"] <= 1  # none, when nobody had seen anything of the step
    # Only the node whose process died was asked again.
    assert Counter(node for node, _ in desk.asked) == Counter([*nodes, killed])
    intents = [p for p in answer["parts"] if p["type"] == "data-intent"]
    assert [p["data"]["intent"] for p in intents] == [intent]
    texts = [p["text"] for p in answer["parts"] if p["type"] == "text"]
    assert "never" not in texts
    assert len(texts) == len(set(texts))
