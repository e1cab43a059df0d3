"""A table's profile and a source's privacy, as a person finds and uses them."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import ANSWER_MS, adopt, faults, sample
from tests.support.installation import Installation
from tests.support.watched import Watched


def test_a_table_is_profiled_from_its_place_in_the_schema(
    ada: Watched, house: Installation
) -> None:
    page = ada.page
    page.goto(f"{house.url}/sources/{sample(house)}/schema?table=files.customers")
    page.get_by_role("link", name="Profile", exact=True).click()
    page.get_by_role("button", name="Profile this table").click()
    columns = page.get_by_role("list", name="Columns of files.customers")
    expect(columns).to_be_visible(timeout=ANSWER_MS)
    expect(columns).to_contain_text("% filled")
    expect(page.get_by_text("All rows were looked at.")).to_be_visible()
    more = page.get_by_text("More of email")
    more.focus()
    page.keyboard.press("Enter")
    expect(columns).to_contain_text("Frequent values: ")


def test_a_source_is_made_private_with_the_keyboard(ada: Watched, house: Installation) -> None:
    page = ada.page
    source = sample(house)
    page.goto(f"{house.url}/sources/{source}/access")
    switch = page.get_by_role("checkbox", name="This source is private")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("so every column is")).to_be_visible()
    assert house.call("GET", f"/sources/{source}")["private"] is True
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Tables and columns of the catalog.")).to_be_visible()
    assert house.call("GET", f"/sources/{source}")["private"] is False


def test_profile_and_access_are_accessible_and_fit_a_phone(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    source = sample(house)
    house.call("POST", f"/sources/{source}/profile", {"table": "files.customers"})
    context: BrowserContext = visitor(reduced_motion="reduce")
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    at = f"/sources/{source}"
    pages = (
        (f"{at}/profile?table=files.customers", page.get_by_role("list", name="Columns of")),
        (f"{at}/access", page.get_by_role("checkbox").first),
    )
    assert faults(watched, house.url, pages) == {}
