"""A SQLite file as a subject of the capability suite."""

import hashlib
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from datelier.worker.functions import Dialect

_ORDERS: Final = """
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, region TEXT NOT NULL, status TEXT, total REAL, placed DATETIME, note TEXT
);
INSERT INTO orders
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
SELECT i, CASE i % 3 WHEN 0 THEN 'north' WHEN 1 THEN 'south' ELSE 'east' END,
  iif(i % 2, 'open', 'paid'), i * 7.25,
  datetime('2026-01-01 08:00:00', '+' || (29 * i) || ' hours'), iif(i % 5 > 0, 'note ' || i, NULL)
FROM n;
CREATE TABLE t (id INTEGER);
INSERT INTO t VALUES (1), (2), (3);
"""
_VALUES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("-9223372036854775807 - 1", "int64", "-9223372036854775808"),
    ("9007199254740993", "int64", "9007199254740993"),
    ("0.1", "float64", 0.1),
    ("9e999", "float64", "Infinity"),
    ("-9e999", "float64", "-Infinity"),
    ("'žluť🍎 שלום'", "string", "žluť🍎 שלום"),
    ("''", "string", ""),
    ("NULL", "string", None),
    ("'2026-02-03'", "string", "2026-02-03"),
    ("x'00ff'", "binary", {"bytes": 2}),
    ("1 = 1", "int64", "1"),
)


class SqliteSubject:
    """One file; `admin` writes it with a connection of its own."""

    engine = "sqlite"
    dialect: Dialect = "sqlite"
    slow_sql = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT count(*) AS many FROM n"
    )
    values: tuple[tuple[str, str, Any], ...] = _VALUES
    lacks: dict[Any, str] = {
        "process list": "SQLite runs inside the worker: when its thread is back, nothing runs",
        "roles": "whoever may read the file may read all of it; the worker never writes it",
        "sign in": "there is no server and no password",
        "sessions": "each action opens the file anew",
    }

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source: dict[str, Any] = {"engine": "sqlite", "path": str(path)}

    def admin(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            for statement in statements:
                connection.executescript(statement)

    def digest(self) -> dict[str, Any]:
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.path.parent.iterdir())
        }

    def running(self) -> int:
        return 0

    def series(self, rows: int) -> str:
        return (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {rows}) SELECT i FROM n"
        )

    def text(self, length: int) -> str:
        return f"printf('%.{length}c', 'x')"


@contextmanager
def sqlite_subject(scratch: Path) -> Generator[SqliteSubject]:
    folder = scratch / "folder"
    folder.mkdir()
    subject = SqliteSubject(folder / "shop.db")
    subject.admin(_ORDERS)
    yield subject
