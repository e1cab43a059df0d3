"""Standing approvals: they cover what was shown and nothing beside it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from datelier.effects.terms import write_terms
from datelier.effects.tools import HTTP_REQUEST, WRITE_SQL, HttpRequest, WriteSql
from datelier.inbox.hashing import args_hash
from datelier.inbox.models import ApprovalRule
from datelier.inbox.rules import RuledCall, rule_for
from datelier.kit.tools import NoTerms, ToolContext
from tests.chat.conftest import make_member
from tests.effects.conftest import Home, write_sql
from tests.support.scripted_openai import Turn

CLOSE = "UPDATE orders SET status = 'closed' WHERE id <= 3"
BY = "Ada (token t)"


@dataclass
class Ruled:
    """A home in which somebody has always allowed what CLOSE does, for the steward."""

    home: Home
    rule: dict[str, Any]

    def at(self) -> ToolContext:
        async def nowhere(_part: dict[str, object]) -> None:
            return

        home = self.home
        return ToolContext(
            ctx=home.place.context(),
            run_id=uuid4(),
            thread_id=uuid4(),
            message_id=uuid4(),
            tool_call_id="c1",
            source_ids=(UUID(home.source_id),),
            emit=nowhere,
            agent="A",
        )

    async def call(self, sql: str, rows: int = 3) -> RuledCall:
        """The call as the gate would look at it."""
        terms = await write_terms(self.at(), UUID(self.home.source_id), sql)
        hashed = args_hash("write_sql", {"sql": sql})
        agent, person = UUID(self.home.steward), self.home.place.person_id
        return RuledCall(agent, uuid4(), "c1", WRITE_SQL, terms, hashed, rows, True, person)

    async def covers(self, call: RuledCall) -> bool:
        return await self.found(call) is not None

    async def found(self, call: RuledCall) -> ApprovalRule | None:
        async with self.home.place.context().begin() as tx:
            return await rule_for(tx, call)

    async def change(self, sql: str, **values: object) -> None:
        async with self.home.place.resources.db.system() as session:
            await session.execute(text(sql), values)


async def save(home: Home, sql: str, **more: Any) -> tuple[str, httpx.Response]:
    """Let the steward propose `sql` and save a rule of the request, which is then rejected."""
    _, run_id = await home.ask(write_sql(sql), Turn.say("Then not."))
    request = await home.request(run_id)
    body = {"action_id": "1", **more}
    saved = await home.place.http.post(f"/requests/{request['id']}/rule", json=body)
    await home.decide(request, "reject")
    await home.place.parts(run_id)
    return request["id"], saved


@pytest.fixture
async def ruled(writable: Home) -> AsyncGenerator[Ruled]:
    looked = await writable.place.http.post(f"/sources/{writable.source_id}/refresh")
    assert looked.status_code == 200, looked.text
    _, saved = await save(writable, CLOSE)
    assert saved.status_code == 201, saved.text
    yield Ruled(writable, saved.json())
    rules = f"/agents/{writable.steward}/rules"
    for rule in (await writable.place.http.get(rules)).json()["data"]:
        gone = await writable.place.http.delete(f"{rules}/{rule['id']}")
        assert gone.status_code == 204, gone.text


@pytest.mark.contract("S24")
async def test_a_covered_call_goes_on_without_a_request_and_says_by_whose_rule(
    ruled: Ruled,
) -> None:
    home, rule = ruled.home, ruled.rule
    words = "UPDATE public.orders (status) in Shop, at most 3 rows at a time"
    assert (rule["sentence"], rule["saved_by"]["name"], rule["holds"]) == (words, BY, True)
    _, run_id = await home.ask(
        write_sql("UPDATE public.orders SET status = 'late' WHERE id IN (7, 8)"), Turn.say("Done.")
    )
    parts = await home.place.parts(run_id)
    assert home.rows("SELECT id FROM orders WHERE status = 'late' ORDER BY 1") == [(7,), (8,)]
    [effect] = await home.effects(run_id)
    allowed = {"kind": "rule", "id": rule["id"], "number": rule["number"], "by": BY}
    assert (effect["state"], effect["allowed_by"]) == ("done", allowed)
    notes = [part["data"]["text"] for part in parts if part["type"] == "data-step-note"]
    assert notes == [f"Allowed by rule {rule['number']} of {BY}: {words}"]
    listed = await home.place.http.get("/requests", params={"view": "done"})
    assert all(request["run_id"] != run_id for request in listed.json()["data"])
    [shown] = (await home.place.http.get(f"/agents/{home.steward}/rules")).json()["data"]
    assert (shown["uses"], shown["holds"]) == (1, True)


async def test_an_approved_call_names_its_request_in_the_ledger(ruled: Ruled) -> None:
    _, run_id = await ruled.home.ask(
        write_sql("DELETE FROM orders WHERE id = 40"), Turn.say("Done.")
    )
    request = await ruled.home.request(run_id)
    await ruled.home.decide(request, "approve")
    await ruled.home.place.parts(run_id)
    [effect] = await ruled.home.effects(run_id)
    assert effect["allowed_by"] == {
        "kind": "request",
        "id": request["id"],
        "number": request["number"],
        "by": BY,
    }


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log SET what = 'x' WHERE what = 'y'",
        "UPDATE orders SET total = 0 WHERE id = 1",
        "UPDATE orders SET status = 'x', total = 0 WHERE id = 1",
        "DELETE FROM orders WHERE id = 1",
        "UPDATE orders SET status = 'x' FROM log WHERE log.what = orders.status",
        "UPDATE orders SET status = 'x' WHERE status IN (SELECT what FROM log)",
        "UPDATE orders SET status = (SELECT max(what) FROM public.log) WHERE id = 1",
    ],
)
async def test_other_tables_columns_and_verbs_are_not_covered(ruled: Ruled, sql: str) -> None:
    assert await ruled.covers(await ruled.call(CLOSE))
    assert not await ruled.covers(await ruled.call(sql))


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE orders SET status = 'x'", "every row"),
        ("DELETE FROM orders", "every row"),
        ("UPDATE orders SET status = 'x' WHERE 1 = 1", "every row"),
        ("WITH a AS (SELECT 1) UPDATE orders SET status = 'x' WHERE id = 1", "WITH"),
        ("UPDATE orders SET status = 'x' FROM generate_series(1, 2) g WHERE id = g", "no table"),
        ("UPDATE \"Orders\" SET status = 'x' WHERE id = 1", "catalog"),
        ("DROP TABLE orders", "DROP"),
        ("DELETE FROM orders WHERE id = 1; DELETE FROM log", "one statement"),
    ],
)
async def test_of_these_no_rule_can_be_made(ruled: Ruled, sql: str, why: str) -> None:
    with pytest.raises(NoTerms, match=why):
        await ruled.call(sql)


async def test_a_table_of_the_same_name_elsewhere_is_another_table(ruled: Ruled) -> None:
    home = ruled.home
    home.shop.run(
        "CREATE SCHEMA old", "CREATE TABLE old.orders (id int, status text)",
        "GRANT USAGE ON SCHEMA old TO reader, writer", "GRANT SELECT ON old.orders TO reader",
    )  # fmt: skip
    refresh = f"/sources/{home.source_id}/refresh"
    try:
        await home.place.http.post(refresh)
        assert not await ruled.covers(
            await ruled.call("UPDATE old.orders SET status = 'x' WHERE id = 1")
        )
        assert await ruled.covers(
            await ruled.call("UPDATE public.orders SET status = 'x' WHERE id = 1")
        )
        with pytest.raises(NoTerms, match="twice"):
            await ruled.call(CLOSE)
    finally:
        home.shop.run("DROP SCHEMA old CASCADE")
        await home.place.http.post(refresh)


async def test_more_rows_another_agent_and_another_tool_are_not_covered(ruled: Ruled) -> None:
    call = await ruled.call(CLOSE)
    assert await ruled.covers(call)
    assert not await ruled.covers(replace(call, rows=4))
    assert not await ruled.covers(replace(call, rows=None))
    assert not await ruled.covers(replace(call, agent_id=uuid4()))
    assert not await ruled.covers(replace(call, tool=replace(WRITE_SQL, description="Other.")))
    assert not await ruled.covers(replace(call, tool=replace(WRITE_SQL, name="other")))
    other = replace(ruled.home.place.context(), org_id=uuid4())
    async with other.begin() as tx:
        assert await rule_for(tx, call) is None


async def test_a_rule_is_as_good_as_who_saved_it_is_today(ruled: Ruled) -> None:
    home, call = ruled.home, await ruled.call(CLOSE)
    person, _ = await make_member(home.place.resources, home.place.org_id, "Dana")
    values = {"rule": UUID(ruled.rule["id"]), "person": person}
    await ruled.change("update approval_rule set saved_by_id = :person where id = :rule", **values)
    assert await ruled.covers(call)
    role = "update membership set role = :role where person_id = :person"
    # An analyst may decide requests, and neither write nor manage agents.
    await ruled.change(role, role="analyst", person=person)
    assert not await ruled.covers(call)
    [shown] = (await home.place.http.get(f"/agents/{home.steward}/rules")).json()["data"]
    assert (shown["holds"], shown["why_not"]) == (
        False,
        "Whoever saved it may not approve this any more.",
    )
    await ruled.change(role, role="builder", person=person)
    assert await ruled.covers(call)
    await ruled.change("delete from membership where person_id = :person", person=person)
    assert not await ruled.covers(call)


async def test_nobody_approves_what_they_started_where_that_is_excluded(ruled: Ruled) -> None:
    call, settings = await ruled.call(CLOSE), ruled.home.place.resources.settings
    settings.approve_own = False
    try:
        assert not await ruled.covers(call)
        assert await ruled.covers(replace(call, started_by=uuid4()))
    finally:
        settings.approve_own = True


async def test_a_deleted_rule_and_a_source_that_moved_ask_again(ruled: Ruled) -> None:
    home = ruled.home
    await home.make_writable(max_rows=19)
    assert await ruled.covers(await ruled.call(CLOSE))
    source = (await home.place.http.get(f"/sources/{home.source_id}")).json()
    path, host = f"/sources/{home.source_id}", source["config"]["host"]
    await home.place.http.patch(path, json={"config": {"host": "localhost"}})
    await home.make_writable()
    assert not await ruled.covers(await ruled.call(CLOSE))
    await home.place.http.patch(path, json={"config": {"host": host}})
    await home.make_writable()
    call = await ruled.call(CLOSE)
    assert await ruled.covers(call)
    gone = await home.place.http.delete(f"/agents/{home.steward}/rules/{ruled.rule['id']}")
    assert gone.status_code == 204
    assert not await ruled.covers(call)


async def test_more_rows_than_were_foreseen_are_undone(ruled: Ruled) -> None:
    at = replace(ruled.at(), most_rows=2)
    result = await WRITE_SQL.run(at, WriteSql.model_validate({"sql": CLOSE}))
    assert "no more than 2" in result.text
    assert ruled.home.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]


async def test_who_may_not_manage_agents_saves_no_rule(ruled: Ruled) -> None:
    home = ruled.home
    request_id = ruled.rule["request_id"]
    person, secret = await make_member(home.place.resources, home.place.org_id, "Eve")
    await ruled.change(
        "update membership set role = 'analyst' where person_id = :person", person=person
    )
    async with httpx.AsyncClient(
        base_url=home.place.url, headers={"authorization": f"Bearer {secret}"}
    ) as eve:
        body = {"action_id": "1"}
        assert (await eve.post(f"/requests/{request_id}/rule", json=body)).status_code == 403
        assert (await eve.get(f"/requests/{request_id}/rule")).status_code == 403
        rule = f"/agents/{home.steward}/rules/{ruled.rule['id']}"
        assert (await eve.delete(rule)).status_code == 403


async def test_a_rule_of_a_request_is_about_method_and_host_and_asks_after_reading(
    ruled: Ruled,
) -> None:
    at = ruled.at()
    assert HTTP_REQUEST.terms is not None
    hook = await HTTP_REQUEST.terms(at, HttpRequest(method="POST", url="https://hooks.test/a"))
    assert not hook.inward
    for method, url, covered in (
        ("POST", "https://HOOKS.test:443/b?c=d", True),
        ("PUT", "https://hooks.test/a", False),
        ("POST", "http://hooks.test/a", False),
        ("POST", "https://hooks.test:8443/a", False),
        ("POST", "https://hooks.test.evil.example/a", False),
        ("POST", "https://evil.example/hooks.test", False),
    ):
        given = HttpRequest.model_validate({"method": method, "url": url})
        assert hook.cover(await HTTP_REQUEST.terms(at, given)) is covered, url
    sends = replace(await ruled.call(CLOSE), tool=HTTP_REQUEST, terms=hook, rows=None)
    await ruled.change(
        "update approval_rule set tool = 'http_request', definition_hash = :hash, "
        "source_id = null, max_rows = null, after_reading = false, terms = cast(:terms as jsonb) "
        "where id = :rule",
        hash=HTTP_REQUEST.definition_hash,
        terms='{"exact": {"method": "POST", "host": "https://hooks.test"}, "within": {}, '
        '"pinned": "", "counted": false, "inward": false}',
        rule=UUID(ruled.rule["id"]),
    )
    assert not await ruled.covers(sends)
    assert await ruled.covers(replace(sends, has_read=False))
    await ruled.change(
        "update approval_rule set after_reading = true where id = :rule",
        rule=UUID(ruled.rule["id"]),
    )
    assert await ruled.covers(sends)


async def test_a_call_that_a_rule_allowed_and_that_failed_is_asked_about(ruled: Ruled) -> None:
    call = await ruled.call(CLOSE)
    rule = UUID(ruled.rule["id"])
    org = ruled.home.place.org_id
    await ruled.change(
        "insert into approval_rule_use (id, org_id, rule_id, run_id, tool_call_id, args_hash) "
        "values (:id, :org, :rule, :run, 'before', :hash)",
        id=uuid4(),
        org=org,
        rule=rule,
        run=call.run_id,
        hash=call.args_hash,
    )
    assert not await ruled.covers(call)
    assert await ruled.covers(replace(call, run_id=uuid4()))


async def test_a_call_that_somebody_refused_in_this_run_is_not_made_by_a_rule(
    ruled: Ruled,
) -> None:
    home = ruled.home
    gone = f"/agents/{home.steward}/rules/{ruled.rule['id']}"
    assert (await home.place.http.delete(gone)).status_code == 204
    _, run_id = await home.ask(write_sql(CLOSE), write_sql(CLOSE), Turn.say("Then not."))
    request = await home.request(run_id)
    # One person allows it for ever, another refuses this one.
    saved = await home.place.http.post(f"/requests/{request['id']}/rule", json={"action_id": "1"})
    assert saved.status_code == 201, saved.text
    assert (await home.decide(request, "reject")).status_code == 200
    again = await home.request(run_id)
    assert again["id"] != request["id"]
    assert home.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]
    await home.decide(again, "approve")
    await home.place.parts(run_id)
    assert home.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(3,)]


async def test_where_nobody_knows_how_a_call_ended_no_rule_makes_the_next(ruled: Ruled) -> None:
    call = await ruled.call(CLOSE)
    effect = {"id": uuid4(), "org": ruled.home.place.org_id, "run": call.run_id}
    await ruled.change(
        "insert into effect (id, org_id, key, run_id, tool_call_id, kind, state, source_id, detail)"
        " values (:id, :org, cast(:run as text) || '\\:c0', :run, 'c0', 'sql', 'unknown', :source,"
        " '{}')",
        source=UUID(ruled.home.source_id),
        **effect,
    )
    assert not await ruled.covers(call)
    assert await ruled.covers(replace(call, run_id=uuid4()))
    # Somewhere else is another matter, and so is what a person has found out.
    await ruled.change("update effect set source_id = null where id = :id", id=effect["id"])
    assert await ruled.covers(call)
    await ruled.change(
        "update effect set source_id = :source, state = 'not_done', settled_at = now() "
        "where id = :id",
        source=UUID(ruled.home.source_id),
        id=effect["id"],
    )
    assert await ruled.covers(call)


async def test_a_person_who_was_switched_off_allows_nothing_any_more(ruled: Ruled) -> None:
    home, call = ruled.home, await ruled.call(CLOSE)
    person, _ = await make_member(home.place.resources, home.place.org_id, "Finn")
    await ruled.change(
        "update membership set role = 'builder' where person_id = :person", person=person
    )
    await ruled.change(
        "update approval_rule set saved_by_id = :person where id = :rule",
        rule=UUID(ruled.rule["id"]),
        person=person,
    )
    assert await ruled.covers(call)
    await ruled.change("update person set disabled_at = now() where id = :person", person=person)
    assert not await ruled.covers(call)
