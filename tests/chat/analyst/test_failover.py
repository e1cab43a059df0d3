"""A runner that is killed in any node: the answer goes on elsewhere, nothing is lost or said twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
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

LEASE = 2
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
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
            place = Place(url, http, secret, org_id, person_id, resources, models)
            yield Desk(place, Studio(place)), url_of_database


class Killer:
    """Holds the first call of some nodes, so that the process that made it can be killed."""

    def __init__(self, desk: Desk, nodes: list[str], **turns: Turn | list[Turn]) -> None:
        self.desk = desk
        desk.script(**{**SAID, **turns})
        answers = desk.place.models.responder("m")
        self._held = {node: replace(Turn.say("never"), release=asyncio.Event()) for node in nodes}
        self._waiting = dict(self._held)

        def respond(body: dict[str, Any]) -> Turn:
            node = node_asking(body)
            held = self._waiting.pop(node, None)
            if held is None:
                return answers(body)
            desk.asked.append((node, body))
            return held

        desk.place.models.respond("m", respond)

    async def reached(self, node: str) -> None:
        await asyncio.wait_for(self._held[node].started.wait(), 40)


@pytest.mark.contract("W1")
@pytest.mark.parametrize(
    ("intent", "killed", "nodes"),
    [
        ("research", ["router", "research"], ["research", "narrator", "followups"]),
        ("research", ["narrator", "followups"], ["research", "narrator", "followups"]),
        ("quick_answer", ["quick_answer", "recovery"], ["quick_answer", "recovery", "suggester"]),
        ("explain", ["explain"], ["explain", "narrator", "followups"]),
        ("clarify", ["clarifier"], ["clarifier"]),
        ("out_of_scope", ["suggester"], ["suggester"]),
        ("direct", ["direct"], ["direct"]),
    ],
)
async def test_a_run_killed_in_any_node_goes_on_from_it(
    apart: tuple[Desk, str], intent: str, killed: list[str], nodes: list[str]
) -> None:
    desk, url = apart
    killer = Killer(desk, killed, router=sorts(intent), recovery=found("refuse"))
    with processes() as start:
        thread_id = await desk.thread()
        process: Process = await start("tests.chat.analyst.worker", url, LEASE).ready()
        sent = await desk.place.send(thread_id, "Orders by region, please.")
        for node in killed:
            await killer.reached(node)
            process.signal(signal.SIGKILL)
            process = await start("tests.chat.analyst.worker", url, LEASE).ready()
        parts = await desk.place.parts(sent["run_id"])
    answer = (await desk.place.messages(thread_id))[-1]
    assert answer["status"] == "complete", answer["metadata"]
    assert answer["parts"] == fold(parts)
    kinds = Counter(part["type"] for part in parts)
    assert kinds["reset-step"] == len(killed)
    assert kinds["finish"] == 1
    # Every node was asked again only where its process died.
    expected = Counter({"router": 1, **dict.fromkeys(nodes, 1)})
    expected.update(killed)
    if "research" in nodes:
        expected["research"] += 1
    if "explain" in nodes:
        expected["explain"] += 1
    assert Counter(node for node, _ in desk.asked) == expected
    intents = [p for p in answer["parts"] if p["type"] == "data-intent"]
    assert [p["data"]["intent"] for p in intents] == [intent]
    texts = [p["text"] for p in answer["parts"] if p["type"] == "text"]
    assert "never" not in texts
    assert len(texts) == len(set(texts))
