"""What a reader does with a large result: sort, filter, profile, copy, download all of it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import ask, thread
from tests.support.installation import Installation
from tests.support.watched import Watched

SQL = (
    "/sql select n, 'name ' || (n % 3) as kind, n * 100000000000000 as big, "
    'n * 1.5 as "\u05de\u05d7\u05d9\u05e8" from range(25000) t(n)'
)


def card_of(page: Page, house: Installation) -> Locator:
    """Run the statement by hand and return its card, with the rows in it."""
    page.goto(f"{house.url}/chats/{thread(house)}")
    ask(page, SQL)
    card = page.get_by_test_id("sql-card").last
    expect(card.get_by_role("grid")).to_contain_text("name 1", timeout=30_000)
    return card


def inspect(page: Page, card: Locator, column: str) -> Locator:
    """Open the filter and profile of a column."""
    card.get_by_role("button", name=f"Menu of {column}").click()
    page.get_by_role("menuitem", name="Filter and profile").click()
    return card.get_by_role("region", name=f"Filter and profile of {column}")


def test_a_large_result_is_sorted_filtered_profiled_and_downloaded_whole(
    ada: Watched, house: Installation, tmp_path: Path
) -> None:
    page = ada.page
    card = card_of(page, house)
    grid = card.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "10001")
    expect(card).to_contain_text(re.compile(r"Rows 1\u2013\d+ of 10,000"))
    expect(card).to_contain_text("Showing the first 10,000 rows")
    card.get_by_role("button", name="Menu of big").click()
    page.get_by_role("menuitem", name="Sort descending").click()
    expect(grid.get_by_role("gridcell").filter(has_text="999900000000000000")).to_be_visible()

    panel = inspect(page, card, "kind")
    expect(panel).to_contain_text("Most frequent")
    expect(panel).to_contain_text("3,334")
    panel.get_by_label("Condition").select_option("is")
    panel.get_by_label("Value").fill("name 2")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("3,333 of 10,000 rows")
    expect(grid).to_have_attribute("aria-rowcount", "3334")
    expect(grid.get_by_role("gridcell").filter(has_text="999800000000000000")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    assert ada.axe() == []

    card.get_by_role("button", name="Download all rows").click()
    dialog = page.get_by_role("dialog", name="Download all rows")
    dialog.get_by_label("Format").select_option("CSV")
    dialog.get_by_role("button", name="Make the file").click()
    expect(dialog).to_contain_text("The file is ready: 25,000 rows.", timeout=30_000)
    with page.expect_download() as begun:
        dialog.get_by_role("link", name="Save the file").click()
    saved = tmp_path / "all.csv"
    begun.value.save_as(saved)
    with saved.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["n", "kind", "big", "\u05de\u05d7\u05d9\u05e8"]
    assert len(rows) == 25_001
    assert ["24999", "name 0", "2499900000000000000", "37498.5"] in rows


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_stored_rows_are_saved_from_the_menu(ada: Watched, house: Installation, form: str) -> None:
    page = ada.page
    card = card_of(page, house)
    card.get_by_role("button", name="Download", exact=True).click()
    name = {"parquet": "Parquet", "xlsx": "Excel (XLSX)"}[form]
    with page.expect_download() as begun:
        page.get_by_role("menuitem", name=name).click()
    assert begun.value.suggested_filename.endswith(f".{form}")
    assert Path(begun.value.path()).stat().st_size > 10_000


def test_a_grid_fits_a_phone_in_the_dark(ada: Watched, house: Installation) -> None:
    page = ada.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    card = card_of(page, house)
    inspect(page, card, "kind")
    card.get_by_role("button", name="Download all rows").click()
    expect(page.get_by_role("dialog", name="Download all rows")).to_be_visible()
    assert ada.sideways() <= 0
    assert ada.axe() == []
