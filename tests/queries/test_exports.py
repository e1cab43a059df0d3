"""All rows of a query as a file: streamed, counted, stoppable, and for the one who asked."""

import asyncio
import csv
import io
import json
import os
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import httpx
import pytest

from datelier.kit.context import Actor, Context
from datelier.kit.errors import NotFound, TooMany
from datelier.kit.ids import uuid7
from datelier.queries.exports import AT_ONCE, KEPT_SECONDS, export_all, find_export
from datelier.queries.schemas import ExportIn, ExportOut
from tests.conftest import make_org
from tests.queries.test_queries import ORDERS, run
from tests.sources.app import client

MANY = "select n, n % 7 as seven, 'row ' || n as name from range(50000) t(n)"
ENDLESS = "select a.range as n from range(1000000000) a"


@pytest.fixture
async def source(http: httpx.AsyncClient) -> str:
    answer = await http.post("/sources/upload", files=[("files", ("orders.csv", ORDERS.encode()))])
    return str(answer.json()["id"])


async def export(http: httpx.AsyncClient, result: str, form: str) -> list[dict[str, Any]]:
    answer = await http.post(f"/results/{result}/exports", json={"format": form})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_cut_result_is_downloaded_with_all_its_rows(
    http: httpx.AsyncClient, source: str, tmp_path: Path
) -> None:
    version = await run(http, source, MANY, limit=10, title='Rows: "all"\n')
    assert version["truncated"] is True
    for form in ("parquet", "csv", "jsonl", "xlsx", "arrow"):
        lines = await export(http, version["result_id"], form)
        assert [line["status"] for line in lines[:-1]] == ["running"] * (len(lines) - 1)
        last = lines[-1]
        assert (last["status"], last["rows"], last["truncated"]) == ("done", 50_000, False)
        file = await http.get(f"/exports/{last['id']}")
        assert len(file.content) == last["bytes"]
        name = f"{version['handle'].lower()}-rows-all-v1.{form}"
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        (tmp_path / form).write_bytes(file.content)
    read = duckdb.connect()
    facts = "count(*), count(distinct n), sum(cast(seven as int)), max(name)"
    expected = read.sql(f"select {facts} from ({MANY})").fetchall()
    for form, reader in (
        ("parquet", "read_parquet('{}')"),
        ("csv", "read_csv('{}')"),
        ("jsonl", "read_json('{}', format='newline_delimited')"),
    ):
        table = reader.format(tmp_path / form)
        assert read.sql(f"select {facts} from {table}").fetchall() == expected
    read.close()


async def test_a_statement_that_fails_ends_the_export_with_its_reason(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select 1 // (id - 4) as n from orders where id < 4")
    gone = await http.delete(f"/sources/{source}")
    assert gone.is_success
    last = (await export(http, version["result_id"], "csv"))[-1]
    assert (last["status"], last["error"]["code"]) == ("failed", "not_found")
    assert (await http.get(f"/exports/{last['id']}")).status_code == 404


async def test_more_rows_than_a_sheet_holds_are_a_typed_error(
    http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select 1 as n from range(1048576) t(n)", limit=1)
    last = (await export(http, version["result_id"], "xlsx"))[-1]
    assert (last["status"], last["error"]["code"]) == ("failed", "xlsx_limit")
    assert last["error"]["hint"] == "Download it as Parquet or CSV instead."


async def test_going_away_stops_the_statement_and_leaves_nothing_behind(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, ENDLESS, limit=1)
    left = asyncio.Event()
    progress: list[ExportOut] = []

    async def gone() -> None:
        await left.wait()

    result = UUID(version["result_id"])
    async for out in export_all(ctx, result, ExportIn(format="csv"), gone=gone):
        progress.append(out)
        if out.rows:
            left.set()
    assert progress[-1].status == "cancelled"
    assert list(ctx.resources.blobs.path(f"{ctx.org_id}/exports").iterdir()) == []
    with pytest.raises(NotFound):
        find_export(ctx, progress[-1].id)


async def test_an_organization_has_only_some_exports_at_once(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    result = UUID((await run(http, source, ENDLESS, limit=1))["result_id"])
    begun: list[AsyncGenerator[ExportOut]] = []
    for _ in range(AT_ONCE):
        begun.append(export_all(ctx, result, ExportIn(), gone=forever))
        assert (await anext(begun[-1])).status == "running"
    with pytest.raises(TooMany):
        await anext(export_all(ctx, result, ExportIn(), gone=forever))
    for one in begun:
        await one.aclose()
    again = export_all(ctx, result, ExportIn(), gone=forever)
    assert (await anext(again)).status == "running"
    await again.aclose()


async def test_exports_asked_for_at_the_same_moment_count_each_other(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    result = UUID((await run(http, source, ENDLESS, limit=1))["result_id"])
    wanted = [export_all(ctx, result, ExportIn(), gone=forever) for _ in range(AT_ONCE + 2)]
    first = await asyncio.gather(*(anext(one) for one in wanted), return_exceptions=True)
    for one in wanted:
        await one.aclose()
    assert [type(one) for one in first].count(TooMany) == 2


async def test_a_file_is_kept_for_a_day_and_what_others_take_away_disturbs_nobody(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    result = (await run(http, source, "select * from orders"))["result_id"]
    made = (await export(http, result, "csv"))[-1]
    folder = ctx.resources.blobs.path(f"{ctx.org_id}/exports")
    yesterday = time.time() - KEPT_SECONDS - 60
    for path in folder.iterdir():
        os.utime(path, (yesterday, yesterday))
    assert (await http.get(f"/exports/{made['id']}")).status_code == 404
    # As a file that its own export takes away between the listing and the look at it.
    (folder / ".gone.arrow").symlink_to(folder / "nowhere")
    assert (await export(http, result, "csv"))[-1]["status"] == "done"
    assert not any(made["id"] in path.name for path in folder.iterdir())
    (folder / ".gone.arrow").unlink()


async def test_a_file_is_for_the_one_who_made_it(
    ctx: Context, http: httpx.AsyncClient, source: str
) -> None:
    version = await run(http, source, "select * from orders")
    made = (await export(http, version["result_id"], "csv"))[-1]
    rows = list(
        csv.reader(io.StringIO((await http.get(f"/exports/{made['id']}")).text, newline=""))
    )
    assert len(rows) == 6
    colleague = replace(ctx, actor=Actor("user", uuid7(), "Grace"))
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    for other in (colleague, stranger):
        async with client(other) as caller:
            assert (await caller.get(f"/exports/{made['id']}")).status_code == 404
    async with client(stranger) as caller:
        path = f"/results/{version['result_id']}/exports"
        assert (await caller.post(path, json={})).status_code == 404
