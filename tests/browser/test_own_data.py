"""Files, a database and a real model protocol, by hand in the browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.journey import answered, answers, ask
from tests.support.cluster import Cluster
from tests.support.datasets import make_dataset
from tests.support.installation import Installation
from tests.support.watched import Watched


@pytest.mark.parametrize(("kind", "seed"), [("csv", 4), ("parquet", 5), ("xlsx", 6)])
def test_an_uploaded_file_is_asked_about(
    ada: Watched, house: Installation, tmp_path: Path, kind: str, seed: int
) -> None:
    page = ada.page
    dataset = make_dataset(seed)
    page.goto(f"{house.url}/sources/new?kind=upload")
    page.locator("input[type=file]").set_input_files(dataset.write(tmp_path, kind))
    page.get_by_role("button", name="Upload file").click()
    page.get_by_role("link", name="Ask about this source").click()
    ask(page, dataset.question)
    answered(page)
    expect(page.get_by_test_id("sql-card").first).to_contain_text(dataset.dimension)
    for name in dataset.totals:
        expect(answers(page)).to_contain_text(str(name))


def test_a_database_is_connected_step_by_step_and_asked_about(
    ada: Watched, house: Installation
) -> None:
    page = ada.page
    dataset = make_dataset(7)
    server = Cluster(tcp=True)
    try:
        dataset.load(server.create("outside"))
        page.goto(f"{house.url}/sources/new?kind=postgresql")
        page.get_by_label("Name", exact=True).fill("Outside")
        page.get_by_label("Host").fill("127.0.0.1")
        page.get_by_label("Port").fill(str(server.port))
        page.get_by_label("Database").fill("outside")
        page.get_by_label("User").fill("owner")
        page.get_by_role("button", name="Test connection").click()
        # The cluster's owner may write, which is said in red with the way out.
        expect(page.get_by_role("main")).to_contain_text("GRANT SELECT", timeout=30_000)
        page.get_by_role("button", name="Save source").click()
        page.get_by_role("link", name="Ask about this source").click()
        ask(page, dataset.question)
        answered(page)
        for name in dataset.totals:
            expect(answers(page)).to_contain_text(str(name))
    finally:
        server.stop()
