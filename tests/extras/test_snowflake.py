"""Snowflake's own connector against a stand-in of its protocol: what is sent, what comes back."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from datelier.worker.engines.base import Limits
from datelier.worker.engines.snowflake import SnowflakeEngine
from datelier.worker.errors import WorkerError
from tests.support.bigquery_server import service_key
from tests.support.snowflake_server import (
    SESSION,
    Prepared,
    SnowflakeStandIn,
    standing_in_for_snowflake,
    text,
)
from tests.worker.conftest import collect, opened

pytest.importorskip("snowflake.connector", reason="the driver of Snowflake is not installed")


def column(kind: str, scale: int | None = None, precision: int | None = None) -> dict[str, Any]:
    return text("c") | {"type": kind, "scale": scale, "precision": precision}


_TYPES: tuple[tuple[dict[str, Any], str | None, str, Any], ...] = (
    (column("boolean"), "1", "boolean", True),
    (column("fixed", 0, 18), "40", "int64", "40"),
    (column("fixed", 0, 38), "1180591620717411303424", "decimal", "1180591620717411303424"),
    (column("fixed", 2, 10), "1.50", "decimal", "1.50"),
    (column("real"), "0.1", "float64", 0.1),
    (column("real"), "NaN", "float64", "NaN"),
    (column("text"), "žluť🍎", "string", "žluť🍎"),
    (column("text"), None, "string", None),
    (column("binary"), "00FF", "binary", {"bytes": 2}),
    (column("date"), "20487", "date", "2026-02-03"),
    (column("time", 6), "86399.500000", "time", "23:59:59.500000"),
    (column("timestamp_ntz", 6), "1767323045.000006", "timestamp", "2026-01-02T03:04:05.000006"),
    (column("timestamp_ltz", 6), "1767323045.000006", "timestamptz", "2026-01-02T03:04:05.000006Z"),
    (column("timestamp_tz", 6), "1767323045.000006 1500", "timestamptz", "2026-01-02T03:04:05.000006Z"),
    (column("variant"), '{"a": 1}', "json", '{"a": 1}'),
    (column("array"), "[1,2]", "list", [1, 2]),
)  # fmt: skip


@pytest.fixture
def snowflake() -> Iterator[SnowflakeStandIn]:
    with standing_in_for_snowflake() as stand_in:
        yield stand_in


def engine_of(snowflake: SnowflakeStandIn, **more: Any) -> SnowflakeEngine:
    source = {
        "engine": "snowflake", "account": "myorg-shop", "user": "reader", "role": "datelier_reader",
        "warehouse": "small", "database": "shop", "schema": "public", "password": "s3cr3t-word",
    } | more  # fmt: skip
    where = {"host": "127.0.0.1", "port": snowflake.port, "protocol": "http"}
    return SnowflakeEngine(source, where)


async def test_one_role_a_limit_of_time_and_the_statement_as_it_was_rendered(
    snowflake: SnowflakeStandIn,
) -> None:
    snowflake.answers["SELECT N"] = Prepared([column("fixed", 0, 18)], [["1"], ["2"]])
    async with opened(engine_of(snowflake)) as engine:
        rows, outcome = await collect(engine, "SELECT N FROM ORDERS", Limits(timeout_s=7))
    assert rows == [["1"], ["2"]]
    assert outcome.database_user == "reader"
    assert snowflake.statements == [
        "USE SECONDARY ROLES NONE",
        "ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 7",
        "SELECT N FROM ORDERS",
    ]
    (login,) = snowflake.logins
    parameters = login["SESSION_PARAMETERS"]
    assert parameters["MULTI_STATEMENT_COUNT"] == 1
    assert parameters["ABORT_DETACHED_QUERY"] is True
    assert parameters["TIMEZONE"] == "UTC"


async def test_every_type_arrives_exactly(snowflake: SnowflakeStandIn) -> None:
    columns = [kind | {"name": f"C{i}"} for i, (kind, *_) in enumerate(_TYPES)]
    snowflake.answers["SELECT *"] = Prepared(columns, [[cell for _, cell, _, _ in _TYPES]])
    async with opened(engine_of(snowflake)) as engine:
        rows, outcome = await collect(engine, "SELECT *")
    assert [kind for _, kind in outcome.columns] == [kind for _, _, kind, _ in _TYPES]
    assert rows == [[value for *_, value in _TYPES]]


async def test_stop_cancels_what_the_session_runs(snowflake: SnowflakeStandIn) -> None:
    snowflake.answers["SELECT SLOW"] = Prepared(endless=True)
    async with opened(engine_of(snowflake)) as engine:
        task = asyncio.create_task(collect(engine, "SELECT SLOW"))
        assert await asyncio.to_thread(snowflake.started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert snowflake.gone.is_set()
    assert f"SELECT SYSTEM$CANCEL_ALL_QUERIES({SESSION})" in snowflake.statements


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (("000630", "57014", "Statement reached its statement timeout of 7 second(s)"), "timeout"),
        (("003001", "42501", "Insufficient privileges to operate on table"), "sql_failed"),
        (("002003", "42S02", "Object 'NOWHERE' does not exist"), "sql_failed"),
        (("000008", "0A000", "Actual statement count 2 did not match 1"), "sql_refused"),
    ],
)
async def test_errors_become_ours(
    snowflake: SnowflakeStandIn, error: tuple[str, str, str], code: str
) -> None:
    snowflake.answers["SELECT"] = Prepared(error=error)
    async with opened(engine_of(snowflake)) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(engine, "SELECT 1")
    assert failed.value.code == code
    assert error[2] in failed.value.message


async def test_a_refused_sign_in_says_so_without_the_secret(snowflake: SnowflakeStandIn) -> None:
    snowflake.refuses = ("390100", "Incorrect username or password was specified: s3cr3t-word")
    engine = engine_of(snowflake)
    probe = await engine.probe()
    await engine.close()
    assert [step.name for step in probe.steps if step.ok is False] == ["sign_in"]
    assert "s3cr3t-word" not in repr(probe)


@pytest.mark.parametrize("breaks", ["\n", "", " "])
async def test_a_private_key_signs_in_whatever_became_of_its_line_breaks(
    snowflake: SnowflakeStandIn, breaks: str
) -> None:
    pem = str(json.loads(service_key())["private_key"]).strip().replace("\n", breaks)
    async with opened(engine_of(snowflake, password=pem)):
        pass
    (login,) = snowflake.logins
    assert login["AUTHENTICATOR"] == "SNOWFLAKE_JWT"
    assert "PASSWORD" not in login


async def test_the_catalog_and_the_test_ask_snowflake_itself(snowflake: SnowflakeStandIn) -> None:
    snowflake.answers["SELECT CURRENT_USER()"] = Prepared(
        [text("u"), text("r"), text("v")], [["READER", "DATELIER_READER", "9.1"]]
    )
    snowflake.answers["SELECT table_name, table_type"] = Prepared(
        [text("n"), text("t"), column("fixed", 0, 18), text("c")],
        [["ORDERS", "BASE TABLE", "40", "All orders"]],
    )
    snowflake.answers["SELECT table_name, column_name"] = Prepared(
        [text(name) for name in "abcde"], [["ORDERS", "ID", "NUMBER", "NO", None]]
    )
    snowflake.answers["SHOW GRANTS TO ROLE"] = Prepared(
        [text(name) for name in ("created_on", "privilege", "granted_on", "name")],
        [
            ["x", "SELECT", "TABLE", "SHOP.PUBLIC.ORDERS"],
            ["x", "INSERT", "TABLE", "SHOP.PUBLIC.ORDERS"],
            ["x", "USAGE", "ROLE", "SYSADMIN"],
        ],
    )
    async with opened(engine_of(snowflake)) as engine:
        probe = await engine.probe()
        (table,) = await engine.catalog()
    assert (table.name, table.rows, table.columns[0].nullable) == ("ORDERS", 40, False)
    assert probe.weak_role is not None
    assert probe.weak_role["reasons"] == [
        "has the privileges INSERT on table SHOP.PUBLIC.ORDERS",
        "includes the roles SYSADMIN",
    ]
    assert "GRANT SELECT ON ALL TABLES IN SCHEMA shop.public" in str(probe.weak_role["fix_sql"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "evil.example/x"},
        {"account": "a@b"},
        {"host": "x"},
        {"authenticator": "oauth"},
        {"role": ""},
    ],
)
def test_only_known_settings_reach_the_driver(
    snowflake: SnowflakeStandIn, wrong: dict[str, Any]
) -> None:
    with pytest.raises(WorkerError):
        engine_of(snowflake, **wrong)
