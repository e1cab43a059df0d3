"""Webhooks: signed, tried again, given up, and never sent to where they must not go."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import orjson
import pytest
from sqlalchemy import text

from datelier import webhooks
from datelier.channels import deliveries, endpoints, trying
from datelier.channels.delivering import Deliverer
from datelier.channels.errors import StillWaiting, TooManyWebhooks
from datelier.channels.held import Result, hold, settle
from datelier.channels.schedule import DELAYS, next_delay
from datelier.channels.schemas import WebhookIn, WebhookPatch
from datelier.channels.spreading import spread_all, system
from datelier.identity.scopes import ROLE_SCOPES
from datelier.kit.errors import DatelierError, Forbidden, NotFound
from datelier.webhooks import SignatureInvalid
from tests.channels.conftest import Town
from tests.effects.test_http import HOSTS, SCHEMES
from tests.runs.processes import until
from tests.support.processes import until_soon

# The published example of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(**change: str) -> dict[str, str]:
    made = {"webhook-id": KEY, "webhook-timestamp": str(AT), "webhook-signature": SIGNATURE}
    return made | {name.replace("_", "-"): value for name, value in change.items()}


def test_signatures_are_those_of_standard_webhooks() -> None:
    assert webhooks.sign(KEY, AT, BODY, [SECRET]) == headers()
    shouted = {name.title(): value for name, value in headers().items()}
    assert webhooks.verify(shouted, BODY, SECRET, now=AT + 299) == KEY
    both = webhooks.sign(KEY, AT, BODY, [webhooks.new_secret(), SECRET])
    assert webhooks.verify(both, BODY, SECRET, now=AT) == KEY


@pytest.mark.parametrize(
    ("sent", "body", "now"),
    [
        ({}, BODY, AT),
        (headers(webhook_id=""), BODY, AT),
        (headers(webhook_id="msg_other"), BODY, AT),
        (headers(webhook_id="msg_\udcff"), BODY, AT),  # as some frameworks decode a byte 255
        (webhooks.sign("msg.other", AT, BODY, [SECRET]), BODY, AT),
        (headers(webhook_timestamp=""), BODY, AT),
        (headers(webhook_timestamp=f"-{AT}"), BODY, AT),
        (headers(webhook_timestamp=f"{AT}.0"), BODY, AT),
        (headers(webhook_timestamp="1" * 20), BODY, AT),
        (headers(webhook_timestamp=str(AT + 1)), BODY, AT),
        (headers(webhook_signature=""), BODY, AT),
        (headers(webhook_signature=SIGNATURE.replace("v1,", "v0,")), BODY, AT),
        (headers(webhook_signature=SIGNATURE[:-5]), BODY, AT),
        (headers(webhook_signature=SIGNATURE.lower()), BODY, AT),
        (headers(webhook_signature="v1,é"), BODY, AT),
        (headers(), BODY + b" ", AT),
        (headers(), BODY, AT + 301),
        (headers(), BODY, AT - 301),
    ],
)
def test_what_is_not_genuine_is_refused(sent: dict[str, str], body: bytes, now: int) -> None:
    with pytest.raises(SignatureInvalid):
        webhooks.verify(sent, body, SECRET, now=now)


def test_the_next_attempt_is_when_the_schedule_says() -> None:
    waits = [next_delay(made, chance=0.5) for made in range(1, len(DELAYS) + 1)]
    assert waits == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, None]
    assert next_delay(2, chance=0) == 270
    assert next_delay(2, chance=1) == pytest.approx(330)
    assert next_delay(1, 60) == 60


@pytest.mark.contract("S71")
async def test_a_webhook_gets_the_sentence_signed_and_no_data(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    request_id = await town.ask()
    await town.go()
    [got] = town.hook.seen
    key = webhooks.verify(got.headers, got.body, mine.secret)
    [(known,)] = await town.sql("select 'evt_' || replace(id::text, '-', '') from request_event")
    assert key == known
    body = orjson.loads(got.body)
    assert body["type"] == "request.opened"
    assert body["data"]["id"] == str(request_id)
    assert body["data"]["title"] == "Steward wants to clean orders"
    assert b"SECRET" not in got.body
    with pytest.raises(SignatureInvalid):
        webhooks.verify(got.headers, got.body, webhooks.new_secret())


async def test_the_time_of_a_notice_is_when_it_happened(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.ask()
    # Nobody was there to tell of it for hours.
    await town.sql("update request_event set created_at = timestamptz '2026-03-01 08:00Z'")
    await town.go()
    [got] = town.hook.seen
    assert orjson.loads(got.body)["timestamp"] == "2026-03-01T08:00:00+00:00"


@pytest.mark.contract("S71")
async def test_an_organizations_webhook_hears_of_what_every_member_sees(town: Town) -> None:
    made = await town.add_hook(town.ada, organization=True)
    await town.ask(personal=True)
    await town.go()
    assert town.hook.seen == []
    await town.ask(excludes_owner=True)
    await town.go()
    assert len(town.hook.seen) == 1
    await endpoints.update_webhook(town.ada, made.id, WebhookPatch(kinds=["problem"]))
    await town.ask()
    await town.go()
    assert len(town.hook.seen) == 1


async def test_a_persons_webhook_hears_only_of_what_waits_for_them(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.ask(personal=True)
    await town.ask(assignee_id=town.ada.actor.id)
    await town.go()
    assert town.hook.seen == []
    request_id = await town.ask()
    await town.sql("delete from membership where person_id = :id", id=town.dana.actor.id)
    await town.go()
    assert (town.hook.seen, await town.sql("select 1 from webhook")) == ([], [])
    assert request_id


@pytest.mark.contract("S46")
async def test_failures_are_tried_again_with_the_same_id_and_a_new_signature(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    town.hook.answers = [(500, {}), (302, {"location": f"{town.hook.url}/elsewhere"})]
    await town.ask()
    await town.go()
    assert await town.deliveries() == [("waiting", 1, "Answered 500.")]
    [(wait,)] = await town.deliveries("extract(epoch from next_at - updated_at)")
    assert 4.4 < wait < 5.6
    await town.later()
    [(status, _, error)] = await town.deliveries()
    assert status == "waiting"
    assert "not followed" in error
    await town.later()
    assert await town.deliveries() == [("delivered", 3, "")]
    assert len({webhooks.verify(g.headers, g.body, mine.secret) for g in town.hook.seen}) == 1
    assert len(town.hook.seen) == 3


async def test_after_the_last_attempt_it_is_given_up_until_somebody_sends_it_again(
    town: Town,
) -> None:
    await town.add_hook(town.dana)
    town.hook.answers = [(500, {}), (500, {})]
    await town.ask()
    await town.go()
    await town.sql("update delivery set attempts = 9")
    await town.later()
    assert await town.deliveries() == [("failed", 10, "Answered 500.")]
    await town.later()
    assert len(town.hook.seen) == 2
    [(delivery_id,)] = await town.deliveries("id")
    async with town.ada.begin() as tx:
        with pytest.raises(NotFound):
            await deliveries.redeliver(tx, delivery_id)
    async with town.dana.begin() as tx:
        assert (await deliveries.redeliver(tx, delivery_id)).status == "waiting"
        with pytest.raises(StillWaiting):
            await deliveries.redeliver(tx, delivery_id)
    await town.go()
    assert await town.deliveries() == [("delivered", 1, "")]
    assert len({got.headers["webhook-id"] for got in town.hook.seen}) == 1


async def test_410_of_an_address_that_was_changed_meanwhile_switches_nothing_off(
    town: Town,
) -> None:
    mine = await town.add_hook(town.dana)
    town.hook.answers = [(410, {})]
    town.hook.gate.clear()
    await town.ask()
    going = asyncio.create_task(town.go())
    await until_soon(lambda: bool(town.hook.seen))
    moved = f"{town.hook.url}/moved"
    await endpoints.update_webhook(town.dana, mine.id, WebhookPatch(url=moved))
    town.hook.gate.set()
    await going
    async with town.dana.begin() as tx:
        [shown] = await endpoints.list_webhooks(tx)
    assert shown.enabled
    await town.sql("update delivery set next_at = now()")
    await town.go()
    assert [row.status for row in await town.deliveries()] == ["delivered"]
    assert [got.path for got in town.hook.seen] == ["/hook", "/hook/moved"]


async def test_410_switches_a_webhook_off_and_lets_go_of_what_waits(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    town.hook.answers = [(410, {})]
    await town.ask()
    await town.ask()
    await town.go()
    assert sorted(row.status for row in await town.deliveries()) == ["dropped", "failed"]
    assert len(town.hook.seen) == 1
    async with town.dana.begin() as tx:
        [shown] = await endpoints.list_webhooks(tx)
    assert not shown.enabled
    assert "410" in shown.disabled_reason
    await town.ask()
    await town.go()
    assert len(town.hook.seen) == 1
    await endpoints.update_webhook(town.dana, mine.id, WebhookPatch(enabled=True))
    await town.ask()
    await town.go()
    assert len(town.hook.seen) == 2


async def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(town: Town) -> None:
    await town.add_hook(town.dana)
    town.hook.answers = [(429, {"retry-after": "3600"})]
    await town.ask()
    await town.ask()
    await town.go()
    assert len(town.hook.seen) == 1
    waits = [
        row.wait for row in await town.deliveries("extract(epoch from next_at - now()) as wait")
    ]
    assert all(3000 < wait <= 3600 for wait in waits)


async def test_after_a_rotation_both_secrets_sign_for_a_day(town: Town) -> None:
    before = await town.add_hook(town.dana)
    async with town.dana.begin() as tx:
        after = await endpoints.rotate_secret(tx, before.id)
    assert (await trying.try_webhook(town.dana, before.id)).ok
    await town.sql("update webhook set previous_until = now()")
    assert (await trying.try_webhook(town.dana, before.id)).ok
    first, second = town.hook.seen
    for secret in (before.secret, after.secret):
        assert webhooks.verify(first.headers, first.body, secret)
    assert webhooks.verify(second.headers, second.body, after.secret)
    with pytest.raises(SignatureInvalid):
        webhooks.verify(second.headers, second.body, before.secret)
    sealed = await town.sql("select secret::text from webhook")
    assert after.secret not in str(sealed)


async def test_a_test_shows_what_was_really_answered(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    town.hook.answers = [(503, {})]
    tried = await trying.try_webhook(town.dana, mine.id)
    assert (tried.ok, tried.status, tried.detail) == (False, 503, "Answered 503.")


async def test_an_endless_answer_is_read_no_further_than_it_must(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    town.hook.more = b"x" * 65_536
    async with asyncio.timeout(10):
        assert (await trying.try_webhook(town.dana, mine.id)).ok


async def test_two_processes_deliver_one_notice_once(town: Town) -> None:
    await town.add_hook(town.dana)
    others = [Deliverer(town.resources) for _ in range(3)]
    for _ in range(5):
        await town.ask()
    while sum(await asyncio.gather(*(other.look_once() for other in others))):
        for other in others:
            await other.settle_all()
    assert len(town.hook.seen) == len({got.headers["webhook-id"] for got in town.hook.seen}) == 5


async def test_an_attempt_that_was_taken_over_settles_nothing(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.ask()
    town.hook.gate.clear()
    eager = Deliverer(town.resources, lease=0)
    await eager.look_once()
    await town.sql("update delivery set attempts = attempts + 1")
    town.hook.gate.set()
    await eager.settle_all()
    [(status, attempts, _)] = await town.deliveries()
    assert (status, attempts) == ("waiting", 2)


async def test_an_attempt_from_before_it_was_sent_again_settles_nothing(town: Town) -> None:
    await town.add_hook(town.dana)
    await town.ask()
    await spread_all(town.resources)
    db = town.resources.db
    [slow] = await hold(db, 1, 0, lease=0)
    # Meanwhile another process has delivered it, and somebody has sent it again.
    await town.sql("update delivery set status = 'delivered', held_until = null, ended_at = now()")
    async with town.dana.begin() as tx:
        await deliveries.redeliver(tx, slow.id)
    [later] = await hold(db, 1, 0, lease=60)
    assert (later.id, later.attempts) == (slow.id, slow.attempts)
    async with system(town.resources, town.org_id).begin() as tx:
        assert not await settle(tx, slow, Result())
        assert await settle(tx, later, Result(error="Answered 500."))
    [(status, attempts, error)] = await town.deliveries()
    assert (status, attempts, error) == ("waiting", 1, "Answered 500.")


async def test_whoever_may_add_no_webhook_any_more_is_told_through_none(town: Town) -> None:
    eve = await town.person("Eve", "analyst")
    mine = await town.add_hook(eve)
    await town.ask(by=eve)
    await town.sql("update membership set role = 'viewer' where person_id = :id", id=eve.actor.id)
    await town.go()
    assert town.hook.seen == []
    [(status, _, error)] = await town.deliveries()
    assert (status, error) == ("dropped", "It waits for this person no more.")
    viewer = replace(eve, scopes=ROLE_SCOPES["viewer"])
    async with viewer.begin() as tx:
        await endpoints.delete_webhook(tx, mine.id)
    assert await town.sql("select 1 from webhook") == []


async def test_a_delivery_names_its_request_to_who_may_see_it(town: Town) -> None:
    await town.add_hook(town.dana)
    town.hook.answers = [(500, {})]
    request_id = await town.ask(by=town.dana, personal=True)
    await town.go()
    titles: list[str] = []
    for owner in (town.dana, town.ada):
        await town.sql(
            "update request set owner_id = :owner where id = :id",
            owner=owner.actor.id,
            id=request_id,
        )
        async with town.dana.begin() as tx:
            page = await deliveries.list_deliveries(
                tx, webhook_id=None, status=None, cursor=None, limit=10
            )
        titles += [one.title for one in page.data]
    assert titles == [
        "Steward wants to clean orders",
        "A request that is not yours to see any more",
    ]


@pytest.mark.contract("S71")
async def test_no_webhook_leads_to_an_address_that_is_not_public(town: Town) -> None:
    mine = await town.add_hook(town.dana)
    settings, port = town.resources.settings, town.hook.port
    settings.http_hosts = []
    for host, scheme in ((host, scheme) for host in HOSTS for scheme in ("https", "http")):
        url = f"{scheme}://{host}:{port}/"
        made = endpoints.create_webhook(town.dana, WebhookIn(name="x", url=url))
        changed = endpoints.update_webhook(town.dana, mine.id, WebhookPatch(url=url))
        for attempt in (made, changed):
            # A name that resolves nowhere at the moment may be kept; it is looked at each time.
            with suppress(DatelierError) if host == "localhost." else pytest.raises(DatelierError):
                await attempt
        # Whatever came into the table: a name that has moved since is refused when it is sent.
        await town.sql("update webhook set url = :url", url=url)
        assert not (await trying.try_webhook(town.dana, mine.id)).ok, url
    await town.sql("update webhook set url = :url", url=f"http://127.0.0.1:{port}/")
    await town.ask()
    await town.go()
    for status, attempts, error in await town.deliveries():
        assert (status, attempts) == ("failed", 1)
        assert "may not be reached" in error
    assert len(await town.deliveries()) >= 1
    assert town.hook.seen == []


BAD = ["http://example.com/", "https://a:b@1.1.1.1/", "https://", "x", "https://1.1.1.1:22/"]


@pytest.mark.parametrize("organization", [False, True])
async def test_two_at_the_same_instant_do_not_pass_the_limit(
    town: Town, *, organization: bool
) -> None:
    own = None if organization else town.ada.actor.id
    await town.sql(
        "insert into webhook (id, org_id, owner_id, name, url, secret) "
        "select gen_random_uuid(), :org, :own, 'Hook', 'https://example.com', 'sealed' "
        "from generate_series(1, 19)",
        org=town.org_id,
        own=own,
    )

    async def both_wait() -> bool:
        [(count,)] = await town.sql(
            "select count(*) from pg_locks l join pg_database d on d.oid = l.database "
            "where not l.granted and d.datname = current_database()"
        )
        return count == 2

    async with town.resources.db.system() as session:
        # Whoever has counted is held up before the new one is written.
        await session.execute(text("lock table webhook in exclusive mode"))
        adding = [
            asyncio.create_task(town.add_hook(town.ada, organization=organization))
            for _ in range(2)
        ]
        await until(both_wait, "both wait")
    ended = await asyncio.gather(*adding, return_exceptions=True)
    assert [type(one) for one in ended if isinstance(one, Exception)] == [TooManyWebhooks]
    assert await town.sql("select count(*) from webhook") == [(20,)]


async def test_only_https_addresses_without_secrets_are_taken(town: Town) -> None:
    for url in (*SCHEMES, *BAD):
        with pytest.raises(DatelierError):
            await endpoints.create_webhook(town.dana, WebhookIn(name="x", url=url))
    assert await town.sql("select 1 from webhook") == []


async def test_rights_are_asked_for(town: Town) -> None:
    viewer = await town.person("Vera", "viewer")
    analyst = await town.person("Anna", "analyst")
    with pytest.raises(Forbidden):
        await town.add_hook(viewer)
    with pytest.raises(Forbidden):
        await town.add_hook(analyst, organization=True)
    mine = await town.add_hook(analyst)
    theirs = await town.add_hook(town.ada, organization=True)
    for webhook_id, other in ((mine.id, town.dana), (theirs.id, analyst)):
        async with other.begin() as tx:
            with pytest.raises(NotFound):
                await endpoints.get_webhook(tx, webhook_id)
            with pytest.raises(NotFound):
                await deliveries.list_deliveries(
                    tx, webhook_id=webhook_id, status=None, cursor=None, limit=10
                )
