"""An agent is copied, told something else, tried, published and asked, in the browser."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import ANSWER_MS, adopt, answered, faults, sample
from tests.support.installation import Installation
from tests.support.watched import Watched


@pytest.mark.contract("S9", "C88")
def test_an_agent_is_made_tried_published_and_asked(ada: Watched, house: Installation) -> None:
    page = ada.page
    page.goto(f"{house.url}/agents")
    page.get_by_role("button", name="New agent").click()
    page.get_by_label("Name", exact=True).fill("Shopkeeper")
    page.get_by_role("button", name="Create draft").click()
    expect(page.get_by_role("heading", name="Shopkeeper", level=1)).to_be_visible()
    expect(page.get_by_text("Not published")).to_be_visible()
    chats = house.call("GET", "/threads")["data"]

    # A number that cannot be lands on its field; nothing is saved.
    page.get_by_label("Rows of a result").fill("0")
    page.get_by_role("textbox", name="Starter questions").fill("How many orders per region?")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("alert")).to_contain_text(
        "Rows of a result must be between 1 and 1,000,000."
    )
    page.get_by_label("Rows of a result").fill("100")
    page.get_by_role("combobox", name="Policy of Sample rows").select_option("never")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    expect(page.get_by_test_id("save-status")).to_have_count(0)

    # The draft answers beside the form, and none of it is among the chats.
    page.get_by_role("button", name="How many orders per region?").click()
    answered(page)
    expect(page.get_by_test_id("sql-card")).to_be_visible(timeout=ANSWER_MS)
    assert house.call("GET", "/threads")["data"] == chats

    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish")
    dialog.get_by_label("What is new").fill("The first one")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()


def test_an_agent_is_edited_compared_restored_and_chosen(ada: Watched, house: Installation) -> None:
    definition = {"starters": ["How many orders per region?"]}
    made = house.call("POST", "/agents", {"name": "Grocer", "definition": definition})
    house.call("POST", f"/agents/{made['id']}/publish", {})
    page = ada.page
    page.goto(f"{house.url}/agents/{made['id']}")
    # What is not saved is not lost by a click elsewhere.
    page.get_by_role("textbox", name="Instructions").fill("Be brief.")
    page.get_by_role("link", name="Chats", exact=True).click()
    page.get_by_role("button", name="Keep editing").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Unpublished changes")).to_be_visible()
    page.get_by_role("tab", name="Versions").click()
    lines = page.get_by_role("group", name="Instructions")
    expect(lines).to_contain_text("Added: Be brief.")
    page.get_by_role("button", name="Restore as draft").click()
    # Nobody has published these changes, so they are not replaced without a question.
    asked = page.get_by_role("dialog", name="Replace the draft with version 1?")
    asked.get_by_role("button", name="Restore as draft").click()
    expect(page.get_by_text("Nothing differs.")).to_be_visible()

    # In a new chat it is chosen, offers its question, and answers.
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    page.get_by_role("button", name="Agent: Analyst").click()
    page.get_by_role("menuitemradio", name="Grocer").click()
    page.get_by_role("button", name="How many orders per region?").click()
    answered(page)
    expect(page.get_by_role("button", name="Agent: Grocer")).to_be_visible()


def test_the_pages_of_agents_are_accessible_and_fit_a_phone(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    steward = house.call("GET", "/agents")["data"][1]["id"]
    context: BrowserContext = visitor(reduced_motion="reduce")
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    pages = (
        ("/agents", page.get_by_role("link", name="Data-quality steward")),
        (f"/agents/{steward}", page.get_by_role("combobox", name="Policy of Sample rows")),
        (f"/agents/{steward}?tab=versions", page.get_by_role("heading", name="Compare")),
    )
    assert faults(watched, house.url, pages) == {}


def test_who_may_not_manage_agents_reads_them(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    invited = house.call("POST", "/invites", {"role": "viewer"})
    context = visitor()
    page = watch(context.new_page(), house.url).page
    page.goto(invited["url"])
    page.get_by_label("Your name").fill("Vera")
    page.get_by_label("Email").fill("vera@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(f"{house.url}/agents")
    expect(page.get_by_role("link", name="Analyst", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="New agent")).to_have_count(0)
    page.get_by_role("link", name="Analyst", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
