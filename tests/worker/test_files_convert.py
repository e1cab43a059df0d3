"""Files become Parquet once: what their values are then, and when they are converted again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from datelier.worker.engines.files import FilesEngine
from datelier.worker.engines.files_cache import Cache
from datelier.worker.engines.files_convert import Shape, number_type
from datelier.worker.engines.files_library import Libraries
from datelier.worker.engines.files_load import FileTable, Places
from tests.worker.conftest import collect, opened


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[Libraries]:
    made = Libraries(Places(tmp_path / "root"))
    yield made
    made.close()


async def ask(
    libraries: Libraries, name: str, text: str, sql: str
) -> tuple[dict[str, str], list[list[Any]]]:
    """Store a file of the root and ask about it: its columns' types and the rows."""
    (libraries.places.root / name).write_text(text, encoding="utf-8")
    source = {"engine": "files", "paths": [{"table": "t", "path": name}]}
    async with opened(FilesEngine(source, libraries)) as engine:
        (table,) = await engine.catalog()
        assert table.error is None
        rows, _ = await collect(engine, sql)
    return {column.name: column.type for column in table.columns}, rows


CASES: dict[str, tuple[list[str], str, list[str | None]]] = {
    "money": (["0.10", "0.2", "", "-3"], "DECIMAL(18,2)", ["0.10", "0.20", None, "-3.00"]),
    "six_digits": (["1.000001", "2"], "DECIMAL(18,6)", ["1.000001", "2.000000"]),
    "seven_digits": (["1.0000001", "2"], "DOUBLE", ["1.0000001", "2.0"]),
    "wide": (["1234567890123456.789", "1"], "DOUBLE", ["1234567890123456.8", "1.0"]),
    "late_text": (["1.5", "2.5", "n/a"], "VARCHAR", ["1.5", "2.5", "n/a"]),
    "whole": (["9007199254740993", "-1"], "BIGINT", ["9007199254740993", "-1"]),
    "biggest": (["9223372036854775807", "1"], "BIGINT", ["9223372036854775807", "1"]),
    "beyond": (["92233720368547758070", "1"], "DECIMAL(38,0)", ["92233720368547758070", "1"]),
    "codes": (["00123", "45", "007"], "VARCHAR", ["00123", "45", "007"]),
    "science": (["1e3", "2.5"], "DOUBLE", ["1000.0", "2.5"]),
    "days": (["2026-01-31", "2026-02-01"], "DATE", ["2026-01-31", "2026-02-01"]),
    "german_days": (["31.01.2026", "01.02.2026"], "DATE", ["2026-01-31", "2026-02-01"]),
    "flags": (["true", "false"], "BOOLEAN", ["true", "false"]),
    "quoted": (['"1,5"', '""', "a"], "VARCHAR", ["1,5", None, "a"]),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_csv_column_keeps_what_was_written(libraries: Libraries, name: str) -> None:
    cells, kind, expected = CASES[name]
    lines = [f"{number},{cell}" for number, cell in enumerate(cells)]
    text = "\n".join(["n,v", *lines, ""])
    types, rows = await ask(
        libraries, "t.csv", text, "SELECT CAST(v AS VARCHAR) AS v FROM t ORDER BY n"
    )
    assert types == {"n": "BIGINT", "v": kind}
    assert [row[0] for row in rows] == expected


async def test_sums_of_money_are_exact_and_stay_decimal(libraries: Libraries) -> None:
    text = "amount\n" + "0.10\n0.20\n" * 5000
    _, rows = await ask(libraries, "t.csv", text, "SELECT sum(amount) AS s FROM t")
    assert rows == [["1500.00"]]


async def test_json_numbers_are_exact(libraries: Libraries) -> None:
    text = json.dumps(
        [
            {"price": 0.1, "id": 9007199254740993, "ratio": 1 / 3, "big": 12345678901234567890},
            {"price": 19.99, "id": 2, "ratio": 0.5, "big": 1},
        ]
    )
    types, rows = await ask(
        libraries, "t.json", text, "SELECT sum(price), max(id), max(big) FROM t"
    )
    assert types == {
        "price": "DECIMAL(18,2)", "id": "BIGINT", "ratio": "DOUBLE", "big": "DECIMAL(38,0)",
    }  # fmt: skip
    assert rows == [["20.09", "9007199254740993", "12345678901234567890"]]


async def test_a_changed_file_is_converted_again_and_a_removed_one_forgotten(
    libraries: Libraries,
) -> None:
    folder = libraries.places.root / ".converted"
    await ask(libraries, "t.csv", "a\n1\n", "SELECT a FROM t")
    (first,) = folder.glob("*.parquet")
    with duckdb.connect() as reader:
        assert reader.read_parquet(str(first)).fetchall() == [(1,)]
    _, rows = await ask(libraries, "t.csv", "a\n2.50\n", "SELECT a FROM t")
    assert rows == [["2.50"]]
    (second,) = folder.glob("*.parquet")
    assert second != first
    (libraries.places.root / "t.csv").unlink()
    libraries.sweep()
    assert list(folder.iterdir()) == []


async def test_a_conversion_that_vanished_is_made_again(libraries: Libraries) -> None:
    for _ in range(2):
        _, rows = await ask(libraries, "t.csv", "a\n1\n", "SELECT a FROM t")
        assert rows == [["1"]]
        for path in (libraries.places.root / ".converted").iterdir():
            path.unlink()


async def test_a_restarted_worker_reads_the_old_conversion_and_repeats_its_note(
    libraries: Libraries, tmp_path: Path
) -> None:
    await ask(libraries, "t.csv", "a,b\n1,2\n1,2,3\n4\n", "SELECT a FROM t")
    (path,) = (libraries.places.root / ".converted").glob("*.parquet")
    written = path.stat().st_ino
    again = Libraries(Places(tmp_path / "root"))
    source = {"engine": "files", "paths": [{"table": "t", "path": "t.csv"}]}
    async with opened(FilesEngine(source, again)) as engine:
        _, outcome = await collect(engine, "SELECT a FROM t")
    again.close()
    assert path.stat().st_ino == written
    assert any("different length" in note for note in outcome.notes)


def test_the_cache_is_bounded_and_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = Cache(tmp_path, tmp_path / "scratch", most=250)
    tables: list[FileTable] = []
    for name in ("a", "b", "c"):
        original = tmp_path / f"{name}.csv"
        original.write_text("x", encoding="utf-8")
        tables.append(FileTable(name, original, "csv"))
        partial = cache.partial(tables[-1])
        partial.write_bytes(bytes(100))
        cache.keep(tables[-1], partial, None)
    assert [cache.find(table) is not None for table in tables] == [False, True, True]


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file where a folder should be", encoding="utf-8")
    assert Cache(tmp_path / "root", tmp_path / "scratch").folder.is_relative_to(
        tmp_path / "scratch"
    )


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Shape(odd=0, padded=0, uncastable=0, outside=0, whole=16, fraction=2), "DECIMAL(18,2)"),
        (Shape(odd=0, padded=0, uncastable=0, outside=0, whole=17, fraction=2), "DOUBLE"),
        (Shape(odd=0, padded=0, uncastable=0, outside=1, whole=39, fraction=0), "VARCHAR"),
        (Shape(odd=0, padded=1, uncastable=0, outside=0, whole=3, fraction=0), "VARCHAR"),
        (Shape(odd=1, padded=0, uncastable=0, outside=0, whole=3, fraction=0), "DOUBLE"),
        (Shape(odd=1, padded=0, uncastable=1, outside=1, whole=3, fraction=0), "VARCHAR"),
    ],
)
def test_the_type_of_a_column_follows_from_its_digits(shape: Shape, expected: str) -> None:
    assert number_type(shape) == expected
