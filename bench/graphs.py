"""What sorting questions first costs beside the plain loop, at the same number of model calls.

`make bench ARGS=graphs`. Both agents make five model calls of 200 tokens in all: the plain loop four
rounds of tools and an answer, the analyst graph a sorting, three rounds and an answer. CPU is that of
the whole product, database included; rounds take turns, so that both meet the same machine.
"""

import statistics
from typing import Any, Final

from bench.load import cpu_of, tree
from bench.product import Product
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

CALLS: Final = 5
ROUNDS: Final = 12
ANSWERS: Final = 8  # of one agent in a row
_MODEL: Final = "sorted-or-not"
_WORDS: Final = Turn.say("word " * 200)
_SORTED: Final = Turn.say('{"intent": "research", "reasoning": "Needs data.", "language": "en"}')


def _respond(body: dict[str, Any]) -> Turn:
    messages: list[dict[str, Any]] = body["messages"]
    said = str(messages[0]["content"])
    if said.startswith("You sort questions"):
        return _SORTED
    rounds = sum(message["role"] == "tool" for message in messages)
    writes = said.startswith("You write the answer")
    if body.get("tools") and not writes and rounds < CALLS - 1:
        return Turn.call("describe_source", {})
    return _WORDS


def _agent(product: Product, workflow: str) -> str:
    definition = {"workflow": workflow, "limits": {"max_steps": CALLS}}
    body = {"name": f"Bench {workflow}", "definition": definition}
    made = product.call("POST", "/agents", body)
    product.call("POST", f"/agents/{made['id']}/publish", {})
    return str(made["id"])


def _answer(product: Product, agent_id: str, model_id: str) -> None:
    thread = product.call("POST", "/threads", {"agent_id": agent_id, "model_id": model_id})
    asked = {"text": "How many orders?"}
    sent = product.call("POST", f"/threads/{thread['id']}/messages", asked)
    log = product.http.get(f"/runs/{sent['run_id']}/events")
    assert '"type":"finish"' in log.text.replace(" ", ""), log.text[-500:]


def run(product: Product) -> None:
    """Measure and print."""
    with ScriptedThread() as models:
        models.respond(_MODEL, _respond)
        endpoint = {"provider": "generic", "endpoint_url": models.url, "api_key": "sk-bench"}
        made = product.call("POST", "/models", {"name": _MODEL, "model_name": _MODEL, **endpoint})
        agents = {name: _agent(product, name) for name in ("plain", "analyst")}
        spent: dict[str, list[float]] = {name: [] for name in agents}
        calls: dict[str, int] = {}
        processes = tree(product.pid)
        for _ in range(ROUNDS):
            for name, agent_id in agents.items():
                before, asked = cpu_of(processes), len(models.requests)
                for _ in range(ANSWERS):
                    _answer(product, agent_id, made["id"])
                spent[name].append((cpu_of(processes) - before) / ANSWERS * 1000)
                calls[name] = (len(models.requests) - asked) // ANSWERS
    middle = {name: statistics.median(times[1:]) for name, times in spent.items()}
    print(
        f"\nCPU of one answer with {calls['plain']} and {calls['analyst']} model calls, median of {ROUNDS - 1}"
    )
    for name, milliseconds in middle.items():
        print(f"  {name:8} {milliseconds:6.1f} ms")
    print(f"  sorting first adds {100 * (middle['analyst'] / middle['plain'] - 1):+.1f} %")
