"""Reading runs: lists, counts, trees, values and the whole log."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.chat.conftest import Place, make_member
from tests.support.scripted_openai import ToolCall, Turn

COUNT = Turn.calling(ToolCall("count_rows", '{"table": "orders"}', "c1"))


async def ask(place: Place, *turns: Turn, words: str) -> str:
    """Ask in a new thread; return the run, once it has ended."""
    place.script(*turns)
    sent = await place.send(await place.thread(), words)
    await place.parts(sent["run_id"])
    return str(sent["run_id"])


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
    assert (row["step_count"], row["error_count"]) == (3, 0)
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
        ({"agent_id": str(uuid4())}, 0),
        ({"source_id": str(uuid4())}, 0),
        ({"since": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}, 3),
        ({"since": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()}, 0),
    ]:
        assert len((await get(place, "/runs", q=word, **params))["data"]) == found, params


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
