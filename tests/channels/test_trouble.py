"""Receivers, stored things and backlogs that go wrong, each of which must cost only itself."""

import pytest

from datelier.channels import endpoints, trying
from datelier.channels.schemas import WebhookIn
from datelier.channels.spreading import spread_all
from datelier.kit.errors import Invalid
from tests.channels.conftest import Town

NO_NAMES = [f"https://{'a' * 64}.example.com/", "https://a..b/", "https://.a/", "https://xn--a/"]
NO_DATES = [
    "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
]


@pytest.mark.parametrize("given", NO_DATES)
async def test_a_pause_that_is_no_date_is_none(town: Town, given: str) -> None:
    await town.add_hook(town.dana)
    town.hook.answers = [(503, {"retry-after": given})]
    await town.ask()
    await town.go()
    assert await town.deliveries() == [("waiting", 1, "Answered 503.")]


async def test_whoever_has_taken_a_notice_is_not_sent_it_again_for_a_broken_body(
    town: Town,
) -> None:
    await town.add_hook(town.dana)
    town.hook.answers = [(200, {"content-length": "5"})]
    await town.ask()
    await town.go()
    assert await town.deliveries() == [("delivered", 1, "")]


@pytest.mark.parametrize("url", NO_NAMES)
async def test_what_can_be_no_name_is_refused(town: Town, url: str) -> None:
    with pytest.raises(Invalid):
        await endpoints.create_webhook(town.dana, WebhookIn(name="x", url=url))


async def test_a_stored_address_that_is_no_name_is_not_reached(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    await town.sql("update webhook set url = 'https://a..b/'")
    done = await trying.try_webhook(town.dana, mine.id)
    assert (done.ok, done.detail) == (False, "The address could not be reached.")


@pytest.mark.parametrize("email", ["now", "off"])
async def test_what_cannot_be_sent_for_a_reason_nobody_foresaw_is_given_up_too(
    town: Town, email: str
) -> None:
    await town.choose(town.dana, approval={"email": email})
    if email == "off":
        await town.add_hook(town.dana)
    await town.ask()
    await spread_all(town.resources)
    # As no version of the product writes it.
    await town.sql("update notification_preference set kinds = '{\"approval\": 7}'")
    await town.go()
    said = "It could not be sent; the server's log says why."
    assert await town.deliveries() == [("waiting", 1, said)]
    await town.sql("update delivery set attempts = 9")
    await town.later()
    assert await town.deliveries() == [("failed", 10, said)]
