"""A stranger's first minutes, in a real browser."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import (
    ANSWER_MS,
    adopt,
    answered,
    answers,
    ask,
    make_account,
    sample,
    starter,
)
from tests.support.installation import Installation, until
from tests.support.watched import Watched

SIZES = [(1280, 800), (390, 844), (320, 640)]


def test_two_clicks_after_the_account_a_chart_of_real_data_is_there(
    watched: Watched, installation: Installation
) -> None:
    page = watched.page
    page.goto(f"{installation.url}/welcome#t={installation.setup_token()}")
    expect(page.get_by_label("Your name")).to_be_visible()
    assert watched.axe() == []
    make_account(page, installation)
    # The account form's button used the sample already: one click is left to the chart.
    starter(page, "Revenue by month as a chart").click()
    expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
    answered(page)
    card = page.get_by_test_id("sql-card").first
    card.get_by_role("tab", name="SQL").click()
    expect(card).to_contain_text("select", ignore_case=True)
    assert watched.axe() == []
    card.get_by_role("tab", name="Result").click()
    expect(card.get_by_test_id("grid")).to_be_visible()
    assert watched.axe() == []


def test_every_page_is_accessible_and_fits_its_window(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    context: BrowserContext = visitor(reduced_motion="reduce")
    adopt(context, house)
    watched = watch(context.new_page(), house.url)
    page = watched.page
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    ask(page, "Revenue by month as a chart")
    expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
    answered(page)
    source = sample(house)
    paths = ["/chats", "/chats/new", page.url.removeprefix(house.url), "/sources", "/sources/new"]
    paths += ["/sources/new?kind=upload", "/sources/new?kind=postgresql"]
    paths += [f"/sources/{source}/{tab}" for tab in ("schema", "preview", "health")]
    paths += [f"/settings/{name}" for name in ("models", "members", "tokens", "appearance")]
    paths += ["/settings/about", "/nowhere"]
    found: dict[str, list[str] | int] = {}
    for path in paths:
        page.goto(f"{house.url}{path}")
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        if violations := watched.axe_in_both_themes():
            found[f"axe {path}"] = violations
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if watched.sideways() > 0:
                found[f"{width} px {path}"] = watched.sideways()
        if violations := watched.axe_in_both_themes():
            found[f"axe on a phone {path}"] = violations
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == {}


def test_a_reload_shows_the_same_answer(ada: Watched, house: Installation) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    starter(page, "Top 10 customers and their share").click()
    answered(page)
    expect(page.get_by_test_id("sql-card").first).to_be_visible()
    before = answers(page).last.get_by_test_id("answer-text").all_inner_texts()
    page.reload()
    answered(page)
    shown = answers(page).last.get_by_test_id("answer-text")
    expect(shown).to_have_text(before, use_inner_text=True)


def at_top(page: Page, question: Locator) -> None:
    """Wait until the question is at the top of what is shown."""

    def is_there() -> bool:
        transcript = page.get_by_test_id("transcript").bounding_box()
        asked = question.bounding_box()
        assert transcript is not None
        assert asked is not None
        return 0 <= asked["y"] - transcript["y"] < 80

    until(is_there, what="the question at the top")


def test_a_question_goes_to_the_top_and_the_end_of_its_answer_moves_nothing(
    ada: Watched, house: Installation
) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    starter(page, "Revenue by month as a chart").click()
    answered(page)
    chart = page.get_by_test_id("chart-svg").first
    expect(chart).to_be_in_viewport(ratio=0.5)
    ask(page, "Top 10 customers and their share")
    question = page.get_by_role("log").get_by_role("article").last
    expect(question).to_be_in_viewport()
    answered(page, 2)
    at_top(page, question)
    # Whoever opens the chat later starts at the last question too.
    page.reload()
    answered(page, 2)
    at_top(page, question)
