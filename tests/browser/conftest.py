"""A real browser beside a real installation."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from datelier.kit.environment import environment
from tests.support.installation import Installation
from tests.support.watched import Watched

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


def chromium() -> str | None:
    """Return the browser to drive, or None where there is none."""
    return (
        environment("DATELIER_CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
    )


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """One headless Chromium for the session."""
    path = chromium()
    if path is None:
        pytest.skip("browser journeys: no Chromium found (set DATELIER_CHROMIUM)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Generator[BrowserContext]:
    """A fresh profile at desktop size."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    fresh.set_default_timeout(20_000)
    yield fresh
    fresh.close()


@pytest.fixture
def watched(context: BrowserContext, installation: Installation) -> Generator[Watched]:
    """A page that fails its test on console errors and on requests to other origins."""
    page: Page = context.new_page()
    watch = Watched(page, installation.url)
    yield watch
    watch.verify()


@pytest.fixture
def installation(tmp_path: Path) -> Generator[Installation]:
    """A fresh home for each journey: they begin where a stranger begins."""
    with Installation(tmp_path / "home") as running:
        yield running
