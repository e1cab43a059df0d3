"""Google's own client against a stand-in of BigQuery's REST API: what is sent, what comes back."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from datelier.worker.engines.base import Limits
from datelier.worker.engines.bigquery import GIGABYTE, BigQueryEngine, Endpoint
from datelier.worker.errors import WorkerError
from tests.support.bigquery_server import (
    BigQueryStandIn,
    Prepared,
    service_key,
    standing_in_for_bigquery,
)
from tests.worker.conftest import collect, opened

pytest.importorskip("google.cloud.bigquery", reason="the driver of BigQuery is not installed")

_TYPES: tuple[tuple[dict[str, Any], Any, str, Any], ...] = (
    ({"type": "BOOLEAN"}, "true", "boolean", True),
    ({"type": "INTEGER"}, "9007199254740993", "int64", "9007199254740993"),
    ({"type": "FLOAT"}, "0.1", "float64", 0.1),
    ({"type": "FLOAT"}, "NaN", "float64", "NaN"),
    ({"type": "NUMERIC"}, "1.50", "decimal", "1.50"),
    ({"type": "BIGNUMERIC"}, "1180591620717411303424.00012", "decimal", "1180591620717411303424.00012"),
    ({"type": "STRING"}, "žluť🍎", "string", "žluť🍎"),
    ({"type": "STRING"}, None, "string", None),
    ({"type": "BYTES"}, "AP8=", "binary", {"bytes": 2}),
    ({"type": "DATE"}, "2026-02-03", "date", "2026-02-03"),
    ({"type": "TIME"}, "23:59:59.500000", "time", "23:59:59.500000"),
    ({"type": "DATETIME"}, "2026-01-02T03:04:05.000006", "timestamp", "2026-01-02T03:04:05.000006"),
    ({"type": "TIMESTAMP"}, "1767323045000006", "timestamptz", "2026-01-02T03:04:05.000006Z"),
    ({"type": "INTEGER", "mode": "REPEATED"}, [{"v": "1"}, {"v": "2"}], "list", [1, 2]),
    ({"type": "JSON"}, '{"a": 1}', "json", '{"a":1}'),
    ({"type": "RECORD", "fields": [{"name": "x", "type": "INTEGER"}]}, {"f": [{"v": "1"}]}, "json", '{"x":1}'),
)  # fmt: skip
_ONE = [{"name": "n", "type": "INTEGER", "mode": "NULLABLE"}]


@pytest.fixture
def bigquery() -> Iterator[BigQueryStandIn]:
    with standing_in_for_bigquery() as stand_in:
        yield stand_in


def engine_of(bigquery: BigQueryStandIn, **more: Any) -> BigQueryEngine:
    source = {
        "engine": "bigquery", "project": "shop-project", "dataset": "shop", "location": "EU",
        "max_gigabytes": 5, "password": service_key(),
    } | more  # fmt: skip
    here = f"http://127.0.0.1:{bigquery.port}"
    return BigQueryEngine(source, Endpoint(api=here, token=f"{here}/token"))


async def test_a_dry_run_comes_first_and_the_run_is_capped(bigquery: BigQueryStandIn) -> None:
    bigquery.answer = Prepared(_ONE, [["1"], ["2"]])
    async with opened(engine_of(bigquery)) as engine:
        rows, outcome = await collect(engine, "SELECT n FROM orders", Limits(timeout_s=7))
    assert rows == [["1"], ["2"]]
    assert outcome.database_user == "reader@shop-project.iam.gserviceaccount.com"
    dry, run = (job["configuration"] for job in bigquery.jobs.values())
    assert (dry["dryRun"], run.get("dryRun", False)) == (True, False)
    assert dry["query"]["query"] == run["query"]["query"] == "SELECT n FROM orders"
    assert run["query"]["maximumBytesBilled"] == str(5 * GIGABYTE)
    assert run["jobTimeoutMs"] == "7000"
    assert run["query"]["defaultDataset"] == {"projectId": "shop-project", "datasetId": "shop"}
    assert not run["query"]["useLegacySql"]


@pytest.mark.parametrize("statement", ["INSERT", "SCRIPT", "CREATE_TABLE_AS_SELECT", "EXPORT_DATA"])
async def test_what_bigquery_itself_does_not_call_a_select_never_runs(
    bigquery: BigQueryStandIn, statement: str
) -> None:
    bigquery.answer = Prepared(_ONE, statement=statement)
    async with opened(engine_of(bigquery)) as engine:
        with pytest.raises(WorkerError) as refused:
            await collect(engine, "whatever the guard overlooked")
    assert refused.value.code == "sql_refused"
    assert [job["configuration"]["dryRun"] for job in bigquery.jobs.values()] == [True]


async def test_a_query_that_costs_too_much_is_refused_before_it_runs(
    bigquery: BigQueryStandIn,
) -> None:
    bigquery.answer = Prepared(_ONE, size=10 * 1024 * GIGABYTE)
    async with opened(engine_of(bigquery)) as engine:
        with pytest.raises(WorkerError) as refused:
            await collect(engine, "SELECT n FROM orders")
    assert refused.value.code == "limit_exceeded"
    assert "10,240.0 GB" in refused.value.message
    assert len(bigquery.jobs) == 1


async def test_every_type_arrives_exactly(bigquery: BigQueryStandIn) -> None:
    schema = [{"name": f"c{i}", "mode": "NULLABLE"} | kind for i, (kind, *_) in enumerate(_TYPES)]
    bigquery.answer = Prepared(schema, [[cell for _, cell, _, _ in _TYPES]])
    async with opened(engine_of(bigquery)) as engine:
        rows, outcome = await collect(engine, "SELECT *")
    assert [kind for _, kind in outcome.columns] == [kind for _, _, kind, _ in _TYPES]
    assert rows == [[value for *_, value in _TYPES]]


async def test_rows_beyond_the_limit_are_cut_and_said_so(bigquery: BigQueryStandIn) -> None:
    bigquery.answer = Prepared(_ONE, [[str(i)] for i in range(500)])
    async with opened(engine_of(bigquery)) as engine:
        rows, outcome = await collect(engine, "SELECT n", Limits(rows=150, batch_rows=100))
    assert (len(rows), outcome.truncated) == (150, True)


async def test_stop_reaches_the_job(bigquery: BigQueryStandIn) -> None:
    bigquery.answer = Prepared(_ONE, endless=True)
    async with opened(engine_of(bigquery)) as engine:
        task = asyncio.create_task(collect(engine, "SELECT n"))
        assert await asyncio.to_thread(bigquery.started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await asyncio.to_thread(bigquery.gone.wait, 5)
    assert set(bigquery.cancelled) <= set(bigquery.jobs)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ((400, "invalidQuery", "Unrecognized name: nothing"), "sql_failed"),
        ((403, "accessDenied", "Access Denied: Table orders"), "sql_failed"),
        ((404, "notFound", "Not found: Table orders"), "sql_failed"),
        (
            (400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed"),
            "limit_exceeded",
        ),
        ((403, "quotaExceeded", "Quota exceeded"), "limit_exceeded"),
    ],
)
async def test_errors_become_ours(
    bigquery: BigQueryStandIn, error: tuple[int, str, str], code: str
) -> None:
    bigquery.answer = Prepared(_ONE, error=error)
    async with opened(engine_of(bigquery)) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(engine, "SELECT n")
    assert failed.value.code == code
    assert error[2].split(":", maxsplit=1)[0] in failed.value.message


async def test_the_catalog_is_read_with_a_token_that_can_only_read(
    bigquery: BigQueryStandIn,
) -> None:
    bigquery.tables = [{
        "tableReference": {"projectId": "shop-project", "datasetId": "shop", "tableId": "orders"},
        "type": "TABLE", "numRows": "40", "description": "All orders",
        "schema": {"fields": [{"name": "id", "type": "INTEGER", "mode": "REQUIRED"}]},
    }]  # fmt: skip
    async with opened(engine_of(bigquery)) as engine:
        (table,) = await engine.catalog()
        assert await engine.catalog("elsewhere.orders") == []
    assert (table.name, table.rows, table.comment) == ("orders", 40, "All orders")
    assert [(c.name, c.type, c.nullable) for c in table.columns] == [("id", "INTEGER", False)]
    assert bigquery.scopes == ["https://www.googleapis.com/auth/bigquery.readonly"]


async def test_an_account_that_may_write_is_said_with_the_sql_that_makes_a_good_one(
    bigquery: BigQueryStandIn,
) -> None:
    bigquery.answer = Prepared(_ONE, [["1"]])
    bigquery.tables = [{
        "tableReference": {"projectId": "shop-project", "datasetId": "shop", "tableId": "orders"},
        "type": "TABLE", "schema": {"fields": _ONE},
    }]  # fmt: skip
    bigquery.permissions = ["bigquery.tables.updateData"]
    engine = engine_of(bigquery)
    probe = await engine.probe()
    await engine.close()
    assert probe.ok
    assert probe.weak_role is not None
    assert probe.weak_role["reasons"] == ["has the permissions bigquery.tables.updateData"]
    assert "roles/bigquery.dataViewer" in str(probe.weak_role["fix_sql"])


def test_a_secret_that_is_no_key_is_refused_without_repeating_it(
    bigquery: BigQueryStandIn,
) -> None:
    with pytest.raises(WorkerError) as refused:
        engine_of(bigquery, password="s3cr3t-word")
    assert refused.value.code == "auth_failed"
    assert "s3cr3t-word" not in refused.value.to_json()


@pytest.mark.parametrize(
    "wrong", [{"api_endpoint": "http://x"}, {"token_uri": "x"}, {"max_gigabytes": 0.5}]
)
def test_only_known_settings_reach_the_driver(
    bigquery: BigQueryStandIn, wrong: dict[str, Any]
) -> None:
    with pytest.raises(WorkerError):
        engine_of(bigquery, **wrong)
