"""The files engine: hostile files, types, the locked database, cancellation."""

import asyncio
import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from datelier.worker.engines.base import Limits
from datelier.worker.engines.files import FilesEngine
from datelier.worker.engines.files_library import Libraries
from datelier.worker.engines.files_load import Places
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.worker.conftest import collect, opened
from tests.worker.corpus import DUCKDB_ANALYTICS, DUCKDB_ATTACKS, lines


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files")
    rows = ["id,region,status,total,placed,note"]
    rows += [
        f"{i},{('north', 'south')[i % 2]},{('paid', 'open')[i % 3 // 2]},{i * 7.25:.2f},"
        f"2026-01-{1 + i % 28:02} 08:00:00,note {i}"
        for i in range(1, 31)
    ]
    (root / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (root / "latin.csv").write_bytes("id;name\n1;café\n2;ñandú\n".encode("latin-1"))
    (root / "utf16.csv").write_bytes("id;name\n1;žába\n".encode("utf-16"))
    (root / "bom.csv").write_bytes("id,name\n1,x\n".encode("utf-8-sig"))
    (root / "names.csv").write_text("a,,a,A b\n1,2,3,4\n", encoding="utf-8")
    (root / "ragged.csv").write_text("a,b\n1,2\n1,2,3\n4\n", encoding="utf-8")
    (root / "empty.csv").write_bytes(b"")
    (root / "binary.csv").write_bytes(bytes(range(256)) * 40)
    (root / "long.csv").write_text("a,b\n1," + "x" * 4_000_000 + "\n", encoding="utf-8")
    (root / "late.csv").write_text("a\n" + "1\n" * 60_000 + "not a number\n", encoding="utf-8")
    (root / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    (root / "broken.json").write_text('[{"a": 1}, {"a":', encoding="utf-8")
    (root / "nested.json").write_text(
        '[{"a":1,"b":{"c":[1,2]}},{"a":9007199254740993}]', encoding="utf-8"
    )
    (root / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "code", "id", None, "day"])
    sheet.append([1, "00123", 2.5, True, dt.date(2026, 1, 2)])
    sheet.append([2, None, None, False, dt.datetime(2026, 1, 2, 3, 4)])  # noqa: DTZ001 - cells have no zone
    book.save(root / "book.xlsx")
    (root / "out.csv").symlink_to("/etc/passwd")
    (root / "2026 Sales (final).csv").write_text("a\n1\n", encoding="utf-8")
    maker = duckdb.connect()
    maker.execute(f"COPY (SELECT range AS i FROM range(50000)) TO '{root}/many.parquet'")
    maker.close()
    return root


@pytest.fixture(scope="module")
def libraries(folder: Path) -> Iterator[Libraries]:
    made = Libraries(Places(folder / "none", (folder,)))
    yield made
    made.close()


def engine_of(libraries: Libraries, folder: Path) -> FilesEngine:
    return FilesEngine({"engine": "files", "folder": str(folder)}, libraries)


async def test_a_folder_becomes_tables_and_broken_files_say_why(
    libraries: Libraries, folder: Path
) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        tables = {table.name: table for table in await engine.catalog()}
    broken = {name: table.error for name, table in tables.items() if table.error}
    assert set(broken) == {"empty", "binary", "long", "broken", "broken_2", "broken_3"}
    assert "empty" in (broken["empty"] or "")
    assert "longer than" in (broken["long"] or "")
    assert not any(str(folder) in (reason or "") for reason in broken.values())
    assert "out" not in tables  # a link that leads out of the folder
    assert tables["t_2026_sales_final"].rows == 1
    assert tables["orders"].rows == 30
    assert [column.name for column in tables["names"].columns] == ["a", "column1", "a_1", "A b"]
    assert [column.type for column in tables["book"].columns] == [
        "BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN", "TIMESTAMP",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT name FROM latin ORDER BY id", [["café"], ["ñandú"]]),
        ("SELECT name FROM utf16", [["žába"]]),
        ("SELECT id, name FROM bom", [["1", "x"]]),
        ("SELECT count(*), max(a) FROM late", [["60001", "not a number"]]),
        ("SELECT code, id_1 FROM book ORDER BY id", [["00123", 2.5], [None, None]]),
        ("SELECT a, b FROM nested ORDER BY a", [["1", '{"c":[1,2]}'], ["9007199254740993", None]]),
        ("SELECT a, b FROM ragged ORDER BY a, b", [["1", "2"], ["1", "2"], ["4", None]]),
    ],
)
async def test_odd_files_are_read(
    libraries: Libraries, folder: Path, sql: str, expected: list[list[Any]]
) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        rows, _ = await collect(engine, check(sql, "duckdb", await engine.scope()))
    assert rows == expected


async def test_what_was_assumed_about_a_file_is_said(libraries: Libraries, folder: Path) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        _, outcome = await collect(engine, "SELECT * FROM latin")
        assert any("latin-1" in note for note in outcome.notes)
        _, outcome = await collect(engine, "SELECT * FROM ragged")
        assert any("different length" in note for note in outcome.notes)
        with pytest.raises(WorkerError, match="is empty") as failed:
            await collect(engine, "SELECT * FROM empty")
    assert failed.value.code == "bad_file"


@pytest.mark.parametrize("sql", lines(DUCKDB_ANALYTICS))
async def test_analytics_through_the_guard_equals_the_original(
    libraries: Libraries, folder: Path, sql: str
) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        rendered = check(sql, "duckdb", await engine.scope())
        through, _ = await collect(engine, rendered)
        direct = duckdb.connect()
        direct.execute(f"CREATE VIEW orders AS SELECT * FROM read_csv('{folder}/orders.csv')")
        assert len(through) == len(direct.execute(sql).fetchall())
        assert through == (await collect(engine, sql))[0]
        direct.close()


def sizes(folder: Path) -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_size) for path in folder.iterdir())


async def test_with_the_guard_bypassed_the_locked_database_reads_nothing_else(
    libraries: Libraries, folder: Path
) -> None:
    before = sizes(folder)
    async with opened(engine_of(libraries, folder)) as engine:
        for sql in lines(DUCKDB_ATTACKS):
            try:
                rows, _ = await collect(engine, sql, Limits(rows=20))
            except WorkerError:
                continue
            assert "root:" not in str(rows)
            assert "/home" not in str(rows)
        assert (await collect(engine, "SELECT count(*) FROM orders"))[0] == [["30"]]
        settings = (
            "SELECT current_setting('enable_external_access'), current_setting('memory_limit')"
        )
        assert (await collect(engine, settings))[0][0][0] is False
    assert sizes(folder) == before


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../secret.csv", "a/../../x.csv", "/etc/../etc/hosts", "a\0.csv", "link.csv"],
)
async def test_a_path_outside_the_allowed_folders_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    made = Libraries(Places(root))
    source = {"engine": "files", "paths": [{"table": "x", "path": path, "format": "csv"}]}
    with pytest.raises(WorkerError) as refused:
        await FilesEngine(source, made).open()
    made.close()
    assert refused.value.code == "source_missing"


async def test_uploaded_files_are_found_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "f1").write_text("a,b\n1,x\n", encoding="utf-8")
    made = Libraries(Places(tmp_path))
    source = {"engine": "files", "paths": [{"table": "Mine", "path": "org/f1", "format": "csv"}]}
    async with opened(FilesEngine(source, made)) as engine:
        assert (await collect(engine, "SELECT * FROM mine"))[0] == [["1", "x"]]
    (tmp_path / "org" / "f1").write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    async with opened(FilesEngine(source, made)) as engine:
        assert len((await collect(engine, "SELECT * FROM mine"))[0]) == 2
    made.close()


async def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(
        tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as packed:
        for number in range(6):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", bytes(100_000_000))
    made = Libraries(Places(tmp_path))
    source = {"engine": "files", "paths": [{"table": "b", "path": "bomb.xlsx", "format": "xlsx"}]}
    async with opened(FilesEngine(source, made)) as engine:
        with pytest.raises(WorkerError, match="unpacks"):
            await collect(engine, "SELECT * FROM b")
    made.close()


async def test_limits_cut_and_say_so(libraries: Libraries, folder: Path) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        rows, outcome = await collect(engine, "SELECT i FROM many ORDER BY i", Limits(rows=7))
        assert ([row[0] for row in rows], outcome.truncated) == ([str(n) for n in range(7)], True)
        rows, outcome = await collect(engine, "SELECT i FROM many", Limits(rows=50_000))
        assert (len(rows), outcome.truncated) == (50_000, False)
        _, outcome = await collect(
            engine, "SELECT i FROM many", Limits(rows=50_000, max_bytes=99_000)
        )
        assert outcome.truncated
        rows, outcome = await collect(engine, "SELECT i FROM many WHERE i < 0")
        assert (rows, outcome.columns) == ([], [("i", "int64")])


async def test_a_query_is_interrupted_when_its_task_is_cancelled(
    libraries: Libraries, folder: Path
) -> None:
    endless = "SELECT count(*) FROM range(100000000000) a WHERE hash(a.range) % 7 = 3"
    async with opened(engine_of(libraries, folder)) as engine:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await collect(engine, endless)
        assert (await collect(engine, "SELECT 1"))[0] == [[1]]


async def test_memory_is_limited(libraries: Libraries, folder: Path) -> None:
    async with opened(engine_of(libraries, folder)) as engine:
        with pytest.raises(WorkerError) as failed:
            await collect(
                engine, "SELECT length(string_agg(repeat('x', 1000000), '')) FROM range(3000)"
            )
    assert failed.value.code in {"limit_exceeded", "sql_failed"}


async def test_instants_of_a_parquet_file_are_read_without_a_library_of_time_zones(
    tmp_path: Path,
) -> None:
    maker = duckdb.connect()
    maker.execute("SET TimeZone = 'UTC'")
    maker.execute(
        "COPY (SELECT TIMESTAMPTZ '2026-01-02 03:04:05+02' AS at, ['a'] AS tags,"
        f" 170141183460469231731687303715884105727 AS big) TO '{tmp_path}/at.parquet'"
    )
    maker.close()
    libraries = Libraries(Places(tmp_path / "none", (tmp_path,)))
    async with opened(engine_of(libraries, tmp_path)) as engine:
        rows, outcome = await collect(engine, 'SELECT "at", tags FROM "at"')
    libraries.close()
    assert rows == [["2026-01-02T01:04:05Z", ["a"]]]
    assert outcome.columns == [("at", "timestamptz"), ("tags", "list")]
