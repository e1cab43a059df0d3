"""The shop in every engine, asked directly: what a statement answers without the product."""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, Final

import duckdb
import psycopg
import pymysql

from datelier.worker.functions import Dialect
from tests.support.mariadb import running_mariadb
from tests.support.postgres import running_postgres
from tests.walls import shop

Rows = list[str] | str
"""Rows as sorted texts, or why there are none."""
Ask = Callable[[str], Rows]


def _sorted(rows: list[tuple[Any, ...]]) -> list[str]:
    return sorted(map(repr, rows))


Tables = Sequence[str]
"""Statements that make tables."""
_SHOP: Final[dict[Dialect, Tables]] = {
    "postgres": tuple(shop.POSTGRES.values()),
    "duckdb": tuple(f"CREATE TABLE {name} AS {query}" for name, query in shop.DUCKDB.items()),
    "mysql": tuple(shop.MYSQL.values()),
    "sqlite": tuple(shop.SQLITE.values()),
}


@contextmanager
def _postgres(tables: Tables = _SHOP["postgres"]) -> Generator[Ask]:
    with running_postgres() as server:
        server.run(*tables, "ANALYZE")
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
def _duckdb(tables: Tables = _SHOP["duckdb"]) -> Generator[Ask]:
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in tables:
            connection.execute(statement)
        connection.execute("SET enable_external_access = false")

        def ask(sql: str) -> Rows:
            try:
                return _sorted(connection.sql(sql).fetchall())
            except duckdb.Error as error:
                return str(error)

        yield ask


_MYSQL_SESSION: Final = (
    # As the engine sets it: see `worker/engines/mysql.py`.
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',"
    " SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1048576,"
    " SESSION max_statement_time = 20"
)


@contextmanager
def _mysql(tables: Tables = _SHOP["mysql"]) -> Generator[Ask]:
    with running_mariadb() as server:
        server.run(*tables)
        connection = pymysql.connect(
            unix_socket=str(server.folder / "s"), user="root", database=server.database,
            charset="utf8mb4", autocommit=True, read_timeout=30,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            cursor.execute(_MYSQL_SESSION)
            cursor.execute("SET SESSION TRANSACTION READ ONLY")

            def ask(sql: str) -> Rows:
                try:
                    cursor.execute(sql)
                    return _sorted(list(cursor.fetchall()))
                except pymysql.Error as error:
                    return str(error)

            yield ask


@contextmanager
def _sqlite(tables: Tables = _SHOP["sqlite"]) -> Generator[Ask]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statements in tables:
            connection.executescript(statements)
        connection.execute("PRAGMA query_only = ON")

        def ask(sql: str) -> Rows:
            try:
                return _sorted(connection.execute(sql).fetchall())
            except (sqlite3.Error, sqlite3.Warning) as error:
                return str(error)

        yield ask


DATABASES: Final[dict[Dialect, Callable[..., AbstractContextManager[Ask]]]] = {
    "postgres": _postgres,
    "duckdb": _duckdb,
    "mysql": _mysql,
    "sqlite": _sqlite,
}
"""By dialect: opens a database with the shop, or with the tables that are asked for."""
