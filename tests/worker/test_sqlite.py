"""The SQLite engine: attacks with the guard bypassed, odd files, what values become, stopping."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from datelier.worker.engines.base import Limits, Outcome
from datelier.worker.engines.files_load import Places
from datelier.worker.engines.sqlite import SqliteEngine
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.engines.sqlite_subject import SqliteSubject, sqlite_subject
from tests.worker.conftest import collect, opened
from tests.worker.corpus import lines
from tests.worker.corpus_sqlite import SQLITE_ANALYTICS, SQLITE_ATTACKS, SQLITE_HARMLESS

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    with sqlite_subject(tmp_path) as subject:
        yield subject


@pytest.fixture
async def engine(shop: SqliteSubject) -> AsyncIterator[SqliteEngine]:
    async with opened(engine_of(shop.path)) as made:
        yield made


def engine_of(path: Path) -> SqliteEngine:
    return SqliteEngine(
        {"engine": "sqlite", "path": str(path)}, Places(path.parent, (path.parent,))
    )


def made(path: Path, script: str, *, wal: bool = False) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = wal")
        connection.executescript(script)
    return path


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def reason(path: Path, sql: str = "SELECT 1") -> WorkerError:
    with pytest.raises(WorkerError) as failed:
        async with opened(engine_of(path)) as engine:
            await collect(engine, sql)
    assert str(path.parent) not in failed.value.message
    return failed.value


@pytest.mark.parametrize("sql", lines(SQLITE_ATTACKS))
async def test_with_the_guard_bypassed_nothing_is_changed_and_nothing_secret_is_read(
    shop: SqliteSubject, engine: SqliteEngine, sql: str
) -> None:
    before = shop.digest()
    code, rows = "", list[list[Any]]()
    try:
        rows, _ = await collect(engine, sql.replace("{folder}", str(shop.path.parent)))
    except WorkerError as error:
        code = error.code
    harmless = sql.startswith("EXPLAIN") or any(part in sql for part in SQLITE_HARMLESS)
    assert code in {"sql_refused", "sql_failed"} or (not code and harmless)
    assert "CREATE TABLE" not in str(rows)
    assert shop.digest() == before
    assert (await collect(engine, "SELECT count(*) FROM t"))[0] == [["3"]]


@pytest.mark.parametrize("sql", lines(SQLITE_ANALYTICS))
async def test_analytics_through_the_guard_equals_the_original(
    shop: SqliteSubject, engine: SqliteEngine, sql: str
) -> None:
    through, _ = await collect(engine, check(sql, "sqlite", await engine.scope()))
    assert through == (await collect(engine, sql))[0]
    with closing(sqlite3.connect(shop.path)) as direct:
        assert len(direct.execute(sql).fetchall()) == len(through) > 0


async def test_a_wrong_name_in_quotes_is_no_text(engine: SqliteEngine) -> None:
    assert (await collect(engine, 'SELECT "totl" FROM t'))[0][0] == ["totl"]  # what SQLite does
    with pytest.raises(WorkerError, match="no column") as refused:
        check('SELECT "totl" FROM orders', "sqlite", await engine.scope())
    assert "total" in (refused.value.hint or "")
    assert "single quotes" in (refused.value.hint or "")


async def test_a_query_without_end_is_stopped_in_time(engine: SqliteEngine) -> None:
    with pytest.raises(WorkerError) as failed:
        await collect(engine, ENDLESS, Limits(timeout_s=0.3))
    assert failed.value.code == "timeout"
    assert (await collect(engine, "SELECT 1"))[0] == [["1"]]


async def test_a_cancelled_query_stops_and_the_loop_goes_on(engine: SqliteEngine) -> None:
    running = asyncio.create_task(collect(engine, ENDLESS))
    for _ in range(5):
        _, waiting = await asyncio.wait({running}, timeout=0.01)
        assert waiting
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_cancel_ends_the_statement_with_a_typed_error(engine: SqliteEngine) -> None:
    running = asyncio.create_task(collect(engine, ENDLESS))
    await asyncio.wait({running}, timeout=0.1)
    await engine.cancel()
    with pytest.raises(WorkerError) as failed:
        await running
    assert failed.value.code == "cancelled"


async def test_a_call_that_hears_no_stop_keeps_nobody_waiting(engine: SqliteEngine) -> None:
    # Inside one call of a function SQLite looks at nothing else.
    slow = "SELECT printf('%.300000000c', 'x') IS NULL"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await collect(engine, slow)
    await engine.close()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT hex(printf('%.100000000c', 'x'))", "limit_exceeded"),
        ("SELECT " + ", ".join(["1"] * 10_000), "sql_failed"),
        ("SELECT " + "(" * 900 + "1" + ")" * 900 + "+1" * 900, "sql_failed"),
        ("SELECT 1" + " UNION ALL SELECT 1" * 600, "sql_failed"),
        ("SELECT nothing_like_it FROM orders", "sql_failed"),
        ("SELECT 'x' LIKE '" + "%a" * 1000 + "'", "sql_failed"),
    ],
)
async def test_what_is_too_much_is_a_typed_error(engine: SqliteEngine, sql: str, code: str) -> None:
    with pytest.raises(WorkerError) as failed:
        await collect(engine, sql)
    assert failed.value.code == code


async def test_memory_is_limited_and_given_back(engine: SqliteEngine) -> None:
    wide = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400)"
        " SELECT i, replace(hex(printf('%1000000d', i)), '20', 'xx') AS x FROM n ORDER BY x"
    )
    with pytest.raises(WorkerError) as failed:
        await collect(engine, wide, Limits(timeout_s=50))
    assert failed.value.code == "limit_exceeded"
    assert (await collect(engine, "SELECT count(*) FROM orders"))[0] == [["40"]]


async def test_a_huge_cell_is_cut_and_said_so(tmp_path: Path) -> None:
    path = made(tmp_path / "big.db", "CREATE TABLE b (x TEXT, y BLOB)")
    with closing(sqlite3.connect(path)) as connection:
        row = ("ž" * 50_000_000, b"\xff" * 2_000_000)
        connection.execute("INSERT INTO b VALUES (?, ?)", row)
        connection.commit()
    async with opened(engine_of(path)) as engine:
        outcome = Outcome()
        (batch,) = [b async for b in engine.stream("SELECT * FROM b", Limits(), outcome)]
        assert batch.nbytes < 3 * Limits().max_cell_bytes
        assert batch.columns[0].data.decode() == "ž" * (Limits().max_cell_bytes // 2)
        assert len([note for note in outcome.notes if "were cut" in note]) == 2


async def test_limits_cut_and_say_so(engine: SqliteEngine, shop: SqliteSubject) -> None:
    rows, outcome = await collect(
        engine, shop.series(50_000), Limits(rows=50_000, max_bytes=99_000)
    )
    assert outcome.truncated
    assert 0 < len(rows) < 50_000
    assert any("cut at" in note for note in outcome.notes)
    rows, outcome = await collect(engine, shop.series(25_000), Limits(rows=25_000))
    assert (len(rows), outcome.truncated) == (25_000, False)


KINDS = """
CREATE TABLE k (n INTEGER PRIMARY KEY, mixed, num NUMERIC, price DECIMAL(10,2), flag BOOLEAN,
  day DATE, at DATETIME, zoned TIMESTAMP, wide, blob, raw TEXT, empty DATE, late);
INSERT INTO k VALUES
  (1, 1, 5, 5, 1, '2026-01-02', '2026-01-02 03:04', '2026-01-02T03:04:05Z', 9007199254740993, 1,
   CAST(x'61ff62' AS TEXT), NULL, '2026-01-01'),
  (2, 'x', 2.5, 7, 0, '2026-02-03', '2026-01-02 03:04:05.5', '2026-01-02 03:04:05+02:00', 0.5,
   x'00ff', 'a' || char(0) || 'b', NULL, '2026-02-31');
CREATE TABLE l (day DATE);
"""


async def test_a_column_has_the_type_that_all_its_values_bear_out(tmp_path: Path) -> None:
    async with opened(engine_of(made(tmp_path / "k.db", KINDS))) as engine:
        rows, outcome = await collect(engine, "SELECT * FROM k ORDER BY n")
        assert dict(outcome.columns) == {
            "n": "int64", "mixed": "string", "num": "float64", "price": "float64",
            "flag": "boolean", "day": "date", "at": "timestamp", "zoned": "timestamptz",
            "wide": "string", "blob": "string", "raw": "string", "empty": "date",
            "late": "string",
        }  # fmt: skip
        assert rows[0] == [
            "1", "1", 5.0, 5.0, True, "2026-01-02", "2026-01-02T03:04:00", "2026-01-02T03:04:05Z",
            "9007199254740993", "1", "a\ufffdb", None, "2026-01-01",
        ]  # fmt: skip
        assert rows[1][1:5] == ["x", 2.5, 7.0, False]
        assert rows[1][8:11] == ["0.5", "x'00ff'", "a\ufffdb"]
        told = " ".join(outcome.notes)
        assert "'mixed' holds values of several kinds (integer, text)" in told
        assert "'wide' holds values of several kinds (integer, real)" in told
        assert "'raw' holds bytes that are no UTF-8" in told
        assert "'num'" not in told
        # A declared type licenses a reading only where every value bears it out.
        _, outcome = await collect(engine, "SELECT late AS day FROM k")
        assert outcome.columns == [("day", "string")]


@pytest.mark.parametrize("last", ["'x'", "2026", "'2026-02-31'"])
async def test_the_last_of_many_values_still_counts(tmp_path: Path, last: str) -> None:
    path = made(
        tmp_path / "many.db",
        "CREATE TABLE m (day DATE); INSERT INTO m WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
        " SELECT i + 1 FROM n LIMIT 30000) SELECT date('2026-01-01', '+' || (i % 99) || ' days')"
        f" FROM n; INSERT INTO m VALUES ({last})",
    )
    async with opened(engine_of(path)) as engine:
        rows, outcome = await collect(engine, "SELECT day FROM m", Limits(rows=50_000))
        assert outcome.columns == [("day", "string")]
        assert (len(rows), rows[-1][0]) == (30_001, last.strip("'"))
        rows, outcome = await collect(engine, "SELECT day FROM m LIMIT 30000", Limits(rows=50_000))
        assert outcome.columns == [("day", "date")]


async def test_odd_names_are_names(tmp_path: Path) -> None:
    path = made(
        tmp_path / "odd.db",
        'CREATE TABLE "select" ("group" INT, "a b" INT, "שלום" TEXT, "" INT, "x""y" INT);'
        " INSERT INTO \"select\" VALUES (1, 2, 'x', 3, 4)",
    )
    async with opened(engine_of(path)) as engine:
        sql = check(
            'SELECT "group", "a b", "שלום", "x""y", 1 AS x, 2 AS x FROM "select"',
            "sqlite",
            await engine.scope(),
        )
        rows, outcome = await collect(engine, sql)
        assert rows == [["1", "2", "x", "4", "1", "2"]]
        assert [name for name, _ in outcome.columns] == ["group", "a b", "שלום", 'x"y', "x", "x"]
        (table,) = await engine.catalog("select")
        assert [column.name for column in table.columns] == ["group", "a b", "שלום", "", 'x"y']


async def test_the_catalog_has_keys_views_counts_and_says_what_is_broken(tmp_path: Path) -> None:
    path = made(
        tmp_path / "c.db",
        "CREATE TABLE a (x INT, y TEXT NOT NULL, PRIMARY KEY (y, x)); INSERT INTO a VALUES (1, 'q');"
        "CREATE VIEW v AS SELECT y FROM a; CREATE VIEW lost AS SELECT * FROM nowhere;"
        "CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('hello world')",
    )
    async with opened(engine_of(path)) as engine:
        tables = {table.name: table for table in await engine.catalog()}
        assert set(tables) == {"a", "v", "lost", "f"}  # the inner tables of f are its own matter
        assert [(c.name, c.primary_key, c.nullable) for c in tables["a"].columns] == [
            ("x", True, True), ("y", True, False),
        ]  # fmt: skip
        assert (tables["a"].rows, tables["v"].rows, tables["v"].kind) == (1, 1, "view")
        assert "nowhere" in (tables["lost"].error or "")
        assert (await collect(engine, "SELECT body FROM f WHERE f MATCH 'hello'"))[0] == [
            ["hello world"]
        ]


async def test_a_wal_database_is_read_without_a_trace(tmp_path: Path) -> None:
    path = made(tmp_path / "w.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)", wal=True)
    assert names_in(tmp_path) == {"w.db"}
    async with opened(engine_of(path)) as engine:
        assert (await collect(engine, "SELECT count(*) FROM t"))[0] == [["2"]]
    assert names_in(tmp_path) == {"w.db"}
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (3)")
        writer.commit()
        async with opened(engine_of(path)) as engine:
            assert (await collect(engine, "SELECT count(*) FROM t"))[0] == [["3"]]
            writer.execute("INSERT INTO t VALUES (4)")
            writer.commit()
            assert (await collect(engine, "SELECT count(*) FROM t"))[0] == [["4"]]
        shutil.copy(path, tmp_path / "copy.db")
        shutil.copy(f"{path}-wal", tmp_path / "copy.db-wal")
    refused = await reason(tmp_path / "copy.db")
    assert refused.code == "bad_file"
    assert "wal_checkpoint" in (refused.hint or "")


async def test_a_file_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = made(tmp_path / "r.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    other = made(tmp_path / "n.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
    async with opened(engine_of(path)) as engine:
        outcome = Outcome()
        rows = 0
        async for batch in engine.stream("SELECT * FROM t", Limits(), outcome):
            rows += batch.length
            other.replace(path)
        assert rows == 1
        assert any("was replaced" in note for note in outcome.notes)
    async with opened(engine_of(path)) as engine:
        assert (await collect(engine, "SELECT count(*) FROM t"))[0] == [["2"]]
        batches = engine.stream("SELECT * FROM t", Limits(), Outcome())
        await anext(aiter(batches))
        path.write_bytes(path.read_bytes() + bytes(4096))
        with pytest.raises(WorkerError, match="overwritten") as failed:
            await anext(aiter(batches))
        assert failed.value.code == "bad_file"


async def test_a_database_locked_by_its_writer_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "l.db", "CREATE TABLE t (a)")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        failed = await reason(path)
        assert (failed.code, "locked" in failed.message) == ("timeout", True)


async def test_files_that_are_no_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("id,name\n1,x\n" * 100, encoding="utf-8")
    (tmp_path / "secret.db").write_bytes(bytes(range(7, 250)) * 40)  # as SQLCipher leaves it
    os.mkfifo(tmp_path / "pipe.db")
    (tmp_path / "folder.db").mkdir()
    damaged = made(tmp_path / "damaged.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    damaged.write_bytes(damaged.read_bytes()[:4096] + b"\x07" * 4096)
    for name in ("text", "secret"):
        failed = await reason(tmp_path / f"{name}.db")
        assert (failed.code, "encrypted" in failed.message) == ("bad_file", True)
    for name in ("pipe", "folder"):
        assert (await reason(tmp_path / f"{name}.db")).code == "bad_file"
    failed = await reason(damaged, "SELECT * FROM t")
    assert (failed.code, "damaged" in failed.message) == ("bad_file", True)
    assert (await reason(tmp_path / "gone.db")).code == "source_missing"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.db", "a\0.db", "link.db", ""])
async def test_a_path_outside_the_allowed_folders_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    made(tmp_path / "x.db", "CREATE TABLE t (a)")
    (root / "link.db").symlink_to(tmp_path / "x.db")
    engine = SqliteEngine({"engine": "sqlite", "path": path}, Places(root))
    with pytest.raises(WorkerError) as refused:
        await engine.open()
    await engine.close()
    assert refused.value.code == "source_missing"


async def test_a_test_of_the_connection_says_at_which_step_it_failed(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database" * 100, encoding="utf-8")
    engine = engine_of(tmp_path / "text.db")
    probe = await engine.probe()
    await engine.close()
    failed = next(step for step in probe.steps if step.ok is False)
    assert (failed.name, bool(failed.advice)) == ("connect", True)
    engine = engine_of(tmp_path / "gone.db")
    probe = await engine.probe()
    await engine.close()
    assert next(step.name for step in probe.steps if step.ok is False) == "resolve"
    assert not probe.ok
