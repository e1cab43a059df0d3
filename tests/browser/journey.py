"""Steps that several journeys share."""

from collections.abc import Iterable, Sequence
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.installation import Installation, until
from tests.support.watched import Watched

PASSWORD = "correct horse battery staple"
ANSWER_MS = 60_000


def adopt(context: BrowserContext, installation: Installation) -> None:
    """Give a profile the session of the installation's own client."""
    context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "url": installation.url}
            for cookie in installation.http.cookies.jar
            if cookie.name == "datelier_session"
        ]
    )


def sign_in(page: Page, installation: Installation, email: str = "ada@example.com") -> None:
    """Sign in by hand."""
    page.goto(f"{installation.url}/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


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


def answers(page: Page) -> Locator:
    """Return the answers on the page; an answer's `data-state` says how far it is."""
    return page.get_by_test_id("answer")


def answered(page: Page, count: int = 1) -> None:
    """Wait until `count` answers are there and no run is active any more."""
    expect(answers(page)).to_have_count(count, timeout=ANSWER_MS)
    expect(answers(page).last).to_have_attribute("data-state", "complete", timeout=ANSWER_MS)
    expect(page.get_by_test_id("stop")).to_have_count(0, timeout=ANSWER_MS)


def ask(page: Page, text: str) -> None:
    """Type a question and send it."""
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_test_id("send").click()


def rewrite(page: Page, editor: Locator, text: str) -> None:
    """Replace what an editor holds, once it takes keys.

    As one input: what completes words while one types is not meant here.
    """
    editor.click()
    expect(editor).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    expect(editor).to_have_text(text, use_inner_text=True)


DESK_AND_PHONE = (("desktop", 1280), ("phone", 360))


def faults(
    watched: Watched, origin: str, pages: Iterable[tuple[str, Locator]]
) -> dict[str, list[str] | int]:
    """Look at each page once it is ready, in each width and theme; return what is wrong with it."""
    page, found = watched.page, dict[str, list[str] | int]()
    for path, ready in pages:
        page.goto(f"{origin}{path}")
        for name, width in DESK_AND_PHONE:
            page.set_viewport_size({"width": width, "height": 800})
            expect(ready).to_be_visible(timeout=ANSWER_MS)
            if violations := watched.axe_in_both_themes():
                found[f"axe {path} {name}"] = violations
            if watched.sideways() > 0:
                found[f"{name} {path}"] = watched.sideways()
        page.set_viewport_size({"width": 1280, "height": 800})
    return found


def sample(installation: Installation) -> str:
    """Return the id of the sample source."""
    sources: list[dict[str, Any]] = installation.call("GET", "/sources")["data"]
    return next(str(source["id"]) for source in sources if source["sample"])


def model(installation: Installation, url: str, name: str) -> str:
    """Add a model of an OpenAI-protocol server and return its id."""
    body = {"name": name, "provider": "generic", "model_name": name, "endpoint_url": url}
    return str(installation.call("POST", "/models", body | {"api_key": "sk-test"})["id"])


def thread(installation: Installation, model_id: str | None = None) -> str:
    """Make a thread on the sample data and return its id."""
    body: dict[str, Any] = {"source_ids": [sample(installation)]}
    return str(
        installation.call("POST", "/threads", body | ({"model_id": model_id} if model_id else {}))[
            "id"
        ]
    )


def stored(installation: Installation, thread_id: str) -> list[dict[str, Any]]:
    """Return the answers the server has stored in a thread."""
    found: list[dict[str, Any]] = installation.call("GET", f"/threads/{thread_id}/messages")["data"]
    return [message for message in found if message["role"] == "assistant"]


def text_of(message: dict[str, Any]) -> str:
    """Return the words of a message."""
    parts: Sequence[dict[str, Any]] = message["parts"]
    return "".join(str(part["text"]) for part in parts if part["type"] == "text")


def settled(installation: Installation, thread_id: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until the server has `count` answers of a thread, none of them running."""

    def check() -> list[dict[str, Any]] | None:
        found = stored(installation, thread_id)
        done = all(one["status"] not in {"running", "queued"} for one in found)
        return found if done and len(found) == count else None

    return until(check, seconds=60, what="the end of every answer")
