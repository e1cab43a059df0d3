"""A share of the generated charts in a real browser; `make charts` draws all 500."""

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import adopt, answered, ask, sample
from tests.charts.corpus import cases
from tests.charts.gallery import describe, misses
from tests.charts.page import Easel, build, served
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def easel(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Generator[Easel]:
    """A page that draws charts with the app's own modules."""
    folder = tmp_path_factory.mktemp("charts")
    build(folder)
    with served(folder) as url:
        canvas = Easel(browser, url)
        yield canvas
        canvas.page.close()


def test_accepted_charts_are_drawn_and_none_reaches_the_network(easel: Easel) -> None:
    found = [(case, misses(easel, case)) for case in cases(41, 80)]
    assert [describe(case, told) for case, told in found if told] == []


def test_the_watch_sees_a_page_that_asks_the_network_and_a_script_that_runs(easel: Easel) -> None:
    """The other test would see what it looks for."""
    easel.draw({"mark": "bar", "encoding": {}}, [])
    easel.page.evaluate("new Image().src = 'http://evil.example/x.png'")
    easel.page.evaluate("setTimeout(() => { throw new Error('owned') })")
    easel.page.wait_for_function("performance.now() > 0")
    easel.page.evaluate("new Promise(done => setTimeout(done))")
    assert easel.elsewhere == ["http://evil.example/x.png"]
    assert easel.errors == ["owned"]


def test_a_chart_shows_its_receipts_and_is_edited_without_a_model(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    context = visitor()
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    ask(page, "Revenue by region")
    answered(page)
    card = page.get_by_test_id("sql-card").first
    card.get_by_role("tab", name="Chart").click()
    drawing = card.get_by_test_id("chart-svg")
    offer = card.get_by_role("button", name="Draw a chart")
    expect(drawing.or_(offer)).to_be_visible()
    if offer.is_visible():
        offer.click()
    expect(drawing).to_be_visible()
    expect(drawing).to_have_attribute("aria-label", re.compile("^Bar chart, .* highest "))
    card.get_by_role("button", name="Edit", exact=True).click()
    card.get_by_role("group", name="Kind of chart").get_by_role("button", name="Histogram").click()
    expect(drawing).to_have_attribute("aria-label", re.compile("^Bar chart, 4 rows"))
    card.get_by_role("button", name="Undo").click()
    expect(drawing).to_have_attribute("aria-label", re.compile("^Bar chart, .* highest "))
    card.get_by_role("button", name="Close editor").click()
    card.get_by_role("button", name="Spec", exact=True).click()
    box = card.get_by_role("textbox", name="Spec")
    box.fill("{")
    expect(card.get_by_text("This is no JSON object yet.")).to_be_visible()
    box.fill('{"mark": {"type": "bar", "href": "http://evil.example"}, "encoding": {}}')
    watched.forgive("422")
    card.get_by_role("button", name="Apply").click()
    expect(card.get_by_text("mark.href").first).to_be_visible()
    card.get_by_role("button", name="Undo").click()
    expect(drawing).to_be_visible()
    assert watched.axe() == []
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert watched.sideways() <= 0
