"""The shop in every engine, asked directly: what a statement answers without the product."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import psycopg

from datelier.worker.functions import Dialect
from tests.support.postgres import running_postgres
from tests.walls import shop

Rows = list[str] | str
"""Rows as sorted texts, or why there are none."""
Ask = Callable[[str], Rows]


def _sorted(rows: list[tuple[Any, ...]]) -> list[str]:
    return sorted(map(repr, rows))


@contextmanager
def _postgres() -> Generator[Ask]:
    with running_postgres() as server:
        server.run(*shop.POSTGRES.values(), "ANALYZE")
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET statement_timeout = '20s'")
            # The clock stands still within a transaction, and nothing is ever written.
            connection.execute("SET default_transaction_read_only = on")

            def ask(sql: str) -> Rows:
                try:
                    return _sorted(connection.execute(sql.encode(), prepare=True).fetchall())
                except psycopg.Error as error:
                    return str(error)

            yield ask


@contextmanager
def _duckdb() -> Generator[Ask]:
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, query in shop.DUCKDB.items():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        connection.execute("SET enable_external_access = false")

        def ask(sql: str) -> Rows:
            try:
                return _sorted(connection.sql(sql).fetchall())
            except duckdb.Error as error:
                return str(error)

        yield ask


DATABASES: Final[dict[Dialect, Callable[[], Any]]] = {"postgres": _postgres, "duckdb": _duckdb}
"""By dialect: opens a database with the shop. An engine that lands adds its line here."""
