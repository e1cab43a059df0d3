"""From what happened to who is told, where something is in the way of deciding it."""

from uuid import UUID

import psycopg
import pytest

from datelier.channels import deliveries
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from tests.channels.conftest import Town
from tests.support.cluster import Cluster
from tests.support.earlier import bring_up_to_date, earlier_database, old_organization

UNREAD = "It could not be decided who is told; the server's log says why."


async def spoil(town: Town, who: Context, kinds: str) -> None:
    """Store preferences as no version of the product writes them."""
    await town.sql(
        "update notification_preference set kinds = cast(:kinds as jsonb) where person_id = :id",
        kinds=kinds,
        id=who.actor.id,
    )


@pytest.fixture
async def spoiled(town: Town) -> Town:
    """One webhook, and a colleague whose preferences cannot be read."""
    await town.choose(town.ada, approval={"browser": True})
    await town.add_hook(town.dana)
    await spoil(town, town.ada, '{"approval": 7}')
    return town


async def listed(who: Context, webhook_id: UUID | None = None) -> list[tuple[str, str, int]]:
    async with who.begin() as tx:
        page = await deliveries.list_deliveries(
            tx, webhook_id=webhook_id, status=None, cursor=None, limit=10
        )
    return [(row.channel, row.status, row.attempts) for row in page.data]


async def test_an_event_that_cannot_be_spread_waits_longer_each_time_and_is_listed(
    spoiled: Town,
) -> None:
    analyst = await spoiled.person("Anna", "analyst")
    await spoiled.ask()
    await spoiled.go()
    assert await spoiled.deliveries() == [("waiting", 1, UNREAD)]
    [(wait,)] = await spoiled.deliveries("extract(epoch from next_at - created_at)")
    assert 4.4 < wait < 5.6
    await spoiled.later()
    [(wait,)] = await spoiled.deliveries("extract(epoch from next_at - updated_at)")
    assert 269 < wait < 331
    assert await listed(spoiled.ada) == [("event", "waiting", 2)]
    assert await listed(analyst) == []
    [(hook_id,)] = await spoiled.sql("select id from webhook")
    assert await listed(spoiled.dana, hook_id) == [("event", "waiting", 2)]
    await spoil(spoiled, spoiled.ada, "{}")
    await spoiled.later()
    assert await listed(spoiled.ada) == [("event", "delivered", 3)]
    assert await listed(spoiled.dana) == [
        ("webhook", "delivered", 1),
        ("event", "delivered", 3),
    ]
    assert len(spoiled.hook.seen) == 1


async def test_an_event_that_can_never_be_spread_is_given_up_until_somebody_sends_it_again(
    spoiled: Town,
) -> None:
    await spoiled.ask()
    await spoiled.go()
    await spoiled.sql("update delivery set attempts = 9")
    await spoiled.later()
    assert await spoiled.deliveries() == [("failed", 10, UNREAD)]
    await spoiled.later()
    assert await listed(spoiled.ada) == [("event", "failed", 10)]
    [(delivery_id,)] = await spoiled.deliveries("id")
    await spoil(spoiled, spoiled.ada, "{}")
    async with spoiled.ada.begin() as tx:
        await deliveries.redeliver(tx, delivery_id)
    await spoiled.go()
    assert [row.status for row in await spoiled.deliveries()] == ["delivered", "delivered"]
    assert len(spoiled.hook.seen) == 1


async def test_a_digest_that_cannot_be_ordered_keeps_nobody_else_from_theirs(
    spoiled: Town,
) -> None:
    await spoiled.ask()
    await spoiled.go()
    await spoiled.digest()
    [letter] = spoiled.mail.letters
    assert str(letter["To"]).startswith("Dana")
    assert await spoiled.sql("select 1 from notification_preference where digest_at <= now()") == []


async def test_all_webhooks_are_sent_one_and_the_same_notice(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.add_hook(town.ada, organization=True)
    await town.ask()
    await town.go()
    assert len(town.hook.seen) == 2
    assert len({got.body for got in town.hook.seen}) == 1


def test_deliveries_of_before_stay_and_events_may_wait_among_them(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0022_documents")
    add = (
        "insert into delivery (id, org_id, event_key, once, channel, change, target) "
        "values (%s, %s, 'e', %s, %s, 'digest', %s)"
    )
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
        connection.execute(add, (uuid7(), org, "1", "email", uuid7()))
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        connection.execute(add, (uuid7(), org, "2", "event", uuid7()))
        found = connection.execute("select channel from delivery order by once").fetchall()
        assert found == [("email",), ("event",)]
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(add, (uuid7(), org, "3", "pigeon", uuid7()))
