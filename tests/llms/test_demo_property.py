"""Schemas and questions that nobody wrote: every statement parses and runs, in both dialects."""

import random
from collections.abc import Generator
from typing import Any

import duckdb
import psycopg
import pytest
import sqlglot
from psycopg import sql as pg
from sqlglot import exp
from typing_extensions import override

from tests.llms.demo_desk import Desk
from tests.support.cluster import Cluster

_NOUNS = ("shipment", "ticket", "harvest", "journey", "reading", "booking", "Loan", "visit")
_DIMENSIONS = ("carrier", "team", "Region Name", "line", "status", "order", "group", 'kind of "x"')
_MEASURES = ("weight", "minutes", "Total Amount", "distance", "amount", "score", "select", "größe")
_TIMES = ("recorded_on", "createdAt", "date", "happened at")
_PATTERNS = (
    "Total {measure} by {dimension}",
    "average {measure} per {dimension} as a chart",
    "How many {table}s are there?",
    "{measure} by month",
    "number of {table}s by week",
    "Top 5 {dimension} by {measure}",
    "{measure} by quarter and {dimension}",
    "Which columns have missing values?",
    "duplicates in {table}s",
    "why did march drop in {table}s",
    "compare {measure} in 2025 and 2026",
    "distinct {dimension}",
    "show me 3 {table}s",
    "{measure} where {dimension} is o'brien",
    "max {measure} in {table}s",
    "share of {measure} by {dimension} in percent",
)


class World:
    """A generated table with rows, in DuckDB and in PostgreSQL."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.table = rng.choice(_NOUNS)
        self.dimension = rng.choice(_DIMENSIONS)
        self.measure = rng.choice(_MEASURES)
        self.time = rng.choice(_TIMES)
        self.name = f"{self.table}s"
        measure_type = rng.choice(["integer", "double precision", "numeric(12,2)", "bigint"])
        self.columns = [
            (f"{self.table}_id", "integer"),
            (self.dimension, "text"),
            (self.measure, measure_type),
            (self.time, rng.choice(["date", "timestamp"])),
            ("flag", "boolean"),
        ]
        rng.shuffle(self.columns)
        quoted = ", ".join(f"{_quoted(name)} {kind}" for name, kind in self.columns)
        self.create = f"create table {_quoted(self.name)} ({quoted})"
        self.rows = [
            [self._cell(rng, name, kind) for name, kind in self.columns] for _ in range(40)
        ]

    def _cell(self, rng: random.Random, name: str, kind: str) -> object:
        if rng.random() < 0.1:
            return None
        if kind == "text":
            return rng.choice(["north", "O'Brien", "", "Ünï", "x" * 50])
        if kind in {"date", "timestamp"}:
            return f"{rng.choice([2025, 2026])}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        return rng.random() < 0.5 if kind == "boolean" else rng.randint(-50, 1000)

    def question(self, pattern: str) -> str:
        return pattern.format(
            table=self.table.lower(), dimension=self.dimension.lower(), measure=self.measure.lower()
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class NamedDesk(Desk):
    """A desk whose catalog names the table as SQL, as the product does."""

    @override
    def catalog(self) -> list[dict[str, Any]]:
        rows = self.connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "order by ordinal_position"
        ).fetchall()
        columns = [{"name": _quoted(column), "type": kind} for _, column, kind in rows]
        return [{"name": _quoted(rows[0][0]), "rows": 40, "columns": columns}]


@pytest.fixture(scope="session")
def postgres(cluster: Cluster) -> Generator[psycopg.Connection]:
    with psycopg.connect(cluster.create("demo_model"), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("seed", range(24))
async def test_every_statement_parses_and_runs_in_both_dialects(
    seed: int, postgres: psycopg.Connection
) -> None:
    world = World(seed)
    answered = 0
    with duckdb.connect() as connection, postgres.cursor() as cursor:
        connection.execute(world.create)
        cursor.execute(pg.SQL(world.create))  # pyright: ignore[reportArgumentType]  # generated here
        marks = ", ".join("?" * len(world.columns))
        connection.executemany(f"insert into {_quoted(world.name)} values ({marks})", world.rows)
        for pattern in _PATTERNS:
            question = world.question(pattern)
            desk = NamedDesk(connection)
            answer = await desk.ask(question)
            assert answer, question
            answered += bool(desk.queries)
            for statement in desk.queries:
                for dialect in ("duckdb", "postgres"):
                    (tree,) = sqlglot.parse(statement, dialect=dialect)
                    assert isinstance(tree, exp.Query), statement
                cursor.execute(statement.encode())
                cursor.fetchall()
        cursor.execute(pg.SQL("drop table {}").format(pg.Identifier(world.name)))
    # Names that are SQL words or two words long may be beyond it, but not most of them.
    assert answered >= len(_PATTERNS) // 2, answered
