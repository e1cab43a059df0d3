"""10,000 rows of 10 columns: through the product, and by the driver alone, in turns.

Three ways are timed: the driver alone, a worker process behind TLS gRPC (no platform around it),
and the whole product over HTTP, which also keeps the rows as a result. The ways take turns and
each is divided by the driver's run of the same turn, so that a change of the machine's speed hits
all alike.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, LiteralString

import duckdb
import psycopg
import uvloop

from bench.gateway import BareGateway, attached_worker
from bench.load import cpu_of, tree
from bench.product import Product
from datelier.wire.arrow import read_batches
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
_FILE: LiteralString = """
    copy (select g::int as id, ((g * 7919) % 100003)::int as customer_id, 'order-' || g as code,
    ['north', 'south', 'east', 'west'][1 + g % 4] as region,
    round((g % 9973)::decimal(12, 4) / 7, 2)::decimal(12, 2) as amount, (g % 50) / 3.0::double as ratio,
    timestamp '2026-01-01' + to_minutes(g) as ordered_at,
    date '2026-01-01' + (g % 365)::int as day, g % 3 = 0 as returned,
    case when g % 11 = 0 then null else md5(g::text) end as note
    from range(1, 10001) r(g)) to '{path}' (format parquet)
"""
SQL: LiteralString = "select * from bench_rows"
ARROW = "application/vnd.apache.arrow.stream"
ROWS = 10_000
TURNS = 31
MOST = 1.5  # times the driver alone


@dataclass(frozen=True, slots=True)
class Driver:
    """Milliseconds of the driver alone, with connecting: to the first row, to all, and of CPU."""

    first: float
    whole: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Subject:
    """One engine: the driver's way to the same rows, and the source as worker and product see it."""

    title: str
    first: Callable[[], object]
    fetch: Callable[[], list[Any]]
    source: dict[str, Any]
    source_id: str


def _postgres(cluster: Cluster, product: Product) -> Subject:
    with psycopg.connect(cluster.create("rows")) as connection:
        connection.execute(_TABLE)
    config: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": cluster.port,
        "database": "rows",
        "user": "owner",
        "sslmode": "disable",
    }
    dsn = f"host=127.0.0.1 port={cluster.port} dbname=rows user=owner sslmode=disable"

    def first() -> object:
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            for row in cursor.stream(SQL):
                return time.perf_counter(), row
        raise RuntimeError("no rows")

    def fetch() -> list[Any]:
        with psycopg.connect(dsn) as connection:
            return connection.execute(SQL).fetchall()

    made = product.call(
        "POST", "/sources", {"name": "bench", "engine": "postgresql", "config": config}
    )
    source = {"engine": "postgresql", **config}
    return Subject("PostgreSQL", first, fetch, source, made["id"])


def _files(folder: Path, product: Product) -> Subject:
    path = folder / "bench_rows.parquet"
    duckdb.sql(_FILE.format(path=path))
    sql = f"select * from '{path}'"

    def first() -> object:
        with duckdb.connect() as connection:
            row = connection.execute(sql).fetchone()
            return time.perf_counter(), row

    def fetch() -> list[Any]:
        with duckdb.connect() as connection:
            return connection.execute(sql).fetchall()

    with path.open("rb") as file:
        response = product.http.post("/sources/upload", files=[("files", (path.name, file))])
    if response.is_error:
        raise RuntimeError(f"the upload failed: {response.text[:300]}")
    made = response.json()
    source = {
        "engine": "files",
        "paths": [{"table": "bench_rows", "path": str(path), "format": "parquet"}],
    }
    return Subject("files (DuckDB, Parquet)", first, fetch, source, made["id"])


def _driver_alone(subject: Subject) -> Driver:
    start = time.perf_counter()
    seen: Any = subject.first()
    first = seen[0] - start
    start, used = time.perf_counter(), time.process_time()
    assert len(subject.fetch()) == ROWS
    return Driver(first, time.perf_counter() - start, time.process_time() - used)


def _through_product(http: HTTPConnection, token: str, source_id: str) -> float:
    """Seconds from the request to the last byte of all rows, over HTTP."""
    body = json.dumps({"source_id": source_id, "sql": SQL, "limit": ROWS})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    start = time.perf_counter()
    http.request("POST", "/api/v1/queries", body, headers | {"Accept": ARROW})
    answer = http.getresponse()
    data = answer.read()
    seconds = time.perf_counter() - start
    if answer.headers["Content-Type"] != ARROW:
        raise RuntimeError(f"the query failed: {data[:300]}")
    assert sum(batch.length for batch in read_batches(data)) == ROWS
    return seconds


async def _turns(subject: Subject, gateway: BareGateway, product: Product) -> None:
    drivers: list[Driver] = []
    firsts: list[float] = []
    wholes: list[float] = []
    before = (0.0, 0.0)
    overs: list[float] = []
    # What a caller's library costs is not the product's: httpx takes 2 ms to read the rows.
    http = HTTPConnection("127.0.0.1", product.port)
    # Two uncounted turns warm caches, connection pools and imports.
    for turn in range(TURNS + 2):
        driver = _driver_alone(subject)
        if turn == 2:
            before = gateway.worker_cpu(), cpu_of(tree(product.pid))
        remote = await gateway.execute(subject.source, SQL, ROWS)
        over = _through_product(http, product.token, subject.source_id)
        assert remote.rows == ROWS
        if turn >= 2:
            drivers.append(driver)
            firsts.append(remote.first)
            wholes.append(remote.whole)
            overs.append(over)
    http.close()
    used = (gateway.worker_cpu() - before[0]) / TURNS
    product_used = (cpu_of(tree(product.pid)) - before[1]) / TURNS
    print(f"\n{ROWS:,} rows x 10 columns from {subject.title}; medians of {TURNS} turns")
    print(f"{'':24}{'first row':>12}{'all rows':>12}{'x driver':>10}{'mean CPU':>12}{'target':>10}")
    wholes_alone = [driver.whole for driver in drivers]
    cpu = statistics.mean(driver.cpu for driver in drivers)
    _line("driver alone", wholes_alone, drivers, [driver.first for driver in drivers], cpu)
    _line("worker over TLS gRPC", wholes, drivers, firsts, used)
    _line("product over HTTP", overs, drivers, None, product_used)
    added = [mine - driver.first for mine, driver in zip(firsts, drivers, strict=True)]
    print(f"first row of the worker: {_ms(added)} after the driver's")


def _line(
    name: str,
    whole: list[float],
    drivers: list[Driver],
    first: list[float] | None = None,
    cpu: float | None = None,
) -> None:
    ratio = statistics.median(
        mine / driver.whole for mine, driver in zip(whole, drivers, strict=True)
    )
    row = _ms(first) if first else ""
    used = _ms([cpu]) if cpu else ""
    # Every way is held to the target, the driver's is 1 by itself.
    verdict = f"  ≤ {MOST:g} {'reached' if ratio <= MOST else 'MISSED'}"
    print(f"{name:24}{row:>12}{_ms(whole):>12}{ratio:>10.2f}{used:>12}{verdict}")


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f} ms"


def measure(product: Product, *, cpu: int) -> None:
    """Measure every engine and print; the worker process is kept on `cpu`."""

    async def all_engines() -> None:
        with tempfile.TemporaryDirectory(prefix="datelier-rows-") as name:
            folder = Path(name)
            subjects = [_postgres(cluster, product), _files(folder, product)]
            async with attached_worker(folder, cpu=cpu) as gateway:
                for subject in subjects:
                    await _turns(subject, gateway, product)

    cluster = Cluster(tcp=True)
    try:
        uvloop.run(all_engines())
    finally:
        cluster.stop()
