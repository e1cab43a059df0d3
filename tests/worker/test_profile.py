"""The profile action on a real PostgreSQL and on real files: the same table, the same answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json
from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.processes import until_soon

# 300 rows: a key, a code with a shape, a few names, a skewed number, days, and holes.
PEOPLE = """
SELECT CAST(i AS INTEGER) AS id,
  'AB-' || CAST(100 + i AS VARCHAR) AS code,
  CASE WHEN i % 3 = 0 THEN 'North' WHEN i % 3 = 1 THEN 'South' ELSE 'East' END AS region,
  CASE WHEN i % 4 > 0 THEN CAST(i * i AS DOUBLE PRECISION) END AS size,
  DATE '2026-01-01' + CAST(i % 90 AS INTEGER) AS seen,
  CASE WHEN i % 10 = 0 THEN '' ELSE 'note ' || CAST(i % 7 AS VARCHAR) END AS note,
  i % 2 = 0 AS even
FROM generate_series(1, 300) AS g(i)
"""

ACTIVE = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE query LIKE '%endless%' AND state = 'active' AND usename = 'reader'"
)


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    made = Engines(str(tmp_path))
    yield made
    await made.close()


@pytest.fixture(scope="module")
def people() -> Iterator[ScratchPostgres]:
    """A server of its own: the tables here would be in the way of other tests."""
    with running_postgres() as server:
        server.run(
            "CREATE ROLE reader LOGIN",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader",
            f"CREATE TABLE people AS {PEOPLE}",
            "CREATE TABLE twice AS SELECT region, even FROM people",
            "CREATE TABLE nothing (a int, b text)",
            "CREATE TYPE mood AS ENUM ('glad', 'sad')",
            "CREATE TABLE odd AS SELECT 'NaN'::float8 AS f, 'infinity'::timestamp AS t, "
            "'{\"a\": 1}'::json AS j, 'glad'::mood AS m, ARRAY[1] AS l, 1e400::numeric AS huge",
            "INSERT INTO odd VALUES (2.5, '2026-01-01', '{\"a\": 1}', 'sad', '{2}', 3)",
            'CREATE TABLE "Strange ""Name" ("a ""b" text, "select" int)',
            "INSERT INTO \"Strange \"\"Name\" VALUES ('x', 1), ('y', NULL)",
        )
        yield server


async def profile(
    engines: Engines, source: dict[str, Any], table: str, **more: Any
) -> tuple[dict[str, Any], list[list[Any]]]:
    """The answer and the progress rows that came before it."""
    steps: list[list[Any]] = []

    async def keep(data: bytes, _rows: int) -> None:
        for batch in read_batches(data):
            steps.extend(list(row) for row in zip(*to_columnar_json(batch), strict=True))

    timeout = more.pop("timeout_s", 30.0)
    action = Action("profile", source, {"table": table, **more}, timeout_s=timeout)
    return await perform(action, engines, keep), steps


def files(folder: Path, **tables: str) -> dict[str, Any]:
    """A files source of Parquet files made by DuckDB."""
    for name, sql in tables.items():
        duckdb.execute(f"COPY ({sql}) TO '{folder / name}.parquet' (FORMAT parquet)")
    return {
        "engine": "files",
        "paths": [{"table": n, "path": f"{n}.parquet", "format": "parquet"} for n in tables],
    }


def by_name(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in answer["profile"]}


@pytest.mark.contract("Q74")
async def test_both_engines_say_the_same_of_the_same_table(
    engines: Engines, people: ScratchPostgres, tmp_path: Path
) -> None:
    there, steps = await profile(engines, people.source("reader"), "public.people")
    here, _ = await profile(engines, files(tmp_path, people=PEOPLE), "people")
    for one, other in zip(there["profile"], here["profile"], strict=True):
        assert one.pop("quantiles") == pytest.approx(other.pop("quantiles"))
        assert {**one, "type": ""} == {**other, "type": ""}
    same = ("row_count", "basis", "completeness", "duplicate_rows", "keys", "not_computed")
    assert [there[key] for key in same] == [here[key] for key in same]
    there, steps = await profile(engines, people.source("reader"), "public.people")
    columns = by_name(there)
    assert (there["row_count"], there["basis"]["words"]) == (300, "All 300 rows.")
    assert there["not_computed"] == []
    size = columns["size"]
    assert (size["nulls"], size["completeness"], size["distinct"]) == (75, 0.75, 225)
    assert size["quantiles"]["p50"] == pytest.approx(22650.0, rel=0.02)
    assert sum(bar["count"] for bar in size["histogram"]) == 225
    assert (size["histogram"][0]["from"], size["histogram"][-1]["to"]) == (1.0, 299.0**2)
    code = columns["code"]
    assert code["patterns"] == {"kinds": 1, "top": [{"pattern": "AA-999", "count": 300}]}
    assert code["top_values"] is None
    assert code["not_computed"] == ["Frequent values: every value occurs once."]
    assert (code["length"]["min"], code["length"]["max"], code["unique"]) == (6, 6, True)
    region = columns["region"]
    assert region["top_values"] == [
        {"value": name, "count": 100} for name in ("East", "North", "South")
    ]
    assert sorted(region["values"]) == ["East", "North", "South"]
    assert columns["note"]["empty"] == 30
    assert columns["seen"]["min"] == "2026-01-01"
    assert columns["seen"]["histogram"][0]["from"] == "2026-01-01T00:00:00Z"
    assert [key["columns"] for key in there["keys"]] == [["id"], ["code"]]
    assert there["duplicate_rows"] == 0
    assert steps[0][2] == "Counting"
    assert [done for done, _, _ in steps] == sorted({done for done, _, _ in steps})


async def test_one_pass_counts_all_columns_and_one_groups_them(
    engines: Engines, people: ScratchPostgres
) -> None:
    answer, _ = await profile(engines, people.source("reader"), "people")
    assert answer["statements"] == 2  # the key makes the search for duplicate rows needless
    answer, _ = await profile(engines, people.source("reader"), "twice")
    assert (answer["statements"], answer["duplicate_rows"]) == (3, 294)


async def test_an_empty_table_has_no_completeness_rather_than_zero(
    engines: Engines, people: ScratchPostgres
) -> None:
    answer, _ = await profile(engines, people.source("reader"), "nothing")
    column = by_name(answer)["b"]
    assert (answer["row_count"], column["nulls"], column["distinct"]) == (0, 0, 0)
    assert column["completeness"] is None
    assert answer["completeness"] is None
    assert (column["min"], column["top_values"], column["histogram"]) == (None, None, None)


async def test_odd_values_do_not_spoil_the_other_columns(
    engines: Engines, people: ScratchPostgres
) -> None:
    answer, _ = await profile(engines, people.source("reader"), "odd")
    columns = by_name(answer)
    assert (columns["f"]["non_finite"], columns["f"]["min"], columns["f"]["mean"]) == (
        1,
        "2.5",
        2.5,
    )
    assert (columns["t"]["non_finite"], columns["t"]["max"]) == (1, "2026-01-01 00:00:00")
    assert columns["j"]["distinct"] is None
    assert columns["j"]["not_computed"] == ["Values of type json are only counted, not compared."]
    assert sorted(columns["m"]["values"]) == ["glad", "sad"]
    # One number too large for a double: that column alone says that it failed.
    assert columns["huge"]["nulls"] is None
    assert "Nothing could be computed" in columns["huge"]["not_computed"][0]
    assert columns["l"]["nulls"] == 0


async def test_names_that_are_words_or_hold_quotes_are_profiled(
    engines: Engines, people: ScratchPostgres
) -> None:
    answer, _ = await profile(engines, people.source("reader"), 'public.Strange "Name')
    columns = by_name(answer)
    assert columns['a "b']["distinct"] == 2
    assert columns["select"]["nulls"] == 1


async def test_a_large_database_table_is_looked_at_from_its_start_and_says_so(
    engines: Engines, people: ScratchPostgres
) -> None:
    people.run(
        "CREATE TABLE large AS SELECT i AS id, i % 5 AS five, repeat('x', 80) AS pad FROM generate_series(1, 120000) i",
        # The catalog's estimate is what decides; it is made to say what a large table would.
        "ANALYZE large",
        "UPDATE pg_class SET reltuples = 9000000, relpages = 90000 WHERE relname = 'large'",
    )
    source = people.source("reader")
    answer, _ = await profile(engines, source, "large")
    if answer["basis"]["kind"] == "all":
        pytest.fail("a table of 9,000,000 rows was read whole")
    assert answer["basis"] == {
        "kind": "first_rows",
        "rows": 100_000,
        "words": "Of the first 100,000 rows, in the order the source gives them.",
    }
    assert by_name(answer)["five"]["values"] is None


async def test_large_files_are_counted_whole_but_approximately_and_say_so(
    engines: Engines, tmp_path: Path
) -> None:
    rows = "SELECT i, 'v' || (i % 4) AS v FROM range(1000001) t(i)"
    answer, _ = await profile(engines, files(tmp_path, big=rows), "big", timeout_s=110.0)
    assert answer["basis"]["words"] == (
        "All 1,000,001 rows. Distinct values and quantiles are approximate."
    )
    columns = by_name(answer)
    assert columns["i"]["distinct_exact"] is False
    assert columns["i"]["distinct"] == pytest.approx(1_000_001, rel=0.2)
    assert columns["i"]["quantiles"]["p50"] == pytest.approx(500_000, rel=0.05)
    assert columns["i"]["unique"] is None
    assert answer["duplicate_rows"] is None
    assert "Duplicate rows were not counted: the table is too large." in answer["not_computed"]
    assert sorted(columns["v"]["values"]) == ["v0", "v1", "v2", "v3"]


async def test_what_takes_too_long_is_looked_at_from_its_start_and_said(
    engines: Engines, people: ScratchPostgres
) -> None:
    people.run(
        "CREATE VIEW slow AS SELECT i AS id, i % 3 AS three FROM generate_series(1, 9000) i, generate_series(1, 9000) j",
    )
    answer, _ = await profile(engines, people.source("reader"), "slow", timeout_s=6.0)
    assert answer["basis"]["kind"] == "first_rows"
    assert answer["not_computed"][0].startswith("Counting all rows took too long")
    assert by_name(answer)["three"]["distinct"] == 3
    assert answer["row_count"] is None


async def test_wide_tables_say_what_was_left_out(engines: Engines, tmp_path: Path) -> None:
    wide = "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(230))
    answer, _ = await profile(engines, files(tmp_path, wide=wide), "wide")
    assert len(answer["profile"]) == 200
    assert answer["not_computed"][0] == "Only the first 200 of 230 columns were looked at."


async def test_value_lists_alone_leave_everything_else_out(
    engines: Engines, people: ScratchPostgres
) -> None:
    answer, _ = await profile(engines, people.source("reader"), "people", values_only=True)
    columns = by_name(answer)
    assert set(columns) == {"code", "region", "note"}
    assert sorted(columns["region"]["values"]) == ["East", "North", "South"]
    assert (columns["code"]["values"], columns["code"]["distinct"]) == (None, 300)
    assert answer["duplicate_rows"] is None


async def test_a_profile_that_is_cancelled_leaves_no_statement_behind(
    engines: Engines, people: ScratchPostgres
) -> None:
    people.run(
        "CREATE VIEW endless AS SELECT i AS id FROM generate_series(1, 4000000000) i",
    )
    running = asyncio.create_task(profile(engines, people.source("reader"), "endless"))
    with people.connect() as watcher:

        def count() -> int:
            row = watcher.execute(ACTIVE).fetchone()
            assert row is not None
            return int(row[0])

        await until_soon(lambda: count() == 1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await until_soon(lambda: count() == 0)


async def test_an_unknown_table_is_named(engines: Engines, people: ScratchPostgres) -> None:
    with pytest.raises(WorkerError, match="no table 'nowhere'") as caught:
        await profile(engines, people.source("reader"), "nowhere")
    assert caught.value.code == "source_missing"
