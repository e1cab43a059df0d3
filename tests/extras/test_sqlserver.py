"""A driver of SQL Server against a stand-in of its protocol: what is sent, what comes back."""

import asyncio
import struct
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.support.sqlserver_server import (
    Prepared,
    SqlServerStandIn,
    standing_in_for_sqlserver,
    text_cell,
    text_type,
)
from tests.worker.conftest import collect, opened

pytest.importorskip("pytds", reason="the driver of SQL Server is not installed")

READ_ONLY_INTENT = 0x20
_GUID = UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0")
_TYPES: tuple[tuple[bytes, bytes, str, Any], ...] = (
    (b"\x68\x01", b"\x01\x01", "boolean", True),
    (b"\x26\x04", b"\x04" + struct.pack("<i", -2147483648), "int32", -2147483648),
    (b"\x26\x08", b"\x08" + struct.pack("<q", 9007199254740993), "int64", "9007199254740993"),
    (b"\x6d\x08", b"\x08" + struct.pack("<d", 0.1), "float64", 0.1),
    (b"\x6c\x05\x0a\x02", b"\x05\x01" + struct.pack("<I", 150), "decimal", "1.50"),
    (text_type(), text_cell("žluť🍎"), "string", "žluť🍎"),
    (text_type(), text_cell(None), "string", None),
    (b"\xa5\x10\x00", b"\x02\x00\x00\xff", "binary", {"bytes": 2}),
    (b"\x28", b"\x03" + (739_649).to_bytes(3, "little"), "date", "2026-02-03"),
    (b"\x2a\x07", b"\x08" + (110_450_000_060).to_bytes(5, "little") + (739_617).to_bytes(3, "little"),
     "timestamp", "2026-01-02T03:04:05.000006"),
    (b"\x24\x10", b"\x10" + _GUID.bytes_le, "uuid", str(_GUID)),
)  # fmt: skip


@pytest.fixture
def sqlserver() -> Iterator[SqlServerStandIn]:
    with standing_in_for_sqlserver() as stand_in:
        yield stand_in


@pytest.fixture
def engines(tmp_path: Any) -> Engines:
    return Engines(str(tmp_path))


def source(sqlserver: SqlServerStandIn, **more: Any) -> dict[str, Any]:
    return {
        "engine": "sqlserver", "host": "127.0.0.1", "port": sqlserver.port, "database": "shop",
        "user": "reader", "password": "s3cr3t-word", "tls": "disable",
    } | more  # fmt: skip


async def drop(_data: bytes, _rows: int) -> None:
    return None


async def test_the_rendered_statement_runs_with_read_only_intent_and_is_rolled_back(
    sqlserver: SqlServerStandIn, engines: Engines
) -> None:
    number = Prepared([("n", b"\x26\x08")], [[b"\x08" + struct.pack("<q", 7)]])
    sqlserver.answers["SELECT"] = number
    action = Action("execute", source(sqlserver), {"sql": "select  n  from orders -- all"})
    answer = await perform(action, engines, drop)
    assert (answer["row_count"], answer["sql"]) == (1, "SELECT n FROM orders")
    assert sqlserver.type_flags & READ_ONLY_INTENT
    where = sqlserver.log.index("SELECT n FROM orders")
    assert sqlserver.log[where - 1 : where + 2] == ["BEGIN", "SELECT n FROM orders", "ROLLBACK"]
    assert "COMMIT" not in sqlserver.log


async def test_every_type_arrives_exactly(sqlserver: SqlServerStandIn, engines: Engines) -> None:
    columns = [(f"c{i}", kind) for i, (kind, *_) in enumerate(_TYPES)]
    sqlserver.answers["SELECT"] = Prepared(columns, [[cell for _, cell, _, _ in _TYPES]])
    async with opened(engines.engine(source(sqlserver))) as engine:
        rows, outcome = await collect(engine, "SELECT *")
    assert [kind for _, kind in outcome.columns] == [kind for _, _, kind, _ in _TYPES]
    assert rows == [[value for *_, value in _TYPES]]


async def test_stop_sends_an_attention(sqlserver: SqlServerStandIn, engines: Engines) -> None:
    sqlserver.answers["SELECT"] = Prepared(endless=True)
    async with opened(engines.engine(source(sqlserver))) as engine:
        task = asyncio.create_task(collect(engine, "SELECT slow"))
        assert await asyncio.to_thread(sqlserver.started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert sqlserver.attention.is_set()
    assert sqlserver.log[-2:] == ["ATTENTION", "ROLLBACK"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ((208, "Invalid object name 'nowhere'."), "sql_failed"),
        ((229, "The SELECT permission was denied on the object 'orders'"), "sql_failed"),
        ((1222, "Lock request time out period exceeded."), "timeout"),
        ((701, "There is insufficient system memory"), "limit_exceeded"),
    ],
)
async def test_errors_become_ours(
    sqlserver: SqlServerStandIn, engines: Engines, error: tuple[int, str], code: str
) -> None:
    sqlserver.answers["SELECT"] = Prepared(error=error)
    async with opened(engines.engine(source(sqlserver))) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(engine, "SELECT 1")
    assert failed.value.code == code
    assert error[1] in failed.value.message


async def test_a_refused_sign_in_says_so_without_the_secret(
    sqlserver: SqlServerStandIn, engines: Engines
) -> None:
    sqlserver.refuses = (18456, "Login failed for user 'reader' with s3cr3t-word.")
    engine = engines.engine(source(sqlserver))
    probe = await engine.probe()
    await engine.close()
    assert [step.name for step in probe.steps if step.ok is False] == ["sign_in"]
    assert "s3cr3t-word" not in repr(probe)


async def test_a_user_that_may_write_is_said_with_the_sql_that_makes_a_good_one(
    sqlserver: SqlServerStandIn, engines: Engines
) -> None:
    flag = b"\x26\x04"
    yes, no = (b"\x04" + struct.pack("<i", value) for value in (1, 0))
    flags = [no] * 6 + [no, yes, no, no, no]
    text = text_type()
    row = [text_cell("dbo"), text_cell("orders")]
    sqlserver.answers = {
        "SELECT ORIGINAL_LOGIN": Prepared([("u", text), ("v", text)], [[text_cell("reader"), text_cell("16.0")]]),
        "SELECT IS_SRVROLEMEMBER": Prepared([(f"r{i}", flag) for i in range(11)], [flags]),
        "SELECT permission_name": Prepared([("p", text)], [[text_cell("INSERT")]]),
        "\nSELECT s.name, o.name, o.type": Prepared(
            [("s", text), ("o", text), ("t", text), ("n", flag)], [[*row, text_cell("U "), b"\x04" + struct.pack("<i", 40)]]
        ),
        "\nSELECT s.name, o.name, c.name": Prepared(
            [("s", text), ("o", text), ("c", text), ("t", text), ("n", flag), ("k", flag)],
            [[*row, text_cell("id"), text_cell("int"), no, yes]],
        ),
    }  # fmt: skip
    async with opened(engines.engine(source(sqlserver))) as engine:
        probe = await engine.probe()
        (table,) = await engine.catalog()
    assert (table.schema, table.name, table.rows) == ("dbo", "orders", 40)
    assert (table.columns[0].primary_key, table.columns[0].nullable) == (True, False)
    assert probe.ok
    assert probe.weak_role is not None
    assert probe.weak_role["reasons"] == [
        "is a member of db_datawriter",
        "has the permissions INSERT",
    ]
    assert "db_datareader" in str(probe.weak_role["fix_sql"])


@pytest.mark.parametrize("wrong", [{"host": "a\\b"}, {"tls": "require"}, {"cafile": "/etc/passwd"}])
def test_only_known_settings_reach_the_driver(
    sqlserver: SqlServerStandIn, engines: Engines, wrong: dict[str, Any]
) -> None:
    with pytest.raises(WorkerError):
        engines.engine(source(sqlserver, **wrong))
