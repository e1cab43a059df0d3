"""Writing, certifying, editing and archiving definitions over the API."""

from typing import Any

import pytest

from tests.definitions.conftest import REVENUE, Desk


async def test_a_definition_is_proposed_checked_and_certified(desk: Desk) -> None:
    made = await desk.propose(name="Revenue", pattern="What was the revenue?", note="Paid only.")
    assert (made["handle"], made["status"], made["version"]) == ("M1", "proposed", 1)
    assert made["check"] == {"ok": True, "code": None, "message": None}
    assert made["uses"] == [{"table": "public.sale", "columns": ["paid", "amount"]}]
    certified = (await desk.certify(made)).json()
    assert (certified["status"], certified["version"]) == ("certified", 1)
    assert certified["certified_by"]["name"] == "Ada"
    listed = (await desk.http.get("/definitions", params={"q": "paid revenue"})).json()["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert (await desk.http.get("/definitions", params={"status": "lapsed"})).json()["data"] == []


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"sql": ""}, "sql"),
        ({"source_id": None}, "source_id"),
        ({"kind": "term", "sql": "", "note": ""}, "note"),
        ({"sql": "delete from sale"}, "sql"),
        ({"sql": "select pg_read_file('x') from sale"}, "sql"),
    ],
)
async def test_what_is_incomplete_or_refused_by_the_walls_is_not_kept(
    desk: Desk, fields: dict[str, Any], path: str
) -> None:
    body = {"name": "Revenue", "sql": REVENUE, "source_id": desk.source_id} | fields
    answer = await desk.http.post("/definitions", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert (await desk.http.get("/definitions")).json()["data"] == []


async def test_sql_that_fails_is_kept_as_a_proposal_and_cannot_be_certified(desk: Desk) -> None:
    made = await desk.propose(sql="select sum(turnover) from sale")
    assert made["check"]["ok"] is False
    assert "turnover" in made["check"]["message"]
    answer = await desk.certify(made)
    assert (answer.status_code, answer.json()["code"]) == (409, "check_failed")
    assert (await desk.get(made["id"]))["status"] == "proposed"


async def test_an_edit_of_a_certified_definition_lets_it_lapse_until_it_is_read_again(
    desk: Desk,
) -> None:
    made = await desk.certified()
    answer = await desk.edit(made, note="Without tax.")
    assert answer.status_code == 200, answer.text
    edited = answer.json()
    assert (edited["status"], edited["version"]) == ("lapsed", 2)
    assert edited["lapsed"] == {"reason": "edited", "detail": "Ada changed the note."}
    stale = await desk.certify(made)
    assert (stale.status_code, stale.json()["code"]) == (412, "definition_changed")
    assert (await desk.certify(edited)).json()["status"] == "certified"


async def test_an_edit_that_changes_nothing_is_no_version(desk: Desk) -> None:
    made = await desk.certified()
    answer = (await desk.edit(made)).json()
    assert (answer["version"], answer["status"]) == (1, "certified")


async def test_two_edits_of_the_same_version_do_not_overwrite_each_other(desk: Desk) -> None:
    made = await desk.propose()
    first = await desk.edit(made, note="One.")
    second = await desk.edit(made, note="Two.")
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await desk.get(made["id"]))["note"] == "One."
    keys = ("kind", "name", "sql", "source_id")
    blind = await desk.http.put(f"/definitions/{made['id']}", json={key: made[key] for key in keys})
    assert (blind.status_code, blind.json()["code"]) == (428, "version_needed")


async def test_versions_are_kept_and_compared(desk: Desk) -> None:
    made = await desk.propose(name="Revenue", sql=f"{REVENUE}\n  and amount > 0")
    await desk.edit(made, name="Net revenue", sql=REVENUE)
    path = f"/definitions/{made['id']}"
    versions = (await desk.http.get(f"{path}/versions")).json()["data"]
    assert [(one["version"], one["name"]) for one in versions] == [
        (2, "Net revenue"),
        (1, "Revenue"),
    ]
    assert (await desk.http.get(f"{path}/versions/1")).json()["author"]["name"] == "Ada"
    diff = (await desk.http.get(f"{path}/diff", params={"from": 1, "to": 2})).json()
    assert diff["changes"] == [{"field": "name", "before": "Revenue", "after": "Net revenue"}]
    assert [(line["kind"], line["text"].strip()) for line in diff["sql"]] == [
        ("same", REVENUE),
        ("removed", "and amount > 0"),
    ]
    assert diff["note"] == []


async def test_a_name_means_one_thing_until_its_definition_is_archived(desk: Desk) -> None:
    made = await desk.propose(name="Revenue")
    body = {"name": "REVENUE", "sql": REVENUE, "source_id": desk.source_id}
    taken = await desk.http.post("/definitions", json=body)
    assert (taken.status_code, taken.json()["code"]) == (409, "definition_name_taken")
    renamed = await desk.edit(await desk.propose(), name="revenue")
    assert (renamed.status_code, renamed.json()["code"]) == (409, "definition_name_taken")
    assert (await desk.http.delete(f"/definitions/{made['id']}")).status_code == 204
    assert (await desk.http.post("/definitions", json=body)).status_code == 201
    archived = (await desk.http.get("/definitions", params={"archived": True})).json()["data"]
    assert [one["id"] for one in archived] == [made["id"]]
    assert (await desk.edit(made, note="x")).json()["code"] == "definition_archived"


async def test_an_analyst_changes_own_proposals_and_nothing_that_is_certified(desk: Desk) -> None:
    analyst = await desk.colleague("analyst")
    own = await analyst.propose()
    assert (await analyst.edit(own, note="Mine.")).status_code == 200
    assert (await analyst.certify(own)).status_code == 403
    theirs = await desk.propose()
    assert (await analyst.edit(theirs, note="x")).status_code == 403
    assert (await desk.certify(await desk.get(own["id"]))).status_code == 200
    assert (await analyst.edit(await desk.get(own["id"]), note="x")).status_code == 403
    assert (await analyst.http.delete(f"/definitions/{own['id']}")).status_code == 403
    viewer = await desk.colleague("viewer")
    assert (await viewer.http.get(f"/definitions/{own['id']}")).status_code == 200
    body = {"name": "x", "kind": "term", "note": "y"}
    assert (await viewer.http.post("/definitions", json=body)).status_code == 403


@pytest.mark.parametrize(
    ("change", "undo", "said"),
    [
        (
            "alter table sale rename column amount to value",
            "alter table sale rename column value to amount",
            "The column public.sale.amount is no longer there.",
        ),
        (
            "alter table sale alter column amount type text",
            "alter table sale alter column amount type numeric using amount::numeric",
            "The column public.sale.amount was numeric and is text now.",
        ),
        (
            "alter table sale rename to sold",
            "alter table sold rename to sale",
            "The table public.sale is no longer there.",
        ),
    ],
)
async def test_a_definition_lapses_when_what_it_reads_has_changed(
    desk: Desk, change: str, undo: str, said: str
) -> None:
    used = await desk.certified()
    other = await desk.certified(sql="select count(*) from (values (1)) as one (n)")
    desk.database.run(change)
    try:
        await desk.refresh()
    finally:
        desk.database.run(undo)
    shown = await desk.get(used["id"])
    assert (shown["status"], shown["lapsed"]) == ("lapsed", {"reason": "drift", "detail": said})
    assert (await desk.get(other["id"]))["status"] == "certified"
    await desk.refresh()
    again = await desk.certify(shown)
    assert (again.status_code, again.json()["lapsed"]) == (200, None)


async def test_a_new_column_lets_nothing_lapse(desk: Desk) -> None:
    made = await desk.certified()
    desk.database.run("alter table sale add column tax numeric")
    await desk.refresh()
    assert (await desk.get(made["id"]))["status"] == "certified"


async def test_a_check_finds_sql_that_runs_no_more(desk: Desk) -> None:
    made = await desk.certified()
    path = f"/definitions/{made['id']}/check"
    assert (await desk.http.post(path)).json()["status"] == "certified"
    desk.database.run("revoke select on sale from sales_reader")
    shown = (await desk.http.post(path)).json()
    assert (shown["status"], shown["lapsed"]["reason"]) == ("lapsed", "failed")
    assert "permission denied" in shown["lapsed"]["detail"]


async def test_a_source_that_cannot_be_reached_lets_nothing_lapse(desk: Desk) -> None:
    made = await desk.certified()
    patch = {"config": {"host": "127.0.0.1", "port": 9, "database": "none", "user": "none"}}
    assert (await desk.http.patch(f"/sources/{desk.source_id}", json=patch)).is_success
    shown = (await desk.http.post(f"/definitions/{made['id']}/check")).json()
    assert (shown["status"], shown["check"]["ok"]) == ("certified", None)
    assert (await desk.certify(shown)).status_code == 503


async def test_a_person_can_say_that_a_definition_no_longer_holds(desk: Desk) -> None:
    made = await desk.certified()
    answer = await desk.http.post(f"/definitions/{made['id']}/lapse", json={"reason": "New rules."})
    assert answer.json()["lapsed"] == {"reason": "withdrawn", "detail": "New rules."}
