"""An agent that answers with the analyst graph, and a model that is scripted by node."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from langgraph.runtime import Runtime

from datelier.chat.analyst import prompts
from datelier.chat.analyst.graph import ANALYST, NODES, build
from datelier.chat.analyst.state import AnalystState, Update
from datelier.chat.background import BACKGROUND
from datelier.chat.prompts import title_prompt
from datelier.llms.breaker import Breakers
from datelier.runs.execution import ActiveRun
from tests.chat.analyst.tools import TOOLS, called
from tests.chat.app import resources_for
from tests.chat.conftest import Place, make_home, serving
from tests.chat.test_agents import Studio
from tests.support.cluster import Cluster
from tests.support.scripted_openai import ScriptedOpenAI, Turn

LOOK = Turn.call("regions", {})
NOTES = Turn.say("Q1 holds what is needed.")
ASKED_NEXT = Turn.say("1. Which region grew?\n2. How many orders per region?")

_HEADS = {
    "router": prompts.router_prompt(),
    "quick_answer": prompts.data_prompt("quick_answer", rounds=3),
    "research": prompts.data_prompt("research", rounds=10),
    "explain": prompts.data_prompt("explain", rounds=3),
    "summarizer": prompts.summarizer_prompt(),
}
_STARTS = {
    "narrator": "You write the answer",
    "followups": "You propose what",
    "direct": "You are ",
    "clarifier": "You ask the user back",
    "suggester": "You tell the user kindly",
    "recovery": "Somebody looked for data",
}


walked: dict[str, list[str]] = {}
"""The nodes that each run has been through, in order, by its id."""


wrote: dict[str, dict[str, set[str]]] = {}
"""Which keys of the state each node of a run has written."""


def watched(name: str, node: Any) -> Any:
    """A node that leaves its name once it has done its work; one that waits has not."""

    async def step(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
        update = await node(state, runtime)
        run_id = str(runtime.context.id)
        walked.setdefault(run_id, []).append(name)
        wrote.setdefault(run_id, {}).setdefault(name, set()).update(update)
        return update

    return step


WATCHED = replace(ANALYST, build=lambda: build({n: watched(n, node) for n, node in NODES.items()}))


def node_asking(body: dict[str, Any]) -> str:
    """Return the node that a request comes from, by its prompt."""
    said = str(body["messages"][0]["content"])
    if said.startswith(title_prompt()):
        return "title"
    for node, head in _HEADS.items():
        if said.startswith(head):
            return node
    return next(node for node, start in _STARTS.items() if said.startswith(start))


def sorts(intent: str, **more: Any) -> Turn:
    """The router's answer."""
    told = {"reasoning": f"It is {intent}.", "language": "en", "confidence": 0.9, **more}
    return Turn.say(json.dumps({"intent": intent, **told}))


@dataclass
class Got:
    """An answered question: its log, its stored answer, and what the nodes' models were asked."""

    run_id: str
    thread_id: str
    parts: list[dict[str, Any]]
    answer: dict[str, Any]
    asked: list[tuple[str, dict[str, Any]]]

    @property
    def text(self) -> str:
        return "\n\n".join(p["text"] for p in self.answer["parts"] if p["type"] == "text")

    @property
    def path(self) -> list[str]:
        """The nodes that the run went through."""
        return walked[self.run_id]

    @property
    def nodes(self) -> list[str]:
        return [node for node, _ in self.asked]

    def data(self, kind: str) -> list[dict[str, Any]]:
        """The data of the answer's parts of a kind."""
        return [p["data"] for p in self.answer["parts"] if p["type"] == kind]

    def body(self, node: str, place: int = 0) -> dict[str, Any]:
        """The request that a node made."""
        return [body for name, body in self.asked if name == node][place]

    def prompt(self, node: str, place: int = 0) -> str:
        return str(self.body(node, place)["messages"][0]["content"])

    def offered(self, node: str, place: int = 0) -> list[str]:
        """Names of the tools that a node was offered."""
        tools: list[dict[str, Any]] = self.body(node, place).get("tools") or []
        return sorted(tool["function"]["name"] for tool in tools)

    def roles(self, node: str, place: int = 0) -> list[str]:
        return [message["role"] for message in self.body(node, place)["messages"]]


@dataclass
class Desk:
    """Asks an agent of the analyst graph at a place."""

    place: Place
    studio: Studio
    asked: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    def script(self, **turns: Turn | list[Turn]) -> None:
        """Answer each node with its turns in order, the last one again and again."""
        self.place.resources.register(Breakers, Breakers())
        called.clear()
        queues = {node: [*t] if isinstance(t, list) else [t] for node, t in turns.items()}
        queues.setdefault("followups", [ASKED_NEXT])
        queues.setdefault("narrator", [Turn.say("Here it is.")])
        self.asked = asked = []

        def respond(body: dict[str, Any]) -> Turn:
            node = node_asking(body)
            if node == "title":
                return Turn.say("Orders counted")
            asked.append((node, body))
            queue = queues[node]
            return queue.pop(0) if len(queue) > 1 else queue[0]

        self.place.models.respond("m", respond)

    async def agent(self, **definition: Any) -> str:
        return await self.studio.agent(workflow="analyst", **definition)

    async def thread(self, **definition: Any) -> str:
        return await self.place.thread(agent_id=await self.agent(**definition))

    async def ask(
        self, thread_id: str, words: str = "Orders by region, please.", **more: Any
    ) -> Got:
        """Ask in a thread, and wait for the answer."""
        before = len(self.asked)
        sent = await self.place.send(thread_id, words, **more)
        parts = await self.place.parts(sent["run_id"])
        answer = (await self.place.messages(thread_id))[-1]
        return Got(sent["run_id"], thread_id, parts, answer, self.asked[before:])


@pytest.fixture(scope="session")
async def place(cluster: Cluster, template_url: str) -> AsyncGenerator[Place]:
    """An installation with tools of every partition and the product's own step limit."""
    url_of_database = cluster.create("analyst", template="template_datelier")
    resources = resources_for(url_of_database)
    async with (
        ScriptedOpenAI() as models,
        serving(resources, TOOLS, graphs=(BACKGROUND, WATCHED)) as url,
    ):
        org_id, person_id, secret = await make_home(resources, models.url)
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
            yield Place(url, http, secret, org_id, person_id, resources, models)


@pytest.fixture
def desk(place: Place) -> Desk:
    return Desk(place, Studio(place))
