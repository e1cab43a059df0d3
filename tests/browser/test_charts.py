"""A share of the generated charts in a real browser; `make charts` draws all 500."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser

from tests.charts.corpus import cases
from tests.charts.gallery import describe, misses
from tests.charts.page import Easel, build, served


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
