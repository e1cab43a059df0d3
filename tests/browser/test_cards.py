"""What a reader does with the cards of an answer."""

from playwright.sync_api import expect

from tests.browser.journey import answered, ask, sample, thread
from tests.support.installation import Installation
from tests.support.watched import Watched


def test_an_edited_statement_runs_again_as_the_next_version(
    ada: Watched, house: Installation
) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/{thread(house)}")
    ask(page, "Revenue by region")
    answered(page)
    card = page.get_by_test_id("sql-card").first
    card.get_by_role("tab", name="SQL").click()
    editor = card.get_by_role("textbox", name="SQL of Q1")
    expect(editor).to_contain_text("SELECT")
    editor.click()
    expect(editor).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("select 41 + 1 as edited_by_hand")
    expect(editor).to_have_text("select 41 + 1 as edited_by_hand")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Run", exact=True).click()
    expect(card.get_by_test_id("grid")).to_contain_text("edited_by_hand")
    expect(card.get_by_test_id("grid")).to_contain_text("42")
    expect(card).to_contain_text("v2 by you")
    # The answer keeps the version it was written from.
    expect(card).to_contain_text("This answer uses v1")
    card.get_by_role("button", name="Back to v1").click()
    expect(card).to_contain_text("v1 by Analyst")


def test_the_chat_is_used_with_the_keyboard_alone(ada: Watched, house: Installation) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/new?source={sample(house)}")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("Revenue by region as a chart")
    page.keyboard.press("Enter")
    answered(page)
    page.get_by_role("link", name="Skip to content").focus()
    reached = set[str]()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                """() => {
                  const at = document.activeElement;
                  const label = at.getAttribute('aria-label') ?? '';
                  return label || at.innerText.trim();
                }"""
            )
        )
    for name in ("Copy answer", "Answer again", "Chat actions", "Result"):
        assert name in reached, f"{name} is not in the order of Tab: {sorted(reached)}"
    page.keyboard.press("Escape")


def test_sql_runs_without_a_model(ada: Watched, house: Installation) -> None:
    page = ada.page
    page.goto(f"{house.url}/chats/{thread(house)}")
    ask(page, "/sql select 6 * 7 as by_hand")
    expect(page.get_by_test_id("grid")).to_contain_text("by_hand")
    expect(page.get_by_test_id("grid")).to_contain_text("42")
