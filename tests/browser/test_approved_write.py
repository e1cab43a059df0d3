"""A steward corrects the practice copy while nobody watches: asked for, edited, approved, done once."""

import re
import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import adopt, rewrite, stored, text_of
from tests.support.installation import Installation, until

GOAL = "Find missing values and propose a correction"
PROPOSED = "UPDATE customers SET city = 'Unknown' WHERE city IS NULL"
EDITED = "UPDATE customers SET city = 'To be asked' WHERE city IS NULL AND region = 'North'"
LEFT = "SELECT count(*) FROM customers WHERE city IS NULL"


@pytest.fixture
def practice(house: Installation) -> Generator[None]:
    """What the journey adds to the shared installation goes with it."""
    yield
    for source in house.call("GET", "/sources")["data"]:
        if source["sample"] and source["engine"] == "sqlite":
            house.call("DELETE", f"/sources/{source['id']}")


def counted(file: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute(sql).fetchone()[0])


def add_practice_copy(page: Page, house: Installation) -> str:
    """Add it with one click; return its id."""
    page.goto(f"{house.url}/sources/new")
    page.get_by_role("button", name="Practice corrections").click()
    expect(page.get_by_role("button", name=GOAL)).to_be_visible(timeout=30_000)
    found = re.search(r"source=([\w-]+)", page.url)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("practice")
def test_the_steward_corrects_what_a_person_approved_while_nobody_watched(
    visitor: NewContext, watch: NewWatch, house: Installation
) -> None:
    first = visitor()
    adopt(first, house)
    page = watch(first.new_page(), house.url).page
    source = add_practice_copy(page, house)
    page.goto(f"{house.url}/sources/{source}/access")
    expect(page.get_by_role("button", name="Forbid writes")).to_be_visible()
    demo = next(one["id"] for one in house.call("GET", "/models")["data"] if one["is_demo"])
    run = house.call(
        "POST",
        "/runs",
        {
            "agent": "steward",
            "goal": GOAL,
            "source_ids": [source],
            "model_id": demo,
            "report": "none",  # others find the inbox empty
        },
    )
    first.close()  # nobody watches from here on

    def waits() -> bool:
        return house.call("GET", f"/runs/{run['id']}")["status"] == "waiting"

    until(waits, seconds=60, what="the run waits for a person")
    [file] = (house.home / "blobs").rglob("retail.sqlite")
    missing = counted(file, LEFT)
    north = counted(file, f"{LEFT} AND region = 'North'")
    second = visitor()
    adopt(second, house)
    page = watch(second.new_page(), house.url).page
    page.goto(f"{house.url}/inbox")
    row = page.get_by_test_id("inbox-row").filter(has_text="UPDATE on customers")
    row.get_by_role("link").first.click()
    preview = page.get_by_test_id("write-preview")
    expect(preview).to_contain_text(PROPOSED)
    expect(preview).to_contain_text(f"{missing} rows")
    expect(preview.get_by_role("table").locator("ins").first).to_have_text("Unknown")
    assert counted(file, LEFT) == missing

    rewrite(page, page.locator("[data-actions] .cm-content"), EDITED)
    page.get_by_role("button", name="Show what it would do").click()
    edited = page.get_by_test_id("write-preview").last
    expect(edited).to_contain_text(f"{north} rows")
    page.get_by_role("button", name="Approve with edits").click()
    expect(page.get_by_text("The run has finished")).to_be_visible(timeout=30_000)

    assert counted(file, LEFT) == missing - north
    assert counted(file, "SELECT count(*) FROM customers WHERE city = 'To be asked'") == north
    [effect] = house.call("GET", f"/runs/{run['id']}/effects")["data"]
    assert (effect["state"], effect["outcome"]["rows"]) == ("done", north)
    assert effect["detail"]["sql"] == EDITED
    told = text_of(stored(house, run["thread_id"])[-1])
    assert f"Counted again, {missing - north} of" in told
