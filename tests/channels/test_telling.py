"""Who is told by mail, of what, when, and in which words."""

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from pydantic import ValidationError

from datelier.channels import endpoints, preferences
from datelier.channels.delivering import Deliverer
from datelier.channels.preferences import next_digest
from datelier.channels.schemas import KindPreferences, NotificationsIn, WebhookPatch
from datelier.channels.spreading import digest_all, spread_all
from datelier.inbox import service as inbox
from datelier.kit.context import Context
from datelier.runs import decide as deciding
from tests.channels.conftest import SENDER, Town, email
from tests.inbox.conftest import decision

NOW = {"email": "now"}


def words(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def whom(town: Town) -> list[str]:
    return sorted(str(letter["To"]).partition(" <")[0] for letter in town.mail.letters)


async def decide(ctx: Context, request_id: UUID) -> None:
    async with ctx.begin() as tx:
        asked = await inbox.get_request(tx, request_id)
    await deciding.decide(ctx, asked.id, decision(asked))


@pytest.mark.contract("S71")
async def test_a_mail_holds_the_sentence_and_the_link_and_no_data(town: Town) -> None:
    await town.choose(town.dana, approval=NOW)
    request_id = await town.ask(title='Clean <b>orders</b>\r\nBcc: x@example.com & "more"')
    await town.go()
    [letter] = town.mail.to(email(town.dana))
    assert letter["From"] == SENDER
    assert letter["Bcc"] is None
    assert (
        letter["Subject"].strip().startswith("[Datelier] Approval #1: Clean <b>orders</b> Bcc: x@")
    )
    link = f"{town.resources.settings.base_url}/inbox/{request_id}"
    assert link in words(letter)
    assert f'href="{link}"' in words(letter, "html")
    assert "Clean &lt;b&gt;orders&lt;/b&gt;" in words(letter, "html")
    for said in (words(letter), words(letter, "html")):
        assert "SECRET" not in said
        assert "/decide" not in said
    [(status, attempts, _)] = await town.deliveries()
    assert (status, attempts) == ("delivered", 1)


@pytest.mark.contract("S71")
async def test_nobody_is_told_of_what_they_may_not_see_or_need_not_do(town: Town) -> None:
    viewer = await town.person("Vera", "viewer")
    for who in (town.ada, town.dana, viewer):
        await town.choose(who, approval=NOW, finished=NOW)
    await town.ask(personal=True)
    await town.go()
    assert whom(town) == ["Ada"]
    await town.ask(excludes_owner=True)
    await town.go()
    assert whom(town) == ["Ada", "Dana"]
    # The end of a run is for whoever started it.
    await town.ask(kind="finished")
    await town.go()
    assert whom(town) == ["Ada", "Ada", "Dana"]
    await town.ask(assignee_id=viewer.actor.id)
    await town.go()
    assert whom(town) == ["Ada", "Ada", "Dana", "Vera"]


async def test_what_changes_between_opening_and_sending_is_looked_at_again(town: Town) -> None:
    gone = await town.person("Gus")
    demoted = await town.person("Dora")
    off = await town.person("Olaf")
    for who in (town.dana, gone, demoted, off):
        await town.choose(who, approval=NOW)
    request_id = await town.ask()
    await spread_all(town.resources)
    assert len(await town.deliveries()) == 4
    for statement, who in (
        ("delete from membership where person_id = :id", gone),
        ("update membership set role = 'viewer' where person_id = :id", demoted),
        ("update person set disabled_at = now() where id = :id", off),
    ):
        await town.sql(statement, id=who.actor.id)
    await town.go()
    assert whom(town) == ["Dana"]
    assert sorted(row.status for row in await town.deliveries()) == [
        "delivered",
        "dropped",
        "dropped",
    ]
    other = await town.ask()
    await spread_all(town.resources)
    await decide(town.ada, other)
    await town.go()
    assert whom(town) == ["Dana"]
    assert request_id != other


async def test_as_shipped_nobody_is_told_at_once_and_the_digest_comes_once_a_day(
    town: Town,
) -> None:
    await town.go()
    first, second = await town.ask(), await town.ask(title="Second")
    await town.ask(kind="finished")
    await town.go()
    assert town.mail.letters == []
    await town.digest()
    [letter] = town.mail.to(email(town.dana))
    assert letter["Subject"] == "[Datelier] 2 requests wait for you"
    for request_id in (first, second):
        assert f"/inbox/{request_id}" in words(letter)
    assert len(town.mail.letters) == 2
    assert await town.sql("select 1 from notification_preference where digest_at <= now()") == []
    # Decided things are in no digest, and without anything to say there is none.
    await decide(town.ada, first)
    await decide(town.ada, second)
    await town.sql("update delivery set once = id::text")  # another day
    await town.digest()
    assert len(town.mail.letters) == 2


async def test_two_processes_order_one_digest(town: Town) -> None:
    await town.go()
    await town.ask()
    for _ in range(2):
        # The same moment is due again, as for a process that had read it before.
        await town.sql(
            "update notification_preference set digest_at = timestamptz '2026-03-01 08:00Z'"
        )
        await digest_all(town.resources)
    assert len(await town.sql("select 1 from delivery where change = 'digest'")) == 2  # Ada, Dana


@pytest.mark.parametrize(
    ("after", "zone", "hour", "due"),
    [
        ("2026-03-01T07:59", None, 8, "2026-03-01T08:00"),
        ("2026-03-01T08:00", None, 8, "2026-03-02T08:00"),
        ("2026-01-10T08:00", "Asia/Tokyo", 8, "2026-01-10T23:00"),
        # Before and after the clocks change in Berlin.
        ("2026-03-28T08:00", "Europe/Berlin", 8, "2026-03-29T06:00"),
        ("2026-10-24T08:00", "Europe/Berlin", 8, "2026-10-25T07:00"),
    ],
)
def test_the_digest_is_due_at_the_hour_of_the_persons_zone(
    after: str, zone: str | None, hour: int, due: str
) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_digest(moment, zone, hour).astimezone(UTC).isoformat() == f"{due}:00+00:00"


async def test_a_zone_that_is_not_known_here_keeps_nobody_from_being_told(town: Town) -> None:
    await town.go()
    await town.ask()
    await town.sql("update notification_preference set time_zone = 'Mars/Olympus'")
    await town.digest()
    assert whom(town) == ["Ada", "Dana"]


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        NotificationsIn(kinds=KindPreferences(), time_zone="Mars/Olympus")


async def test_giving_and_escalating_are_told_but_not_to_whoever_did_it(town: Town) -> None:
    for who in (town.ada, town.dana):
        await town.choose(who, approval=NOW)
    request_id = await town.ask(personal=True, by=town.ada)
    await town.go()
    async with town.ada.begin() as tx:
        await inbox.assign(tx, request_id, town.dana.actor.id)
    await town.go()
    assert whom(town) == ["Ada", "Dana"]
    assert "was given to you" in words(town.mail.letters[-1])
    async with town.dana.begin() as tx:
        await inbox.assign(tx, request_id, town.dana.actor.id)
    await town.go()
    assert whom(town) == ["Ada", "Dana"]
    async with town.dana.begin() as tx:
        await inbox.escalate(tx, request_id)
    await town.go()
    assert whom(town) == ["Ada", "Ada", "Dana", "Dana"]


async def test_the_browser_is_told_by_the_same_rules(town: Town) -> None:
    request_id = await town.ask(excludes_owner=True)

    async def tells(who: Context) -> bool:
        async with who.begin() as tx:
            return (await preferences.get_notice(tx, request_id)).tell

    assert [await tells(town.ada), await tells(town.dana)] == [False, True]
    await town.choose(town.dana, approval={"browser": False})
    assert not await tells(town.dana)


async def test_an_opening_that_is_rolled_back_tells_nobody(town: Town) -> None:
    await town.choose(town.dana, approval=NOW)

    async def fail() -> None:
        async with town.ada.begin() as tx:
            await inbox.open_request(tx, inbox.NewRequest("approval", "Never"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    await town.go()
    assert town.mail.letters == []
    assert await town.sql("select 1 from request_event") == []


async def test_what_somebody_wants_no_more_is_not_sent_although_it_waited(town: Town) -> None:
    await town.choose(town.dana, approval=NOW)
    await town.add_hook(town.dana)
    whole = await town.add_hook(town.ada, organization=True)
    await town.ask()
    await spread_all(town.resources)
    await town.choose(town.dana, approval={"email": "off", "webhook": False})
    await endpoints.update_webhook(town.ada, whole.id, WebhookPatch(kinds=["problem"]))
    await town.go()
    assert (town.mail.letters, town.hook.seen) == ([], [])
    said = "Notices of this kind are not wanted here any more."
    assert [tuple(row) for row in await town.deliveries()] == [("dropped", 1, said)] * 3


async def test_after_the_mail_server_was_away_for_days_one_digest_comes(town: Town) -> None:
    await town.go()
    await town.ask()
    port, town.resources.settings.smtp_port = town.resources.settings.smtp_port, 9
    for hours in (49, 25, 1):
        await town.sql(
            "update notification_preference set digest_at = now() - make_interval(hours => :hours)",
            hours=hours,
        )
        town.deliverer = Deliverer(town.resources)
        await town.go()
    town.resources.settings.smtp_port = port
    await town.later()
    assert whom(town) == ["Ada", "Dana"]
    taken = "select count(*) from delivery where last_error = 'A later digest took its place.'"
    assert await town.sql(taken) == [(4,)]


async def test_what_others_have_to_see_to_hides_nothing_from_a_digest(town: Town) -> None:
    await town.go()
    await town.ask(kind="problem")
    # Older than anything else: problems of Ada's runs, which are for her alone.
    await town.sql(
        "insert into request select (jsonb_populate_record(r, jsonb_build_object('number', 9 + n, "
        "'id', '00000000-0000-7000-8000-' || lpad(n::text, 12, '0')))).* "
        "from request r, generate_series(1, 501) n"
    )
    request_id = await town.ask()
    await town.digest()
    [mine], [hers] = town.mail.to(email(town.dana)), town.mail.to(email(town.ada))
    assert mine["Subject"] == "[Datelier] 1 request waits for you"
    assert f"/inbox/{request_id}" in words(mine)
    assert hers["Subject"] == "[Datelier] 503 requests wait for you"
    assert "the first 50" in words(hers)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (None, "2026-07-01 22:30 UTC"),
        ("Asia/Tokyo", "2026-07-02 07:30 JST"),
        ("Mars/Olympus", "2026-07-01 22:30 UTC"),
    ],
)
async def test_until_when_it_is_open_is_told_in_the_persons_zone(
    town: Town, zone: str | None, said: str
) -> None:
    await town.choose(town.dana, approval=NOW)
    await town.sql("update notification_preference set time_zone = :zone", zone=zone)
    await town.ask(seconds=60)
    await town.sql("update request set expires_at = timestamptz '2026-07-01 22:30Z'")
    await town.go()
    [letter] = town.mail.letters
    assert f"Open until {said}." in words(letter)
