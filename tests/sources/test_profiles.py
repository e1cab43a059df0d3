"""Profiles and the value index over HTTP: real worker, real files, real PostgreSQL."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text as sql

from datelier.kit.context import Context
from datelier.sources import profiles
from datelier.sources.grounding import grounding, table_values
from datelier.sources.value_index import SOURCE_BYTES
from datelier.wire.arrow import encode_columns
from datelier.wire.v1 import worker_pb2 as pb
from tests.conftest import make_org
from tests.sources.app import client
from tests.sources.scripted_worker import ScriptedWorker, echo

ORDERS = "id,region,amount\n" + "".join(
    f"{i},{('North', 'South', 'East')[i % 3]},{'' if i % 5 == 0 else i}\n" for i in range(1, 31)
)


async def upload(http: httpx.AsyncClient, text: str = ORDERS, name: str = "orders") -> str:
    files = [("files", (f"{name}.csv", text.encode()))]
    answer = await http.post("/sources/upload", files=files, data={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def finished(http: httpx.AsyncClient, source: str, table: str) -> dict[str, Any]:
    """The profile once it has ended."""
    async with asyncio.timeout(30):
        while True:
            answer = await http.get(f"/sources/{source}/profile", params={"table": table})
            assert answer.status_code == 200, answer.text
            if answer.json()["status"] != "running":
                return answer.json()


async def profiled(http: httpx.AsyncClient, source: str, table: str) -> dict[str, Any]:
    started = await http.post(f"/sources/{source}/profile", json={"table": table})
    assert started.status_code == 202, started.text
    return await finished(http, source, table)


def column(out: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in out["profile"]["columns"] if one["name"] == name)


@pytest.mark.contract("Q74")
async def test_a_profile_is_started_kept_and_read_again(http: httpx.AsyncClient) -> None:
    source = await upload(http)
    before = await http.get(f"/sources/{source}/profile", params={"table": "files.orders"})
    assert before.json()["status"] == "none"
    out = await profiled(http, source, "orders")
    assert (out["status"], out["table"], out["progress"]) == ("done", "files.orders", None)
    amount = column(out, "amount")
    assert (amount["nulls"], amount["completeness"]) == (6, 0.8)
    assert out["profile"]["basis"]["words"] == "All 30 rows."
    assert amount["histogram"][0]["from"] == 1.0
    assert sum(bar["count"] for bar in amount["histogram"]) == 24
    region = column(out, "region")
    assert region["indexed"]["state"] == "complete"
    assert region["top_values"][0]["count"] == 10


async def test_an_unknown_table_and_a_foreign_source_are_not_found(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = await upload(http)
    assert (await http.post(f"/sources/{source}/profile", json={"table": "x"})).status_code == 404
    other = replace(ctx, org_id=await make_org(ctx.resources))
    async with client(other) as stranger:
        for method, path in (("POST", "profile"), ("POST", "profile/stop")):
            answer = await stranger.request(
                method, f"/sources/{source}/{path}", json={"table": "orders"}
            )
            assert answer.status_code == 404
        read = await stranger.get(f"/sources/{source}/profile", params={"table": "orders"})
        assert read.status_code == 404


async def test_what_a_profile_needs_is_the_right_to_run_queries(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = await upload(http)
    viewer = replace(ctx, scopes=frozenset({"source:get"}))
    async with client(viewer) as caller:
        refused = await caller.post(f"/sources/{source}/profile", json={"table": "orders"})
        assert refused.status_code == 403
        allowed = await caller.get(f"/sources/{source}/profile", params={"table": "orders"})
        assert allowed.status_code == 200
    async with client(ctx):
        pass


CATALOG = {
    "tables": [
        {
            "schema": "public",
            "name": "slow",
            "kind": "table",
            "columns": [{"name": "n", "type": "integer"}],
        }
    ]
}


async def scripted_source(ctx: Context) -> tuple[httpx.AsyncClient, str]:
    http = client(ctx)
    config = {"host": "db", "database": "d", "user": "u"}
    made = await http.post(
        "/sources", json={"name": "db", "engine": "postgresql", "config": config}
    )
    assert made.status_code == 201, made.text
    return http, made.json()["id"]


async def test_progress_is_seen_while_a_profile_runs_and_stop_reaches_the_worker(
    ctx: Context, scripted: Callable[..., ScriptedWorker]
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        if request.action_type == "describe":
            await worker.answer(request, CATALOG)
        elif request.action_type == "profile":
            step = encode_columns(
                ("done", "total", "step"), ("int32", "int32", "string"), ([1], [3], ["Counting"])
            )
            await worker.send_batch(request.request_id, 0, step)
        else:  # the test of the new source, which is waited for
            await echo(worker, request)

    async with scripted(script) as worker:
        http, source = await scripted_source(ctx)
        table = {"table": "public.slow"}
        first = await http.post(f"/sources/{source}/profile", json=table)
        assert first.json()["status"] == "running"
        again = await http.post(f"/sources/{source}/profile", json=table)
        assert again.json()["started_at"] == first.json()["started_at"]
        async with asyncio.timeout(10):
            while True:
                seen = (await http.get(f"/sources/{source}/profile", params=table)).json()
                if seen["progress"]:
                    break
        assert seen["progress"] == {"done": 1, "total": 3, "step": "Counting"}
        stopped = await http.post(f"/sources/{source}/profile/stop", json=table)
        assert (stopped.json()["status"], stopped.json()["error"]["code"]) == (
            "failed",
            "cancelled",
        )
        request_id = await asyncio.wait_for(worker.cancelled.get(), 10)
        await worker.send_response(
            request_id=request_id, ok=False, action_type="profile",
            error=orjson.dumps({"code": "cancelled", "message": "x"}).decode(),
        )  # fmt: skip
        await finished_tasks()
        after = (await http.get(f"/sources/{source}/profile", params=table)).json()
        assert after["error"]["message"].startswith("Stopped by")
        profiles_asked = [
            request.action_type
            for request in iter(
                lambda: worker.requests.get_nowait() if worker.requests.qsize() else None, None
            )
        ]
        assert profiles_asked.count("profile") == 1


async def finished_tasks() -> None:
    """Wait until no profile is under way in this process."""
    async with asyncio.timeout(10):
        await asyncio.gather(*profiles.under_way(), return_exceptions=True)


async def test_a_profile_that_makes_no_sense_is_refused(
    ctx: Context, scripted: Callable[..., ScriptedWorker]
) -> None:
    async def script(worker: ScriptedWorker, request: pb.AgentActionRequest) -> None:
        answer = CATALOG if request.action_type == "describe" else {"profile": [{"name": 1}]}
        await worker.answer(request, answer)

    async with scripted(script):
        http, source = await scripted_source(ctx)
        out = await profiled(http, source, "public.slow")
        assert (out["status"], out["profile"]) == ("failed", None)
        assert out["error"]["message"] == "The data worker's profile cannot be read."


async def test_the_model_gets_all_real_values_of_a_column_with_few(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = UUID(await upload(http))
    told, _ = await grounding(ctx, [source])
    assert "- region: VARCHAR [all values: 'East', 'North', 'South']" in told
    assert (await table_values(ctx, source))["orders"]["region"] == ["East", "North", "South"]


async def test_a_column_with_too_many_values_is_counted_and_not_sampled(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    many = "name,kind\n" + "".join(f"person {i % 250},k{i % 2}\n" for i in range(500))
    source = UUID(await upload(http, many, "people"))
    told, _ = await grounding(ctx, [source])
    assert "- name: VARCHAR [250 different values]" in told
    assert "person 249" not in told
    out = await profiled(http, str(source), "people")
    assert column(out, "name")["indexed"]["state"] == "too_many"
    assert column(out, "name")["indexed"]["distinct"] == 250


async def test_the_index_follows_the_data_when_it_is_refreshed(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = await upload(http)
    files = ctx.resources.blobs.root / str(ctx.org_id) / "sources" / source
    (path,) = [one for one in files.iterdir() if one.is_file()]
    path.write_text(ORDERS.replace("East", "Centre"), encoding="utf-8")
    assert (await http.post(f"/sources/{source}/refresh")).status_code == 200
    told, _ = await grounding(ctx, [UUID(source)])
    assert "'Centre'" in told
    assert "'East'" not in told


async def test_the_index_has_a_cap_and_says_which_column_is_over_it(
    http: httpx.AsyncClient,
) -> None:
    # Each column holds 200 values of 110 characters: 11 of them fill the cap.
    columns = 14
    assert columns * 200 * 110 > SOURCE_BYTES
    head = ",".join(f"c{i}" for i in range(columns))
    rows = [",".join(f"{row:03d}{'x' * 107}" for _ in range(columns)) for row in range(200)]
    text = "\n".join([head, *rows, *rows]) + "\n"
    source = await upload(http, text, "wide")
    out = await profiled(http, source, "wide")
    states = [one["indexed"]["state"] for one in out["profile"]["columns"]]
    assert set(states) == {"complete", "over_cap"}
    assert states.count("complete") == 11


async def test_long_values_are_not_indexed_and_long_lists_are_left_to_a_tool(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    rows = "".join(f"{'word ' * 40}{i % 3},code {i % 90:04d}\n" for i in range(180))
    source = UUID(await upload(http, "essay,code\n" + rows, "texts"))
    told, _ = await grounding(ctx, [source])
    assert "- code: VARCHAR [90 different values; describe_source" in told
    out = await profiled(http, str(source), "texts")
    assert column(out, "essay")["indexed"]["state"] == "too_long"


async def test_a_removed_source_leaves_no_values_behind(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = await upload(http)
    await profiled(http, source, "orders")
    assert (await http.delete(f"/sources/{source}")).status_code == 204
    async with ctx.begin() as tx:
        for table in ("column_profile", "value_index"):
            left = await tx.session.execute(
                sql(f"select count(*) from {table} where source_id = :id"), {"id": UUID(source)}
            )
            assert left.scalar_one() == 0
