"""What an answer of the analyst graph costs beside one of the plain loop with as many model calls."""

import json
import statistics
from dataclasses import dataclass, field
from typing import Any

from bench.load import cpu_of, tree
from bench.product import Product
from bench.targets import Row, at_most, table
from datelier.evals.endpoint import Endpoint, Reply, Said, spoken

TARGET = 1.10
QUESTION = "How many orders are there by region?"
WORDS = 200
ANSWERS = 8  # of one kind in a row
ROUNDS = 7  # the first is not counted
SQL = "select region, count(*) as orders from orders group by region order by region"
_ROUTE = '{"intent": "quick_answer", "reasoning": "One short comparison.", "missing_slots": []}'
_TEXT = Said(("word ",) * WORDS, usage=(500, WORDS))
_NOTES = Said(("The orders by region.",))
_NODES = {
    "You sort questions": "router",
    "You find the data": "quick_answer",
    "You propose what the user might ask next": "followups",
    "You write the answer": "narrator",
    "This message needs no query": "direct",
}
_SAID = {
    "router": Said((_ROUTE,)),
    "followups": Said(("1. And by month?\n", "2. And by channel?")),
    "narrator": _TEXT,
    "direct": _TEXT,
}
# As many looks at the schema in the plain loop as the graph has calls besides the query and the text.
_LOOKS = 3


@dataclass
class Script:
    """Answers whoever asks by what it is told to be.

    Attributes:
        replies_at_once: The plain loop answers without a tool.
        calls: Who has asked so far.
    """

    source_id: str
    replies_at_once: bool = False
    calls: list[str] = field(default_factory=list[str])

    def answer(self, body: dict[str, Any], authorization: str) -> Reply:
        del authorization
        system = str(body["messages"][0]["content"])
        done = sum(one["role"] == "tool" for one in body["messages"])
        node, said = self._turn(system, done, has_tools=bool(body.get("tools")))
        self.calls.append(node)
        calls = tuple({**call, "id": f"call_{len(self.calls)}"} for call in said.calls)
        usage = (500, len(said.pieces) or 20)
        return spoken(Said(said.pieces, calls=calls, usage=usage), body)

    def _turn(self, system: str, done: int, *, has_tools: bool) -> tuple[str, Said]:
        told = next((node for phrase, node in _NODES.items() if phrase in system), "plain")
        if told in _SAID:
            return told, _SAID[told]
        if told == "quick_answer":
            return told, _NOTES if done else self._query()
        if self.replies_at_once or not has_tools or done > _LOOKS:
            return told, _TEXT
        return told, self._look() if done else self._query()

    def _query(self) -> Said:
        return _call("execute_sql_query", {"source_id": self.source_id, "sql": SQL})

    def _look(self) -> Said:
        return _call("search_tables", {"source_id": self.source_id, "limit": 1})


def _call(name: str, arguments: dict[str, Any]) -> Said:
    return Said(calls=({"id": "", "name": name, "arguments": json.dumps(arguments)},))


@dataclass(frozen=True)
class _Place:
    """Who is asked, and about what."""

    agent_id: str
    model_id: str
    source_id: str


def run(product: Product) -> None:
    """Measure both, in turns, so that a change of the machine's speed hits both alike."""
    source_id = str(product.call("POST", "/sources/sample")["id"])
    script = Script(source_id)
    with Endpoint(script.answer) as endpoint:
        body = {"provider": "generic", "model_name": "scripted", "endpoint_url": endpoint.url}
        model_id = str(product.call("POST", "/models", body | {"name": "analyst bench"})["id"])
        places = {
            workflow: _Place(_agent(product, workflow), model_id, source_id)
            for workflow in ("plain", "analyst")
        }
        rows: list[Row] = []
        print(
            f"\nanswers of {WORDS} words, medians of {ROUNDS - 1} rounds of {ANSWERS} answers each"
        )
        for name, intent in (("one reply", "direct"), ("one query", None)):
            script.replies_at_once = intent is not None
            rows += _compare(product, script, places, (name, intent))
    table("the analyst graph beside the plain loop at as many model calls", rows)


def _compare(
    product: Product, script: Script, places: dict[str, _Place], kind: tuple[str, str | None]
) -> list[Row]:
    name, intent = kind
    spent: dict[str, list[float]] = {workflow: [] for workflow in places}
    calls: dict[str, float] = {}
    for turn in range(ROUNDS):
        for workflow, place in places.items():
            script.calls.clear()
            watched = tree(product.pid)
            before = cpu_of(watched)
            for _ in range(ANSWERS):
                _ask(product, place, intent if workflow == "analyst" else None)
            if turn:
                spent[workflow].append((cpu_of(watched) - before) / ANSWERS * 1000)
            calls[workflow] = len(script.calls) / ANSWERS
    plain, analyst = (statistics.median(spent[workflow]) for workflow in ("plain", "analyst"))
    counted = f"{name}, {calls['plain']:g} and {calls['analyst']:g} calls"
    return [
        Row(f"{counted}: plain loop", f"{plain:.1f} ms CPU"),
        Row(f"{counted}: analyst", f"{analyst:.1f} ms CPU"),
        at_most(f"{name}: analyst / plain", analyst / plain, TARGET, "x"),
    ]


def _agent(product: Product, workflow: str) -> str:
    body = {"name": f"bench {workflow}", "definition": {"workflow": workflow}}
    made = product.call("POST", "/agents", body)
    product.call("POST", f"/agents/{made['id']}/publish", {})
    return str(made["id"])


def _ask(product: Product, place: _Place, intent: str | None) -> None:
    body = {
        "source_ids": [place.source_id],
        "agent_id": place.agent_id,
        "model_id": place.model_id,
    }
    thread = product.call("POST", "/threads", body)["id"]
    message = {"text": QUESTION} | ({"intent": intent} if intent else {})
    sent = product.call("POST", f"/threads/{thread}/messages", message)
    last = ""
    with product.http.stream("GET", f"/runs/{sent['run_id']}/events") as response:
        for line in response.iter_lines():
            last = line if line.startswith("data:") and "[DONE]" not in line else last
    if '"finish"' not in last:
        raise RuntimeError(f"the answer did not come to its end: {last[:300]}")
