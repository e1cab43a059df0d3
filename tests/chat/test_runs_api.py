"""Reading runs: lists, counts, trees, values and the whole log."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event, text

from datelier.kit.ids import first_of, token, uuid7
from datelier.runs import listing
from tests.chat.conftest import Place, make_home, make_member
from tests.runs.processes import until
from tests.support.scripted_openai import ToolCall, Turn

COUNT = Turn.calling(ToolCall("count_rows", '{"table": "orders"}', "c1"))


async def ask(place: Place, *turns: Turn, words: str) -> str:
    """Ask in a new thread; return the run, once it has ended."""
    place.script(*turns)
    sent = await place.send(await place.thread(), words)
    await place.parts(sent["run_id"])
    return str(sent["run_id"])


async def stored_run(
    place: Place, goal: str, at: datetime, *, org_id: UUID | None = None, status: str = "succeeded"
) -> UUID:
    """Store a run that began at some moment, and that no runner takes; return its id."""
    run_id = UUID(int=first_of(at).int | uuid4().int & (1 << 60) - 1)
    values = {
        "id": run_id,
        "org": org_id or place.org_id,
        "goal": goal,
        "status": status,
        "at": at,
    }
    async with place.resources.db.system() as session:
        await session.execute(
            text(
                "insert into run (id, org_id, graph, actor, status, goal, created_at, available_at) "
                'values (:id, :org, \'none\', \'{"kind": "user", "name": "Ada"}\', :status, '
                ":goal, :at, now() + interval '1 day')"
            ),
            values,
        )
    return run_id


async def get(place: Place, path: str, **params: Any) -> Any:
    answer = await place.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_list_says_what_each_run_was_asked_and_how_it_ended(place: Place) -> None:
    word = uuid4().hex
    run_id = await ask(place, COUNT, Turn.say("42."), words=f"How many {word}?")
    [row] = (await get(place, "/runs", q=word))["data"]
    assert (row["id"], row["title"]) == (run_id, f"How many {word}?")
    assert (row["status"], row["kind"], row["agent"]["name"]) == ("succeeded", "chat", "Analyst")
    assert (row["step_count"], row["error_count"]) == (2, 0)
    assert row["started_by"] == {"kind": "token", "name": "Ada (token t)"}
    assert (row["cost"], row["cost_at_least"]) == ("0.00004", "0.00004")
    assert (await get(place, f"/runs/{run_id}"))["title"] == row["title"]


async def test_lists_are_narrowed_and_paged(place: Place) -> None:
    word = uuid4().hex
    ids = [await ask(place, Turn.say("Yes."), words=f"{word} {i}") for i in range(3)]
    first = await get(place, "/runs", q=word, limit=2)
    assert [row["id"] for row in first["data"]] == ids[:0:-1]
    rest = await get(place, "/runs", q=word, limit=2, cursor=first["next"])
    assert ([row["id"] for row in rest["data"]], rest["next"]) == (ids[:1], None)
    for params, found in [
        ({"status": ["failed", "cancelled"]}, 0),
        ({"status": ["succeeded"]}, 3),
        ({"kind": "chat"}, 3),
        ({"kind": "background"}, 0),
        ({"agent_id": first["data"][0]["agent"]["id"]}, 3),
        ({"since": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}, 3),
        ({"since": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()}, 0),
    ]:
        assert len((await get(place, "/runs", q=word, **params))["data"]) == found, params


@pytest.mark.parametrize("noun", ["agent", "source"])
async def test_an_unknown_agent_or_source_is_not_found(place: Place, noun: str) -> None:
    for path in ("/runs", "/runs/histogram"):
        answer = await place.http.get(path, params={f"{noun}_id": str(uuid4())})
        assert (answer.status_code, answer.json()["resource"]) == (404, noun)


async def test_words_are_looked_for_as_they_stand(place: Place) -> None:
    word = uuid4().hex
    await ask(place, Turn.say("Yes."), words=f"{word} 100%_sure")
    assert len((await get(place, "/runs", q=f"{word} 100%_"))["data"]) == 1
    assert (await get(place, "/runs", q=f"{word}%sure"))["data"] == []


async def test_a_histogram_has_no_gaps_and_counts_every_run_once(place: Place) -> None:
    word = uuid4().hex
    for _ in range(2):
        await ask(place, Turn.say("Yes."), words=word)
    since = datetime.now(UTC) - timedelta(hours=1)
    got = await get(place, "/runs/histogram", q=word, since=since.isoformat(), buckets=6)
    assert [bar["succeeded"] for bar in got["bars"]] == [0, 0, 0, 0, 0, 2]
    assert (got["total"], got["bucket_seconds"]) == (2, pytest.approx(600, abs=5))


@pytest.mark.parametrize("since", ["2020-01-01T00:00:00Z", "2190-01-01T00:00:00Z"])
async def test_a_histogram_of_no_sensible_time_is_refused(place: Place, since: str) -> None:
    answer = await place.http.get("/runs/histogram", params={"since": since})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "since")


async def test_a_tree_holds_structure_and_money_and_values_come_on_demand(place: Place) -> None:
    run_id = await ask(place, COUNT, Turn.say("42 orders."), words="How many orders?")
    tree = await get(place, f"/runs/{run_id}/steps")
    kinds = [row["kind"] for row in tree["steps"]]
    assert kinds == ["queue", "step", "model", "tool", "step", "model"]
    assert (tree["total"], tree["truncated"]) == (6, False)
    assert all(row["duration_ms"] is not None for row in tree["steps"])
    models = [row for row in tree["steps"] if row["kind"] == "model"]
    assert [(m["input_tokens"], m["output_tokens"], m["cost"]) for m in models] == [
        (10, 5, "0.00002")
    ] * 2
    tool = tree["steps"][3]
    assert (tool["name"], tool["status"], tool["query"]["version"]) == ("count_rows", "done", 1)
    detail = await get(place, f"/runs/{run_id}/steps/{tool['id']}")
    assert detail["input"]["value"] == {"table": "orders"}
    assert detail["output"]["value"]["table"] == "orders"
    said = await get(place, f"/runs/{run_id}/steps/{models[1]['id']}")
    assert said["output"]["value"][0]["text"] == "42 orders."
    assert said["input"]["value"]["question"] == "How many orders?"
    assert said["input"]["value"]["so_far"][0]["toolName"] == "count_rows"


async def test_a_large_value_is_cut_and_says_so(place: Place) -> None:
    run_id = await ask(place, Turn.say("x" * 150_000), words="Talk much")
    model = next(
        row
        for row in (await get(place, f"/runs/{run_id}/steps"))["steps"]
        if row["kind"] == "model"
    )
    path = f"/runs/{run_id}/steps/{model['id']}"
    cut = (await get(place, path))["output"]
    assert (cut["cut"], cut["value"], len(cut["text"])) == (True, None, 100_000)
    assert cut["bytes"] > 150_000
    whole = (await get(place, path, full=True))["output"]
    assert (whole["cut"], len(whole["value"][0]["text"])) == (False, 150_000)


async def test_an_unknown_step_is_not_found(place: Place) -> None:
    run_id = await ask(place, Turn.say("Yes."), words="Well?")
    answer = await place.http.get(f"/runs/{run_id}/steps/nothing")
    assert (answer.status_code, answer.json()["resource"]) == (404, "step")


async def test_a_cost_with_an_unknown_price_is_a_lower_bound(place: Place) -> None:
    run_id = await ask(place, COUNT, Turn.say("42."), words="How many?")
    async with place.resources.db.system() as session:
        values = {"run": run_id}
        newest = "select max(id::text)::uuid from llm_usage where run_id = :run"
        await session.execute(
            text(f"update llm_usage set cost = null where id = ({newest})"),
            values,
        )
        await session.execute(
            text("update run set usage = usage || '{\"cost\": null}' where id = :run"), values
        )
    row = await get(place, f"/runs/{run_id}")
    assert (row["cost"], row["cost_at_least"]) == (None, "0.00002")
    costs = [s["cost"] for s in (await get(place, f"/runs/{run_id}/steps"))["steps"]]
    assert costs == [None, None, "0.00002", None, None, None]


@pytest.mark.contract("S39")
async def test_a_rerun_from_a_step_repeats_tools_and_asks_the_model_from_there(
    place: Place,
) -> None:
    run_id = await ask(place, COUNT, Turn.say("42."), words="How many orders?")
    steps = (await get(place, f"/runs/{run_id}/steps"))["steps"]
    second = [row["id"] for row in steps if row["kind"] == "step"][1]
    place.script(Turn.say("Still 42."))
    asked = len(place.asked)
    sent = await place.http.post(f"/runs/{run_id}/rerun", json={"from_step": second})
    assert sent.status_code == 202, sent.text
    again = sent.json()["run_id"]
    parts = await place.parts(again)
    assert [p["output"] for p in parts if p["type"] == "tool-output-available"] == [
        {"table": "orders", "rows": 42}
    ]
    # One question to the model, which holds the repeated call and its fresh result.
    assert len(place.asked) == asked + 1
    told = [m for m in place.asked[-1]["messages"] if m["role"] in ("assistant", "tool")]
    assert told[0]["tool_calls"][0]["function"]["name"] == "count_rows"
    assert "orders: 42 rows" in told[1]["content"]
    row = await get(place, f"/runs/{again}")
    assert (row["rerun_of"], row["title"], row["status"]) == (
        run_id,
        "How many orders?",
        "succeeded",
    )
    kinds = [row["kind"] for row in (await get(place, f"/runs/{again}/steps"))["steps"]]
    assert kinds == ["queue", "step", "model", "tool", "step", "model"]


async def test_a_rerun_of_all_asks_the_model_from_the_start(place: Place) -> None:
    run_id = await ask(place, Turn.say("One."), words="Say a number")
    place.script(Turn.say("Two."))
    sent = (await place.http.post(f"/runs/{run_id}/rerun", json={})).json()
    await place.parts(sent["run_id"])
    parts = (await place.messages(sent["thread_id"]))[-1]["parts"]
    assert [part["text"] for part in parts if part["type"] == "text"] == ["Two."]
    wrong = await place.http.post(f"/runs/{run_id}/rerun", json={"from_step": "queue"})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "from_step")


async def test_a_rerun_writes_figures_as_the_run_before_it(place: Place) -> None:
    place.script(Turn.say("Eins."))
    sent = await place.send(await place.thread(), "Eine Zahl?", locale="de-CH")
    await place.parts(sent["run_id"])
    again = (await place.http.post(f"/runs/{sent['run_id']}/rerun", json={})).json()
    await place.parts(again["run_id"])
    queue = await get(place, f"/runs/{again['run_id']}/steps/queue")
    assert queue["input"]["value"] == {"rerun_of": sent["run_id"], "locale": "de-CH"}


async def test_a_token_that_may_not_start_runs_or_test_drafts_does_neither_again(
    place: Place,
) -> None:
    place.script(Turn.say("Fine."))
    person_id, secret = await make_member(place.resources, place.org_id, "Eve")
    narrow = token("dtl")
    async with place.resources.db.system() as session:
        await session.execute(
            text(
                "insert into personal_token (id, org_id, person_id, name, token_hash, prefix, scopes) "
                "values (:id, :org, :person, 'n', :hash, 'dtl_', cast(:scopes as jsonb))"
            ),
            {
                "id": uuid7(),
                "org": place.org_id,
                "person": person_id,
                "hash": hashlib.sha256(narrow.encode()).digest(),
                "scopes": '["run:get", "thread:get", "thread:update"]',
            },
        )
    headers = [{"authorization": f"Bearer {one}"} for one in (secret, narrow)]
    async with httpx.AsyncClient(base_url=place.url) as http:
        body = {"goal": "Check it."}
        background = (await http.post("/runs", json=body, headers=headers[0])).json()["id"]
        draft = (await http.post("/threads", json={"kind": "test"}, headers=headers[0])).json()
        say = f"/threads/{draft['id']}/messages"
        tested = await http.post(say, json={"text": "Hello"}, headers=headers[0])
        assert tested.status_code == 202, tested.text
        for path, given in (
            ("/runs", body),
            (f"/runs/{background}/rerun", {}),
            (say, {"text": "Hello"}),
            (f"/runs/{tested.json()['run_id']}/rerun", {}),
        ):
            answer = await http.post(path, json=given, headers=headers[1])
            assert answer.status_code == 403, (path, answer.text)


async def test_a_step_after_a_write_is_no_place_to_start_from(place: Place) -> None:
    write = Turn.calling(ToolCall("change", "{}", "w1"))
    run_id = await ask(place, write, Turn.say("Done."), words="Change it")
    steps = (await get(place, f"/runs/{run_id}/steps"))["steps"]
    first, second = [row["id"] for row in steps if row["kind"] == "step"]
    refused = await place.http.post(f"/runs/{run_id}/rerun", json={"from_step": second})
    assert (refused.status_code, refused.json()["code"]) == (409, "rerun_unsafe")
    assert first != second


async def test_an_export_holds_the_whole_log(place: Place) -> None:
    run_id = await ask(place, COUNT, Turn.say("42."), words="How many?")
    answer = await place.http.get(f"/runs/{run_id}/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{run_id}.json"'
    document = answer.json()
    assert (document["format"], document["run"]["id"]) == ("datelier.run/1", run_id)
    assert [event["part"] for event in document["events"]] == await place.parts(run_id)
    assert [event["seq"] for event in document["events"]] == list(
        range(1, len(document["events"]) + 1)
    )
    assert len(document["steps"]) == 6


async def test_a_colleague_sees_nothing_of_a_chat_that_is_not_theirs(place: Place) -> None:
    word = uuid4().hex
    run_id = await ask(place, Turn.say("Yes."), words=word)
    _, secret = await make_member(place.resources, place.org_id, "Bob")
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers) as bob:
        assert (await bob.get("/runs", params={"q": word})).json()["data"] == []
        assert (await bob.get("/runs/histogram", params={"q": word})).json()["total"] == 0
        for path in ("", "/steps", "/steps/queue", "/export"):
            assert (await bob.get(f"/runs/{run_id}{path}")).status_code == 404


async def test_a_histogram_without_a_time_counts_the_last_day_alone(place: Place) -> None:
    word = uuid4().hex
    await stored_run(place, word, datetime.now(UTC) - timedelta(days=3))
    await stored_run(place, word, datetime.now(UTC) - timedelta(hours=22.5))
    got = await get(place, "/runs/histogram", q=word, buckets=24)
    assert got["total"] == 1
    assert [bar["succeeded"] for bar in got["bars"]] == [0, 1, *[0] * 22]


async def test_a_page_of_waiting_runs_is_read_with_as_many_statements_as_one_run(
    place: Place,
) -> None:
    home, _, _ = await make_home(place.resources, place.models.url)
    there = replace(place.context(), org_id=home)
    seen: list[str] = []
    engine = place.resources.db.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    counts: list[int] = []
    event.listen(engine, "before_cursor_execute", note)
    try:
        for more in (1, 9):
            for _ in range(more):
                await stored_run(place, "", datetime.now(UTC), org_id=home, status="queued")
            seen.clear()
            async with there.begin() as tx:
                page = await listing.list_runs(tx, listing.RunFilter(), cursor=None, limit=50)
            counts.append(len(seen))
    finally:
        event.remove(engine, "before_cursor_execute", note)
        async with place.resources.db.system() as session:
            await session.execute(text("delete from run where org_id = :org"), {"org": home})
    assert [row.queue_position for row in page.data] == list(range(10, 0, -1))
    assert counts[0] == counts[1]


async def test_what_a_model_has_said_so_far_is_shown_while_it_speaks(place: Place) -> None:
    rest = asyncio.Event()
    place.script(Turn.say("One two three", release=rest, told=2))
    run_id = (await place.send(await place.thread(), "Count"))["run_id"]

    async def said() -> Any:
        steps = (await get(place, f"/runs/{run_id}/steps"))["steps"]
        [model] = [row for row in steps if row["kind"] == "model"] or [None]
        detail = await get(place, f"/runs/{run_id}/steps/{model['id']}") if model else None
        return detail and detail["output"]["value"]

    [part] = await until(said, "the model has begun to speak")
    [listed] = [r for r in (await get(place, "/runs"))["data"] if r["id"] == run_id]
    shown = await get(place, f"/runs/{run_id}")
    rest.set()
    assert 0 < listed["last_seq"] <= shown["last_seq"]
    assert "One two three".startswith(part["text"])
    await place.parts(run_id)
    assert [part["text"] for part in await said()] == ["One two three"]


async def test_an_export_holds_what_the_run_was_given_and_gave(place: Place) -> None:
    place.script(COUNT, Turn.say("Fine."))
    sent = await place.http.post("/runs", json={"goal": "Check it.", "payload": {"table": "a"}})
    run_id = sent.json()["id"]
    await place.parts(run_id)
    document = await get(place, f"/runs/{run_id}/export")
    assert document["run"]["payload"] == {"table": "a"}
    assert document["run"]["result"] == {"text": "Fine."}


async def test_an_export_holds_every_step_of_a_run_too_long_for_a_page(place: Place) -> None:
    run_id = await stored_run(place, "Long", datetime.now(UTC))
    async with place.resources.db.system() as session:
        await session.execute(
            text(
                "insert into run_event (org_id, run_id, seq, part) select :org, :run, n, "
                'cast(case n % 2 when 1 then \'{"type": "start-step"}\' '
                'else \'{"type": "finish-step"}\' end as json) from generate_series(1, 10002) n'
            ),
            {"org": place.org_id, "run": run_id},
        )
    shown = await get(place, f"/runs/{run_id}/steps")
    assert (len(shown["steps"]), shown["total"], shown["truncated"]) == (5000, 5002, True)
    document = await get(place, f"/runs/{run_id}/export")
    assert (len(document["steps"]), len(document["events"])) == (5002, 10002)
