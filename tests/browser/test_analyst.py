"""An agent that sorts questions first, in a real browser: cards, follow-ups, options, refusals."""

import json
import re
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import answered, ask, model, sample
from tests.chat.analyst.conftest import node_asking
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

MODEL = "sorted-in-the-browser"
ORDERS = "How many orders are there per region?"
MONTHS = "How did revenue develop by month?"
UNCLEAR = "How are we doing?"
AGES = "How old are our customers?"
STATEMENTS = {
    ORDERS: "SELECT region, count(*) AS orders FROM orders GROUP BY region ORDER BY orders DESC",
    MONTHS: (
        "SELECT date_trunc('month', ordered_at) AS month, sum(quantity * unit_price) AS revenue_eur FROM orders "
        "GROUP BY 1 ORDER BY 1"
    ),
}


def _routed(question: str) -> Turn:
    kinds = {UNCLEAR: "clarify", AGES: "out_of_scope"}
    told = {"intent": kinds.get(question, "quick_answer"), "confidence": 0.9, "language": "en"}
    return Turn.say(json.dumps({**told, "reasoning": "It asks for figures of the orders."}))


def _looks(body: dict[str, Any], question: str) -> Turn:
    if body["messages"][-1]["role"] == "tool":
        return Turn.say("The orders are counted.")
    return Turn.call("execute_sql_query", {"sql": STATEMENTS[question], "title": "Orders"})


def _responds(body: dict[str, Any]) -> Turn:
    node = node_asking(body)
    said = [message for message in body["messages"] if message["role"] == "user"]
    question = str(said[-1]["content"]) if said else ""
    if node == "router":
        return _routed(question)
    if node == "quick_answer":
        return _looks(body, question)
    told = {
        "narrator": "The first row has {{Q1[0].orders}} orders." if ORDERS in question else "See.",
        "followups": f"1. {MONTHS}\n2. {UNCLEAR}",
        "clarifier": f"What do you want to look at?\n\n1. {ORDERS}\n2. {MONTHS}",
        "suggester": f"The sample holds no birthdays.\n\n1. {ORDERS}\n2. {MONTHS}",
    }
    return Turn.say(told.get(node, "Orders"))


@pytest.fixture
def chat(house: Installation, scripted: ScriptedThread) -> Generator[str]:
    """The address of an empty chat with an agent that sorts questions."""
    scripted.respond(MODEL, _responds)
    body = {"name": "Sorter", "definition": {"workflow": "analyst"}}
    agent = house.call("POST", "/agents", body)["id"]
    house.call("POST", f"/agents/{agent}/publish", {})
    wanted = {"agent_id": agent, "model_id": model(house, scripted.url, MODEL)}
    thread = house.call("POST", "/threads", {"source_ids": [sample(house)], **wanted})
    yield f"{house.url}/chats/{thread['id']}"
    house.call("DELETE", f"/agents/{agent}")


def _card(page: Page, kind: str) -> Any:
    return page.locator(f"[data-testid=answer-card][data-kind={kind}]")


@pytest.mark.contract("D5", "D65", "D70")
def test_a_question_leads_to_a_card_and_by_its_follow_ups_to_others(
    ada: Watched, chat: str
) -> None:
    page = ada.page
    page.goto(chat)
    ask(page, ORDERS)
    answered(page)
    comparison = _card(page, "comparison")
    comparison.get_by_test_id("cite").first.click()
    popover = page.get_by_test_id("cite-popover")
    expect(popover).to_contain_text("Q1 v1")
    expect(popover).to_contain_text(re.compile("count.* AS orders", re.IGNORECASE))
    assert ada.axe() == []
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("trace-chip")).to_have_text("1 of 1 numbers traced")
    page.get_by_test_id("work-log").get_by_role("button").first.click()
    expect(page.get_by_test_id("intent")).to_contain_text("Read as: a question with a quick answer")

    follow = page.get_by_test_id("follow-ups").get_by_role("button", name=MONTHS, exact=True)
    expect(follow).to_have_attribute("aria-keyshortcuts", "Alt+1")
    expect(page.get_by_text(f"1. {MONTHS}")).to_have_count(0)
    follow.click()
    answered(page, 2)
    trend = _card(page, "trend")
    expect(trend.get_by_role("img")).to_have_attribute("aria-label", re.compile("lowest"))
    trend.get_by_text("All values").click()
    trend.get_by_role("row").last.get_by_test_id("cite").click()
    popover.get_by_role("button", name="Go to cell").click()
    expect(page.locator("[data-row][data-column]:focus")).to_have_count(1)


def test_an_unclear_question_is_answered_by_an_option_and_one_too_far_is_declined(
    ada: Watched, chat: str
) -> None:
    page = ada.page
    page.goto(chat)
    ask(page, UNCLEAR)
    answered(page)
    options = page.get_by_test_id("answer-options")
    expect(page.get_by_text("What do you want to look at?")).to_have_count(1)
    assert ada.axe() == []
    options.get_by_role("button", name=ORDERS).click()
    answered(page, 2)
    expect(_card(page, "comparison")).to_have_count(1)
    ask(page, AGES)
    answered(page, 3)
    refusal = page.get_by_test_id("refusal-card")
    expect(refusal).to_contain_text("Outside of what this chat can do")
    expect(page.get_by_text("The sample holds no birthdays.")).to_have_count(1)
    assert ada.axe() == []
    refusal.get_by_role("button", name=f"Ask instead: {ORDERS}").click()
    answered(page, 4)
    page.reload()
    expect(_card(page, "comparison")).to_have_count(2)
    expect(refusal.get_by_role("button")).to_have_count(0)
