"""What only MySQL and MariaDB have: their types, their sessions, their users, their names."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.base import Limits
from datelier.worker.engines.mysql import MySqlEngine
from datelier.worker.engines.mysql_connect import Sessions
from datelier.worker.engines.names import backticked
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.engines.maria_subject import MariaSubject
from tests.engines.test_probe import failed, probed
from tests.worker.conftest import collect, opened
from tests.worker.corpus import lines
from tests.worker.corpus_mysql import MYSQL_ANALYTICS, MYSQL_ATTACKS


@pytest.fixture
async def sessions() -> AsyncIterator[Sessions]:
    kept = Sessions()
    yield kept
    await kept.close()


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    made = Engines(str(tmp_path))
    yield made
    await made.close()


def engine_of(maria: MariaSubject, sessions: Sessions, **more: Any) -> MySqlEngine:
    return MySqlEngine(maria.source | more, sessions)


@pytest.mark.parametrize("sql", lines(MYSQL_ANALYTICS))
async def test_analytics_through_the_guard_equals_the_original(
    maria: MariaSubject, sessions: Sessions, sql: str
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        rendered = check(sql, "mysql", await engine.scope())
        assert (await collect(engine, rendered))[0] == (await collect(engine, sql))[0]


async def test_with_the_guard_bypassed_the_other_walls_keep_the_database_unchanged(
    maria: MariaSubject, sessions: Sessions
) -> None:
    before = maria.digest()
    for sql in lines(MYSQL_ATTACKS):
        engine = engine_of(maria, sessions)
        with contextlib.suppress(WorkerError):
            await collect(engine, sql, Limits(rows=50, timeout_s=0.3))
        await engine.close()
    assert maria.digest() == before


TYPES: list[tuple[str, str, str, Any]] = [
    ("TINYINT", "-128", "int32", -128),
    ("TINYINT UNSIGNED", "255", "int32", 255),
    ("TINYINT(1)", "2", "int32", 2),
    ("SMALLINT", "-32768", "int32", -32768),
    ("SMALLINT UNSIGNED", "65535", "int32", 65535),
    ("MEDIUMINT", "-8388608", "int32", -8388608),
    ("MEDIUMINT UNSIGNED", "16777215", "int32", 16777215),
    ("INT", "-2147483648", "int32", -2147483648),
    ("INT UNSIGNED", "4294967295", "int64", "4294967295"),
    ("BIGINT", "-9223372036854775808", "int64", "-9223372036854775808"),
    ("BIGINT UNSIGNED", "18446744073709551615", "decimal", "18446744073709551615"),
    ("DECIMAL(65, 30)", "'-12345678901234567890123456789012345.000000000000000000000000000001'",
     "decimal", "-12345678901234567890123456789012345.000000000000000000000000000001"),
    ("FLOAT", "0.1", "float64", 0.1),
    ("DOUBLE", "1e308", "float64", 1e308),
    ("BIT(1)", "1", "boolean", True),
    ("BIT(12)", "b'101010101010'", "int64", "2730"),
    ("BIT(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'", "decimal",
     "18446744073709551615"),
    ("YEAR", "1901", "int32", 1901),
    ("DATE", "'1000-01-01'", "date", "1000-01-01"),
    ("DATE", "'9999-12-31'", "date", "9999-12-31"),
    ("DATETIME", "'2026-01-02 00:00:00'", "timestamp", "2026-01-02T00:00:00"),
    ("DATETIME(6)", "'1000-01-01 00:00:00.000001'", "timestamp", "1000-01-01T00:00:00.000001"),
    ("TIMESTAMP(3) NULL", "'2026-01-02 03:04:05.678'", "timestamptz", "2026-01-02T03:04:05.678000Z"),
    ("TIME", "'838:59:59'", "interval", "838:59:59"),
    ("TIME(6)", "'-838:59:58.999999'", "interval", "-838:59:58.999999"),
    ("TIME", "'00:00:00'", "interval", "00:00:00"),
    ("CHAR(5) CHARACTER SET latin1", "'café'", "string", "café"),
    ("VARCHAR(9) CHARACTER SET utf16", "'žл🍎'", "string", "žл🍎"),
    ("TEXT", "''", "string", ""),
    ("LONGTEXT", "REPEAT('x', 70000)", "string", "x" * 70000),
    ("ENUM('a', 'b', '')", "'b'", "string", "b"),
    ("SET('a', 'b')", "'a,b'", "string", "a,b"),
    ("JSON", "'{\"a\": [1, 1.00]}'", "json", '{"a": [1, 1.00]}'),
    ("UUID", "'6e8bc430-9c3a-11d9-9669-0800200c9a66'", "uuid", "6e8bc430-9c3a-11d9-9669-0800200c9a66"),
    ("INET6", "'2001:db8::1'", "string", "2001:db8::1"),
    ("BINARY(3)", "'a'", "binary", {"bytes": 3}),
    ("VARBINARY(9)", "x'00ff'", "binary", {"bytes": 2}),
    ("BLOB", "x'80'", "binary", {"bytes": 1}),
    ("POINT", "POINT(1, 2)", "binary", {"bytes": 25}),
]  # fmt: skip


async def test_every_stored_type_arrives_without_loss_and_so_does_its_null(
    maria: MariaSubject, sessions: Sessions
) -> None:
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _, _, _) in enumerate(TYPES))
    values = ", ".join(value for _, value, _, _ in TYPES)
    nulls = ", ".join("NULL" for _ in TYPES)
    maria.admin(
        "SET time_zone = '+00:00'",
        f"CREATE OR REPLACE TABLE many_types ({columns})",
        "SET SESSION time_zone = '+00:00'",
        f"INSERT INTO many_types VALUES ({values})",
        f"INSERT INTO many_types VALUES ({nulls})",
    )
    async with opened(engine_of(maria, sessions)) as engine:
        rows, outcome = await collect(engine, "SELECT * FROM many_types")
    maria.admin("DROP TABLE many_types")
    assert [kind for _, kind in outcome.columns] == [kind for _, _, kind, _ in TYPES]
    assert rows[0] == [value for _, _, _, value in TYPES]
    assert rows[1] == [None] * len(TYPES)


async def test_zero_dates_are_shown_as_they_are_stored(
    maria: MariaSubject, sessions: Sessions
) -> None:
    maria.admin(
        "SET SESSION sql_mode = ''",
        "CREATE OR REPLACE TABLE old_dates (i INT, d DATE, s DATETIME, good DATE)",
    )
    with maria.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")
        cursor.execute(
            "INSERT INTO app.old_dates VALUES (1, '0000-00-00', '0000-00-00', '2026-01-02'),"
            " (2, '2026-00-10', '2026-02-00 10:11:12', NULL), (3, '2026-01-02', NULL, NULL)"
        )
    async with opened(engine_of(maria, sessions)) as engine:
        rows, outcome = await collect(engine, "SELECT d, s, good FROM old_dates ORDER BY i")
    maria.admin("DROP TABLE old_dates")
    assert rows == [
        ["0000-00-00", "0000-00-00", "2026-01-02"],
        ["2026-00-10", "2026-02-00 10:11:12", None],
        ["2026-01-02", None, None],
    ]
    assert [kind for _, kind in outcome.columns] == ["string", "string", "date"]
    assert sum("0000-00-00" in note for note in outcome.notes) == 2


async def test_bytes_that_are_no_text_are_shown_and_said(
    maria: MariaSubject, sessions: Sessions
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        rows, outcome = await collect(
            engine, "SELECT CAST(x'61ff62' AS CHAR CHARACTER SET utf8mb4) AS t, x'61ff62' AS b"
        )
    assert rows[0][1] == {"bytes": 3}
    assert rows[0][0] is None or "a" in rows[0][0]
    assert outcome.rows == 1


HARD_NAMES = (
    "select", "order", "a b", 'quo"te', "back`tick", "apo'strophe", "semi;colon", "per%cent",
    "שלום", "مرحبا", "žluť🍎", "dot.ted", "-- dash", "/*x*/", "back\\slash", "UPPER", "@at", "$1",
)  # fmt: skip


async def test_hard_names_work_from_the_catalog_to_the_rows(
    maria: MariaSubject, engines: Engines
) -> None:
    names = [name for name in HARD_NAMES if "🍎" not in name]  # names end at the basic plane
    columns = ", ".join(f"{backticked(name)} INT" for name in names)
    for name in names:
        table = backticked(f"t {name}")
        maria.admin(
            f"CREATE TABLE {table} ({columns})",
            f"INSERT INTO {table} VALUES ({', '.join(map(str, range(len(names))))})",
        )
    try:
        for name in names:
            for kind, more in (
                ("preview", {}), ("sample", {"n": 1}), ("read", {"columns": names}),
                ("describe", {}), ("profile", {}), ("count", {}),
                ("aggregate", {"group_by": [name], "agg_func": "count(*)"}),
            ):  # fmt: skip
                parameters = {"table": f"app.t {name}"} | more
                answer = await perform(Action(kind, maria.source, parameters), engines, ignore)
                assert answer
            assert next(c["name"] for c in answer["columns"]) == name
    finally:
        for name in names:
            maria.admin(f"DROP TABLE {backticked(f't {name}')}")


async def ignore(_batch: bytes, _rows: int) -> None:
    return None


async def test_a_table_of_a_thousand_columns_is_described_and_read(
    maria: MariaSubject, engines: Engines, sessions: Sessions
) -> None:
    columns = ", ".join(f"c{i} TINYINT" for i in range(1000))
    maria.admin(f"CREATE TABLE wide ({columns})", "INSERT INTO wide (c0, c999) VALUES (1, 2)")
    try:
        described = await perform(
            Action("describe", maria.source, {"table": "wide"}), engines, ignore
        )
        assert len(described["tables"][0]["columns"]) == 1000
        async with opened(engine_of(maria, sessions)) as engine:
            rows, _ = await collect(engine, "SELECT * FROM wide")
        assert (rows[0][0], rows[0][1], rows[0][999]) == (1, None, 2)
    finally:
        maria.admin("DROP TABLE wide")


async def test_duplicate_and_empty_column_names_stay(
    maria: MariaSubject, sessions: Sessions
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        rows, outcome = await collect(engine, "SELECT 1 AS a, 2 AS a, 3 AS ``, 4 AS `x y`")
    assert [name for name, _ in outcome.columns] == ["a", "a", "", "x y"]
    assert rows == [[1, 2, 3, 4]]


async def test_nothing_of_one_action_is_left_for_the_next(
    maria: MariaSubject, sessions: Sessions
) -> None:
    """The same session serves again, and knows nothing of what went before."""
    numbers: list[str | None] = []
    for sql in ("SELECT GET_LOCK('k', 1), @a := 7", "SELECT IS_USED_LOCK('k'), @a"):
        async with opened(engine_of(maria, sessions)) as engine:
            rows, _ = await collect(engine, sql)
            numbers.append((await engine.command("SELECT CONNECTION_ID()"))[0][0])
    assert numbers[0] == numbers[1]
    assert rows == [[None, None]]
    async with opened(engine_of(maria, sessions)) as engine:
        assert (await engine.command("SELECT @@SESSION.max_statement_time, @@in_transaction"))[0] == (
            "0.000000", "0",
        )  # fmt: skip


async def test_the_transaction_is_read_only_even_for_a_strong_user(
    maria: MariaSubject, sessions: Sessions
) -> None:
    before = maria.digest()
    for sql in (
        "INSERT INTO t VALUES (9) RETURNING id",
        "INSERT INTO my VALUES (9) RETURNING id",
        "SELECT evil()",
        "DELETE FROM t RETURNING id",
        "SELECT NEXTVAL(s)",
        "SELECT 1; DELETE FROM t",
        "SELECT 'a' INTO OUTFILE '/tmp/datelier-attack.txt'",
        "SET GLOBAL max_connections = 7",
        "DROP TABLE t",
        "CALL evil_call()",
    ):
        engine = engine_of(maria, sessions, user="strong", password=None)
        with pytest.raises(WorkerError) as refused:
            await collect(engine, sql)
        assert refused.value.code in {"sql_refused", "sql_failed"}, sql
        await engine.close()
    assert maria.digest() == before


async def test_a_connection_lost_in_the_middle_is_a_typed_error_and_the_next_one_works(
    maria: MariaSubject, engines: Engines
) -> None:
    engine = engines.engine(maria.source)
    task = asyncio.create_task(collect(engine, maria.slow_sql))
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(maria.running):
            assert not task.done()
    for (number,) in maria.server.rows(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'reader'"
    ):
        maria.admin(f"KILL CONNECTION {number}")
    with pytest.raises(WorkerError) as lost:
        await task
    assert lost.value.code in {"unreachable", "cancelled"}
    await engine.close()
    async with opened(engines.engine(maria.source)) as again:
        assert (await collect(again, "SELECT 1 AS one"))[0] == [[1]]


async def test_an_idle_session_that_was_cut_is_replaced(
    maria: MariaSubject, sessions: Sessions
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        await collect(engine, "SELECT 1 AS one")
    for (number,) in maria.server.rows(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'reader'"
    ):
        maria.admin(f"KILL CONNECTION {number}")
    async with opened(engine_of(maria, sessions)) as engine:
        assert (await collect(engine, "SELECT 1 AS one"))[0] == [[1]]


async def test_what_the_server_cut_or_converted_is_said(
    maria: MariaSubject, sessions: Sessions
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        rows, outcome = await collect(engine, "SELECT 'x1' + 1 AS n")
    assert rows == [[1.0]]
    assert any("Truncated incorrect" in note for note in outcome.notes)


async def test_the_fixing_sql_makes_a_user_that_is_good(
    engines: Engines, maria: MariaSubject
) -> None:
    probe = await probed(engines, maria.weak[0][0])
    assert probe.weak_role is not None
    maria.admin(*filter(None, str(probe.weak_role["fix_sql"]).split("\n")))
    made = {"user": "datelier_reader", "password": "choose-a-password"}
    good = await probed(engines, maria.source | made)
    assert good.ok
    assert good.weak_role is None


async def test_tls_is_used_asked_for_and_checked(engines: Engines, maria: MariaSubject) -> None:
    tls = {
        mode: next(
            step
            for step in (await probed(engines, maria.source | {"tls": mode})).steps
            if step.name == "tls"
        )
        for mode in ("disable", "prefer", "require", "verify")
    }
    assert {mode: step.ok for mode, step in tls.items()} == {
        "disable": None,
        "prefer": True,
        "require": True,
        "verify": False,  # the server's certificate is its own
    }
    assert "certificate" in (tls["verify"].detail or "")
    assert tls["verify"].advice


async def test_a_password_never_appears_in_what_is_said(
    engines: Engines, maria: MariaSubject
) -> None:
    secret = "wr0ng-secret-word"
    probe = await probed(engines, maria.source | {"password": secret})
    assert failed(probe) == ["sign_in"]
    assert secret not in repr(probe)
