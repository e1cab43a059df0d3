"""One decision counts: who was first, who was late, and what was never offered."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.errors import (
    AlreadyDecided,
    DecisionIdReused,
    DecisionNotAllowed,
    NotYours,
    RequestExpired,
    RequestWithdrawn,
    RevisionConflict,
)
from datelier.inbox.schemas import Action, ActionDecision, Allow, BulkIn, DecideIn, RequestDetail
from datelier.inbox.service import Waiter
from datelier.kit.errors import Forbidden, Invalid, NotFound
from datelier.kit.ids import uuid7
from datelier.runs import decide as deciding
from tests.inbox.conftest import Desk, action, decide, decision, make_person


@pytest.mark.contract("S24", "S36", "S59")
async def test_an_approval_is_kept_with_who_and_when(desk: Desk) -> None:
    asked = await desk.ask()
    shown = await decide(desk.dana, asked)
    assert (shown.status, shown.decided_by) == ("approved", shown.decisions[0].by)
    assert shown.decided_by is not None
    assert (shown.decided_by.id, shown.decided_by.name) == (desk.dana.actor.id, "Dana")
    assert not shown.may_decide
    assert [entry.what for entry in shown.history] == ["opened", "decided"]
    assert shown.decisions[0].before == 1
    assert shown.revision == 2


async def test_thirty_people_at_the_same_instant_one_counts_and_the_rest_learn_who(
    desk: Desk,
) -> None:
    asked = await desk.ask()
    people = [
        await make_person(desk.ctx.resources, desk.ctx.org_id, f"Person {n}") for n in range(30)
    ]
    kinds = ["approve", "reject", "respond"]
    tries = [
        decide(person, asked, kinds[n % 3], message="as I said") for n, person in enumerate(people)
    ]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    accepted = [answer for answer in answers if isinstance(answer, RequestDetail)]
    refused = [answer for answer in answers if isinstance(answer, AlreadyDecided)]
    assert (len(accepted), len(refused)) == (1, 29)
    winner = accepted[0].decided_by
    assert winner is not None
    for error in refused:
        assert f" by {winner.name}, " in error.detail
        assert " UTC." in error.detail
    assert len((await desk.get(asked.id)).decisions) == 1


async def test_the_same_decision_again_gives_the_same_answer(desk: Desk) -> None:
    asked = await desk.ask()
    given = decision(asked)
    first = await deciding.decide(desk.dana, asked.id, given)
    again = await deciding.decide(desk.dana, asked.id, given)
    assert again == first
    with pytest.raises(DecisionIdReused):
        await deciding.decide(desk.emil, asked.id, given)
    other = given.model_copy(
        update={"decisions": [ActionDecision(action_id="1", type="reject", message="no")]}
    )
    with pytest.raises(DecisionIdReused):
        await deciding.decide(desk.dana, asked.id, other)


async def test_an_edit_that_was_sent_twice_counts_once(desk: Desk) -> None:
    asked = await desk.ask()
    given = decision(asked, "edit", args={"limit": 10, "table": "orders"})
    first = await deciding.decide(desk.dana, asked.id, given)
    # Nothing was changed, in another order of keys: an approval.
    assert first.status == "approved"
    assert await deciding.decide(desk.dana, asked.id, given) == first


async def test_a_decision_on_what_somebody_no_longer_sees_is_refused(desk: Desk) -> None:
    asked = await desk.ask(requires=2)
    await decide(desk.dana, asked)
    with pytest.raises(RevisionConflict):
        await decide(desk.emil, asked)


@pytest.mark.contract("S59", "S85")
@pytest.mark.parametrize("kind", ["approve", "edit", "reject", "respond"])
async def test_what_the_request_does_not_offer_is_refused(desk: Desk, kind: str) -> None:
    others = {name: True for name in ("approve", "edit", "reject", "respond") if name != kind}
    asked = await desk.ask(actions=[action(allow=Allow(**others))])
    more: dict[str, Any] = {"args": {"table": "x"}} if kind == "edit" else {"message": "x"}
    with pytest.raises(DecisionNotAllowed):
        await decide(desk.dana, asked, kind, **more)
    assert (await desk.get(asked.id)).status == "pending"


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"table": "orders", "limit": "10"}, "decisions.0.args.limit"),
        ({"table": "orders", "limit": 0}, "decisions.0.args.limit"),
        ({"table": 7}, "decisions.0.args.table"),
        ({"limit": 5}, "decisions.0.args"),
        ({"table": "orders", "more": 1}, "decisions.0.args"),
        (None, "decisions.0.args"),
        ([], "decisions.0.args"),
    ],
)
async def test_edited_arguments_that_do_not_fit_the_schema_are_refused(
    desk: Desk, args: Any, path: str
) -> None:
    asked = await desk.ask()
    with pytest.raises(Invalid) as caught:
        await decide(desk.dana, asked, "edit", args=args)
    assert caught.value.errors is not None
    assert caught.value.errors[0]["path"] == path
    assert (await desk.get(asked.id)).status == "pending"


async def test_edited_arguments_keep_their_types(desk: Desk) -> None:
    asked = await desk.ask()
    shown = await decide(
        desk.dana, asked, "edit", args={"table": "orders", "limit": 9007199254740993}
    )
    kept = shown.decisions[0].decisions[0].args
    assert (shown.status, kept) == ("edited", {"table": "orders", "limit": 9007199254740993})
    assert type(kept["limit"]) is int


@pytest.mark.parametrize(
    "args",
    [{"a": "1", "b": None}, {"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": True, "b": 1}, "text"],
)
async def test_without_a_schema_an_edit_keeps_keys_and_types(desk: Desk, args: Any) -> None:
    free = action(args={"a": 1, "b": None}, args_schema=None)
    asked = await desk.ask(actions=[free])
    with pytest.raises(Invalid):
        await decide(desk.dana, asked, "edit", args=args)
    shown = await decide(desk.dana, asked, "edit", args={"a": 2.5, "b": "now text"})
    assert shown.status == "edited"


async def test_every_action_is_decided_exactly_once(desk: Desk) -> None:
    asked = await desk.ask(actions=[action(), action(id="2")])

    def given(*ids: str) -> DecideIn:
        return DecideIn(
            decision_id=uuid7(),
            revision=1,
            decisions=[ActionDecision(action_id=i, type="approve") for i in ids],
        )

    for ids in (["1"], ["1", "1"], ["1", "2", "2"], ["1", "3"], ["1", "2", "3"]):
        with pytest.raises(Invalid):
            await deciding.decide(desk.dana, asked.id, given(*ids))
    assert (await deciding.decide(desk.dana, asked.id, given("2", "1"))).status == "approved"


async def test_a_viewer_may_look_and_not_decide(desk: Desk) -> None:
    viewer = replace(desk.dana, scopes=frozenset({"request:get"}))
    asked = await desk.ask()
    assert not (await desk.get(asked.id, viewer)).may_decide
    with pytest.raises(Forbidden):
        await decide(viewer, asked)


async def test_somebody_elses_chat_is_nobodys_business(desk: Desk) -> None:
    asked = await desk.ask(personal=True)
    assert (await desk.get(asked.id, desk.ada)).may_decide
    with pytest.raises(NotFound):
        await decide(desk.dana, asked)
    async with desk.ada.begin() as tx:
        await inbox.assign(tx, asked.id, desk.dana.actor.id)
    assert (await decide(desk.dana, asked)).status == "approved"


async def test_two_people_must_approve_and_one_counts_once(desk: Desk) -> None:
    asked = await desk.ask(requires=2, excludes_owner=True)
    with pytest.raises(NotYours):
        await decide(desk.ada, asked)
    first = await decide(desk.dana, asked)
    assert (first.status, first.approvals) == ("pending", 1)
    again = await decide(desk.dana, first)
    assert (again.status, again.approvals) == ("pending", 1)
    done = await decide(desk.emil, again)
    assert (done.status, done.approvals) == ("approved", 2)
    assert len(done.decisions) == 3


async def test_two_people_must_approve_the_very_same(desk: Desk) -> None:
    asked = await desk.ask(requires=2)
    first = await decide(desk.dana, asked)
    edited = {"table": "orders", "limit": 5}
    second = await decide(desk.emil, first, "edit", args=edited)
    assert (second.status, second.approvals) == ("pending", 1)
    third = await decide(desk.dana, second, "edit", args=edited)
    assert (third.status, third.approvals) == ("edited", 2)


async def test_who_has_left_or_may_not_decide_any_more_has_agreed_to_nothing(desk: Desk) -> None:
    asked = await desk.ask(requires=2)
    first = await decide(desk.dana, asked)
    async with desk.ctx.db.system() as session:
        await session.execute(
            text("update membership set role = 'viewer' where person_id = :id"),
            {"id": desk.dana.actor.id},
        )
    second = await decide(desk.emil, first)
    assert (second.status, second.approvals) == ("pending", 1)
    assert (await decide(desk.ada, second)).status == "approved"


async def test_one_person_is_enough_to_reject(desk: Desk) -> None:
    asked = await desk.ask(requires=3)
    assert (await decide(desk.dana, asked, "reject", message="no")).status == "rejected"


async def test_time_is_over_means_expired_and_never_approved(desk: Desk) -> None:
    asked = await desk.ask(seconds=0)
    with pytest.raises(RequestExpired):
        await decide(desk.dana, asked)
    shown = await desk.get(asked.id)
    assert (shown.status, shown.note) == ("expired", "Nobody decided in time.")
    with pytest.raises(RequestExpired):
        await decide(desk.dana, shown)


async def test_a_request_that_is_to_be_kept_can_be_decided_late(desk: Desk) -> None:
    asked = await desk.ask(seconds=0, on_expiry="keep")
    assert (await decide(desk.dana, asked)).status == "approved"


async def test_escalation_shows_it_to_everybody_once_and_then_it_expires(desk: Desk) -> None:
    asked = await desk.ask(seconds=0, on_expiry="escalate", personal=True)
    with pytest.raises(NotFound):
        await desk.get(asked.id, desk.dana)
    for _ in range(2):
        async with desk.ctx.begin() as tx:
            await deciding.expire(tx, await deciding.lock_request(tx, asked.id))
    shown = await desk.get(asked.id, desk.dana)
    assert shown.status == "expired"
    assert [entry.what for entry in shown.history] == ["opened", "escalated", "expired"]


async def test_a_withdrawn_request_says_so(desk: Desk) -> None:
    asked = await desk.ask()
    async with desk.ctx.begin() as tx:
        found = await deciding.lock_request(tx, asked.id)
        await deciding.end(tx, found, "withdrawn", "The run was stopped.")
    with pytest.raises(RequestWithdrawn, match="The run was stopped"):
        await decide(desk.dana, asked)


async def test_several_calls_of_one_action_are_approved_together(desk: Desk) -> None:
    asked = [await desk.ask() for _ in range(3)]
    await decide(desk.emil, asked[1], "reject")
    body = BulkIn(ids=[request.id for request in asked], type="approve")
    results = (await deciding.decide_bulk(desk.dana, body)).results
    assert [(r.ok, r.status, r.code) for r in results] == [
        (True, "approved", None),
        (False, "rejected", "already_decided"),
        (True, "approved", None),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"actions": [action(name="other")]},
        {"actions": [action(args_schema={"type": "object"})]},
        {"actions": [action(), action(id="2")]},
        {"risk": "destructive"},
    ],
)
async def test_what_differs_or_destroys_is_not_approved_together(
    desk: Desk, odd: dict[str, Any]
) -> None:
    asked = [await desk.ask(), await desk.ask(**odd)]
    ids = [request.id for request in asked]
    with pytest.raises(Invalid):
        await deciding.decide_bulk(desk.dana, BulkIn(ids=ids, type="approve"))
    assert (await desk.get(ids[0])).status == "pending"
    rejected = await deciding.decide_bulk(desk.dana, BulkIn(ids=ids, type="reject"))
    assert [result.status for result in rejected.results] == ["rejected", "rejected"]


async def test_an_unknown_id_among_several_decides_nothing(desk: Desk) -> None:
    asked = await desk.ask()
    with pytest.raises(NotFound):
        await deciding.decide_bulk(desk.dana, BulkIn(ids=[asked.id, uuid7()], type="reject"))
    assert (await desk.get(asked.id)).status == "pending"


async def test_similar_decisions_of_before_are_shown(desk: Desk) -> None:
    before = [await desk.ask() for _ in range(6)]
    for request in before:
        await decide(desk.dana, request, "reject", message=f"too broad {request.number}")
    await decide(desk.dana, await desk.ask(actions=[action(name="other")]))
    asked = await desk.ask()
    shown = (await desk.get(asked.id)).similar
    assert [s.number for s in shown] == [r.number for r in reversed(before[1:])]
    assert shown[0].message == f"too broad {before[-1].number}"
    assert shown[0].decided_by == "Dana"


async def test_exactly_what_was_shown_is_kept(desk: Desk) -> None:
    args = {"a": 10.0, "b": 1e300, "c": 10**30, "d": "nul \0 and \ud800", "e": [1, "1", None]}
    free = Action(id="1", name="x", args=args, allow=Allow(approve=True))
    asked = await desk.ask(actions=[free], waiter=Waiter())
    async with desk.ctx.begin() as tx:
        row = await inbox.get_visible(tx, asked.id)
        await tx.session.refresh(row)
        [kept] = inbox.actions_of(row)
    assert repr(kept.args) == repr(args)
