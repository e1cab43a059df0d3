"""Writes that a person approves: seen before, made once as approved, kept in the ledger."""

import pytest

from tests.effects.conftest import Home, write_sql
from tests.support.scripted_openai import Turn

CLOSE = "UPDATE orders SET status = 'closed' WHERE id <= 3"


@pytest.mark.contract("S24")
async def test_an_approved_write_is_made_once_as_it_was_shown(writable: Home) -> None:
    thread_id, run_id = await writable.ask(write_sql(CLOSE), Turn.say("Done."))
    request = await writable.request(run_id)
    assert request["title"] == "Analyst wants to run UPDATE on orders (3 rows)"
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
