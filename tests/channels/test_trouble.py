"""Receivers, stored things and backlogs that go wrong, each of which must cost only itself."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from datelier.channels import endpoints, trying
from datelier.channels.held import Result, hold, settle
from datelier.channels.schemas import WebhookIn
from datelier.channels.spreading import spread_all, system
from datelier.kit.errors import Invalid
from datelier.kit.ids import uuid7
from tests.channels.conftest import Town
from tests.conftest import make_org
from tests.runs.processes import until

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


async def add(
    town: Town, *, org_id: UUID | None = None, age: int, target: UUID | None = None
) -> UUID:
    """Let a notice be due since `age` seconds ago, to a target that it alone has."""
    made = uuid7()
    await town.sql(
        "insert into delivery (id, org_id, event_key, once, channel, change, target, next_at) "
        "values (:id, :org, 'e', :once, 'webhook', 'opened', :target, "
        "now() - make_interval(secs => :age))",
        id=made,
        org=org_id or town.org_id,
        once=str(made),
        target=target or uuid7(),
        age=age,
    )
    return made


async def test_many_slow_receivers_of_one_organization_keep_no_other_waiting(town: Town) -> None:
    for _ in range(4):
        await add(town, age=600)
    other = await add(town, org_id=await make_org(town.resources, "Elsewhere"), age=1)
    first = await hold(town.resources.db, 1, 0, lease=60)
    second = await hold(town.resources.db, 1, 0, lease=60)
    assert other not in [one.id for one in first]
    assert [one.id for one in second] == [other]


async def test_receivers_that_take_nothing_come_after_those_that_may(town: Town) -> None:
    dead = uuid7()
    await add(town, age=900, target=dead)
    [tried] = await hold(town.resources.db, 1, 0, lease=60)
    async with system(town.resources, town.org_id).begin() as tx:
        await settle(tx, tried, Result(error="No answer came within 20 seconds."))
    behind = await add(town, age=600, target=dead)
    fresh = await add(town, age=1)
    held = [await hold(town.resources.db, 1, 0, lease=60) for _ in range(2)]
    assert [one.id for [one] in held] == [fresh, behind]


async def test_how_often_one_notice_was_tried_makes_no_other_wait_longer(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.ask()
    await town.ask()
    await spread_all(town.resources)
    [(oldest,)] = await town.sql("select min(id::text) from delivery")
    await town.sql("update delivery set attempts = 7 where id::text = :id", id=oldest)
    town.hook.answers = [(503, {})]
    await town.go()
    waits = [
        int(row.wait)
        for row in await town.deliveries("extract(epoch from next_at - now()) as wait")
    ]
    assert waits[0] > 40_000
    assert waits[1] <= 5


async def test_who_switches_a_webhook_off_meets_a_receiver_that_wants_no_more(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    await town.ask()
    await spread_all(town.resources)
    [held] = await hold(town.resources.db, 1, 0, lease=60)

    async def settled() -> bool:
        async with system(town.resources, town.org_id).begin() as tx:
            return await settle(tx, held, Result(error="Answered 410.", gone=True, final=True))

    async def waits() -> bool:
        waiting = (
            "select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid "
            "where not l.granted and a.datname = current_database()"
        )
        return await town.sql(waiting) != []

    async with town.dana.begin() as tx:
        await endpoints.get_webhook(tx, mine.id, for_update=True)
        settling = asyncio.create_task(settled())
        await until(waits, "it waits for the webhook")
        await tx.session.execute(
            text("update delivery set status = 'dropped', ended_at = now(), held_until = null")
        )
    assert not await settling
    assert await town.deliveries("status") == [("dropped",)]
