"""What destroys needs two people where the operator says so, whoever wrote the statement."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chat.conftest import make_member
from tests.effects.conftest import Home, write_sql
from tests.support.scripted_openai import Turn

ALL = "DELETE FROM orders WHERE 1 = 1"
FEW = "DELETE FROM orders WHERE id <= 2"


@pytest.fixture
async def careful(writable: Home) -> AsyncGenerator[Home]:
    settings = writable.place.resources.settings
    settings.destroy_approvals = 2
    await writable.make_writable(max_rows=100)
    yield writable
    settings.destroy_approvals = 1


async def by_eve(home: Home, request: dict[str, Any], sql: str | None) -> httpx.Response:
    _, secret = await make_member(home.place.resources, home.place.org_id, "Eve")
    eve = {"Authorization": f"Bearer {secret}"}
    given: dict[str, Any] = {"action_id": "1", "type": "edit" if sql else "approve"}
    if sql:
        given["args"] = {"sql": sql}
    shown = await home.place.http.get(f"/requests/{request['id']}", headers=eve)
    body = {
        "decision_id": str(uuid4()),
        "revision": shown.json()["revision"],
        "decisions": [given],
    }
    return await home.place.http.post(f"/requests/{request['id']}/decide", json=body, headers=eve)


def left(home: Home) -> int:
    return int(home.rows("SELECT count(*) FROM orders")[0][0])


async def test_an_edit_that_destroys_needs_as_many_people_as_a_call_that_did(careful: Home) -> None:
    _, run_id = await careful.ask(write_sql(FEW), Turn.say("Done."))
    request = await careful.request(run_id)
    assert (request["risk"], request["requires"]) == ("write", 1)
    path = f"/requests/{request['id']}/preview"
    for sql, risk, people in ((FEW, "write", 1), (ALL, "destructive", 2)):
        look = await careful.place.http.post(path, json={"action_id": "1", "args": {"sql": sql}})
        assert (look.json()["risk"], look.json()["requires"]) == (risk, people)
    mine = await careful.decide(request, "edit", args={"sql": ALL})
    assert mine.status_code == 200, mine.text
    asked = mine.json()
    assert (asked["status"], asked["risk"], asked["requires"]) == ("pending", "destructive", 2)
    assert (asked["approvals"], left(careful)) == (1, 40)
    # Whoever else decides another call has not agreed to this one.
    other = (await by_eve(careful, request, FEW)).json()
    assert (other["status"], other["approvals"]) == ("pending", 1)
    same = (await by_eve(careful, request, ALL)).json()
    assert same["status"] == "edited"
    await careful.place.parts(run_id)
    assert left(careful) == 0


async def test_an_edit_that_does_not_destroy_is_one_persons_decision(careful: Home) -> None:
    _, run_id = await careful.ask(write_sql(FEW), Turn.say("Done."))
    request = await careful.request(run_id)
    done = await careful.decide(request, "edit", args={"sql": "DELETE FROM orders WHERE id = 1"})
    assert done.json()["status"] == "edited"
    await careful.place.parts(run_id)
    assert left(careful) == 39


async def test_a_condition_that_every_row_meets_is_none(careful: Home) -> None:
    _, run_id = await careful.ask(write_sql(ALL), Turn.say("Then not."))
    request = await careful.request(run_id)
    assert (request["risk"], request["requires"]) == ("destructive", 2)
    await careful.decide(request, "reject")
    await careful.place.parts(run_id)
    assert left(careful) == 40
