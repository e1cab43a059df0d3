"""An answer that can be trusted, as a new user tries it: every figure, an edit, a no, two files."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.journey import answered, ask, rewrite
from tests.browser.story import AGES, CHANGED, REGIONS, analyst_chat
from tests.support.installation import Installation
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

FIGURES = 15  # of the answer's text; its chart has more
ALL_TRACED = f"{FIGURES} of {FIGURES} numbers traced"


def _receipts(page: Page, cites: Locator) -> list[str]:
    """Hover over each figure, and look at it by keyboard; return what their popovers say."""
    popover = page.get_by_test_id("cite-popover")
    told: list[str] = []
    for place in range(cites.count()):
        figure = cites.nth(place)
        figure.scroll_into_view_if_needed()
        figure.hover()
        expect(popover).to_contain_text(figure.inner_text())
        told.append(popover.inner_text())
        page.keyboard.press("Escape")
        expect(popover).to_have_count(0)
        page.mouse.move(2, 2)
        figure.focus()
        expect(popover).to_contain_text(figure.inner_text())
        page.keyboard.press("Escape")
        expect(popover).to_have_count(0)
        figure.blur()
    return told


def _edit(page: Page, sql: str) -> None:
    card = page.get_by_test_id("sql-card").first
    card.get_by_role("tab", name="SQL").click()
    rewrite(page, card.get_by_role("textbox", name="SQL of Q1"), sql)
    card.get_by_role("button", name="Run", exact=True).click()
    expect(card).to_contain_text("v2 by you")


def _saved(page: Page, kind: str, folder: Path) -> Path:
    page.get_by_test_id("answer").first.get_by_role("button", name="Save answer").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=kind).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def _look(page: Page) -> Locator:
    """Look at every figure; return those of the answer's text."""
    expect(page.get_by_test_id("chart-svg")).to_be_visible()
    cites = page.get_by_test_id("answer-text").get_by_test_id("cite")
    expect(cites).to_have_count(FIGURES)
    expect(page.get_by_test_id("trace-chip")).to_have_text(ALL_TRACED)
    told = _receipts(page, cites)
    assert all(re.search(r"Source: Retail sample · Read .*\d", text) for text in told), told
    assert all("Q1 v1" in text and "Go to cell" in text for text in told), told
    assert any("One cell of a result" in text and "AS revenue_eur" in text for text in told)
    computed = [text for text in told if "ƒ" in text]
    assert all("Computed from a result" in text for text in computed)
    assert len(computed) == 3
    # The chart's title and its line at the average stand for cells too.
    of_chart = page.get_by_role("group", name="Figures of the chart").get_by_test_id("cite")
    expect(page.get_by_test_id("chart-trace")).to_have_attribute("data-state", "traced")
    assert any("avg(Q1" in text for text in _receipts(page, of_chart))
    return cites


def _update(page: Page, cites: Locator) -> None:
    """Take the figures of the edited query, and follow one to its cell."""
    before = cites.all_inner_texts()
    chart = page.get_by_role("region", name=re.compile("^Chart C1: "))
    expect(chart).to_contain_text("Drawn from Q1 v1; v2 is newer.")
    cites.nth(1).click()
    popover = page.get_by_test_id("cite-popover")
    expect(popover).to_contain_text("newer version, v2")
    page.keyboard.press("Escape")  # it stays closed, though the focus is back at the figure
    expect(popover).to_have_count(0)
    expect(cites.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    popover.get_by_role("button", name="Update the answer").click()
    expect(cites.nth(1)).not_to_have_text(before[1])
    expect(page.get_by_test_id("trace-chip")).to_have_text(ALL_TRACED)
    expect(chart).to_contain_text("from Q1 v2")
    expect(chart).not_to_contain_text("is newer")
    expect(chart.get_by_role("heading")).to_contain_text(cites.nth(1).inner_text())
    cites.nth(1).click()
    expect(popover).to_contain_text("Q1 v2")
    popover.get_by_role("button", name="Go to cell").click()
    expect(page.locator("[data-row='0'][data-column]:focus")).to_have_count(1)


@pytest.mark.contract("D93")
def test_every_figure_has_its_receipt_on_the_page_and_in_the_files(
    ada: Watched,
    house: Installation,
    scripted: ScriptedThread,
    visitor: NewContext,
    tmp_path: Path,
) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/{analyst_chat(house, scripted)}")
    ask(page, REGIONS)
    answered(page)
    cites = _look(page)
    assert ada.axe() == []
    _edit(page, CHANGED)
    _update(page, cites)

    ask(page, AGES)
    answered(page, 2)
    refusal = page.get_by_test_id("refusal-card")
    expect(refusal).to_contain_text("Outside of what this chat can do")
    expect(refusal.get_by_role("button")).to_contain_text(["How many customers", "When did"])
    assert ada.axe() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert ada.sideways() <= 0

    text = _saved(page, "Save as Markdown with receipts", tmp_path).read_text(encoding="utf-8")
    _check_markdown(text, cites.all_inner_texts())
    _check_page(visitor(), _saved(page, "Save as a web page with receipts", tmp_path))


def _check_markdown(text: str, figures: list[str]) -> None:
    body, _, notes = text.partition("\n[^1]: ")
    for number, shown in enumerate(figures, 1):
        assert f"{shown}[^{number}]" in body
        assert f"\n[^{number}]: {shown} (" in f"\n[^1]: {notes}"
    assert re.search(r"## C1: .* leads with €[\d,]+\[\^\d+\]", body)
    assert "| region | revenue_eur | orders |" in body
    assert f"*{ALL_TRACED}*" in body
    assert "## Q1 v1: " in body
    assert "quantity > 1" in body.partition("## Q1 v2: ")[2]
    assert "· Q1 v2, region=" in notes
    assert "Q1 v2, all rows, revenue_eur" in notes  # of the chart, which was drawn anew
    assert "Q1 v1," not in notes


def _check_page(context: BrowserContext, path: Path) -> None:
    """The page needs no network, and its figures lead to their receipts."""
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    expect(page.get_by_role("heading", level=1)).to_have_text(REGIONS)
    figure = page.locator("a.cite").first
    figure.click()
    expect(page.locator("li:target")).to_contain_text(figure.inner_text())
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
