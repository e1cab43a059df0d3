"""Queries, results and data tools over HTTP, with the real worker on files and PostgreSQL."""

import asyncio
import csv
import io
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.agents.provision import ensure_builtin
from datelier.kit.context import Actor, Context
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.kit.tools import ToolContext, ToolResult
from datelier.queries.arrow_store import join, read_slice
from datelier.queries.metadata_tools import METADATA_TOOLS
from datelier.queries.results import queries_of_thread
from datelier.queries.schemas import QueryIn
from datelier.queries.service import run_query
from datelier.queries.tools import DATA_TOOLS
from datelier.sources.errors import ActionFailed, NoWorker
from datelier.sources.gateway_server import Gateway
from datelier.sources.schemas import ColumnOut
from datelier.sources.target import get_source
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread
from datelier.wire.arrow import encode_columns, read_batches
from tests.conftest import make_org
from tests.sources.app import client
from tests.sources.real_worker import RealWorker

ORDERS = (
    "id,region,amount,note\n"
    '1,North,10.5,plain\n2,South,,\n3,North,7,""\n4,East,-1,"=HYPERLINK(1)"\n'
    '9007199254740993,West,2,"a ""quoted"", text"\n'
)


@pytest.fixture
async def source(http: httpx.AsyncClient) -> str:
    answer = await http.post("/sources/upload", files=[("files", ("orders.csv", ORDERS.encode()))])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def run(http: httpx.AsyncClient, source: str, sql: str, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/queries", json={"source_id": source, "sql": sql, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.contract("W7", "A23")
async def test_a_query_becomes_an_immutable_result(http: httpx.AsyncClient, source: str) -> None:
    version = await run(http, source, "select region, amount from orders order by id", title="T")
    assert (version["status"], version["version"], version["row_count"]) == ("done", 1, 5)
    assert version["columns"][1] == {"name": "amount", "type": "decimal"}
    assert version["truncated"] is False
    rows = (await http.get(f"/results/{version['result_id']}/rows")).json()
    assert rows["data"][0] == ["North", "South", "North", "East", "West"]
    assert rows["data"][1][:2] == ["10.5", None]
    again = await run(http, source, "select 2 as two", query_id=version["query_id"])
    assert (again["handle"], again["version"]) == (version["handle"], 2)
    both = (await http.get(f"/queries/{version['query_id']}")).json()["versions"]
    assert [entry["version"] for entry in both] == [1, 2]
    assert both[0]["result_id"] == version["result_id"]


async def test_pages_and_sorts_keep_every_digit_and_put_null_last(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select id, amount from orders")
    path = f"/results/{version['result_id']}/rows"
    page = (await http.get(f"{path}?offset=1&limit=2&sort=id:desc")).json()
    assert page["data"][0] == ["4", "3"]
    assert (page["offset"], page["row_count"]) == (1, 5)
    first = (await http.get(f"{path}?limit=1&sort=id:desc")).json()
    assert first["data"][0] == ["9007199254740993"]
    for direction in ("asc", "desc"):
        ordered = (await http.get(f"{path}?sort=amount:{direction}")).json()["data"][1]
        assert ordered[-1] is None
    assert (await http.get(f"{path}?sort=nothing:asc")).status_code == 422
    assert (await http.get(f"{path}?limit=0")).status_code == 422


async def test_csv_follows_rfc_4180_and_disarms_formulas(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select * from orders order by id", title="My Orders!")
    path = f"/results/{version['result_id']}/download"
    answer = await http.get(path)
    handle = version["handle"].lower()
    assert f'filename="{handle}-my-orders-v1.csv"' in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[0] == ["id", "region", "amount", "note"]
    assert rows[4] == ["4", "East", "-1.0", "'=HYPERLINK(1)"]
    assert rows[5][0] == "9007199254740993"
    assert rows[5][3] == 'a "quoted", text'
    assert "\r\n2,South,," in answer.text
    bare = await http.get(f"{path}?protect=false")
    assert ",=HYPERLINK(1)\r\n" in bare.text
    lines = (await http.get(f"{path}?format=jsonl")).text.splitlines()
    assert len(lines) == 5


async def test_the_arrow_download_is_one_stream_any_reader_understands(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select * from range(9000) t(n)")
    answer = await http.get(f"/results/{version['result_id']}/download?format=arrow")
    # One schema, many batches, one end: what any Arrow stream reader expects.
    lengths = [batch.length for batch in read_batches(answer.content)]
    assert sum(lengths) == 9000
    tail = (await http.get(f"/results/{version['result_id']}/rows?offset=8990&limit=100")).json()
    assert tail["data"] == [[str(n) for n in range(8990, 9000)]]


ARROW = "application/vnd.apache.arrow.stream"


async def test_one_request_runs_a_statement_keeps_its_rows_and_brings_them(
    http: httpx.AsyncClient, source: str
) -> None:
    body = {"source_id": source, "sql": "select * from range(9000) t(n)", "limit": 8000}
    answer = await http.post("/queries", json=body, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    head = json.loads(answer.headers["datelier-query-version"])
    assert (head["row_count"], head["truncated"], head["notes"]) == (8000, True, 0)
    numbers = [
        n
        for batch in read_batches(answer.content)
        for n in memoryview(batch.columns[0].data).cast("q")
    ]
    assert numbers == list(range(8000))
    stored = await http.get(answer.headers["content-location"].removeprefix("/api/v1"))
    assert stored.content == answer.content
    kept = (await http.get(f"/queries/{head['query_id']}")).json()["versions"]
    assert [version["result_id"] for version in kept] == [head["result_id"]]


async def test_a_statement_that_fails_brings_its_reason_in_place_of_rows(
    http: httpx.AsyncClient, source: str
) -> None:
    body = {"source_id": source, "sql": "select nothing from orders"}
    answer = await http.post("/queries", json=body, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["status"] == "failed"
    assert "nothing" in answer.json()["error"]["message"]


async def test_a_source_whose_secret_cannot_be_opened_fails_the_statement_and_says_why(
    http: httpx.AsyncClient, ctx: Context, source: str
) -> None:
    async with ctx.begin() as tx:
        (await get_source(tx, UUID(source))).secret = b"sealed by somebody else"
    version = await run(http, source, "select 1")
    assert version["status"] == "failed"
    assert "sealed with another key" in version["error"]["message"]


async def test_a_source_that_is_gone_uses_up_no_handle(
    http: httpx.AsyncClient, source: str
) -> None:
    assert (await run(http, source, "select 1"))["handle"] == "Q1"
    body = {"source_id": str(uuid7()), "sql": "select 1"}
    assert (await http.post("/queries", json=body)).status_code == 404
    assert (await run(http, source, "select 1"))["handle"] == "Q2"


async def test_refused_and_failed_statements_are_kept_with_their_reason(
    http: httpx.AsyncClient, source: str
) -> None:
    for sql, code in (
        ("delete from orders", "sql_refused"),
        ("select 1; select 2", "sql_refused"),
        ("select * from read_csv('/etc/passwd')", "sql_refused"),
        ("select nothing from orders", "sql_failed"),
    ):
        version = await run(http, source, sql)
        assert (version["status"], version["error"]["code"]) == ("failed", code), version
        assert version["result_id"] is None


@pytest.mark.contract("X15")
async def test_truncation_is_said_and_the_limit_is_checked(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select * from orders", limit=2)
    assert (version["row_count"], version["truncated"]) == (2, True)
    body = {"source_id": source, "sql": "select 1", "limit": 10_001}
    assert (await http.post("/queries", json=body)).status_code == 422


async def test_what_was_cut_on_the_way_is_said_to_people_and_models(
    http: httpx.AsyncClient, ctx: Context, source: str
) -> None:
    sql = "select repeat('x', 1100000) as big from orders limit 1"
    version = await run(http, source, sql)
    assert version["truncated"] is False, "every row is there"
    assert version["notes"] == ["Values of 'big' longer than 1048576 bytes were cut."]
    stored = (await http.get(f"/queries/{version['query_id']}")).json()["versions"][0]
    assert stored["notes"] == version["notes"]
    agent = Agent(ctx, source)
    result = await agent.call("execute_sql_query", sql=sql)
    assert f"Note: {version['notes'][0]}" in result.text
    assert agent.parts[-1]["data"]["notes"] == version["notes"]
    plain = await run(http, source, "select 1 as one")
    assert plain["notes"] == []


async def test_cancel_stops_the_statement_and_the_version_says_so(
    http: httpx.AsyncClient, ctx: Context, source: str
) -> None:
    started: asyncio.Queue[Any] = asyncio.Queue()
    request = QueryIn(
        source_id=UUID(source),
        sql="select count(*) from range(1000000000) a, range(1000000) b",
    )
    task = asyncio.create_task(run_query(ctx, request, on_start=started.put))
    version = await started.get()
    answer = await http.post(f"/queries/{version.query_id}/cancel")
    assert answer.json()["versions"][0]["status"] == "cancelled"
    ended = await asyncio.wait_for(task, 10)
    assert ended.status == "cancelled"
    assert (await http.post(f"/queries/{version.query_id}/cancel")).status_code == 409


async def test_a_cancelled_caller_leaves_a_cancelled_version(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    started: asyncio.Queue[Any] = asyncio.Queue()
    request = QueryIn(
        source_id=UUID(source),
        sql="select count(*) from range(1000000000) a, range(1000000) b",
    )
    task = asyncio.create_task(run_query(ctx, request, on_start=started.put))
    version = await started.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = (await http.get(f"/queries/{version.query_id}")).json()["versions"][0]
    assert (kept["status"], kept["error"]["code"]) == ("cancelled", "cancelled")


async def test_results_of_another_organization_are_not_found(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select 1 as one")
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    async with client(stranger) as other:
        for path in (
            f"/queries/{version['query_id']}",
            f"/results/{version['result_id']}",
            f"/results/{version['result_id']}/rows",
            f"/results/{version['result_id']}/download",
        ):
            assert (await other.get(path)).status_code == 404
        body = {"source_id": source, "sql": "select 1"}
        assert (await other.post("/queries", json=body)).status_code == 404


@pytest.mark.contract("Q14", "Q54")
async def test_without_a_worker_the_query_is_503_and_kept_as_failed(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes]
) -> None:
    async with RealWorker(ctx, gateway, certificate[1]), client(ctx) as http:
        answer = await http.post("/sources/upload", files=[("files", ("o.csv", ORDERS.encode()))])
    request = QueryIn(source_id=UUID(answer.json()["id"]), sql="select 1")
    versions: list[Any] = []

    async def started(version: Any) -> None:
        versions.append(version)

    with pytest.raises(NoWorker):
        await run_query(ctx, request, on_start=started)
    async with client(ctx) as http:
        kept = (await http.get(f"/queries/{versions[0].query_id}")).json()["versions"][0]
    assert (kept["status"], kept["error"]["code"]) == ("failed", "no_worker")


def test_streams_of_different_shape_are_never_joined() -> None:
    columns = [ColumnOut(name="a", type="int64")]
    one = encode_columns(["a"], ["int64"], [[1]])
    other = encode_columns(["b"], ["int64"], [[1]])
    with pytest.raises(ActionFailed):
        join([(one, 1), (other, 1)], columns)
    with pytest.raises(ActionFailed):
        join([(b"garbage", 1)], columns)


def test_a_slice_reads_only_the_batches_it_needs(tmp_path: Any) -> None:
    streams = [
        (encode_columns(["n"], ["int64"], [list(range(start, start + 10))]), 10)
        for start in range(0, 100, 10)
    ]
    joined = join(streams, [ColumnOut(name="n", type="int64")])
    path = tmp_path / "r.arrow"
    path.write_bytes(joined.data)
    batches = list(read_slice(path, joined.index, 25, 10))
    assert [batch.length for batch in batches] == [5, 5]


# ---- tools ------------------------------------------------------------------------------------


class Agent:
    """Calls tools as the agent loop does, and keeps the parts they emit."""

    def __init__(self, ctx: Context, *source_ids: str) -> None:
        self.parts: list[dict[str, Any]] = []
        self._begun = False
        self.context = ToolContext(
            ctx=ctx,
            run_id=uuid7(),
            thread_id=uuid7(),
            message_id=uuid7(),
            tool_call_id="call_1",
            source_ids=tuple(map(UUID, source_ids)),
            emit=self._emit,
            agent="Analyst",
        )

    async def _emit(self, part: dict[str, Any]) -> None:
        self.parts.append(part)

    async def call(self, name: str, **arguments: Any) -> ToolResult:
        if not self._begun:
            await begin_thread(self.context.ctx, self.context.thread_id)
            self._begun = True
        tool = next(tool for tool in (*DATA_TOOLS, *METADATA_TOOLS) if tool.name == name)
        return await tool.run(self.context, tool.input_model.model_validate(arguments))


@pytest.mark.contract("Q38")
async def test_the_result_text_is_what_the_contract_shows(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    agent = Agent(ctx, source)
    result = await agent.call(
        "execute_sql_query", sql="select region, amount from orders order by id"
    )
    lines = result.text.splitlines()
    assert lines[0] == "Result Q1.v1"
    assert lines[1].startswith("Execution time: ")
    assert "Columns: region (string), amount (decimal)" in lines
    assert "Rows (5 shown, 5 total):" in lines
    header = lines.index("region | amount")
    assert set(lines[header + 1]) == {"-"}
    assert lines[header + 2 : header + 4] == ["North | 10.5", "South | "]
    assert (result.output["handle"], result.output["row_count"]) == ("Q1", 5)
    assert result.output["rows"][0] == ["North", "10.5"]
    assert [part["data"]["status"] for part in agent.parts] == ["running", "done"]
    assert agent.parts[0]["id"] == agent.parts[1]["id"]


@pytest.mark.contract("Q30", "Q31", "Q32", "Q33", "Q34", "Q35")
async def test_every_data_tool_answers_on_a_real_source(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    agent = Agent(ctx, source)
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("read_source_data", {"table": "orders", "columns": ["id"], "limit": 2}, "Rows (2 shown"),
        ("sample_source_data", {"table": "orders", "n": 3}, "Rows (3 shown"),
        ("count_rows", {"table": "orders", "condition": "region = 'North'"}, "\n2"),
        ("filter_data", {"table": "orders", "condition": "amount > 8"}, "Rows (1 shown"),
        (
            "aggregate_data",
            {"table": "orders", "group_by": ["region"], "agg_func": "sum(amount)"},
            "Rows (4 shown",
        ),
        ("describe_source", {"table": "orders"}, "- region: VARCHAR"),
    ]
    for name, arguments, expected in calls:
        result = await agent.call(name, **arguments)
        assert not result.is_error, result.text
        assert expected in result.text, result.text


@pytest.mark.contract("A24")
async def test_a_model_can_repair_what_it_did_wrong(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    agent = Agent(ctx, source)
    failed = await agent.call("execute_sql_query", sql="select nothing from orders")
    assert failed.is_error
    assert "sql_failed" in failed.text
    assert agent.parts[-1]["data"]["status"] == "failed"
    missing = await agent.call("describe_source", table="nowhere")
    assert missing.is_error
    assert "orders" in missing.text


@pytest.mark.contract("Q28", "Q29")
async def test_tools_touch_only_attached_sources(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    bare = Agent(ctx)
    assert "No source is attached" in (await bare.call("execute_sql_query", sql="select 1")).text
    other = await http.post("/sources/upload", files=[("files", ("b.csv", b"x,y\n1,2\n"))])
    agent = Agent(ctx, source)
    refused = await agent.call(
        "execute_sql_query", source_id=other.json()["id"], sql="select * from b"
    )
    assert refused.is_error
    assert "Attached sources" in refused.text
    both = Agent(ctx, source, other.json()["id"])
    assert (await both.call("execute_sql_query", sql="select 1")).is_error
    named = await both.call("execute_sql_query", source_id="b.csv", sql="select x from b")
    assert not named.is_error, named.text


@pytest.mark.contract("Q38", "X15")
async def test_only_twenty_rows_are_shown_and_truncation_is_said(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    agent = Agent(ctx, source)
    result = await agent.call("execute_sql_query", sql="select * from range(100) t(n)", limit=50)
    assert "Rows (20 shown, more than 50 total):" in result.text
    assert "... truncated" in result.text
    assert "compute totals" in result.text
    assert len(result.output["rows"]) == 20


async def begin_thread(ctx: Context, thread_id: UUID | None = None) -> UUID:
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
        return (await create_thread(tx, ThreadIn(id=thread_id))).id


async def test_many_queries_at_once_get_handles_of_their_own(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    thread = await begin_thread(ctx)
    requests = [
        QueryIn(source_id=UUID(source), sql=f"select {n} as n", thread_id=thread) for n in range(8)
    ]
    versions = await asyncio.gather(*(run_query(ctx, request) for request in requests))
    assert sorted(version.handle for version in versions) == [f"Q{n}" for n in range(1, 9)]
    assert {version.status for version in versions} == {"done"}
    with pytest.raises(NotFound):
        await run_query(ctx, QueryIn(source_id=UUID(source), sql="select 1", thread_id=uuid7()))


async def test_a_thread_lists_the_newest_version_of_each_of_its_queries(
    http: httpx.AsyncClient, ctx: Context, source: str
) -> None:
    thread, other = await begin_thread(ctx), await begin_thread(ctx)
    first = await run(http, source, "select 1 as n", thread_id=str(thread))
    await run(http, source, "select 2 as n", thread_id=str(thread))
    await run(http, source, "select 3 as n", thread_id=str(other))
    await run(http, source, "select 4 as n", thread_id=str(thread), query_id=first["query_id"])
    async with ctx.begin() as tx:
        found = (await queries_of_thread(tx, thread)).data
    assert [(v.handle, v.version) for v in found] == [("Q1", 2), ("Q2", 1)]


async def test_only_the_owner_of_a_chat_adds_versions_to_its_queries(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    first = await run(http, source, "select 1 as n", thread_id=str(await begin_thread(ctx)))
    again = {"source_id": source, "sql": "select 2 as n", "query_id": first["query_id"]}
    colleague = replace(ctx, actor=Actor("user", uuid7(), "Grace"))
    async with client(colleague) as caller:
        answer = await caller.post("/queries", json=again)
        assert (answer.status_code, answer.json()["resource"]) == (404, "query")
    async with client(ctx) as caller:
        assert (await caller.post("/queries", json=again)).json()["version"] == 2


async def test_the_versions_of_a_query_are_of_one_source(
    http: httpx.AsyncClient, source: str
) -> None:
    first = await run(http, source, "select 1 as n")
    other = await http.post("/sources/upload", files=[("files", ("b.csv", ORDERS.encode()))])
    again = {"source_id": other.json()["id"], "sql": "select 2", "query_id": first["query_id"]}
    answer = await http.post("/queries", json=again)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "source_id")
    kept = (await http.get(f"/queries/{first['query_id']}")).json()["versions"]
    assert [version["source_id"] for version in kept] == [source]
