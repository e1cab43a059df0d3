"""Looking at what agents did, and answering what they ask."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import adopt, faults, model, settled, thread
from tests.support.installation import Installation, until
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched


def chosen(tree: Locator) -> Locator:
    """The row that is selected."""
    return tree.get_by_role("treeitem", selected=True)


def test_a_run_is_found_read_by_keys_and_run_again(ada: Watched, house: Installation) -> None:
    page = ada.page
    thread_id = thread(house)
    words = "Which columns have missing values?"
    house.call("POST", f"/threads/{thread_id}/messages", {"text": words})
    settled(house, thread_id)

    page.goto(f"{house.url}/chats")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    page.get_by_label("Search questions").fill("missing values")
    expect(page.get_by_role("img", name="Runs over time")).to_be_visible()
    page.get_by_role("link", name=words).first.click()

    tree = page.get_by_role("tree", name="Steps of the run")
    tree.focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(chosen(tree)).to_contain_text("Run SQL")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Timeline")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="SQL").click()
    expect(page.get_by_test_id("sql-card")).to_be_visible()
    page.get_by_role("tab", name="Input").click()
    expect(page.get_by_text('"sql":')).to_be_visible()
    expect(page).to_have_url(re.compile("step="))

    first = page.url.partition("?")[0]
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Rerun from this step").click()
    page.wait_for_url(lambda url: "/runs/" in url and not url.startswith(first))
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=30_000)
    ada.verify()


def test_what_an_agent_asks_is_answered_in_the_inbox_and_the_run_goes_on(
    ada: Watched, house: Installation, scripted: ScriptedThread
) -> None:
    page = ada.page
    asked: dict[str, Any] = {
        "title": "In which currency should I report?",
        "details": "Orders are in **EUR** and USD.",
        "options": ["EUR", "USD"],
    }
    turns = [Turn.call("request_human", asked), Turn.say("I report in USD.")]
    scripted.script("house-asker", turns)
    body = {
        "agent": "steward",
        "goal": "Report revenue",
        "model_id": model(house, scripted.url, "house-asker"),
        "report": "none",
    }
    page.goto(f"{house.url}/inbox")
    expect(page.get_by_text("Nothing needs you.")).to_be_visible()
    run = house.call("POST", "/runs", body)

    # Nobody reloads: the question comes over the socket, into the list and the rail.
    row = page.get_by_test_id("inbox-row").filter(has_text="In which currency")
    expect(row).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="Inbox").get_by_text("1", exact=True)).to_be_visible()
    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send response")).to_be_disabled()
    page.get_by_label("Answer").select_option("USD")
    page.get_by_role("button", name="Send response").click()
    expect(page.get_by_text("The run has finished")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("decision-bar")).to_have_count(0)

    page.get_by_role("link", name="Open run").last.click()
    expect(page.get_by_role("treeitem").filter(has_text="In which currency")).to_be_visible()
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_text("I report in USD.")).to_be_visible()
    page.goto(f"{house.url}/runs?kind=background")
    expect(page.get_by_role("link", name="Report revenue")).to_be_visible()
    assert str(run["id"])
    ada.verify()


def question(house: Installation, scripted: ScriptedThread, name: str) -> str:
    """Let an agent ask something in the background; return the request's id."""
    asked = {"title": f"May I go on, {name}?", "kind": "review", "details": "Ten rows differ."}
    scripted.script(name, [Turn.call("request_human", asked), Turn.say("Done.")])
    body = {"agent": "steward", "goal": name, "model_id": model(house, scripted.url, name)}
    house.call("POST", "/runs", body | {"report": "none"})

    def found() -> str | None:
        requests = house.call("GET", "/requests")["data"]
        return next((str(one["id"]) for one in requests if name in one["title"]), None)

    return until(found, seconds=60, what="the request of a waiting run")


def test_runs_and_inbox_are_accessible_and_fit_a_phone(
    visitor: NewContext, watch: NewWatch, house: Installation, scripted: ScriptedThread
) -> None:
    thread_id = thread(house)
    words = {"text": "Which columns have missing values?"}
    run = house.call("POST", f"/threads/{thread_id}/messages", words)["run_id"]
    settled(house, thread_id)
    request = question(house, scripted, "house-review-looks")
    context = visitor(reduced_motion="reduce")
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    tree = page.get_by_role("tree")
    pages = (
        ("/runs", page.get_by_role("table", name="Runs")),
        (f"/runs/{run}", tree),
        (f"/runs/{run}?view=timeline&tab=logs", tree),
        (f"/runs/{run}/compare?with={run}", page.get_by_role("heading", name="Step by step")),
        ("/inbox", page.get_by_test_id("inbox-row").first),
        (f"/inbox/{request}", page.get_by_test_id("decision-bar")),
    )
    assert faults(watched, house.url, pages) == {}
