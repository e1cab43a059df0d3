"""Writes that a person approves: seen before, made once as approved, kept in the ledger."""

import pytest
from sqlalchemy import text

from datelier.kit.ids import uuid7
from datelier.runs.tick import look_once
from tests.effects.conftest import Home, write_sql
from tests.runs.processes import until
from tests.support.scripted_openai import Turn

CLOSE = "UPDATE orders SET status = 'closed' WHERE id <= 3"


@pytest.mark.contract("S24")
async def test_an_approved_write_is_made_once_as_it_was_shown(writable: Home) -> None:
    thread_id, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Done."))
    request = await writable.request(run_id)
    assert request["title"] == "Data-quality steward wants to run UPDATE on orders (3 rows)"
    assert request["risk"] == "write"
    shown = request["preview"]["actions"]["1"]
    assert shown["statement"] == CLOSE
    assert (shown["estimated_rows"], shown["exact"]) == (3, True)
    assert shown["columns"] == ["id", "status", "total"]
    assert shown["before"][0] == [1, "open", "1.50"]
    assert shown["after"][0] == [1, "closed", "1.50"]
    assert writable.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]
    assert (await writable.decide(request, "approve")).status_code == 200
    await writable.place.parts(run_id)
    assert writable.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(3,)]
    [effect] = await writable.effects(run_id)
    assert (effect["kind"], effect["state"], effect["outcome"]["rows"]) == ("sql", "done", 3)
    answer = (await writable.place.messages(thread_id))[-1]
    [call] = [part for part in answer["parts"] if part["type"] == "dynamic-tool"]
    assert call["output"] == {
        "verb": "UPDATE",
        "table": "orders",
        "rows": 3,
        "statement": CLOSE,
    }


async def test_an_edited_write_is_shown_and_made_as_edited(writable: Home) -> None:
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Done."))
    request = await writable.request(run_id)
    args = {"sql": "UPDATE orders SET status = 'closed' WHERE id = 7"}
    look = await writable.place.http.post(
        f"/requests/{request['id']}/preview", json={"action_id": "1", "args": args}
    )
    assert look.status_code == 200, look.text
    assert look.json()["preview"]["after"] == [[7, "closed", "10.50"]]
    assert (await writable.decide(request, "edit", args=args)).status_code == 200
    await writable.place.parts(run_id)
    assert writable.rows("SELECT id FROM orders WHERE status = 'closed'") == [(7,)]
    [effect] = await writable.effects(run_id)
    assert effect["detail"]["sql"] == args["sql"]


async def test_a_rejected_write_changes_nothing(writable: Home) -> None:
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Then not."))
    await writable.decide(await writable.request(run_id), "reject", message="not now")
    await writable.place.parts(run_id)
    assert writable.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]
    assert await writable.effects(run_id) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DROP TABLE orders", "DROP changes the database"),
        ("TRUNCATE orders", "Write DELETE FROM the table"),
        ("SELECT 1", "use the tool for queries"),
        ("DELETE FROM orders; DELETE FROM orders", "Exactly one statement"),
        ("UPDATE orders SET status = 'x' RETURNING *", "RETURNING is not allowed"),
        ("UPDATE orders SET nothing = 1 WHERE id = 1", 'column "nothing"'),
        ("UPDATE orders SET status = pg_read_file('/etc/passwd')", "pg_read_file"),
    ],
)
async def test_nobody_is_asked_for_what_cannot_be_done(writable: Home, sql: str, why: str) -> None:
    _, run_id = await writable.ask(write_sql(sql), Turn.say("I see."))
    await writable.place.parts(run_id)
    told = str(writable.place.asked[-1]["messages"][-1]["content"])
    assert "nobody was asked" in told
    assert why in told
    listed = await writable.place.http.get("/requests", params={"view": "open"})
    assert all(request["run_id"] != run_id for request in listed.json()["data"])
    assert await writable.effects(run_id) == []


async def test_every_row_is_a_destructive_request(writable: Home) -> None:
    _, run_id = await writable.ask(write_sql("DELETE FROM orders"), Turn.say("Then not."))
    request = await writable.request(run_id)
    assert request["risk"] == "destructive"
    shown = request["preview"]["actions"]["1"]
    assert "every row" in shown["note"]
    assert (len(shown["rows"]), shown["truncated"]) == (20, True)
    await writable.decide(request, "reject")
    await writable.place.parts(run_id)


async def test_a_write_of_more_rows_than_allowed_is_undone(writable: Home) -> None:
    thread_id, run_id = await writable.ask(
        write_sql("UPDATE orders SET total = 0 WHERE id > 5"), Turn.say("I see.")
    )
    await writable.decide(await writable.request(run_id), "approve")
    await writable.place.parts(run_id)
    assert writable.rows("SELECT count(*) FROM orders WHERE total = 0") == [(0,)]
    [effect] = await writable.effects(run_id)
    assert effect["state"] == "not_done"
    answer = (await writable.place.messages(thread_id))[-1]
    assert "changes 35 rows; no more than 20" in str(answer["parts"])


async def test_a_rehearsal_finds_what_only_the_database_knows(writable: Home) -> None:
    await writable.make_writable(rehearse=True)
    twice = "INSERT INTO orders (id, status) VALUES (1, 'open')"
    _, run_id = await writable.ask(write_sql(twice), Turn.say("I see."))
    await writable.place.parts(run_id)
    told = str(writable.place.asked[-1]["messages"][-1]["content"])
    assert "duplicate key" in told
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Then not."))
    request = await writable.request(run_id)
    assert "rolled back" in request["preview"]["actions"]["1"]["note"]
    assert writable.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]
    await writable.decide(request, "reject")
    await writable.place.parts(run_id)


async def test_the_account_that_reads_is_no_account_to_write_with(home: Home) -> None:
    path = f"/sources/{home.source_id}/write_connection"
    refused = await home.place.http.put(path, json={"user": "reader"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "user")


async def test_the_password_is_never_shown_and_kept_while_the_user_stays(writable: Home) -> None:
    path = f"/sources/{writable.source_id}/write_connection"
    kept = await writable.place.http.put(path, json={"user": "writer", "max_rows": 5})
    assert kept.json()["has_password"] is True
    assert "pass-w0rd" not in kept.text + (await writable.place.http.get(path)).text
    other = await writable.place.http.put(path, json={"user": "somebody"})
    assert other.json()["has_password"] is False


async def test_a_source_that_moves_forgets_who_may_write(writable: Home) -> None:
    source = f"/sources/{writable.source_id}"
    before = (await writable.place.http.get(source)).json()
    assert before["writable"] is True
    moved = await writable.place.http.patch(source, json={"config": {"host": "localhost"}})
    assert moved.json()["writable"] is False, moved.text
    await writable.place.http.patch(source, json={"config": {"host": before["config"]["host"]}})
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("I see."))
    await writable.place.parts(run_id)
    told = str(writable.place.asked[-1]["messages"][-1]["content"])
    assert "no write-enabled connection" in told


async def test_a_write_that_is_stopped_while_it_waits_changes_nothing(writable: Home) -> None:
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Never said."))
    request = await writable.request(run_id)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'writer' AND wait_event_type = 'Lock'"
    with writable.shop.connect() as other, other.transaction():
        other.execute("SELECT 1 FROM orders WHERE id = 2 FOR UPDATE")
        await writable.decide(request, "approve")

        async def waits() -> bool:
            return writable.rows(waiting) == [(1,)]

        await until(waits, "the write waits for the lock", 60)
        stopped = await writable.place.http.post(f"/runs/{run_id}/stop")
        assert stopped.status_code == 200, stopped.text
        await writable.place.parts(run_id)

    async def gone() -> bool:
        return writable.rows("SELECT 1 FROM pg_stat_activity WHERE usename = 'writer'") == []

    await until(gone, "the session of the write is gone", 60)
    assert writable.rows("SELECT count(*) FROM orders WHERE status = 'closed'") == [(0,)]
    [effect] = await writable.effects(run_id)
    assert (effect["state"], effect["note"]) == ("not_done", "The run ended before it was made.")


async def test_what_an_ended_run_left_unknown_is_asked_about_once(writable: Home) -> None:
    _, run_id = await writable.ask(Turn.say("Nothing to do."))
    await writable.place.parts(run_id)
    values = {"id": uuid7(), "org": writable.place.org_id, "run": run_id, "key": f"{run_id}:c1"}
    async with writable.place.resources.db.system() as session:
        await session.execute(
            text(
                "insert into effect (id, org_id, key, run_id, tool_call_id, kind, state, detail) "
                "values (:id, :org, :key, :run, 'c1', 'sql', 'unknown', '{\"sql\": \"DELETE\"}')"
            ),
            values,
        )
    await look_once(writable.place.resources)
    await look_once(writable.place.resources)
    got = await writable.place.http.get("/requests", params={"view": "open"})
    [question] = [one for one in got.json()["data"] if one["run_id"] == run_id]
    assert "DELETE" in question["description"]
    await writable.decide(question, "respond", args="It did not happen")
    [effect] = await writable.effects(run_id)
    assert effect["state"] == "not_done"
    assert "looked: it did not happen" in effect["note"]


@pytest.mark.parametrize(("ending", "state"), [("COMMIT", "done"), ("ROLLBACK", "not_done")])
async def test_what_the_database_can_tell_of_an_ended_run_nobody_is_asked_about(
    writable: Home, ending: str, state: str
) -> None:
    _, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Done."))
    await writable.decide(await writable.request(run_id), "approve")
    await writable.place.parts(run_id)
    with writable.shop.connect() as shop:
        shop.execute("BEGIN")
        [txid] = shop.execute("SELECT pg_current_xact_id()::text").fetchall()[0]
        shop.execute(ending.encode())
    # As it is left by a process that died after its commit, in a run that was being stopped.
    async with writable.place.resources.db.system() as session:
        await session.execute(
            text(
                "update effect set state = 'unknown', settled_at = null, txid = :txid "
                "where run_id = :run"
            ),
            {"run": run_id, "txid": txid},
        )
    await look_once(writable.place.resources)
    [effect] = await writable.effects(run_id)
    assert (effect["state"], effect["note"]) == (state, "Found out from the database.")
    got = await writable.place.http.get("/requests", params={"view": "open"})
    assert [one for one in got.json()["data"] if one["run_id"] == run_id] == []


SLOW = (
    (
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$"
    ),
    (
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION slow()"
    ),
)


async def test_a_stop_during_the_commit_waits_for_it_and_says_what_is_true(writable: Home) -> None:
    writable.shop.run(*SLOW)
    try:
        _, run_id = await writable.ask(
            write_sql("INSERT INTO log (what) VALUES ('corrected')"), Turn.say("Never said.")
        )
        await writable.decide(await writable.request(run_id), "approve")

        async def commits() -> bool:
            return any("rows" in effect["detail"] for effect in await writable.effects(run_id))

        await until(commits, "the write is being committed", 60)
        stopped = await writable.place.http.post(f"/runs/{run_id}/stop")
        assert stopped.status_code == 200, stopped.text
        await writable.place.parts(run_id)
    finally:
        writable.shop.run("DROP FUNCTION slow CASCADE")
    assert (await writable.place.http.get(f"/runs/{run_id}")).json()["status"] == "cancelled"
    assert writable.rows("SELECT what FROM log") == [("corrected",)]
    [effect] = await writable.effects(run_id)
    assert (effect["state"], effect["outcome"]["rows"]) == ("done", 1)
