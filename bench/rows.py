"""10,000 rows of 10 columns from PostgreSQL: through the product, and by the driver alone."""

import statistics
import time
from typing import LiteralString

import psycopg

from bench.product import Product
from tests.support.cluster import Cluster

_TABLE: LiteralString = """
    create table bench_rows as select
    g as id, (g * 7919) % 100003 as customer_id, 'order-' || g as code,
    (array['north', 'south', 'east', 'west'])[1 + g % 4] as region,
    round((g % 9973)::numeric / 7, 2) as amount, (g % 50) / 3.0::float8 as ratio,
    timestamptz '2026-01-01' + g * interval '1 minute' as ordered_at,
    date '2026-01-01' + (g % 365) as day, g % 3 = 0 as returned,
    case when g % 11 = 0 then null else md5(g::text) end as note
    from generate_series(1, 10000) g
"""
SQL: LiteralString = "select * from bench_rows"
ROWS = 10_000


def prepare(cluster: Cluster) -> str:
    """Make the table in a database of its own and return its URL."""
    url = cluster.create("rows")
    with psycopg.connect(url) as connection:
        connection.execute(_TABLE)
    return url


def driver_alone(url: str, runs: int) -> tuple[float, float]:
    """Return median seconds of (connect and fetch, fetch only) with psycopg."""
    whole: list[float] = []
    fetch: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        with psycopg.connect(url) as connection:
            connected = time.perf_counter()
            assert len(connection.execute(SQL).fetchall()) == ROWS
            end = time.perf_counter()
        whole.append(end - start)
        fetch.append(end - connected)
    return statistics.median(whole), statistics.median(fetch)


def through_product(product: Product, source_id: str, runs: int) -> float:
    """Return median seconds from the request to the last byte of all rows, over HTTP."""
    seconds: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        version = product.call(
            "POST", "/queries", {"source_id": source_id, "sql": SQL, "limit": ROWS}
        )
        if version["status"] != "done":
            raise RuntimeError(f"the query failed: {version['error']}")
        data = product.http.get(
            f"/results/{version['result_id']}/download", params={"format": "arrow"}
        )
        assert data.is_success
        assert version["row_count"] == ROWS
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
