"""The demo model corrects what is missing: it proposes once, makes nothing up, and counts again."""

from collections.abc import Generator

import pytest

from tests.llms.demo_desk import Desk, retail

GOAL = "Find missing values and propose a correction"


@pytest.fixture
def desk() -> Generator[Desk]:
    with retail() as connection:
        yield Desk(connection, decide="approve")


async def test_it_proposes_one_write_and_says_what_is_left(desk: Desk) -> None:
    answer = await desk.ask(GOAL)
    assert desk.writes == ["UPDATE orders SET region = 'Unknown' WHERE region IS NULL"]
    assert "60 of 3,002 rows had no value in orders.region." in answer
    assert "approved and made. Counted again, none is missing." in answer
    assert {kind for _, kind in desk.figures} <= {"exact", "derived", "asked", "matched"}


async def test_what_a_person_refuses_is_not_proposed_again(desk: Desk) -> None:
    desk.decide = "not now"
    answer = await desk.ask("Fill in the missing regions of the orders with 'n/a'")
    assert desk.writes == ["UPDATE orders SET region = 'n/a' WHERE region IS NULL"]
    assert "was not made. Ada rejected Change rows with SQL: not now" in answer
    assert desk.writes[0] in answer


@pytest.mark.parametrize(
    "goal", ["Fill in the missing e-mails of the customers", "Fix the missing unit prices"]
)
async def test_addresses_and_numbers_are_not_made_up(desk: Desk, goal: str) -> None:
    desk.connection.execute("update orders set unit_price = null where order_id = 3")
    await desk.ask(goal)
    assert desk.writes == []


async def test_without_the_tool_it_only_says_what_is_missing(desk: Desk) -> None:
    desk.decide = None
    assert "columns have missing values" in await desk.ask(GOAL)
