"""Pages and dialogs that no other journey looks at: accessible, and as wide as their window."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import DESK_AND_PHONE, adopt, faults, sample
from tests.support.installation import Installation
from tests.support.watched import Watched


@pytest.fixture(scope="module")
def definition(house: Installation) -> str:
    """Something to show on every page: a definition of two versions, a budget, a note."""
    content = {
        "kind": "metric",
        "name": "Order count",
        "pattern": "How many orders?",
        "sql": "select count(*) as orders from orders",
        "source_id": sample(house),
    }
    made = house.call("POST", "/definitions", content)
    changed = content | {"name": "Orders", "note": "All of them."}
    house.call("PUT", f"/definitions/{made['id']}", changed, headers={"If-Match": '"1"'})
    limits = {"subject": "organization", "soft_limit": "1000000", "hard_limit": "2000000"}
    house.call("POST", "/budgets", limits | {"unit": "tokens", "period": "month"})
    return str(made["id"])


def opened(watched: Watched, path: str, *names: str) -> list[str]:
    """Open a dialog by the buttons that lead to it; return what axe says of it."""
    page = watched.page
    page.goto(path)
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    # The focus is inside, where the keyboard goes on.
    expect(dialog.locator(":focus")).to_have_count(1)
    return in_each_width(watched)


def in_each_width(watched: Watched) -> list[str]:
    """What axe says of what is open, in each theme."""
    found: list[str] = []
    for _, width in DESK_AND_PHONE:
        watched.page.set_viewport_size({"width": width, "height": 800})
        expect(watched.page.get_by_role("dialog")).to_be_visible()
        found += watched.axe_in_both_themes()
    watched.page.set_viewport_size({"width": 1280, "height": 800})
    return found


def keyboard_help(page: Page, url: str) -> None:
    page.goto(f"{url}/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_pages_and_dialogs_are_accessible_and_fit_their_window(
    visitor: NewContext, watch: NewWatch, house: Installation, definition: str
) -> None:
    context: BrowserContext = visitor(reduced_motion="reduce")
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    agent = house.call("GET", "/agents")["data"][0]["id"]
    editor = page.get_by_role("textbox", name="SQL")
    pages = (
        ("/definitions", page.get_by_role("table", name="Definitions")),
        ("/definitions/new", editor),
        (f"/definitions/{definition}", editor),
        (f"/definitions/{definition}?tab=versions", page.get_by_role("table", name="Compare")),
        (f"/definitions/{definition}?tab=uses", page.get_by_text("No answer has used it yet.")),
        ("/settings/usage", page.get_by_role("meter")),
        ("/settings/workers", page.get_by_role("heading", level=2).first),
        (f"/sources/{sample(house)}/conventions", page.get_by_label("Time zone")),
        (f"/agents/{agent}?tab=memory", page.get_by_label("Add a note")),
    )
    found = faults(watched, house.url, pages)
    for path, *names in (
        ("/agents", "New agent"),
        ("/settings/usage", "Add budget"),
        ("/settings/workers", "Add worker"),
        ("/settings/workers", "Add worker", "Make command"),
        ("/settings/members", "Invite"),
    ):
        if told := opened(watched, f"{house.url}{path}", *names):
            found[f"dialog {path} {names}"] = told
    keyboard_help(page, house.url)
    assert in_each_width(watched) == []
    assert found == {}
