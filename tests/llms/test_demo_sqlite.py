"""The demo model asks SQLite in SQLite's words, and finds what it finds elsewhere."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from typing_extensions import override

from datelier.llms.demo.dialects import translated
from datelier.worker.guard import check
from tests.llms.demo_desk import Desk, retail

QUESTIONS = [
    "Revenue by month as a chart",
    "Revenue by quarter",
    "Number of orders by week",
    "Revenue by year",
    "Which columns have missing values?",
    "Top 10 customers and their share",
    "Why did March drop?",
    "Compare March 2026 and April 2026",
    "Revenue in March 2026",
    "Revenue by region",
    "How many orders are there?",
    "Are there duplicate rows in orders?",
]


@dataclass
class _Answer:
    description: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


class _Guarded:
    """SQLite behind the guard, as a worker has it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str) -> _Answer:
        done = self._connection.execute(check(sql, "sqlite"))
        rows = done.fetchall()
        kinds = [
            "VARCHAR" if any(isinstance(row[i], str) for row in rows) else "DOUBLE"
            for i in range(len(done.description))
        ]
        names = [str(column[0]) for column in done.description]
        return _Answer(list(zip(names, kinds, strict=True)), rows)


class SqliteDesk(Desk):
    @override
    def catalog(self) -> list[dict[str, Any]]:
        with retail() as shop:
            return Desk(shop).catalog()


def _stored(cell: object) -> object:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell


@pytest.fixture
def copied() -> Generator[sqlite3.Connection]:
    """The shop in SQLite."""
    with retail() as shop, closing(sqlite3.connect(":memory:")) as connection:
        for (name,) in shop.execute("select table_name from duckdb_tables()").fetchall():
            found = shop.execute(f"select * from {name}")
            columns = ", ".join(f'"{c[0]}"' for c in found.description or ())
            rows = [tuple(map(_stored, row)) for row in found.fetchall()]
            rows = [tuple(str(c) if hasattr(c, "isoformat") else c for c in row) for row in rows]
            marks = ", ".join("?" * len(rows[0]))
            connection.execute(f"create table {name} ({columns})")
            connection.executemany(f"insert into {name} values ({marks})", rows)
        yield connection


def _plain(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    def cell(value: object) -> str:
        if isinstance(value, int | float | Decimal):
            return f"{float(value):.1f}"
        return str(value)[:10]

    return [[cell(value) for value in row] for row in rows]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_sqlite_gives_the_answer_that_duckdb_gives(
    copied: sqlite3.Connection, question: str
) -> None:
    with retail() as shop:
        there = Desk(shop)
        expected = await there.ask(question)
    here = SqliteDesk(cast("Any", _Guarded(copied)), dialect="sqlite")
    answer = await here.ask(question)
    assert there.results
    assert [_plain(rows) for rows in here.results] == [_plain(rows) for rows in there.results]
    assert "failed" not in answer
    assert ("{{card Q1}}" in answer) == ("{{card Q1}}" in expected)
    assert here.charts == there.charts


def test_words_in_values_are_left_alone() -> None:
    sql = "SELECT 'date ''2026-01-01'' extract(year from x)'"
    assert translated(sql, "sqlite") == sql
    assert translated('EXTRACT(YEAR FROM t."a""b") = 2026', "postgres").startswith("EXTRACT")
