"""The Attach client against a real gRPC gateway over TLS."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from datelier import __version__
from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json
from datelier.wire.handshake import PROTOCOL
from datelier.wire.v1 import worker_pb2 as pb
from datelier.worker.engines.opening import ENGINES, Engines
from datelier.worker.jobs import IN_FLIGHT_BYTES, START_CREDIT
from datelier.worker.session import BACKOFF_MAX_S, Options, Refused, Session, backoff
from tests.support.gateway import TOKEN, RunningGateway, TestGateway, running_gateway
from tests.support.postgres import ScratchPostgres


@asynccontextmanager
async def working(running: RunningGateway, root: Path, **more: Any) -> AsyncGenerator[Session]:
    options = Options(running.target, TOKEN, "test worker", ca=running.certificate, **more)
    session = Session(options, Engines(str(root)))
    task = asyncio.create_task(session.run())
    try:
        async with asyncio.timeout(20):
            await running.gateway.attached.acquire()
        yield session
    finally:
        session.stop()
        async with asyncio.timeout(20):
            await task


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[TestGateway]:
    """A gateway with one attached worker."""
    async with running_gateway(TestGateway()) as running, working(running, tmp_path):
        yield running.gateway


async def test_hello_says_what_the_worker_can_do(gateway: TestGateway) -> None:
    hello = gateway.hellos[0]
    assert (hello.worker_name, hello.protocol, hello.slots) == ("test worker", PROTOCOL, 8)
    assert (hello.version, list(hello.modes)) == (__version__, ["worker"])
    assert list(hello.engines) == list(ENGINES)
    async with asyncio.timeout(10):
        await gateway.heartbeats.acquire()
        await gateway.heartbeats.acquire()


async def test_a_result_comes_in_numbered_batches(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    source = scratch_postgres.source("reader")
    sql = "SELECT i, 'x' || i AS s FROM generate_series(1, 10000) i"
    answer = await gateway.perform("r1", "execute", source, sql=sql, limits={"batch_rows": 1000})
    assert answer.result["row_count"] == 10000
    assert answer.result["truncated"] is False
    assert answer.result["database_user"] == "reader"
    assert [batch.seq for batch in answer.batches] == list(range(len(answer.batches)))
    batches = list(read_batches(batch.arrow_ipc for batch in answer.batches))
    assert sum(batch.length for batch in batches) == 10000
    assert batches[0].types == ("int32", "string")


async def test_without_credit_the_worker_waits(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    gateway.credit = False
    sql = "SELECT i FROM generate_series(1, 100000) i"
    limits = {"batch_rows": 4096, "row_limit": 100000}
    answer = gateway.start(
        "r1", "execute", scratch_postgres.source("reader"), sql=sql, limits=limits
    )
    async with asyncio.timeout(20):
        while len(answer.batches) < 8:
            answer.arrived.clear()
            await answer.arrived.wait()
        # Other requests go on while this one waits for room.
        await gateway.perform("r2", "execute", scratch_postgres.source("reader"), sql="SELECT 1")
        assert len(answer.batches) == 8
        assert not answer.done.is_set()
        gateway.grant("r1", 100)
        await answer.done.wait()
    assert sum(batch.rows for batch in answer.batches) == 100000


async def test_cancel_stops_the_action_and_is_answered(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    answer = gateway.start("r1", "execute", scratch_postgres.source("owner"), sql="SELECT 1")
    async with asyncio.timeout(20):
        await answer.done.wait()
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    answer = gateway.start("r2", "execute", scratch_postgres.source("reader"), sql=slow)
    gateway.cancel("r2")
    gateway.cancel("unknown")
    gateway.cancel("r1")
    async with asyncio.timeout(20):
        await answer.done.wait()
    assert answer.error["code"] == "cancelled"


async def test_a_deadline_is_kept(gateway: TestGateway, scratch_postgres: ScratchPostgres) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    answer = await gateway.perform(
        "r1", "execute", scratch_postgres.source("reader"), sql=slow, timeout=1
    )
    assert answer.error["code"] == "timeout"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("execute", {"sql": "DELETE FROM t"}, "sql_refused"),
        ("execute", {"sql": "SELECT t.sneaky FROM t"}, "sql_refused"),
        ("execute", {}, "sql_refused"),
        ("filter", {"table": "t", "condition": "1 = 1) FOR UPDATE; --"}, "sql_refused"),
        ("filter", {"table": "t", "condition": "pg_sleep(9) IS NULL"}, "sql_refused"),
        ("aggregate", {"table": "t", "agg_func": "lo_create(0)"}, "sql_refused"),
        ("read", {"table": "pg_authid"}, "sql_refused"),
        ("read", {"table": "nothing_here"}, "sql_failed"),
        ("count", {}, "sql_failed"),
        ("describe", {"table": "nothing_here"}, "source_missing"),
        ("unknown", {}, "internal"),
    ],
)
async def test_a_bad_request_gets_a_typed_error(
    gateway: TestGateway,
    scratch_postgres: ScratchPostgres,
    action: str,
    parameters: dict[str, Any],
    code: str,
) -> None:
    answer = await gateway.perform("r1", action, scratch_postgres.source("reader"), **parameters)
    assert answer.error["code"] == code


async def test_every_action_of_the_contract_answers(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    source = scratch_postgres.source("reader")

    async def act(action: str, **parameters: Any) -> tuple[dict[str, Any], list[list[object]]]:
        answer = await gateway.perform(
            f"{action}{len(gateway.answers)}", action, source, **parameters
        )
        columns: list[list[object]] = []
        for batch in read_batches(batch.arrow_ipc for batch in answer.batches):
            columns = to_columnar_json(batch)
        return answer.result, columns

    described, _ = await act("describe")
    orders = described["tables"][0]
    assert (orders["name"], orders["rows"], orders["comment"]) == ("orders", 40, "What was sold")
    assert orders["sample"]["columns"][0] == "id"
    assert len(orders["sample"]["rows"]) == 3
    assert (await act("sample", table="orders", n=5))[0]["row_count"] == 5
    assert (await act("count", table="orders", condition="status = 'paid'"))[1] == [["20"]]
    assert (await act("filter", table="public.orders", condition="id < 4"))[0]["row_count"] == 3
    grouped = await act("aggregate", table="orders", group_by=["region"], agg_func="count(*)")
    assert sorted(zip(*grouped[1], strict=True)) == [
        ("east", "13"),
        ("north", "13"),
        ("south", "14"),
    ]
    read, columns = await act("read", table="orders", columns=["id", "region"], limit=7)
    assert (read["row_count"], read["truncated"], len(columns)) == (7, True, 2)
    preview, columns = await act("preview", table="orders", limit=5, offset=38)
    assert (preview["row_count"], preview["total"], preview["offset"]) == (2, 40, 38)
    profile, _ = await act("profile", table="orders")
    region = next(column for column in profile["profile"] if column["name"] == "region")
    assert (region["nulls"], region["distinct"], region["min"], region["max"]) == (
        0,
        3,
        "east",
        "south",
    )
    tested, _ = await act("test")
    assert [step["name"] for step in tested["steps"]][-1] == "read_only"
    assert tested["weak_role"]["reasons"]


async def test_files_answer_through_the_stream(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(
        "day,amount\n2026-01-01,5\n2026-01-02,7\n", encoding="utf-8"
    )
    source = {
        "engine": "files",
        "paths": [{"table": "sales", "path": "sales.csv", "format": "csv"}],
    }
    async with running_gateway(TestGateway()) as running, working(running, tmp_path):
        gateway = running.gateway
        answer = await gateway.perform(
            "r1", "execute", source, sql="SELECT sum(amount) s FROM sales"
        )
        (batch,) = read_batches(answer.batches[0].arrow_ipc)
        assert to_columnar_json(batch) == [["12"]]
        answer = await gateway.perform("r2", "profile", source, table="sales")
        assert answer.result["profile"][1]["max"] == "7"
        answer = await gateway.perform("r3", "test", source)
        assert answer.result["ok"] is True
        answer = await gateway.perform("r4", "execute", source, sql="SELECT * FROM '/etc/passwd'")
        assert answer.error["code"] == "sql_refused"


async def test_wide_rows_of_files_wait_outside_of_the_memory_of_a_slow_reader(
    tmp_path: Path,
) -> None:
    """Bytes are counted, at both places where they could pile up: in DuckDB's hands and ours."""
    (tmp_path / "n.csv").write_text("n\n1\n", encoding="utf-8")
    source = {"engine": "files", "paths": [{"table": "n", "path": "n.csv", "format": "csv"}]}
    sql = "SELECT repeat('x', 20000) AS t FROM range(8000)"
    async with running_gateway(TestGateway()) as running, working(running, tmp_path):
        gateway = running.gateway
        gateway.credit = False
        answer = gateway.start("r1", "execute", source, sql=sql)
        async with asyncio.timeout(60):
            while len(answer.batches) < START_CREDIT:
                answer.arrived.clear()
                await answer.arrived.wait()
            await gateway.perform("r2", "test", source)
            assert len(answer.batches) == START_CREDIT
            sizes = [len(batch.arrow_ipc) for batch in answer.batches]
            assert max(sizes) < 2 * 1024**2
            assert sum(sizes) < IN_FLIGHT_BYTES
            gateway.credit = True
            gateway.grant("r1", START_CREDIT)
            await answer.done.wait()
    assert answer.result["truncated"] is True
    rows = sum(batch.rows for batch in answer.batches)
    assert rows == answer.result["row_count"]
    assert 60 * 1024**2 < rows * 20_000 <= 64 * 1024**2


async def test_a_lost_stream_is_opened_again_and_its_actions_are_stopped(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    late = gateway.start("late", "execute", scratch_postgres.source("reader"), sql=slow)
    gateway.end_stream()
    async with asyncio.timeout(20):
        await gateway.attached.acquire()
    assert len(gateway.hellos) == 2
    answer = await gateway.perform(
        "r2", "execute", scratch_postgres.source("reader"), sql="SELECT 1"
    )
    assert answer.result["row_count"] == 1
    assert late.response is None  # nothing of the old stream reaches the new one


async def test_a_gateway_that_starts_later_is_found(tmp_path: Path) -> None:
    async with running_gateway(TestGateway()) as first:
        keys, port = (first.key, first.certificate), first.port
    options = Options(first.target, TOKEN, "w", ca=first.certificate)
    session = Session(options, Engines(str(tmp_path)))
    task = asyncio.create_task(session.run())
    second = TestGateway()
    async with running_gateway(second, keys, port):
        async with asyncio.timeout(30):
            await second.attached.acquire()
        session.stop()
        await task


async def test_a_drain_finishes_what_runs(
    gateway: TestGateway, scratch_postgres: ScratchPostgres
) -> None:
    sql = "SELECT count(*) FROM generate_series(1, 2000000)"
    answer = gateway.start("r1", "execute", scratch_postgres.source("reader"), sql=sql)
    gateway.send(pb.ServerMessage(drain=pb.Drain()))
    async with asyncio.timeout(20):
        await answer.done.wait()
        assert answer.result["row_count"] == 1
        await gateway.attached.acquire()  # it comes back, to whichever replica answers


async def test_a_wrong_token_is_never_served(tmp_path: Path) -> None:
    async with running_gateway(TestGateway()) as running:
        options = Options(running.target, "wrong", "w", ca=running.certificate)
        session = Session(options, Engines(str(tmp_path)))
        with pytest.raises(Refused, match="bad token") as caught:
            await asyncio.wait_for(session.run(), 20)
        assert caught.value.code == "token"
        assert running.gateway.hellos == []


def test_the_pause_between_attempts_grows_and_is_random() -> None:
    assert [backoff(attempt, lambda: 1.0) for attempt in (0, 1, 3)] == [0.5, 1.0, 4.0]
    assert backoff(50, lambda: 1.0) == BACKOFF_MAX_S
    assert backoff(3, lambda: 0.0) == 0.0
