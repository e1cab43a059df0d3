"""The PostgreSQL engine against a real server: fidelity, walls, limits, cancellation."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from psycopg.pq import TransactionStatus

from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.pg_connect import IdleSessions, read_target
from datelier.worker.engines.postgresql import PostgresEngine
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.support.postgres import ScratchPostgres
from tests.support.postgres_source import DIGEST_SQL
from tests.worker.conftest import collect, opened
from tests.worker.corpus import POSTGRES_ANALYTICS, POSTGRES_ATTACKS, lines


@pytest.fixture
async def sessions() -> AsyncIterator[IdleSessions]:
    kept = IdleSessions()
    yield kept
    await kept.close()


def engine_of(
    server: ScratchPostgres, sessions: IdleSessions, user: str = "reader", **more: Any
) -> PostgresEngine:
    return PostgresEngine(server.source(user, **more), sessions)


async def test_every_type_arrives_exactly_in_both_result_formats(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    columns: list[tuple[str, str, Any]] = [
        ("true", "boolean", True),
        ("32767::int2", "int32", 32767),
        ("-2147483648", "int32", -2147483648),
        ("9007199254740993::bigint", "int64", "9007199254740993"),
        ("0.1::float4", "float64", 0.1),
        ("'NaN'::float8", "float64", "NaN"),
        ("'-Infinity'::float8", "float64", "-Infinity"),
        ("1.50::numeric", "decimal", "1.50"),
        ("(2::numeric ^ 70)", "decimal", "1180591620717411303424"),
        ("-0.00012::numeric", "decimal", "-0.00012"),
        ("'NaN'::numeric", "decimal", "NaN"),
        ("100000000::numeric", "decimal", "100000000"),
        ("'žluť🍎'::text", "string", "žluť🍎"),
        ("''::text", "string", ""),
        ("NULL::text", "string", None),
        ("date '2026-02-03'", "date", "2026-02-03"),
        ("date 'infinity'", "date", "infinity"),
        ("date '0044-03-15 BC'", "date", "0044-03-15 BC"),
        ("time '23:59:59.5'", "time", "23:59:59.500000"),
        ("timestamp '2026-01-02 03:04:05.000006'", "timestamp", "2026-01-02T03:04:05.000006"),
        ("timestamp '-infinity'", "timestamp", "-infinity"),
        ("timestamptz '2026-01-02 03:04:05+02'", "timestamptz", "2026-01-02T01:04:05Z"),
        ("interval '1 year 2 mons -3 days 04:05:06.7'", "interval", "1 year 2 mons -3 days +04:05:06.7"),
        ("'{\"a\": 1.00}'::json", "json", '{"a": 1.00}'),
        ("'{\"a\": 1.00}'::jsonb", "json", '{"a": 1.00}'),
        ("'\\x00ff'::bytea", "binary", {"bytes": 2}),
        ("'6e8bc430-9c3a-11d9-9669-0800200c9a66'::uuid", "uuid", "6e8bc430-9c3a-11d9-9669-0800200c9a66"),
    ]  # fmt: skip
    arrays: list[tuple[str, str, Any]] = [
        ("ARRAY[1, NULL, 3]", "list", [1, None, 3]),
        ("ARRAY[['a', 'b'], ['c', NULL]]", "list", [["a", "b"], ["c", None]]),
        ("ARRAY[1.50::numeric]", "list", ["1.50"]),
        ("'{}'::int[]", "list", []),
    ]
    others = [("'[1,5)'::int4range", "string", "[1,5)"), ("'10.0.0.1'::inet", "string", "10.0.0.1")]
    for chosen in (columns, [*columns, *arrays], [*columns, *others]):
        sql = "SELECT " + ", ".join(column[0] for column in chosen)
        async with opened(engine_of(scratch_postgres, sessions)) as engine:
            rows, outcome = await collect(engine, sql)
        expected = [column[2] for column in chosen]
        row = rows[0]
        assert [kind for _, kind in outcome.columns] == [column[1] for column in chosen]
        assert row == expected


async def test_numbers_and_times_agree_with_psycopg_over_many_rows(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    sql = (
        "SELECT i, CASE WHEN i % 3 > 0 THEN (i * 7919.0713)::numeric(20, 4) / (1 + i % 1000) END,"
        " timestamp '1999-12-31' + i * interval '61.5 minutes', -i::numeric * 10 ^ (i % 30),"
        " (i * 0.1)::float8, timestamptz '1800-01-01' + i * interval '1 day'"
        " FROM generate_series(1, 6000) i"
    )
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        rows, outcome = await collect(engine, sql, Limits(batch_rows=1000))
        with_array, _ = await collect(engine, sql.replace("SELECT i,", "SELECT ARRAY[i], i,"))
    assert [row[1:] for row in with_array] == rows  # binary and text formats say the same
    with scratch_postgres.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        expected = connection.execute(sql.encode()).fetchall()
    assert outcome.rows == len(expected) == 6000
    for row, (number, amount, stamp, power, ratio, instant) in zip(rows, expected, strict=True):
        assert row[0] == number
        assert (None if row[1] is None else Decimal(row[1])) == amount
        assert row[2] == stamp.isoformat()
        assert Decimal(row[3]) == power
        assert row[4] == ratio
        assert row[5] == instant.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("sql", lines(POSTGRES_ANALYTICS))
async def test_analytics_through_the_guard_equals_the_original(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions, sql: str
) -> None:
    async with opened(engine_of(scratch_postgres, sessions, "owner")) as engine:
        rendered = check(sql, "postgres", await engine.scope())
        assert (await collect(engine, rendered))[0] == (await collect(engine, sql))[0]


def digest(server: ScratchPostgres) -> list[Any]:
    """Everything a statement could leave behind, as rows."""
    with server.connect() as connection:
        return [
            connection.execute(question.encode()).fetchall() for question in DIGEST_SQL.values()
        ]


async def test_with_the_guard_bypassed_the_other_walls_keep_the_database_unchanged(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    before = digest(scratch_postgres)
    limits = Limits(rows=50, timeout_s=0.5)
    for sql in lines(POSTGRES_ATTACKS):
        engine = engine_of(scratch_postgres, sessions)
        with contextlib.suppress(WorkerError):
            await collect(engine, sql, limits)
        await engine.close()
    assert digest(scratch_postgres) == before
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        settings = await engine.query(
            "SELECT current_setting('statement_timeout'), pg_is_in_recovery()"
        )
        assert settings[0][0] == "0"  # nothing an attack set outlived its session
        assert (await collect(engine, "SELECT current_setting('transaction_read_only')"))[0] == [
            ["on"]
        ]


async def test_read_write_cannot_be_asked_for(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions, "owner")) as engine:
        with pytest.raises(WorkerError) as refused:
            await collect(engine, "INSERT INTO t VALUES (1) RETURNING id")
        assert refused.value.code == "sql_refused"
        with pytest.raises(WorkerError) as refused:
            await collect(engine, "SELECT 1; DELETE FROM t")
        assert refused.value.code == "sql_refused"


async def test_the_guard_knows_functions_that_look_like_columns(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        assert "sneaky" in (await engine.scope()).row_functions


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_sleep(30)",
        "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 1000) b",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '^((((a+)+)+)+)+((((a+)+)+)+)+b$' FROM generate_series(1, 10000000)",
    ],
)
async def test_a_statement_that_takes_too_long_is_stopped(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions, sql: str
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        with pytest.raises(WorkerError) as stopped:
            await collect(engine, sql, Limits(timeout_s=0.3))
    assert stopped.value.code == "timeout"


async def test_cancelling_the_task_stops_the_statement_in_the_database(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    mark = "SELECT pg_sleep(60) /* to be cancelled */"
    engine = engine_of(scratch_postgres, sessions)

    async def work() -> None:
        async with opened(engine):
            await collect(engine, mark)

    def running() -> int:
        with scratch_postgres.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                " AND query LIKE 'SELECT pg_sleep(60)%'"
            ).fetchone()
        assert row is not None
        return int(row[0])

    task = asyncio.create_task(work())
    async with asyncio.timeout(10):
        while await asyncio.to_thread(running) == 0:
            assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while await asyncio.to_thread(running):
            pass


async def test_the_first_rows_come_while_the_statement_still_runs(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    # Wide enough that the server's own buffer is sent.
    sql = (
        "SELECT repeat('x', 200), CASE WHEN i = 900 THEN pg_sleep(60)::text END"
        " FROM generate_series(1, 1000) i"
    )
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        batches = engine.stream(sql, Limits(), Outcome())
        async with asyncio.timeout(20):
            first = await anext(aiter(batches))
    assert 0 < first.length < 900


async def test_rows_beyond_the_limit_are_cut_and_said_so(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    sql = "SELECT i, md5(i::text) FROM generate_series(1, 5000000) i"
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        rows, outcome = await collect(engine, sql, Limits(rows=1234))
        assert (len(rows), outcome.rows, outcome.truncated) == (1234, 1234, True)
        rows, outcome = await collect(engine, "SELECT generate_series(1, 1234)", Limits(rows=1234))
        assert (len(rows), outcome.truncated) == (1234, False)
        rows, outcome = await collect(engine, "SELECT 1 WHERE false")
        assert (rows, outcome.columns) == ([], [("?column?", "int32")])


async def test_bytes_beyond_the_limit_are_cut_and_said_so(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        sql = "SELECT repeat('x', 20000) FROM generate_series(1, 3000)"
        _, outcome = await collect(engine, sql, Limits(max_bytes=10_000_000))
        assert outcome.truncated
        assert any("MB" in note for note in outcome.notes)
        rows, outcome = await collect(
            engine, "SELECT repeat('é', 5000) AS big", Limits(max_cell_bytes=999)
        )
        assert len(rows[0][0]) == 499
        assert any("'big'" in note for note in outcome.notes)


async def test_an_error_in_the_query_points_at_its_place(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(engine, "SELECT id, totl FROM orders")
    assert (failed.value.code, failed.value.position) == ("sql_failed", 12)
    assert "totl" in failed.value.message
    assert "total" in (failed.value.hint or "")


async def test_what_the_role_may_not_read_is_a_clear_error(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        with pytest.raises(WorkerError, match="permission denied") as failed:
            await collect(engine, "SELECT * FROM secret")
    assert "role" in (failed.value.hint or "")


async def test_the_catalog_lists_what_the_role_may_read(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        tables = await engine.catalog()
    assert [(table.name, table.rows, table.comment) for table in tables] == [
        ("orders", 40, "What was sold"),
        ("t", 3, None),
    ]
    first = tables[0].columns[0]
    assert (first.name, first.type, first.nullable, first.primary_key) == (
        "id",
        "integer",
        False,
        True,
    )


async def test_the_connection_test_judges_the_role(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions, "good")) as engine:
        probe = await engine.probe()
    assert probe.ok
    assert probe.weak_role is None
    assert [step.ok for step in probe.steps] == [True, True, None, True, True, True]
    async with opened(engine_of(scratch_postgres, sessions, "owner")) as engine:
        weak = (await engine.probe()).weak_role
    assert weak is not None
    assert "is a superuser" in str(weak["reasons"])
    assert "GRANT SELECT" in str(weak["fix_sql"])
    async with opened(engine_of(scratch_postgres, sessions, "reader")) as engine:
        weak = (await engine.probe()).weak_role
    assert "evil_secdef" in str(weak)


async def test_the_sql_that_the_test_proposes_makes_a_good_role(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions, "owner")) as engine:
        weak = (await engine.probe()).weak_role
    assert weak is not None
    for statement in str(weak["fix_sql"]).split(";"):
        if statement.strip():
            scratch_postgres.run(statement)
    async with opened(engine_of(scratch_postgres, sessions, "datelier_reader")) as engine:
        probe = await engine.probe()
        assert probe.weak_role is None
        assert (await collect(engine, "SELECT count(*) FROM orders"))[0] == [["40"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"host": "no-such-host.invalid"}, "unreachable"),
        ({"host": "169.254.169.254"}, "unreachable"),
        ({"host": "/var/run/postgresql"}, "unreachable"),
        ({"host": "127.0.0.1,10.0.0.1"}, "unreachable"),
        ({"port": 1}, "unreachable"),
        ({"database": "none"}, "unreachable"),
        ({"user": "nobody-known"}, "auth_failed"),
        ({"sslmode": "require"}, "unreachable"),
        ({"options": "-c x=y"}, "unreachable"),
        ({"sslrootcert": "/etc/passwd"}, "unreachable"),
        ({"service": "x"}, "unreachable"),
        ({"passfile": "/etc/passwd"}, "unreachable"),
        ({"sslmode": "allow"}, "unreachable"),
        ({"port": "5432 options=-c"}, "unreachable"),
    ],
)
async def test_a_bad_setting_is_refused_with_its_reason_and_without_the_password(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions, change: dict[str, Any], code: str
) -> None:
    source = scratch_postgres.source("reader", password="hunter2-secret") | change
    with pytest.raises(WorkerError) as failed:
        await PostgresEngine(source, sessions).open()
    assert failed.value.code == code
    assert "hunter2" not in failed.value.to_json()


async def test_settings_in_the_database_name_stay_a_name(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    source = scratch_postgres.source("reader") | {"database": "app options='-c work_mem=1'"}
    with pytest.raises(WorkerError, match="does not exist"):
        await PostgresEngine(source, sessions).open()


async def test_a_session_is_used_again_only_when_it_is_clean(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    target = read_target(scratch_postgres.source("reader"))
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        ours = (await engine.query("SELECT pg_backend_pid()"))[0][0]
        await collect(engine, "SELECT set_config('work_mem', '1MB', false), pg_advisory_lock(7)")
    kept = await sessions.take(target)
    assert kept is not None
    row = await (
        await kept.execute("SELECT pg_backend_pid(), current_setting('work_mem')")
    ).fetchone()
    assert row == (ours, "4MB")
    await kept.close()


async def test_a_session_that_is_still_being_cleaned_is_given_to_nobody(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    target = read_target(scratch_postgres.source("reader"))
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        await collect(engine, "SELECT set_config('work_mem', '1MB', false), pg_advisory_lock(8)")
    # Its transaction is open until now: nobody waited for the clean-up.
    taken = await asyncio.gather(*(sessions.take(target) for _ in range(3)))
    (kept,) = [session for session in taken if session is not None]
    assert kept.info.transaction_status == TransactionStatus.IDLE
    row = await (
        await kept.execute(
            "SELECT current_setting('work_mem'), count(*) FROM pg_locks"
            " WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
        )
    ).fetchone()
    assert row == ("4MB", 0)
    await kept.close()


async def test_a_server_that_cut_an_idle_session_is_not_noticed(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        pid = (await engine.query("SELECT pg_backend_pid()"))[0][0]
    scratch_postgres.run(f"SELECT pg_terminate_backend({pid}, 5000)")
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        assert (await collect(engine, "SELECT 1"))[0] == [[1]]


async def test_no_rows_still_say_their_columns(
    scratch_postgres: ScratchPostgres, sessions: IdleSessions
) -> None:
    async with opened(engine_of(scratch_postgres, sessions)) as engine:
        outcome = Outcome()
        sql = "SELECT id, total FROM orders WHERE false"
        batches = [batch async for batch in engine.stream(sql, Limits(), outcome)]
    assert [batch.length for batch in batches] == [0]
    assert outcome.columns == [("id", "int32"), ("total", "decimal")]
