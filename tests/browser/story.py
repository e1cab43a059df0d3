"""A question about the retail sample as a scripted model answers it: a chart and a dozen figures.

The journey of the tests and the pictures of the docs are of the same conversation.
"""

import json
from typing import Any

from tests.browser.journey import model, sample
from tests.chat.analyst.conftest import node_asking
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

MODEL = "scripted analyst"
REGIONS = "How does revenue differ by region? With a chart, please."
AGES = "How old are our customers?"
MONTHS = "How did revenue develop by month?"
SQL = """\
SELECT region, round(sum(revenue), 2) AS revenue_eur, count(*) AS orders
FROM orders
GROUP BY region
ORDER BY revenue_eur DESC"""
CHANGED = """\
SELECT region, round(sum(revenue), 2) AS revenue_eur, count(*) AS orders
FROM orders WHERE status <> 'cancelled' AND quantity > 1
GROUP BY region
ORDER BY revenue_eur DESC"""
_BARS = {
    "mark": "bar",
    "encoding": {
        "y": {"field": "region", "type": "nominal", "sort": "-x", "title": "Region"},
        "x": {"field": "revenue_eur", "type": "quantitative", "title": "Revenue (EUR)"},
    },
}
_AVERAGE = {
    "mark": "rule",
    "encoding": {"x": {"datum": "{{= avg(Q1.revenue_eur)}}", "type": "quantitative"}},
}
_CHART = {
    "result": "Q1.v1",
    "title": "{{Q1[0].region}} leads with {{Q1[0].revenue_eur | eur 0}}",
    "spec": {"layer": [_BARS, _AVERAGE]},
}
ANSWER = """\
**{{Q1[0].region}}** sells most: {{Q1[0].revenue_eur | eur 0}} with {{Q1[0].orders}} orders, which is
{{= Q1[0].revenue_eur / sum(Q1.revenue_eur) | pct 1}} of all {{= sum(Q1.revenue_eur) | eur 0}}.

{{card C1}}

- {{Q1[1].region}} follows with {{Q1[1].revenue_eur | eur 0}} and {{Q1[1].orders}} orders.
- {{Q1[2].region}} has {{Q1[2].revenue_eur | eur 0}} and {{Q1[2].orders}} orders.
- {{Q1[3].region}} is last with {{Q1[3].revenue_eur | eur 0}}, \
{{= 1 - Q1[3].revenue_eur / Q1[0].revenue_eur | pct 1}} less than {{Q1[0].region}}.
"""


def _routed(question: str) -> Turn:
    intents = {AGES: "out_of_scope", REGIONS: "research"}
    told = {"intent": intents.get(question, "quick_answer"), "confidence": 0.9, "language": "en"}
    return Turn.say(json.dumps({**told, "reasoning": "It compares regions and asks for a chart."}))


def _narrates(body: dict[str, Any]) -> Turn:
    if body["messages"][-1]["role"] == "tool":
        return Turn.say(ANSWER)
    return Turn.call("create_chart", _CHART)


def responds(body: dict[str, Any]) -> Turn:
    """Answer a request as the node that makes it would be answered."""
    node = node_asking(body)
    said = [message for message in body["messages"] if message["role"] == "user"]
    question = str(said[-1]["content"]) if said else ""
    if node == "router":
        return _routed(question)
    if node == "narrator":
        return _narrates(body)
    if node == "research":
        looked = body["messages"][-1]["role"] == "tool"
        call = Turn.call("execute_sql_query", {"sql": SQL, "title": "Revenue by region"})
        return Turn.say("Q1 has one row per region.") if looked else call
    words = {
        "followups": f"1. {MONTHS}\n2. Which category sells most in the first region?",
        "suggester": "The sample holds no birthdays, so nobody's age can be told.\n\n"
        "1. How many customers are there per region?\n2. When did customers sign up?",
    }
    return Turn.say(words.get(node, "Revenue by region"))


def analyst_chat(house: Installation, scripted: ScriptedThread) -> str:
    """Return the id of an empty chat with an agent that sorts questions, and this model."""
    scripted.respond(MODEL, responds)
    body = {"name": "Shop analyst", "definition": {"workflow": "analyst"}}
    agent = house.call("POST", "/agents", body)["id"]
    house.call("POST", f"/agents/{agent}/publish", {})
    wanted = {"agent_id": agent, "model_id": model(house, scripted.url, MODEL)}
    made = house.call("POST", "/threads", {"source_ids": [sample(house)], **wanted})
    return str(made["id"])
