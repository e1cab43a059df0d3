"""Make the pictures of the README and the docs from this build.

    python scripts/screenshots.py

Starts an installation in a temporary home, drives it in Chromium and writes `docs/images`.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.browser.conftest import QUIET, chromium  # noqa: E402  # the path comes first
from tests.browser.journey import (  # noqa: E402  # the path comes first
    ANSWER_MS,
    answered,
    ask,
    make_account,
    sample,
    starter,
)
from tests.browser.story import AGES, REGIONS, analyst_chat  # noqa: E402  # the path comes first
from tests.support.installation import Installation, until  # noqa: E402  # the path comes first
from tests.support.scripted_thread import ScriptedThread  # noqa: E402  # the path comes first

IMAGES = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 860), (390, 844)


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def _page(browser: Browser, size: tuple[int, int], scheme: str, state: Path | None) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # pyright: ignore[reportArgumentType]  # a literal
        storage_state=state,
        locale="en-GB",
        reduced_motion="reduce",
    )
    return context.new_page()


LOOKS = (
    ("light", DESKTOP, ""),
    ("dark", DESKTOP, "-dark"),
    ("light", PHONE, "-phone"),
    ("dark", PHONE, "-phone-dark"),
)


def _shoot_answer(browser: Browser, installation: Installation, state: Path, chat: str) -> None:
    """An answer with the receipt of a figure, a refusal, and the saved page, in all looks."""
    saved = state.parent / "answer.html"
    for place, (scheme, size, suffix) in enumerate(LOOKS):
        page = _page(browser, size, scheme, state)
        page.goto(f"{installation.url}/chats/{chat}")
        if place == 0:
            ask(page, REGIONS)
            answered(page)
            page.get_by_role("button", name="Save answer").click()
            with page.expect_download() as download:
                page.get_by_role("menuitem", name="Save as a web page").click()
            download.value.save_as(saved)
        expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
        figure = page.get_by_test_id("answer-text").get_by_test_id("cite").nth(3)
        figure.click()
        expect(page.get_by_test_id("cite-popover")).to_be_visible()
        _shoot(page, f"answer{suffix}")
        page.keyboard.press("Escape")
        if place == 0:
            ask(page, AGES)
            answered(page, 2)
        page.get_by_test_id("refusal-card").scroll_into_view_if_needed()
        _shoot(page, f"refusal{suffix}")
        page.goto(saved.as_uri())
        _shoot(page, f"saved-answer{suffix}")
        page.context.close()


def _shoot_approval(browser: Browser, installation: Installation, state: Path) -> None:
    """What the steward asks on the practice copy, with the rows that it would change."""
    practice = installation.call("POST", "/sources/sample?writable=true")["id"]
    goal = "Find missing values and propose a correction"
    asked = {"agent": "steward", "goal": goal, "source_ids": [practice]}
    installation.call("POST", "/runs", asked)
    found = until(
        lambda: installation.call("GET", "/requests")["data"], seconds=60, what="the request"
    )
    for scheme, size, suffix in LOOKS[:2]:
        page = _page(browser, size, scheme, state)
        page.goto(f"{installation.url}/inbox/{found[0]['id']}")
        expect(page.get_by_test_id("write-preview")).to_be_visible()
        _shoot(page, f"approval{suffix}")
        page.context.close()


def main() -> None:
    """Drive the product and write the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=ANSWER_MS)  # a busy machine takes its time
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation(Path(folder) / "home") as installation,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        first = _page(browser, DESKTOP, "light", None)
        first.goto(f"{installation.url}/welcome#t={installation.setup_token()}")
        expect(first.get_by_role("button", name="Create account and start")).to_be_visible()
        _shoot(first, "welcome")
        make_account(first, installation)
        expect(starter(first, "Revenue by month as a chart")).to_be_visible()
        _shoot(first, "new-chat")
        starter(first, "Revenue by month as a chart").click()
        expect(first.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
        answered(first)
        _shoot(first, "chat")
        answer = first.url
        state = Path(folder) / "state.json"
        first.context.storage_state(path=state)
        for cookie in first.context.cookies():
            installation.http.cookies.set(cookie.get("name", ""), cookie.get("value", ""))
        for scheme, size, suffix in (
            ("dark", DESKTOP, "dark"),
            ("light", PHONE, "phone"),
            ("dark", PHONE, "phone-dark"),
        ):
            page = _page(browser, size, scheme, state)
            page.goto(answer)
            expect(page.get_by_test_id("chart-svg").first).to_be_visible(timeout=ANSWER_MS)
            _shoot(page, f"chat-{suffix}")
            page.context.close()
        first.get_by_test_id("sql-card").get_by_role("button", name="Download").first.click()
        expect(first.get_by_role("menu")).to_be_visible()
        _shoot(first, "exports")
        source = sample(installation)
        installation.call("POST", f"/sources/{source}/profile", {"table": "files.customers"})
        for name, path in (
            ("sources", "/sources"),
            ("profile", f"/sources/{source}/profile?table=files.customers"),
            ("access", f"/sources/{source}/access"),
            ("workers", "/settings/workers"),
            ("models", "/settings/models"),
            ("members", "/settings/members"),
        ):
            first.goto(f"{installation.url}{path}")
            expect(first.locator("h1").first).to_be_visible()
            _shoot(first, name)
        _shoot_approval(browser, installation, state)
        with ScriptedThread() as scripted:
            chat = analyst_chat(installation, scripted)
            _shoot_answer(browser, installation, state, chat)
        browser.close()


if __name__ == "__main__":
    main()
