"""The guard's dialects of the extra engines: analytics pass as they were meant, the rest does not."""

import sys
from collections.abc import Iterator

import pytest

from datelier.worker.engines.drivers import TITLES, driver
from datelier.worker.errors import SqlRefusedError, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.extras.corpus import ACCEPTED, REFUSED
from tests.support.clickhouse import ScratchClickHouse, running_clickhouse


@pytest.mark.parametrize(("dialect", "sql"), [(d, s) for d, all_ in ACCEPTED.items() for s in all_])
def test_analytics_pass_and_what_is_rendered_passes_again(dialect: Dialect, sql: str) -> None:
    rendered = check(sql, dialect)
    assert check(rendered, dialect) == rendered


@pytest.mark.parametrize(("dialect", "sql"), [(d, s) for d, all_ in REFUSED.items() for s in all_])
def test_what_may_do_more_than_read_is_refused_with_what_to_do_instead(
    dialect: Dialect, sql: str
) -> None:
    with pytest.raises(SqlRefusedError) as refused:
        check(sql, dialect)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("dialect", "schema", "good", "bad"),
    [
        ("clickhouse", "shop", "shop.orders", "Shop.orders"),
        ("trino", "shop", "SHOP.orders", "hr.people"),
        ("snowflake", "PUBLIC", "public.orders", '"public".orders'),
        ("bigquery", "web", "web.orders", "hr.people"),
    ],
)
def test_only_schemas_of_the_source_can_be_named_as_the_engine_reads_them(
    dialect: Dialect, schema: str, good: str, bad: str
) -> None:
    scope = Scope(schemas=frozenset({schema}))
    assert check(f"SELECT 1 AS one FROM {good}", dialect, scope)
    with pytest.raises(SqlRefusedError, match="not part of this source"):
        check(f"SELECT 1 AS one FROM {bad}", dialect, scope)


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[ScratchClickHouse]:
    with running_clickhouse() as server:
        server.run(
            "CREATE DATABASE shop",
            "CREATE TABLE shop.orders (id Int32, region String, status Nullable(String), total"
            " Decimal(10, 2), placed DateTime, tags Array(String)) ENGINE = ReplacingMergeTree ORDER BY id",
            "INSERT INTO shop.orders SELECT number, ['north', 'south'][number % 2 + 1],"
            " if(number % 3 = 0, NULL, 'paid'), number * 7.25,"
            " toDateTime('2026-01-01') + number * 86400, ['a', toString(number % 4)]"
            " FROM numbers(100)",
        )
        yield server


def test_clickhouse_answers_the_rendered_text_as_it_answers_the_original(
    clickhouse: ScratchClickHouse,
) -> None:
    for sql in ACCEPTED["clickhouse"]:
        assert clickhouse.rows(check(sql, "clickhouse")) == clickhouse.rows(sql), sql


def test_a_missing_driver_is_said_with_the_command_that_installs_it() -> None:
    for engine, title in TITLES.items():
        with pytest.raises(WorkerError) as missing:
            driver(engine, "json", "no_such_driver_is_installed")
        assert missing.value.code == "driver_missing"
        assert title in missing.value.message
        assert f"datelier[{engine}]" in str(missing.value.hint)
    assert "no_such_driver_is_installed" not in sys.modules
