"""Where a number comes from, in a real browser: marks, popover, the cell, an update, an export."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import adopt, answered, ask, sample
from tests.support.installation import Installation


def _asked(page: Page, house: Installation, words: str) -> None:
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    ask(page, words)
    answered(page)


def test_a_number_leads_to_its_cell_and_follows_a_newer_result(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    context = visitor()
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    _asked(page, house, "Revenue by region")
    chip = page.get_by_test_id("trace-chip")
    expect(chip).to_have_text(re.compile(r"^(\d+) of \1 numbers traced$"))
    cites = page.get_by_test_id("cite")
    assert {cites.nth(i).get_attribute("data-cite") for i in range(cites.count())} <= {
        "exact",
        "derived",
    }
    figure = cites.filter(has_text=re.compile(r"\d,\d")).first
    shown = figure.inner_text()
    figure.hover()
    popover = page.get_by_test_id("cite-popover")
    expect(popover).to_contain_text("Q1 v1")
    expect(popover).to_contain_text("Retail sample")
    assert watched.axe() == []
    page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    figure.focus()
    page.keyboard.press("Enter")
    popover.get_by_role("button", name="Go to cell").click()
    cell = page.locator("[data-row='0'][data-column]:focus")
    expect(cell).to_have_count(1)
    thread_id = page.url.rpartition("/")[2]
    query = house.call("GET", f"/threads/{thread_id}/queries")["data"][0]
    changed = f"SELECT region, revenue + 1000000 AS revenue FROM ({query['sql']}) AS before"
    body = {"source_id": query["source_id"], "sql": changed, "thread_id": thread_id}
    newer = house.call("POST", "/queries", body | {"query_id": query["query_id"]})
    assert newer["status"] == "done", newer
    page.reload()
    page.get_by_test_id("cite").filter(has_text=shown).first.click()
    expect(page.get_by_test_id("cite-popover")).to_contain_text("newer version, v2")
    page.get_by_test_id("cite-popover").get_by_role("button", name="Update the answer").click()
    expect(page.get_by_test_id("cite").filter(has_text=shown)).to_have_count(0)
    expect(chip).to_have_text(re.compile(r"^(\d+) of \1 numbers traced$"))


def test_an_answer_is_exported_with_its_receipts(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    context = visitor()
    adopt(context, house)
    page = watch(context.new_page(), house.url).page
    _asked(page, house, "How many orders are there?")
    thread_id = page.url.rpartition("/")[2]
    answer = house.call("GET", f"/threads/{thread_id}/messages")["data"][-1]
    path = f"/api/v1/threads/{thread_id}/messages/{answer['id']}/export"
    text = house.http.get(f"{house.url}{path}?format=md").text
    assert re.search(r"\d\[\^1\]", text)
    assert "[^1]: " in text
    assert "(exact) · Q1 v1" in text
    assert "```sql" in text
    shown = house.http.get(f"{house.url}{path}?format=html").text
    assert '<a class="cite exact" href="#r1"' in shown
    assert "<script" not in shown
