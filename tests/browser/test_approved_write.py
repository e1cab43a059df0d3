"""A steward corrects a database while nobody watches: asked for, edited, approved, done once."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, NewWatch
from tests.browser.journey import adopt, model
from tests.support.installation import Installation, until
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

SHOP_SQL = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, country text)",
    (
        "INSERT INTO customers SELECT i, 'Customer ' || i, "
        "CASE WHEN i % 6 = 0 THEN 'germany' WHEN i % 9 = 0 THEN NULL ELSE 'Germany' END "
        "FROM generate_series(1, 60) i"
    ),
    "CREATE ROLE reader LOGIN",
    "GRANT SELECT ON customers TO reader",
    "CREATE ROLE corrector LOGIN PASSWORD 'corr-3ct'",
    "GRANT SELECT, UPDATE ON customers TO corrector",
    "ANALYZE",
)
PROPOSED = "UPDATE customers SET country = 'Germany' WHERE country IS DISTINCT FROM 'Germany'"
EDITED = "UPDATE customers SET country = 'Germany' WHERE country = 'germany'"


@pytest.fixture(scope="module")
def shop() -> Generator[ScratchPostgres]:
    with running_postgres() as server:
        server.run(*SHOP_SQL)
        yield server


def counted(shop: ScratchPostgres, sql: str) -> int:
    with shop.connect() as connection:
        row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return int(row[0])


def allow_writes(page: Page, house: Installation, source: str) -> None:
    """Set the account for approved writes on the source's page."""
    page.goto(f"{house.url}/sources/{source}/access")
    page.get_by_label("User for writes").fill("corrector")
    page.get_by_label("Password").fill("corr-3ct")
    page.get_by_label("Most rows of one write").fill("50")
    page.get_by_role("button", name="Allow approved writes").click()
    expect(page.get_by_role("button", name="Forbid writes")).to_be_visible()


def type_sql(page: Page, sql: str) -> None:
    """Replace the statement among the arguments."""
    editor = page.locator("[data-actions] .cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(sql)


def test_the_steward_corrects_what_a_person_approved_while_nobody_watched(
    visitor: NewContext,
    watch: NewWatch,
    house: Installation,
    scripted: ScriptedThread,
    shop: ScratchPostgres,
) -> None:
    config = {k: v for k, v in shop.source("reader").items() if k != "engine"}
    body = {"name": "Shop database", "engine": "postgresql", "config": config}
    source = house.call("POST", "/sources", body)["id"]
    first = visitor()
    adopt(first, house)
    allow_writes(watch(first.new_page(), house.url).page, house, source)
    turns = [
        Turn.call("count_rows", {"table": "customers", "condition": "country = 'germany'"}),
        Turn.call("write_sql", {"sql": PROPOSED}),
        Turn.say("The countries are spelled alike now."),
    ]
    scripted.script("house-steward", turns)
    run = house.call(
        "POST",
        "/runs",
        {
            "agent": "steward",
            "goal": "Spell the countries of the customers alike",
            "source_ids": [source],
            "model_id": model(house, scripted.url, "house-steward"),
            "report": "none",  # others find the inbox empty
        },
    )
    first.close()  # nobody watches from here on

    def waits() -> bool:
        return house.call("GET", f"/runs/{run['id']}")["status"] == "waiting"

    until(waits, seconds=60, what="the run waits for a person")
    second = visitor()
    adopt(second, house)
    page = watch(second.new_page(), house.url).page
    page.goto(f"{house.url}/inbox")
    row = page.get_by_test_id("inbox-row").filter(has_text="UPDATE on customers")
    row.get_by_role("link").first.click()
    preview = page.get_by_test_id("write-preview")
    expect(preview).to_contain_text(PROPOSED)
    expect(preview.get_by_role("table").locator("del").first).to_have_text("germany")
    expect(preview.get_by_role("table").locator("ins").first).to_have_text("Germany")
    assert counted(shop, "SELECT count(*) FROM customers WHERE country = 'germany'") == 10

    type_sql(page, EDITED)
    page.get_by_role("button", name="Show what it would do").click()
    edited = page.get_by_test_id("write-preview").last
    expect(edited).to_contain_text("10 rows")
    expect(edited).not_to_contain_text("NULL")
    page.get_by_role("button", name="Approve with edits").click()
    expect(page.get_by_text("The run has finished")).to_be_visible(timeout=30_000)

    assert counted(shop, "SELECT count(*) FROM customers WHERE country = 'germany'") == 0
    assert counted(shop, "SELECT count(*) FROM customers WHERE country IS NULL") == 3
    [effect] = house.call("GET", f"/runs/{run['id']}/effects")["data"]
    assert (effect["state"], effect["outcome"]["rows"]) == ("done", 10)
    assert effect["detail"]["sql"] == EDITED
