"""A runner without streams of its own queries through the replica that holds the worker."""

from uuid import UUID

import httpx

from datelier.kit.context import Context
from datelier.queries.results import open_result
from datelier.queries.schemas import QueryIn
from datelier.queries.service import run_query
from datelier.sources.gateway import RemoteGateway, WorkerGateway
from datelier.sources.gateway_server import Gateway


async def test_a_runner_gets_whole_results_and_typed_failures_through_another_replica(
    ctx: Context, http: httpx.AsyncClient, gateway: Gateway, certificate: tuple[bytes, bytes]
) -> None:
    files = [("files", ("t.csv", b"a,b\n1,x\n2,y\n"))]
    source = UUID((await http.post("/sources/upload", files=files)).json()["id"])
    remote = RemoteGateway(ctx.resources, ca=certificate[1])
    ctx.resources.register(WorkerGateway, remote)
    try:
        many = QueryIn(source_id=source, sql="select n, 'row ' || n as t from range(10000) r(n)")
        version = await run_query(ctx, many)
        refused = await run_query(ctx, QueryIn(source_id=source, sql="drop table t"))
    finally:
        ctx.resources.register(WorkerGateway, gateway)
        await remote.close()
    assert (version.status, version.row_count) == ("done", 10_000)
    assert refused.error is not None
    assert refused.error.code == "sql_refused"
    assert version.result_id is not None
    async with ctx.begin() as tx:
        result = await open_result(tx, version.result_id)
    assert result.rows(9_999, 10).data == [["9999"], ["row 9999"]]
