"""Who sees what, in which order, and what people do with a request besides deciding."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.errors import AlreadyDecided
from datelier.inbox.schemas import RequestQuery, View
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import Invalid, Malformed, NotFound
from datelier.kit.ids import uuid7
from tests.inbox.conftest import Desk, action, decide


async def numbers(ctx: Context, view: View = "needs_me", **wanted: Any) -> list[int]:
    found: list[int] = []
    cursor: str | None = None
    while True:
        query = RequestQuery(view=view, cursor=cursor, limit=2, **wanted)
        async with ctx.begin() as tx:
            page = await inbox.list_requests(tx, query)
        found += [request.number for request in page.data]
        cursor = page.next
        if cursor is None:
            return found


async def count(ctx: Context) -> int:
    async with ctx.begin() as tx:
        return (await inbox.count_requests(tx)).needs_me


@pytest.mark.contract("S25", "S82")
async def test_due_first_then_risk_then_age(desk: Desk) -> None:
    for change in (
        {"risk": "read"},  # 1
        {"risk": "destructive"},  # 2
        {"risk": "read", "seconds": 7200},  # 3
        {"risk": "write"},  # 4
        {"risk": "read", "seconds": 3600},  # 5
        {"risk": "write"},  # 6
    ):
        await desk.ask(**change)
    assert await numbers(desk.dana) == [5, 3, 2, 4, 6, 1]
    assert await numbers(desk.dana, risk="write") == [4, 6]
    assert await numbers(desk.dana, kind="question") == []
    assert await count(desk.dana) == 6


@pytest.mark.contract("S60")
async def test_each_view_shows_its_own(desk: Desk) -> None:
    mine, theirs, later, done = [await desk.ask() for _ in range(4)]
    async with desk.ada.begin() as tx:
        await inbox.assign(tx, theirs.id, desk.emil.actor.id)
        await inbox.snooze(tx, later.id, now() + timedelta(hours=1))
    await decide(desk.dana, done, "reject")
    assert await numbers(desk.dana) == [mine.number]
    assert await numbers(desk.emil) == [mine.number, theirs.number]
    assert await numbers(desk.dana, "assigned") == [theirs.number]
    assert await numbers(desk.emil, "assigned") == []
    assert await numbers(desk.dana, "snoozed") == [later.number]
    assert await numbers(desk.dana, "open") == [mine.number, theirs.number, later.number]
    assert await numbers(desk.dana, "done") == [done.number]
    async with desk.ada.begin() as tx:
        await inbox.snooze(tx, later.id, None)
        await inbox.escalate(tx, theirs.id)
    assert await count(desk.dana) == 3


async def test_whoever_has_approved_or_may_not_is_not_needed(desk: Desk) -> None:
    asked = await desk.ask(requires=2, excludes_owner=True)
    assert [await count(person) for person in (desk.ada, desk.dana, desk.emil)] == [0, 1, 1]
    await decide(desk.dana, asked)
    assert [await count(person) for person in (desk.ada, desk.dana, desk.emil)] == [0, 0, 1]


async def test_done_is_the_newest_first(desk: Desk) -> None:
    asked = [await desk.ask() for _ in range(5)]
    for index in (2, 0, 4, 1, 3):
        await decide(desk.dana, asked[index])
    assert await numbers(desk.dana, "done") == [4, 2, 5, 1, 3]


@pytest.mark.contract("S25", "S60")
async def test_a_request_is_read_and_unread(desk: Desk) -> None:
    asked = await desk.ask()
    async with desk.dana.begin() as tx:
        assert (await inbox.mark_read(tx, asked.id, read=True)).read_at is not None
        assert (await inbox.mark_read(tx, asked.id, read=False)).read_at is None


@pytest.mark.contract("S60")
async def test_a_correlation_id_finds_what_belongs_together(desk: Desk) -> None:
    asked = await desk.ask(waiter=inbox.Waiter(correlation_id="ambient-1"))
    await desk.ask(waiter=inbox.Waiter(correlation_id="ambient-2"))
    assert await numbers(desk.dana, correlation_id="ambient-1") == [asked.number]


async def test_strangers_times_and_cursors_are_refused(desk: Desk) -> None:
    asked = await desk.ask()
    async with desk.ada.begin() as tx:
        with pytest.raises(NotFound):
            await inbox.assign(tx, asked.id, uuid7())
        with pytest.raises(Invalid):
            await inbox.snooze(tx, asked.id, now() - timedelta(seconds=1))
        for cursor in ("x", "W10", "W251bGwsMSwieCJd"):
            with pytest.raises(Malformed):
                await inbox.list_requests(tx, RequestQuery(cursor=cursor))
        with pytest.raises(NotFound):
            await inbox.list_requests(tx, RequestQuery(agent_id=uuid7()))


async def test_a_request_is_given_only_to_somebody_who_may_decide_it(desk: Desk) -> None:
    asked = await desk.ask(requires=2, excludes_owner=True)
    async with desk.ctx.db.system() as session:
        await session.execute(
            text("update membership set role = 'viewer' where person_id = :id"),
            {"id": desk.emil.actor.id},
        )
    async with desk.dana.begin() as tx:
        with pytest.raises(Invalid, match="Emil may not decide"):
            await inbox.assign(tx, asked.id, desk.emil.actor.id)
        with pytest.raises(Invalid, match="Ada started this"):
            await inbox.assign(tx, asked.id, desk.ada.actor.id)
        assert (await inbox.assign(tx, asked.id, desk.dana.actor.id)).assignee_id is not None


async def test_what_is_decided_is_neither_assigned_nor_put_off(desk: Desk) -> None:
    asked = await desk.ask()
    await decide(desk.dana, asked)
    async with desk.ada.begin() as tx:
        with pytest.raises(AlreadyDecided, match="Approved by Dana"):
            await inbox.assign(tx, asked.id, None)
        with pytest.raises(AlreadyDecided):
            await inbox.snooze(tx, asked.id, None)


async def test_who_may_not_decide_is_not_waited_for_and_an_end_is_told_to_its_starter(
    desk: Desk,
) -> None:
    asked = await desk.ask()
    ended = await desk.ask(kind="finished", risk="read")
    viewer = replace(desk.dana, scopes=frozenset({"request:get"}))
    assert await numbers(viewer) == []
    assert await count(viewer) == 0
    assert await numbers(viewer, "open") == [asked.number, ended.number]
    assert await numbers(desk.dana) == [asked.number]
    assert await numbers(desk.ada) == [asked.number, ended.number]


async def test_nothing_of_a_request_is_hidden_from_who_decides(desk: Desk) -> None:
    call = {"url": "https://exam\u200bple.org", "note": "\u202egnp"}
    asked = await desk.ask(
        title="Send\nto \u202emoc.live",
        description="About \x1b[8mthis",
        reason="zero\u200bwidth",
        preview={"kind": "http", "url": call["url"], "rows": [["a\u2066b"]]},
        actions=[action(args=call, title="Re\u200bquest")],
    )
    assert asked.title == "Send to ⟨U+202E⟩moc.live"
    assert asked.reason == "zero⟨U+200B⟩width"
    assert asked.preview == {
        "kind": "http",
        "url": "https://exam⟨U+200B⟩ple.org",
        "rows": [["a⟨U+2066⟩b"]],
    }
    assert asked.actions[0].title == "Re⟨U+200B⟩quest"
    # What is approved stays exactly what it is, and the page says what it holds.
    assert asked.actions[0].args == call
    for told in ("https://exam⟨U+200B⟩ple.org", "⟨U+202E⟩gnp", "About ⟨U+001B⟩[8mthis"):
        assert told in asked.description
    assert "cannot be seen" in asked.description
    assert "cannot be seen" not in (await desk.ask()).description
