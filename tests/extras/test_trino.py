"""Trino's own driver against a stand-in of its REST protocol: what is sent, what comes back."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.base import Limits
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.support.trino_server import TRANSACTION, Prepared, TrinoStandIn, standing_in_for_trino
from tests.worker.conftest import collect, opened

pytest.importorskip("trino", reason="the driver of Trino is not installed")

_TYPES: tuple[tuple[str, Any, str, Any], ...] = (
    ("boolean", True, "boolean", True),
    ("integer", -2147483648, "int32", -2147483648),
    ("bigint", 9007199254740993, "int64", "9007199254740993"),
    ("decimal(38,5)", "1180591620717411303424.00012", "decimal", "1180591620717411303424.00012"),
    ("double", 0.1, "float64", 0.1),
    ("double", "NaN", "float64", "NaN"),
    ("real", "-Infinity", "float64", "-Infinity"),
    ("varchar(5)", "žluť🍎", "string", "žluť🍎"),
    ("varchar", None, "string", None),
    ("varbinary", "AP8=", "binary", {"bytes": 2}),
    ("date", "2026-02-03", "date", "2026-02-03"),
    ("time(3)", "23:59:59.500", "time", "23:59:59.500000"),
    ("timestamp(3)", "2026-01-02 03:04:05.006", "timestamp", "2026-01-02T03:04:05.006000"),
    ("timestamp(9)", "2026-01-02 03:04:05.000006000", "timestamp", "2026-01-02T03:04:05.000006"),
    ("timestamp(3) with time zone", "2026-01-02 03:04:05.006 UTC", "timestamptz", "2026-01-02T03:04:05.006000Z"),
    ("timestamp(0) with time zone", "2026-07-02 03:04:05 Europe/Prague", "timestamptz", "2026-07-02T01:04:05Z"),
    ("timestamp(0) with time zone", "2026-07-02 03:04:05 -05:30", "timestamptz", "2026-07-02T08:34:05Z"),
    ("interval day to second", "2 03:04:05.678", "interval", "2 03:04:05.678"),
    ("uuid", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "uuid", "61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
    ("array(integer)", [1, 2], "list", [1, 2]),
    ("map(varchar, integer)", {"a": 1}, "json", '{"a":1}'),
    ("json", '{"a": 1}', "json", '{"a": 1}'),
)  # fmt: skip


@pytest.fixture
def trino() -> Iterator[TrinoStandIn]:
    with standing_in_for_trino() as stand_in:
        yield stand_in


@pytest.fixture
def engines(tmp_path: Any) -> Engines:
    return Engines(str(tmp_path))


def source(trino: TrinoStandIn, **more: Any) -> dict[str, Any]:
    return {
        "engine": "trino", "host": "127.0.0.1", "port": trino.port, "user": "reader",
        "catalog": "lake", "schema": "shop", "tls": "disable",
    } | more  # fmt: skip


async def drop(_data: bytes, _rows: int) -> None:
    return None


async def test_the_rendered_statement_runs_in_a_read_only_transaction_that_is_rolled_back(
    trino: TrinoStandIn, engines: Engines
) -> None:
    trino.answer("SELECT", Prepared([("n", "bigint")], [[[1], [2]], [[3]]]))
    action = Action("execute", source(trino), {"sql": "select  n  from orders -- all"}, timeout_s=7)
    answer = await perform(action, engines, drop)
    assert (answer["row_count"], answer["sql"]) == (3, "SELECT n FROM orders")
    assert trino.statements() == ["START TRANSACTION READ ONLY", "SELECT n FROM orders", "ROLLBACK"]
    headers = trino.asked[1].headers
    assert headers["x-trino-transaction-id"] == TRANSACTION
    assert headers["x-trino-session"].split(",") == [
        "query_max_run_time=7s",
        "query_max_execution_time=7s",
    ]
    assert (headers["x-trino-catalog"], headers["x-trino-schema"]) == ("lake", "shop")
    assert headers["x-trino-time-zone"] == "UTC"


async def test_every_type_arrives_exactly(trino: TrinoStandIn, engines: Engines) -> None:
    columns = [(f"c{i}", kind) for i, (kind, *_) in enumerate(_TYPES)]
    trino.answer("SELECT", Prepared(columns, [[[cell for _, cell, _, _ in _TYPES]]]))
    async with opened(engines.engine(source(trino))) as engine:
        rows, outcome = await collect(engine, "SELECT *")
    assert [kind for _, kind in outcome.columns] == [kind for _, _, kind, _ in _TYPES]
    assert rows == [[value for *_, value in _TYPES]]
    assert outcome.notes == []


async def test_nanoseconds_that_are_cut_are_said(trino: TrinoStandIn, engines: Engines) -> None:
    page = [["2026-01-02 03:04:05.123456789"]]
    trino.answer("SELECT", Prepared([("at", "timestamp(9)")], [page]))
    async with opened(engines.engine(source(trino))) as engine:
        rows, outcome = await collect(engine, "SELECT at")
    assert rows == [["2026-01-02T03:04:05.123456"]]
    assert outcome.notes == ["Nanoseconds of 'at' are not shown."]


async def test_rows_beyond_the_limit_are_cut_and_the_query_is_ended(
    trino: TrinoStandIn, engines: Engines
) -> None:
    pages = [[[i] for i in range(start, start + 100)] for start in range(0, 1000, 100)]
    trino.answer("SELECT", Prepared([("i", "integer")], pages))
    async with opened(engines.engine(source(trino))) as engine:
        rows, outcome = await collect(engine, "SELECT i", Limits(rows=150))
    assert (len(rows), outcome.truncated) == (150, True)
    assert len(trino.deleted) == 1


async def test_stop_reaches_the_server(trino: TrinoStandIn, engines: Engines) -> None:
    trino.answer("SELECT", Prepared([("i", "integer")], endless=True))
    action = Action("execute", source(trino), {"sql": "SELECT i FROM orders"})
    task = asyncio.create_task(perform(action, engines, drop))
    assert await asyncio.to_thread(trino.started.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(trino.gone.wait, 5)
    assert len(trino.deleted) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EXCEEDED_TIME_LIMIT", "timeout"),
        ("EXCEEDED_SCAN_LIMIT", "limit_exceeded"),
        ("READ_ONLY_VIOLATION", "sql_refused"),
        ("PERMISSION_DENIED", "sql_failed"),
        ("COLUMN_NOT_FOUND", "sql_failed"),
        ("CATALOG_NOT_FOUND", "unreachable"),
    ],
)
async def test_errors_become_ours(
    trino: TrinoStandIn, engines: Engines, name: str, code: str
) -> None:
    trino.answer("SELECT", Prepared(error=(name, "line 1:8: something with s3cr3t-word")))
    async with opened(engines.engine(source(trino))) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(engine, "SELECT nothing FROM orders")
    assert failed.value.code == code


async def test_a_password_is_sent_over_tls_only_and_never_said(
    trino: TrinoStandIn, engines: Engines
) -> None:
    with pytest.raises(WorkerError) as refused:
        engines.engine(source(trino, password="s3cr3t-word"))
    assert "TLS" in refused.value.message
    engine = engines.engine(source(trino, password="s3cr3t-word", tls="verify"))
    probe = await engine.probe()
    await engine.close()
    assert [step.name for step in probe.steps if step.ok is False] == ["tls"]
    assert "s3cr3t-word" not in repr(probe)
    assert trino.asked == []


async def test_the_catalog_and_the_test_ask_trino_itself(
    trino: TrinoStandIn, engines: Engines
) -> None:
    places = '"lake".information_schema'
    trino.answer(
        "SELECT current_user", Prepared([("u", "varchar"), ("v", "varchar")], [[["reader", "480"]]])
    )
    trino.answer(
        "SHOW SCHEMAS", Prepared([("Schema", "varchar")], [[["information_schema"], ["shop"]]])
    )
    trino.answer(
        "SELECT DISTINCT privilege_type", Prepared([("p", "varchar")], [[["DELETE"], ["INSERT"]]])
    )
    names = [(name, "varchar") for name in "abcde"]
    trino.answer(
        f"SELECT table_schema, table_name, table_type FROM {places}.tables",
        Prepared(names[:3], [[["shop", "orders", "BASE TABLE"], ["shop", "v", "VIEW"]]]),
    )
    trino.answer(
        "SELECT table_schema, table_name, column_name",
        Prepared(
            names,
            [[["shop", "orders", "id", "bigint", "NO"], ["shop", "v", "x", "varchar", "YES"]]],
        ),
    )
    async with opened(engines.engine(source(trino))) as engine:
        probe = await engine.probe()
        tables = await engine.catalog()
    assert probe.ok
    assert probe.weak_role is not None
    assert probe.weak_role["reasons"] == ["has the privileges DELETE, INSERT on tables"]
    assert '"allow": "read-only"' in str(probe.weak_role["fix_sql"])
    assert [(t.schema, t.name, t.kind, t.rows) for t in tables] == [
        ("shop", "orders", "table", None),
        ("shop", "v", "view", None),
    ]
    assert [(c.name, c.type, c.nullable) for c in tables[0].columns] == [("id", "bigint", False)]


@pytest.mark.parametrize(
    "wrong",
    [{"host": "a,b"}, {"host": "169.254.169.254"}, {"session_properties": "x=y"}, {"roles": "x"}],
)
async def test_only_known_settings_reach_the_driver(
    trino: TrinoStandIn, engines: Engines, wrong: dict[str, Any]
) -> None:
    with pytest.raises(WorkerError) as refused:
        async with opened(engines.engine(source(trino, **wrong))):
            pass
    assert refused.value.code == "unreachable"
