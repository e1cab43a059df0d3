"""The practice copy: the sample as a database that approved writes may change from the start."""

from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from datelier.kit.context import Context
from datelier.kit.errors import Forbidden
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.sample import add_sample
from datelier.sources.write_connection import write_target
from tests.sources.real_worker import RealWorker

MISSING = "UPDATE customers SET city = 'Unknown' WHERE city IS NULL"


async def test_the_practice_copy_is_made_once_holds_the_sample_and_can_be_written_to(
    http: httpx.AsyncClient, ctx: Context, real_worker: RealWorker
) -> None:
    assert real_worker
    first = await http.post("/sources/sample", params={"writable": True})
    again = await http.post("/sources/sample", params={"writable": True})
    sample = await http.post("/sources/sample")
    assert (first.status_code, again.status_code) == (201, 200), first.text
    made = first.json()
    assert again.json()["id"] == made["id"] != sample.json()["id"]
    assert (made["name"], made["engine"]) == ("Retail practice copy", "sqlite")
    assert (made["sample"], made["writable"]) == (True, True)
    assert (sample.json()["engine"], sample.json()["writable"]) == ("files", False)
    rows = [
        {table["name"]: table["rows"] for table in (await _catalog(http, one))["tables"]}
        for one in (made, sample.json())
    ]
    assert rows[0] == rows[1]
    async with ctx.begin() as tx:
        allowed = await write_target(tx, UUID(made["id"]))
    gateway = ctx.resources.get(WorkerGateway)
    order = Order("plan_write", {"sql": MISSING, "rehearse": True})
    planned = await gateway.perform_on(ctx, allowed.target, order)
    assert (planned.result["problem"], planned.result["rehearsed_rows"]) == (None, 73)


async def _catalog(
    http: httpx.AsyncClient, source: dict[str, str]
) -> dict[str, list[dict[str, str]]]:
    return (await http.get(f"/sources/{source['id']}/catalog")).json()


async def test_only_who_may_allow_writes_adds_one(ctx: Context) -> None:
    analyst = replace(ctx, scopes=ctx.scopes - {"write_connection:manage"})
    with pytest.raises(Forbidden):
        await add_sample(analyst, writable=True)
