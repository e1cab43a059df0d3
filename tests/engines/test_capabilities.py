"""What every engine can do, asked of every engine with the same words."""

import pytest

from datelier.worker.engines.base import Engine, Limits, Outcome
from datelier.worker.errors import WorkerError
from tests.engines.subjects import Subject
from tests.worker.conftest import collect


async def test_every_type_arrives_exactly(engine: Engine, subject: Subject) -> None:
    sql = "SELECT " + ", ".join(f"{sql} AS c{i}" for i, (sql, _, _) in enumerate(subject.values))
    rows, outcome = await collect(engine, sql)
    assert [kind for _, kind in outcome.columns] == [kind for _, kind, _ in subject.values]
    assert rows == [[value for _, _, value in subject.values]]


async def test_nulls_stay_apart_from_empty_texts(engine: Engine) -> None:
    rows, _ = await collect(engine, "SELECT id, note FROM orders ORDER BY id")
    assert [row[1] for row in rows[:6]] == ["note 1", "note 2", "note 3", "note 4", None, "note 6"]
    assert sum(row[1] is None for row in rows) == 8


async def test_an_empty_result_has_its_columns(engine: Engine) -> None:
    outcome = Outcome()
    batches = [b async for b in engine.stream("SELECT id, note FROM orders WHERE id < 0", Limits(), outcome)]  # fmt: skip
    assert [batch.length for batch in batches] == [0]
    assert [name for name, _ in outcome.columns] == ["id", "note"]
    assert (outcome.rows, outcome.truncated) == (0, False)


async def test_rows_beyond_the_limit_are_cut_and_said_so(engine: Engine, subject: Subject) -> None:
    rows, outcome = await collect(engine, subject.series(200_000), Limits(rows=1234))
    assert (len(rows), outcome.rows, outcome.truncated) == (1234, 1234, True)
    rows, outcome = await collect(engine, subject.series(1234), Limits(rows=1234))
    assert (len(rows), outcome.rows, outcome.truncated) == (1234, 1234, False)


async def test_the_catalog_lists_tables_with_their_columns(engine: Engine) -> None:
    tables = {table.name: table for table in await engine.catalog()}
    assert {"orders", "t"} <= set(tables)
    orders = tables["orders"]
    names = [column.name for column in orders.columns]
    assert names[:6] == ["id", "region", "status", "total", "placed", "note"]
    assert orders.rows == 40 or orders.rows_estimated
    (alone,) = await engine.catalog("orders")
    assert alone.columns == orders.columns
    assert await engine.catalog("no such table") == []


async def test_a_good_source_passes_every_step_of_its_test(
    engine: Engine, subject: Subject
) -> None:
    probe = await engine.probe()
    assert probe.ok
    assert [step.name for step in probe.steps if step.ok is False] == []
    if "roles" in subject.lacks:
        assert probe.weak_role is None


@pytest.mark.parametrize("where", ["SELECT nothing_like_it FROM orders", "SELECT 1 FROM nowhere"])
async def test_a_wrong_name_is_an_error_that_names_it(engine: Engine, where: str) -> None:
    with pytest.raises(WorkerError) as failed:
        await collect(engine, where)
    assert failed.value.code == "sql_failed"
    assert "nothing_like_it" in failed.value.message or "nowhere" in failed.value.message
