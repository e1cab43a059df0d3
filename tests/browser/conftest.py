"""A real browser beside a real installation."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from datelier.kit.environment import environment
from tests.browser.journey import adopt
from tests.support.installation import Installation
from tests.support.model_server import model_server
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

NewContext = Callable[..., BrowserContext]
NewWatch = Callable[[Page, str], Watched]

# Long enough for a machine that does much besides; what is there earlier is seen earlier.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)

# Without these, a browser asks its maker's hosts for updates and components at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# The browser of this process, while there is one.
_running: list[Browser] = []


def chromium() -> str | None:
    """Return the browser to drive, or None where there is none."""
    return (
        environment("DATELIER_CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
    )


@contextmanager
def launched() -> Generator[Browser]:
    """A headless Chromium; asynchronous tests can follow once it is closed.

    Within the time of another it is that one: a thread has but one driver.
    """
    if _running:
        yield _running[-1]
        return
    path = chromium()
    if path is None:
        pytest.skip("browser journeys: no Chromium found (set DATELIER_CHROMIUM)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        _running.append(running)
        try:
            yield running
        finally:
            _running.remove(running)
            running.close()


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """One browser for the session."""
    with launched() as running:
        yield running


@pytest.fixture(scope="module")
def allowed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the server of the house that may be a source."""
    return tmp_path_factory.mktemp("allowed")


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, allowed_folder: Path
) -> Generator[Installation]:
    """One installation that the journeys of a file share: Ada owns it and has the sample data.

    No file finds what another has made, whichever ran before it in this process.
    """
    home = tmp_path_factory.mktemp("house") / "home"
    with Installation(home, allowed_folders=str(allowed_folder)) as running:
        running.sign_up()
        running.call("POST", "/sources/sample")
        yield running


@pytest.fixture
def installation(tmp_path: Path) -> Generator[Installation]:
    """A fresh home, for a journey that begins where a stranger begins."""
    with Installation(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="session")
def tokens() -> Generator[str]:
    """The base URL of a model server that streams at the speed in the model's name."""
    with model_server() as url:
        yield url


@pytest.fixture(scope="module")
def scripted() -> Generator[ScriptedThread]:
    """A model server that speaks the whole OpenAI protocol, by script."""
    with ScriptedThread() as server:
        yield server


@pytest.fixture
def visitor(browser: Browser) -> Generator[NewContext]:
    """Make browser profiles at desktop size; each is closed at the end."""
    made: list[BrowserContext] = []

    def new(**options: Any) -> BrowserContext:
        size: ViewportSize = {"width": 1280, "height": 800}
        fresh = browser.new_context(viewport=size, locale="en-GB", **options)
        fresh.set_default_timeout(PATIENCE_MS)
        made.append(fresh)
        return fresh

    yield new
    for context in made:
        context.close()


@pytest.fixture
def watch() -> Generator[NewWatch]:
    """Watch pages; the test fails on what their consoles say and where they connect."""
    watched: list[Watched] = []

    def new(page: Page, origin: str) -> Watched:
        watched.append(Watched(page, origin))
        return watched[-1]

    yield new
    for one in watched:
        one.verify()


@pytest.fixture
def watched(visitor: NewContext, watch: NewWatch, installation: Installation) -> Watched:
    """A page of a stranger, beside a fresh installation."""
    return watch(visitor().new_page(), installation.url)


@pytest.fixture
def member(visitor: NewContext, house: Installation) -> BrowserContext:
    """A profile that is signed in to the shared installation as Ada."""
    context = visitor()
    adopt(context, house)
    return context


@pytest.fixture
def ada(member: BrowserContext, watch: NewWatch, house: Installation) -> Watched:
    """Ada's page."""
    return watch(member.new_page(), house.url)
