"""Many files as one table: partitions, patterns, schemas that differ, files that come later."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from datelier.worker.engines.files import FilesEngine
from datelier.worker.engines.files_library import Libraries
from datelier.worker.engines.files_load import Places
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.worker.conftest import collect, opened


def write(path: Path, query: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.suffix.lstrip(".")
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT {kind})")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for month in (1, 2):
        write(
            root / "orders" / "year=2026" / f"month={month:02}" / "part-0.parquet",
            f"SELECT range + {month * 10} AS id, 1.5::DECIMAL(9, 2) AS total FROM range(3)",
        )
    write(root / "events" / "a.csv", "SELECT 1 AS id, 'x' AS kind")
    write(root / "events" / "b.csv", "SELECT 2 AS id, 'y' AS kind, true AS late")
    write(root / "logs" / "1.json", "SELECT 1 AS n")
    write(root / "logs" / "2.json", "SELECT 2 AS n, 'b' AS word")
    write(root / "single.parquet", "SELECT 7 AS seven")
    (root / "orders" / "_SUCCESS").write_bytes(b"")
    (root / "orders" / ".hidden.parquet").write_bytes(b"not read")
    return root


@pytest.fixture
def libraries(tmp_path: Path, folder: Path) -> Iterator[Libraries]:
    made = Libraries(Places(tmp_path / "none", (folder,)))
    yield made
    made.close()


def engine_of(libraries: Libraries, folder: Path, **config: Any) -> FilesEngine:
    return FilesEngine({"engine": "files", "folder": str(folder), **config}, libraries)


async def rows_of(engine: FilesEngine, sql: str) -> list[list[Any]]:
    return (await collect(engine, check(sql, "duckdb", await engine.scope())))[0]


async def test_a_folder_of_files_is_one_table_with_its_partitions(
    libraries: Libraries, folder: Path
) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        tables = {table.name: table for table in await engine.catalog()}
        assert set(tables) == {"single", "orders", "events", "logs"}
        assert {c.name for c in tables["orders"].columns} == {"id", "total", "year", "month"}
        assert (tables["orders"].rows, tables["events"].rows) == (6, 2)
        assert tables["orders"].comment == "2 files, partitioned by year, month."
        sql = "SELECT month, count(*), sum(total) FROM orders WHERE month = '02' GROUP BY month"
        assert await rows_of(engine, sql) == [["02", "3", "4.50"]]
        assert await rows_of(engine, "SELECT * FROM events ORDER BY id") == [
            ["1", "x", None], ["2", "y", True],
        ]  # fmt: skip
        assert await rows_of(engine, "SELECT n, word FROM logs ORDER BY n") == [
            ["1", None], ["2", "b"],
        ]  # fmt: skip


async def test_files_that_come_later_are_seen_by_the_next_action(
    libraries: Libraries, folder: Path
) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        assert await rows_of(engine, "SELECT count(*) FROM orders") == [["6"]]
    write(
        folder / "orders" / "year=2026" / "month=03" / "part-0.parquet",
        "SELECT 99 AS id, 2::DECIMAL(9, 2) AS total, 'n' AS note",
    )
    async with opened(engine_of(libraries, folder)) as engine:
        assert await rows_of(engine, "SELECT count(*), count(note) FROM orders") == [["7", "1"]]
    (folder / "orders" / "year=2026" / "month=01" / "part-0.parquet").unlink()
    async with opened(engine_of(libraries, folder)) as engine:
        assert await rows_of(engine, "SELECT count(*) FROM orders") == [["4"]]


async def test_files_that_disagree_say_which_and_how(libraries: Libraries, folder: Path) -> None:
    write(
        folder / "orders" / "year=2026" / "month=03" / "x.parquet", "SELECT 1 AS id, 'a' AS total"
    )
    write(folder / "events" / "c.parquet", "SELECT 1 AS id")
    async with opened(engine_of(libraries, folder)) as engine:
        tables = {table.name: table for table in await engine.catalog()}
        told = tables["orders"].error or ""
        assert "'total' is" in told
        assert "DECIMAL(9,2) in orders/year=2026/month=01/part-0.parquet" in told
        assert "VARCHAR in orders/year=2026/month=03/x.parquet" in told
        assert "2 csv, 1 parquet" in (tables["events"].error or "")
        assert str(folder) not in told
        with pytest.raises(WorkerError, match="disagree") as failed:
            await collect(engine, "SELECT * FROM orders")
        assert failed.value.code == "bad_file"
        assert await rows_of(engine, "SELECT * FROM single") == [[7]]


async def test_numbers_of_different_width_are_one_column(
    libraries: Libraries, folder: Path
) -> None:
    write(
        folder / "orders" / "year=2026" / "month=03" / "w.parquet",
        "SELECT 9007199254740993 AS id, 0.125::DECIMAL(12, 3) AS total",
    )
    async with opened(engine_of(libraries, folder)) as engine:
        rows = await rows_of(engine, "SELECT id, total FROM orders ORDER BY id DESC LIMIT 2")
    assert rows == [["9007199254740993", "0.125"], ["22", "1.500"]]


async def test_one_long_row_of_one_file_makes_no_other_row_disappear(
    libraries: Libraries, folder: Path
) -> None:
    (folder / "visits").mkdir()
    regular = "id,name\n" + "".join(f"{i},n{i}\n" for i in range(300))
    (folder / "visits" / "a.csv").write_text(regular)
    (folder / "visits" / "b.csv").write_text(f"{regular}300,more,of,it\n")
    async with opened(engine_of(libraries, folder)) as engine:
        (table,) = await engine.catalog("visits")
        assert (table.rows, table.columns[0].name) == (601, "id")
        assert "visits/b.csv has rows of different length" in (table.comment or "")
        assert await rows_of(engine, "SELECT count(name) FROM visits") == [["601"]]


async def test_a_pattern_names_the_files_of_a_table(libraries: Libraries, folder: Path) -> None:
    tables = [
        {"table": "january", "glob": "orders/year=2026/month=01/*.parquet"},
        {"table": "all_orders", "glob": "orders/**/*.parquet"},
    ]
    async with opened(engine_of(libraries, folder, tables=tables)) as engine:
        assert {table.name for table in await engine.catalog()} == {"january", "all_orders"}
        assert await rows_of(engine, "SELECT count(*) FROM january") == [["3"]]
        assert await rows_of(engine, "SELECT count(*) FROM all_orders") == [["6"]]


@pytest.mark.parametrize("glob", ["../*.parquet", "/etc/*", "", "nothing/*.parquet", "a\0b"])
async def test_a_pattern_leads_nowhere_else(libraries: Libraries, folder: Path, glob: str) -> None:
    write(folder.parent / "secret.parquet", "SELECT 1 AS a")
    with pytest.raises(WorkerError) as refused:
        await engine_of(libraries, folder, tables=[{"table": "x", "glob": glob}]).open()
    assert refused.value.code == "source_missing"


async def test_links_out_of_the_folder_are_not_followed(libraries: Libraries, folder: Path) -> None:
    write(folder.parent / "secret" / "s.parquet", "SELECT 1 AS a")
    (folder / "way_out").symlink_to(folder.parent / "secret")
    (folder / "events" / "s.csv").symlink_to("/etc/passwd")
    (folder / "logs" / "out").symlink_to(folder.parent / "secret")
    async with opened(engine_of(libraries, folder)) as engine:
        assert {table.name for table in await engine.catalog()} == {
            "single", "orders", "events", "logs",
        }  # fmt: skip
        assert await rows_of(engine, "SELECT count(*) FROM events") == [["2"]]
