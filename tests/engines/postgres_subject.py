"""PostgreSQL as a subject of the capability suite."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from datelier.worker.functions import Dialect
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.postgres_source import DIGEST_SQL, SOURCE_SQL

_VALUES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("true", "boolean", True),
    ("-2147483648", "int32", -2147483648),
    ("9007199254740993::bigint", "int64", "9007199254740993"),
    ("'NaN'::float8", "float64", "NaN"),
    ("1.50::numeric", "decimal", "1.50"),
    ("(2::numeric ^ 70)", "decimal", "1180591620717411303424"),
    ("'žluť🍎 שלום'", "string", "žluť🍎 שלום"),
    ("''::text", "string", ""),
    ("NULL::text", "string", None),
    ("date '2026-02-03'", "date", "2026-02-03"),
    ("time '23:59:59.5'", "time", "23:59:59.500000"),
    ("timestamp '2026-01-02 03:04:05.000006'", "timestamp", "2026-01-02T03:04:05.000006"),
    ("'{\"a\": 1.00}'::json", "json", '{"a": 1.00}'),
    ("'\\x00ff'::bytea", "binary", {"bytes": 2}),
)


class PostgresSubject:
    """A scratch server; the role is `reader`."""

    engine = "postgresql"
    dialect: Dialect = "postgres"
    slow_sql = "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 1000) b"
    values: tuple[tuple[str, str, Any], ...] = _VALUES
    lacks: dict[Any, str] = {}

    def __init__(self, server: ScratchPostgres) -> None:
        self.server = server
        self.source: dict[str, Any] = server.source("reader")
        self.good: dict[str, Any] = server.source("good")
        self.weak: tuple[tuple[dict[str, Any], str], ...] = (
            (server.source("owner"), "superuser"),
            (server.source("reader"), "evil_secdef"),
        )

    def admin(self, *statements: str) -> None:
        self.server.run(*statements)

    def digest(self) -> dict[str, Any]:
        with self.server.connect() as connection:
            return {
                what: connection.execute(sql.encode()).fetchall()
                for what, sql in DIGEST_SQL.items()
            }

    def running(self) -> int:
        sql = (
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = 'reader'"
            " AND backend_type = 'client backend'"
        )
        with self.server.connect() as connection:
            row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return int(row[0])

    def series(self, rows: int) -> str:
        return f"SELECT i FROM generate_series(1, {rows}) AS g(i)"

    def text(self, length: int) -> str:
        return f"repeat('x', {length})"


@contextmanager
def postgres_subject(_: Path) -> Generator[PostgresSubject]:
    with running_postgres() as server:
        server.run(*SOURCE_SQL)
        yield PostgresSubject(server)
