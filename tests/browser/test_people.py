"""Signing in and out, and what another member sees."""

from playwright.sync_api import expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import PASSWORD, sign_in
from tests.support.installation import Installation
from tests.support.watched import Watched

# A browser reports every refused request, and asking who is signed in is one.
SIGNED_OUT = "401 (Unauthorized)"


def test_signing_out_and_in_again(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    watched = watch(visitor().new_page(), house.url)
    watched.forgive(SIGNED_OUT)
    page = watched.page
    page.goto(f"{house.url}/settings/models")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert watched.axe() == []
    sign_in(page, house)
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{house.url}/chats")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, house)


def test_an_invited_viewer_joins_in_another_browser_and_may_only_read(
    ada: Watched, visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    page = ada.page
    page.goto(f"{house.url}/settings/members")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("dialog").get_by_label("Role").select_option("viewer")
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Invitation link").input_value()
    assert link.startswith(house.url)

    theirs = watch(visitor().new_page(), house.url)
    theirs.forgive(SIGNED_OUT)
    guest = theirs.page
    guest.goto(link)
    guest.get_by_label("Your name").fill("Grace Hopper")
    guest.get_by_label("Email").fill("grace@example.com")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    assert theirs.axe() == []
    guest.get_by_role("button", name="Join").click()
    expect(guest.get_by_role("navigation", name="Main")).to_be_visible()
    guest.goto(f"{house.url}/sources")
    expect(guest.get_by_role("link", name="Retail sample").first).to_be_visible()
    expect(guest.get_by_role("link", name="Add source")).to_have_count(0)
    expect(guest.get_by_role("link", name="New chat")).to_have_count(0)

    page.reload()
    expect(page.get_by_role("table").first).to_contain_text("Grace Hopper")
