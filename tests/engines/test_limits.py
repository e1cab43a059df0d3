"""Limits and Stop, on every engine: of rows, bytes, cells and time; what is stopped is gone."""

import asyncio

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.base import Engine, Limits, Outcome
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.engines.subjects import Subject
from tests.worker.conftest import collect, opened

PATIENCE_S = 20  # and less than a statement would last by itself; the benchmarks measure
TIMES = 20


async def test_bytes_beyond_the_limit_are_cut_and_said_so(engine: Engine, subject: Subject) -> None:
    sql = f"SELECT i, {subject.text(20000)} AS big FROM ({subject.series(3000)}) AS s"
    rows, outcome = await collect(engine, sql, Limits(max_bytes=10_000_000))
    assert outcome.truncated
    assert 0 < len(rows) < 600
    assert any("MB" in note for note in outcome.notes)


async def test_a_long_cell_is_cut_and_said_so(engine: Engine, subject: Subject) -> None:
    rows, outcome = await collect(
        engine, f"SELECT {subject.text(5000)} AS big", Limits(max_cell_bytes=999)
    )
    assert len(rows[0][0]) == 999
    assert any("'big'" in note for note in outcome.notes)


async def test_a_statement_that_takes_too_long_is_stopped(
    engines: Engines, subject: Subject
) -> None:
    action = Action("execute", subject.source, {"sql": subject.slow_sql}, timeout_s=0.5)
    with pytest.raises(WorkerError) as stopped:
        await perform(action, engines, _ignore)
    assert stopped.value.code == "timeout"
    assert await _gone(subject)


async def test_stop_ends_the_statement_in_the_database_every_time(
    engines: Engines, subject: Subject
) -> None:
    for _ in range(TIMES):
        task = asyncio.create_task(_collected(engines, subject, subject.slow_sql))
        await _running(subject, task)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await _gone(subject)


async def test_who_goes_away_in_the_middle_of_a_result_leaves_no_statement(
    engines: Engines, subject: Subject
) -> None:
    engine = engines.engine(subject.source)
    await engine.open()
    batches = engine.stream(subject.series(5_000_000), Limits(rows=5_000_000), Outcome())
    assert (await anext(batches)).length
    await engine.close()  # as an action does whose task ends while nobody takes its batches
    assert await _gone(subject)


async def test_a_session_serves_again_after_a_statement_was_stopped(
    engines: Engines, subject: Subject
) -> None:
    task = asyncio.create_task(_collected(engines, subject, subject.slow_sql))
    await _running(subject, task)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with opened(engines.engine(subject.source)) as engine:
        assert (await collect(engine, "SELECT count(*) FROM orders"))[0][0][0] in {40, "40"}


async def _ignore(_batch: bytes, _rows: int) -> None:
    return None


async def _collected(engines: Engines, _subject: Subject, sql: str) -> None:
    async with opened(engines.engine(_subject.source)) as engine:
        await collect(engine, sql)


async def _running(subject: Subject, task: "asyncio.Task[None]") -> None:
    """Wait until the server itself lists the statement."""
    if "process list" in subject.lacks:
        await asyncio.wait({task}, timeout=0.2)
        return
    async with asyncio.timeout(10):
        while await asyncio.to_thread(subject.running) == 0:
            assert not task.done()


async def _gone(subject: Subject) -> bool:
    """Whether the server's list becomes free of our statements."""
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(subject.running):
            pass
    return True
