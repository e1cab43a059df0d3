"""A stranger's first minutes, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.journey import ANSWER_MS, answered, make_account, starter
from tests.support.installation import Installation
from tests.support.watched import Watched

SIZES = [(1280, 800), (390, 844), (320, 640)]


def test_two_clicks_after_the_account_a_chart_of_real_data_is_there(
    watched: Watched, installation: Installation
) -> None:
    page = watched.page
    make_account(page, installation)
    # The account form's button used the sample already: one click is left to the chart.
    starter(page, "Revenue by month as a chart").click()
    expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
    answered(page)
    card = page.get_by_test_id("sql-card").first
    card.get_by_role("tab", name="SQL").click()
    expect(card).to_contain_text("select", ignore_case=True)
    card.get_by_role("tab", name="Result").click()
    expect(card.get_by_test_id("grid")).to_be_visible()
    assert watched.axe() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_its_window(
    watched: Watched, installation: Installation, scheme: str
) -> None:
    page = watched.page
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]  # a literal
    make_account(page, installation)
    starter(page, "Revenue by month as a chart").click()
    expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
    answered(page)
    paths = [
        "/chats",
        "/chats/new",
        page.url.removeprefix(installation.url),
        "/sources",
        "/settings/models",
    ]
    paths += ["/settings/members", "/settings/tokens", "/settings/appearance", "/settings/about"]
    found: dict[str, list[str] | int] = {}
    for path in paths:
        page.goto(f"{installation.url}{path}")
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        if violations := watched.axe():
            found[f"axe {path}"] = violations
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if watched.sideways() > 0:
                found[f"{width} px {path}"] = watched.sideways()
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == {}


def test_a_reload_shows_the_same_answer(watched: Watched, installation: Installation) -> None:
    page = watched.page
    make_account(page, installation)
    starter(page, "Top 10 customers and their share").click()
    answered(page)
    expect(page.get_by_test_id("sql-card").first).to_be_visible()
    before = page.get_by_role("article").last.inner_text()
    page.reload()
    expect(page.get_by_test_id("sql-card").first).to_be_visible()
    expect(page.get_by_role("article").last).to_have_text(before, use_inner_text=True)
