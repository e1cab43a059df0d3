"""Steps that several journeys share."""

from playwright.sync_api import Locator, Page, expect

from tests.support.installation import Installation

PASSWORD = "correct horse battery staple"
ANSWER_MS = 60_000


def make_account(page: Page, installation: Installation) -> None:
    """Open the one-time link and make the account; *Use sample data* is chosen by default."""
    page.goto(f"{installation.url}/welcome#t={installation.setup_token()}")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account and start").click()
    expect(page.get_by_test_id("composer")).to_be_visible(timeout=30_000)


def starter(page: Page, text: str) -> Locator:
    """Return the button of a starter question."""
    return page.get_by_role("button", name=text)


def answered(page: Page) -> None:
    """Wait until no run is active any more."""
    expect(page.get_by_test_id("stop")).to_have_count(0, timeout=ANSWER_MS)


def ask(page: Page, text: str) -> None:
    """Type a question and send it."""
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_test_id("send").click()
