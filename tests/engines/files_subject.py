"""A folder of files as a subject of the capability suite."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from datelier.worker.functions import Dialect

_ORDERS: Final = """
COPY (
  SELECT i AS id, ['north', 'south', 'east'][1 + i % 3] AS region,
    ['paid', 'open'][1 + i % 2] AS status, (i * 7.25)::DECIMAL(10, 2) AS total,
    TIMESTAMP '2026-01-01 08:00:00' + to_hours(29 * i) AS placed,
    CASE WHEN i % 5 > 0 THEN 'note ' || i END AS note
  FROM range(1, 41) r(i)
) TO '{folder}/orders.parquet'
"""
_VALUES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("true", "boolean", True),
    ("-2147483648", "int32", -2147483648),
    ("9007199254740993::BIGINT", "int64", "9007199254740993"),
    ("'NaN'::DOUBLE", "float64", "NaN"),
    ("1.50::DECIMAL(10, 2)", "decimal", "1.50"),
    ("1180591620717411303424::HUGEINT", "decimal", "1180591620717411303424"),
    ("'žluť🍎 שלום'", "string", "žluť🍎 שלום"),
    ("''", "string", ""),
    ("NULL::VARCHAR", "string", None),
    ("DATE '2026-02-03'", "date", "2026-02-03"),
    ("TIME '23:59:59.5'", "time", "23:59:59.500000"),
    ("TIMESTAMP '2026-01-02 03:04:05.000006'", "timestamp", "2026-01-02T03:04:05.000006"),
    ("'\\x00\\xff'::BLOB", "binary", {"bytes": 2}),
    ("[1, NULL, 3]", "list", [1, None, 3]),
)


class FilesSubject:
    """A folder with Parquet and CSV files; `admin` writes there with a DuckDB of its own."""

    engine = "files"
    dialect: Dialect = "duckdb"
    slow_sql = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range <> b.range"
    values: tuple[tuple[str, str, Any], ...] = _VALUES
    lacks: dict[Any, str] = {
        "process list": "DuckDB runs inside the worker: when its thread is back, nothing runs",
        "roles": "files are only ever read, whoever reads them",
        "sign in": "there is no server and no password",
        "sessions": "each action has a database of its own",
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source: dict[str, Any] = {"engine": "files", "folder": str(folder)}
        self.good = self.source
        self.weak: tuple[tuple[dict[str, Any], str], ...] = ()

    def admin(self, *statements: str) -> None:
        with duckdb.connect() as connection:
            for statement in statements:
                connection.execute(statement.replace("{folder}", str(self.folder)))

    def digest(self) -> dict[str, Any]:
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def running(self) -> int:
        return 0

    def series(self, rows: int) -> str:
        return f"SELECT i FROM range(1, {rows} + 1) AS r(i)"

    def text(self, length: int) -> str:
        return f"repeat('x', {length})"


@contextmanager
def files_subject(scratch: Path) -> Generator[FilesSubject]:
    folder = scratch / "folder"
    folder.mkdir()
    subject = FilesSubject(folder)
    subject.admin(_ORDERS, "COPY (SELECT range AS id FROM range(1, 4)) TO '{folder}/t.csv'")
    yield subject
