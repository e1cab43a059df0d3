"""ClickHouse as a subject of the capability suite."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from datelier.worker.functions import Dialect
from tests.support.clickhouse import ScratchClickHouse, running_clickhouse

_SOURCE: Final = (
    "CREATE DATABASE shop",
    (
        "CREATE TABLE shop.orders (id Int32, region LowCardinality(String), status Nullable(String),"
        " total Decimal(10, 2), placed DateTime, note Nullable(String))"
        " ENGINE = MergeTree ORDER BY id"
    ),
    (
        "INSERT INTO shop.orders SELECT number + 1, multiIf((number + 1) % 3 = 0, 'north',"
        " (number + 1) % 3 = 1, 'south', 'east'), if((number + 1) % 2 = 1, 'open', 'paid'),"
        " (number + 1) * 7.25, toDateTime('2026-01-01 08:00:00') + (number + 1) * 29 * 3600,"
        " if((number + 1) % 5 = 0, NULL, concat('note ', toString(number + 1))) FROM numbers(40)"
    ),
    "CREATE TABLE shop.t (id Int32) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO shop.t VALUES (1), (2), (3)",
)
_VALUES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("true", "boolean", True),
    ("toInt32(-2147483648)", "int32", -2147483648),
    ("toUInt32(4294967295)", "int64", "4294967295"),
    ("toInt64('-9223372036854775808')", "int64", "-9223372036854775808"),
    ("toInt64(9007199254740993)", "int64", "9007199254740993"),
    ("toUInt64('18446744073709551615')", "decimal", "18446744073709551615"),
    ("toInt256('1180591620717411303424')", "decimal", "1180591620717411303424"),
    ("toFloat64(0.1)", "float64", 0.1),
    ("nan", "float64", "NaN"),
    ("-inf", "float64", "-Infinity"),
    ("toDecimal128('1.50', 2)", "decimal", "1.50"),
    ("'žluť🍎 שלום'", "string", "žluť🍎 שלום"),
    ("''", "string", ""),
    ("NULL", "string", None),
    ("toDate('2026-02-03')", "date", "2026-02-03"),
    ("toDate32('1925-02-03')", "date", "1925-02-03"),
    ("toDateTime('2026-01-02 03:04:05')", "timestamp", "2026-01-02T03:04:05"),
    ("toDateTime64('2026-01-02 03:04:05.000006', 6)", "timestamp", "2026-01-02T03:04:05.000006"),
    ("toDateTime('2026-01-02 03:04:05', 'Asia/Tokyo')", "timestamptz", "2026-01-01T18:04:05Z"),
    ("toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "uuid", "61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
    ("[1, 2]", "list", [1, 2]),
    ("map('a', 1)", "json", '{"a":1}'),
)  # fmt: skip
_DIGEST: Final = {
    "tables": "SELECT database, name, engine, total_rows FROM system.tables"
    " WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') ORDER BY 1, 2",
    "orders": "SELECT count(), sum(cityHash64(*)) FROM shop.orders",
    "t": "SELECT count(), sum(cityHash64(*)) FROM shop.t",
    "functions": "SELECT count() FROM system.functions",
    "databases": "SELECT name FROM system.databases ORDER BY name",
}


class ClickHouseSubject:
    """A scratch server; the role is `reader`."""

    engine = "clickhouse"
    dialect: Dialect = "clickhouse"
    slow_sql = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"
    values: tuple[tuple[str, str, Any], ...] = _VALUES
    lacks: dict[Any, str] = {
        "sessions": "each statement is a request of its own; nothing is kept between them",
    }

    def __init__(self, server: ScratchClickHouse) -> None:
        self.server = server
        self.source: dict[str, Any] = server.source()
        self.good = self.source
        self.weak: tuple[tuple[dict[str, Any], str], ...] = (
            (server.source("writer"), "may change shop.*"),
            (server.source("reaching"), "URL"),
            (server.source("strong"), "not read-only"),
        )

    def admin(self, *statements: str) -> None:
        self.server.run(*statements)

    def digest(self) -> dict[str, Any]:
        return {what: self.server.rows(sql) for what, sql in _DIGEST.items()}

    def running(self) -> int:
        # The front's own SETs before a statement carry its name too, and are no statement to stop.
        sql = (
            "SELECT count() FROM system.processes"
            " WHERE Settings['log_comment'] <> '' AND NOT startsWith(query, 'SET ')"
        )
        return int(self.server.rows(sql)[0][0])

    def series(self, rows: int) -> str:
        return f"SELECT toInt32(number + 1) AS i FROM numbers({rows})"

    def text(self, length: int) -> str:
        return f"repeat('x', {length})"


@contextmanager
def clickhouse_subject(_: Path) -> Generator[ClickHouseSubject]:
    with running_clickhouse() as server:
        server.run(*_SOURCE)
        yield ClickHouseSubject(server)
