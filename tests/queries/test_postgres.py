"""Queries against a real PostgreSQL source through the gateway."""

from typing import Any

import httpx
import pytest

from tests.queries.test_queries import run
from tests.support.postgres import ScratchPostgres, scratch_postgres

__all__ = ["scratch_postgres"]


@pytest.fixture(scope="module")
def shop(scratch_postgres: ScratchPostgres) -> ScratchPostgres:
    scratch_postgres.run(
        "drop table if exists shop_item",
        "create table shop_item (id bigint primary key, price numeric, made date, ok boolean, "
        "name text, at timestamptz, f float8, n int, u uuid, j jsonb)",
        "insert into shop_item select n, n * 1.25, date '2026-01-01' + n::int % 365, n % 2 = 0, "
        "'item ' || n, timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', n / 3.0, n, "
        "md5(n::text)::uuid, jsonb_build_object('n', n) from generate_series(1, 10000) n",
        "drop role if exists shop_reader",
        "create role shop_reader login",
        "grant select on shop_item to shop_reader",
    )
    return scratch_postgres


async def add(http: httpx.AsyncClient, shop: ScratchPostgres, user: str) -> dict[str, Any]:
    config = {
        "host": shop.host,
        "port": shop.port,
        "database": shop.database,
        "user": user,
        "sslmode": "disable",
    }
    body = {"name": f"shop {user}", "engine": "postgresql", "config": config}
    answer = await http.post("/sources", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.contract("A22", "A37")
async def test_a_database_is_connected_described_tested_and_queried(
    http: httpx.AsyncClient, shop: ScratchPostgres
) -> None:
    source = await add(http, shop, "shop_reader")
    assert source["status"] == "ready", source
    catalog = (await http.get(f"/sources/{source['id']}/catalog")).json()
    table = next(entry for entry in catalog["tables"] if entry["name"] == "shop_item")
    assert (table["schema"], table["rows"]) == ("public", 10_000)
    assert table["columns"][0]["primary_key"] is True
    report = (await http.post(f"/sources/{source['id']}/test")).json()
    assert report["ok"] is True, report
    version = await run(http, source["id"], "select * from shop_item order by id limit 3")
    assert version["database_user"] == "shop_reader"
    rows = (await http.get(f"/results/{version['result_id']}/rows")).json()
    assert [row[0] for row in rows["data"]][:4] == ["1", "1.25", "2026-01-02", False]
    starters = (await http.get(f"/sources/{source['id']}/starters")).json()["questions"]
    assert len(starters) == 4


async def test_a_role_that_can_write_is_shown_with_its_cure(
    http: httpx.AsyncClient, shop: ScratchPostgres
) -> None:
    source = await add(http, shop, shop.owner)
    assert "superuser" in " ".join(source["weak_role"]["reasons"])
    report = (await http.post(f"/sources/{source['id']}/test")).json()
    assert "superuser" in " ".join(report["weak_role"]["reasons"])
    shown = (await http.get(f"/sources/{source['id']}")).json()
    assert shown["status"] == "ready"
    assert "CREATE ROLE" in shown["weak_role"]["fix_sql"]


async def test_ten_thousand_rows_arrive_whole(
    http: httpx.AsyncClient, shop: ScratchPostgres
) -> None:
    source = await add(http, shop, "shop_reader")
    version = await run(http, source["id"], "select * from shop_item")
    assert (version["row_count"], version["truncated"]) == (10_000, False)
    body = (await http.get(f"/results/{version['result_id']}/rows?limit=10000")).json()
    assert sum(map(int, body["data"][0])) == 50_005_000
