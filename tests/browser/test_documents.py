"""A document in a real browser: from its card to its figures, an edit, its versions."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from datelier.chat.prompts import title_prompt
from tests.browser.journey import answered, model, rewrite, sample
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

MODEL = "writes-documents"
MEMO = (
    "## Orders\n\nThere are {{Q1[0].orders | int}} orders.\n\n"
    "| What | How many |\n|---|---:|\n| Orders | {{= sum(Q1.orders) | int}} |\n"
)


def _responds(body: dict[str, Any]) -> Turn:
    messages = body["messages"]
    if str(messages[0]["content"]).startswith(title_prompt()):
        return Turn.say("A memo")
    done = sum(message["role"] == "tool" for message in messages)
    return (
        Turn.call("execute_sql_query", {"sql": "select count(*) as orders from orders"}),
        Turn.call("create_document", {"kind": "text", "title": "Order memo", "content": MEMO}),
        Turn.say("Here is the memo.\n\n{{card D1}}"),
    )[done]


@pytest.fixture
def chat(house: Installation, scripted: ScriptedThread) -> str:
    """The address of a chat in which a memo was asked for."""
    scripted.respond(MODEL, _responds)
    definition = {"workflow": "plain", "tools": {"create_document": "auto"}}
    agent = house.call("POST", "/agents", {"name": "Writer", "definition": definition})["id"]
    house.call("POST", f"/agents/{agent}/publish", {})
    wanted = {"agent_id": agent, "model_id": model(house, scripted.url, MODEL)}
    thread = house.call("POST", "/threads", {"source_ids": [sample(house)], **wanted})["id"]
    house.call("POST", f"/threads/{thread}/messages", {"text": "Write a memo about our orders."})
    return f"{house.url}/chats/{thread}"


def test_a_memo_is_opened_traced_edited_and_compared(ada: Watched, chat: str) -> None:
    page = ada.page
    page.goto(chat)
    answered(page)
    card = page.get_by_test_id("document-card")
    expect(card).to_contain_text("Order memo")
    card.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", level=1, name="Order memo")).to_be_visible()
    expect(page.get_by_test_id("document-trace")).to_have_text("2 of 2 numbers traced")
    assert ada.axe() == []
    page.get_by_role("tab", name="Edit").click()
    editor = page.get_by_role("textbox", name="Content of the document")
    editor.click()
    expect(editor).to_be_focused()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type("\nSeen by Ada.")
    expect(editor).to_contain_text("Seen by Ada.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as version 2")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Versions")).click()
    compared = page.get_by_role("region", name="Compare")
    expect(compared.get_by_text("Seen by Ada.")).to_be_visible()
    page.get_by_role("tab", name="Document").click()
    # The figures kept their receipts, and lead back to their cell in the chat.
    expect(page.get_by_test_id("cite")).to_have_count(2)
    page.get_by_test_id("cite").first.click()
    popover = page.get_by_test_id("cite-popover")
    expect(popover).to_contain_text("Q1 v1")
    popover.get_by_role("button", name="Go to cell").click()
    expect(page).to_have_url(chat)
    expect(page.locator("[data-row='0'][data-column]:focus")).to_have_count(1)
    _update(page)
    expect(card).to_contain_text("D1 v3")
    expect(card).not_to_contain_text("is newer")
    card.get_by_role("link", name="Open").click()
    expect(page.get_by_text("its other words are those of version 2")).to_be_visible()
    expect(page.get_by_text("There are 7 orders.")).to_be_visible()
    expect(page.get_by_text("Seen by Ada.")).to_be_visible()
    expect(page.get_by_test_id("document-trace")).to_have_text("2 of 2 numbers traced")


def _update(page: Page) -> None:
    """Change the query of the memo's figures, and have its answer written again."""
    query = page.get_by_test_id("sql-card").first
    query.get_by_role("tab", name="SQL").click()
    rewrite(page, query.get_by_role("textbox", name="SQL of Q1"), "select 7 as orders")
    query.get_by_role("button", name="Run", exact=True).click()
    card = page.get_by_test_id("document-card")
    expect(card).to_contain_text("Numbers of Q1 v1; v2 is newer.")
    card.get_by_role("button", name="Update the answer").click()
