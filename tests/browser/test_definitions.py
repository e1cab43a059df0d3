"""A good answer is saved, certified, used again, and lapses when its source changes."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import answered, ask
from tests.support.installation import Installation
from tests.support.watched import Watched

QUESTION = "Total amount by region"
ROWS = "north,10\nsouth,20\nnorth,5\n"


@pytest.fixture
def folder(allowed_folder: Path) -> Path:
    """A folder that an operator allowed, with one table."""
    found = allowed_folder / "shop"
    found.mkdir()
    (found / "sales.csv").write_text(f"region,amount\n{ROWS}")
    return found


@pytest.fixture
def source(house: Installation, folder: Path) -> Generator[str]:
    """The folder as a source of the house."""
    body = {"name": "Shop", "engine": "files", "config": {"folder": str(folder)}}
    made = str(house.call("POST", "/sources", body)["id"])
    yield made
    house.call("DELETE", f"/sources/{made}")


def used_by(house: Installation, thread_id: str) -> list[dict[str, Any]]:
    """What the last answer of a chat says of the definitions it used, as they are now."""
    parts = house.call("GET", f"/threads/{thread_id}/messages")["data"][-1]["parts"]
    return [part["data"] for part in parts if part["type"] == "data-definition"]


def saved_from_the_answer(page: Page) -> str:
    """Save the query of the answer on the page, certify it, and return its address."""
    card = page.get_by_test_id("sql-card")
    card.get_by_role("link", name="Save as verified answer").click()
    # The question and the SQL are there; people add a name and what to know.
    expect(page.get_by_label("Question it answers")).to_have_value(QUESTION)
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("SELECT")
    page.get_by_label("Name").fill("Turnover by region")
    page.get_by_label("Note").fill("Everything sold, returns included.")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_test_id("result-view")).to_have_attribute("data-state", "done")
    expect(page.get_by_role("grid")).to_contain_text("north")
    page.get_by_role("button", name="Propose").click()
    state = page.get_by_test_id("definition-state")
    expect(state).to_have_text("Proposed")
    page.get_by_role("button", name="Certify").click()
    expect(state).to_have_text("Certified")
    return page.url


def test_a_verified_answer_is_used_again_and_lapses_when_a_column_is_renamed(
    ada: Watched, house: Installation, source: str, folder: Path
) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/new?source={source}")
    ask(page, QUESTION)
    answered(page)
    address = saved_from_the_answer(page)
    assert ada.axe() == []

    # The same question is answered as defined.
    page.goto(f"{house.url}/chats/new?source={source}")
    ask(page, QUESTION)
    answered(page)
    thread_id = page.url.rpartition("/")[2]
    expect(page.get_by_test_id("answer-text")).to_contain_text(re.compile(r"as M\d+ defines it"))
    [used] = used_by(house, thread_id)
    assert (used["name"], used["status"], used["version"]) == ("Turnover by region", "certified", 1)
    page.goto(f"{address}?tab=uses")
    expect(page.get_by_text("1 query of an answer used it.")).to_be_visible()
    page.get_by_role("table", name="In your chats").get_by_role("link").click()
    expect(page).to_have_url(f"{house.url}/chats/{thread_id}")

    # A column it reads is called otherwise now.
    (folder / "sales.csv").write_text(f"region,value\n{ROWS}")
    house.call("POST", f"/sources/{source}/refresh")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Definitions").click()
    expect(page.get_by_role("row", name="Turnover by region")).to_contain_text("Lapsed")
    page.get_by_role("link", name="Turnover by region").click()
    expect(page.get_by_test_id("standing")).to_contain_text("amount is no longer there")
    [now] = used_by(house, thread_id)
    assert now["status"] == "lapsed"
    assert "amount" in now["lapsed"]
    assert ada.axe() == []
