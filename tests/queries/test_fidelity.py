"""From the database to every format and back, value by value: nothing is rounded, cut or mixed up."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from python_calamine import CalamineWorkbook

from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json
from tests.queries import nasty
from tests.queries.test_postgres import add
from tests.queries.test_queries import ORDERS, run
from tests.support.postgres import ScratchPostgres, scratch_postgres

__all__ = ["scratch_postgres"]

Columns = list[tuple[str, str, list[Any]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A result of a nasty table, and what must be in it."""

    http: httpx.AsyncClient
    result: str
    columns: Columns

    async def file(self, form: str, **params: str) -> bytes:
        path = f"/results/{self.result}/download"
        answer = await self.http.get(path, params={"format": form, **params})
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture(params=["postgresql", "duckdb"])
async def answer(
    request: pytest.FixtureRequest, http: httpx.AsyncClient, scratch_postgres: ScratchPostgres
) -> Answer:
    if request.param == "postgresql":
        table = (nasty.POSTGRES_TABLE, *nasty.POSTGRES_ROWS)
        grant = ("drop role if exists nasty_reader", "create role nasty_reader login")
        scratch_postgres.run(
            "drop table if exists nasty", *table, *grant, "grant select on nasty to nasty_reader"
        )
        source = (await add(http, scratch_postgres, "nasty_reader"))["id"]
        sql, columns = nasty.POSTGRES, nasty.POSTGRES_GRID
    else:
        files = [("files", ("orders.csv", ORDERS.encode()))]
        source = (await http.post("/sources/upload", files=files)).json()["id"]
        sql, columns = nasty.DUCKDB, nasty.DUCKDB_GRID
    version = await run(http, source, sql)
    assert version["status"] == "done", version["error"]
    return Answer(http, version["result_id"], columns)


def text(kind: str, value: Any) -> str | None:
    """A value as CSV writes it."""
    if value is None:
        return None
    if kind == "binary":
        return "\\x" + value.hex()
    if kind == "boolean":
        return str(value).lower()
    return str(value)


def jsonable(kind: str, value: Any) -> Any:
    return "\\x" + value.hex() if kind == "binary" and value is not None else value


async def test_the_grid_shows_every_value(answer: Answer) -> None:
    page = (await answer.http.get(f"/results/{answer.result}/rows")).json()
    shown = [(column["name"], column["type"]) for column in page["columns"]]
    assert shown == [(name, kind) for name, kind, _ in answer.columns]
    for (name, kind, expected), found in zip(answer.columns, page["data"], strict=True):
        wanted = [{"bytes": len(v)} if kind == "binary" and v is not None else v for v in expected]
        assert (name, list(map(repr, found))) == (name, list(map(repr, wanted)))


def fields(data: str) -> Iterator[list[str | None]]:
    """CSV by RFC 4180 with the one thing more that it can tell: an empty field is not ``""``."""
    row: list[str | None] = []
    for found in re.finditer(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)', data):
        quoted, plain, end = found.groups()
        row.append(plain or None if quoted is None else quoted.replace('""', '"'))
        if end == "\r\n":
            yield row
            row = []


async def test_csv_holds_every_value(answer: Answer) -> None:
    rows = list(fields((await answer.file("csv", protect="false")).decode()))
    assert rows[0] == [name for name, _, _ in answer.columns]
    for position, (name, kind, expected) in enumerate(answer.columns):
        found = [row[position] for row in rows[1:]]
        if kind == "list":  # JSON, whose spaces are the engine's
            found = [None if cell is None else exact_json(cell) for cell in found]
            wanted = [None if v is None else exact_json(json.dumps(v)) for v in expected]
        else:
            wanted = [text(kind, value) for value in expected]
        assert (name, found) == (name, wanted)


def exact_json(cell: str) -> Any:
    """JSON with its numbers as text: lists hold 64-bit integers as texts in the grid only."""
    return json.loads(cell.replace('"-', '"'), parse_int=str, parse_float=str)


async def test_protected_csv_changes_texts_that_are_formulas_and_nothing_else(
    answer: Answer,
) -> None:
    bare = list(fields((await answer.file("csv", protect="false")).decode()))
    safe = list(fields((await answer.file("csv")).decode()))
    for before, after in zip(bare, safe, strict=True):
        for position, (old, new) in enumerate(zip(before, after, strict=True)):
            kind = answer.columns[position][1]
            runs = old is not None and old[:1] in tuple("=+-@\t\r\n") and old != ""
            numeric = kind in {"int32", "int64", "float64", "decimal"}
            assert new == (f"'{old}" if runs and not numeric else old)


async def test_json_lines_hold_every_value(answer: Answer) -> None:
    lines = [json.loads(line) for line in (await answer.file("jsonl")).splitlines()]
    names = list(lines[0])
    assert len(set(names)) == len(answer.columns)
    assert "n_2" in names
    for name, (_, kind, expected) in zip(names, answer.columns, strict=True):
        wanted = [jsonable(kind, value) for value in expected]
        assert (name, [repr(line[name]) for line in lines]) == (name, list(map(repr, wanted)))


PARQUET_TYPES = {
    "boolean": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "string": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "interval": "VARCHAR",
    "json": "JSON",
    "list": "JSON",
    "uuid": "UUID",
    "binary": "BLOB",
}


async def test_parquet_has_the_types_and_comes_back_as_the_same_grid(
    answer: Answer, tmp_path: Path
) -> None:
    path = tmp_path / "nasty.parquet"
    path.write_bytes(await answer.file("parquet"))
    with duckdb.connect() as reader:
        found = reader.sql(f"describe select * from read_parquet('{path}')").fetchall()
    for (name, kind, values), (_, stored, *_) in zip(answer.columns, found, strict=True):
        if kind == "decimal":
            wide = "NaN" in values or max(len(str(v)) for v in values) > 39
            assert (name, stored.startswith("DECIMAL")) == (name, not wide)
        else:
            assert (name, stored) == (name, PARQUET_TYPES[kind])
    files = [("files", ("nasty.parquet", path.read_bytes()))]
    made = await answer.http.post("/sources/upload", files=files)
    assert made.status_code == 201, made.text
    source = made.json()["id"]
    again = await run(answer.http, source, "select * from nasty order by n")
    page = (await answer.http.get(f"/results/{again['result_id']}/rows")).json()
    for (name, kind, expected), column in zip(answer.columns, page["data"], strict=True):
        assert (name, [back(kind, v) for v in column]) == (name, [same(kind, v) for v in expected])


def same(kind: str, value: Any) -> str:
    if kind == "binary" and value is not None:
        return repr({"bytes": len(value)})
    if kind == "list" and value is not None:
        return repr(exact_json(json.dumps(value)))
    return repr(value)


def back(kind: str, value: Any) -> str:
    return repr(exact_json(value)) if kind == "list" and value is not None else repr(value)


async def test_arrow_holds_every_value(answer: Answer) -> None:
    data = [to_columnar_json(batch) for batch in read_batches(await answer.file("arrow"))]
    page = (await answer.http.get(f"/results/{answer.result}/rows")).json()
    assert [[*chain(*parts)] for parts in zip(*data, strict=True)] == page["data"]


async def test_a_sheet_holds_every_value_as_what_it_is_or_as_exact_text(answer: Answer) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.file("xlsx")))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    utc = {"timestamptz": " (UTC)"}
    assert rows[0] == [name + utc.get(kind, "") for name, kind, _ in answer.columns]
    for position, (name, kind, expected) in enumerate(answer.columns):
        # An empty cell and an empty text look alike to most readers of sheets.
        found = [row[position] for row in rows[1:]]
        wanted = ["" if v is None else sheet_value(kind, v) for v in expected]
        if kind == "list":
            found = [exact_json(str(cell)) if cell else "" for cell in found]
        assert (name, found) == (name, wanted)


def sheet_value(kind: str, value: Any) -> Any:
    """What a spreadsheet reads: a number, a date, or a text where those cannot be exact."""
    if kind in {"int32", "int64", "decimal"}:
        digits = re.sub(r"\D", "", str(value)).lstrip("0")
        return float(value) if value != "NaN" and len(digits) <= 15 else value
    if kind == "list":
        return exact_json(json.dumps(value))
    if kind not in {"date", "time", "timestamp", "timestamptz"}:
        return text(kind, value) if kind == "binary" else value
    return sheet_moment(kind, value)


def sheet_moment(kind: str, value: str) -> Any:
    if kind == "time":
        fits = value != "24:00:00" and not re.search(r"\.\d{3}(?!000)", value)
        return time.fromisoformat(value) if fits else value
    if "infinity" in value or "BC" in value or value < "1900-03-01":
        return value
    if kind == "date":
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value.removesuffix("Z"))
    return value if moment.microsecond % 1000 else moment + timedelta(0)
