"""MariaDB as a subject of the capability suite."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from datelier.worker.functions import Dialect
from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.support.mariadb_source import DIGEST_SQL, PASSWORD, SOURCE_SQL

_VALUES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("TRUE", "int32", 1),
    ("CAST(-2147483648 AS SIGNED)", "int64", "-2147483648"),
    ("9007199254740993", "int64", "9007199254740993"),
    ("CAST(18446744073709551615 AS UNSIGNED)", "decimal", "18446744073709551615"),
    ("0.1e0", "float64", 0.1),
    ("CAST(1.5 AS DECIMAL(10, 2))", "decimal", "1.50"),
    ("CAST('1180591620717411303424.00012' AS DECIMAL(40, 5))", "decimal", "1180591620717411303424.00012"),
    ("'žluť🍎 שלום'", "string", "žluť🍎 שלום"),
    ("''", "string", ""),
    ("NULL", "string", None),
    ("DATE '2026-02-03'", "date", "2026-02-03"),
    ("TIME '23:59:59.5'", "interval", "23:59:59.500000"),
    ("TIME '-838:59:59'", "interval", "-838:59:59"),
    ("TIMESTAMP '2026-01-02 03:04:05.000006'", "timestamp", "2026-01-02T03:04:05.000006"),
    ("(SELECT extra FROM orders WHERE id = 1)", "json", '{"channel": "web", "n": 1, "tags": ["a", 1]}'),
    ("x'00ff'", "binary", {"bytes": 2}),
)  # fmt: skip


class MariaSubject:
    """A scratch server; the role is `reader`."""

    engine = "mysql"
    dialect: Dialect = "mysql"
    slow_sql = (
        "SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b WHERE a.seq * b.seq % 7 = 3"
    )
    values: tuple[tuple[str, str, Any], ...] = _VALUES
    lacks: dict[Any, str] = {}

    def __init__(self, server: ScratchMariaDB) -> None:
        self.server = server
        self.source: dict[str, Any] = server.source("reader", PASSWORD)
        self.good = self.source
        self.weak: tuple[tuple[dict[str, Any], str], ...] = (
            (server.source("strong"), "every database"),
            (server.source("strong"), "GRANT OPTION"),
            (server.source("caller"), "EXECUTE"),
            (server.source("caller"), "may change app"),
            (server.source("caller"), "CREATE ROUTINE"),
            (server.source("member"), "may change app.orders"),
            (server.source("admin_reader"), "FILE"),
            (server.source("admin_reader"), "PROCESS"),
            (server.source("admin_reader"), "accounts of the server"),
        )

    def admin(self, *statements: str) -> None:
        self.server.run(*statements)

    def digest(self) -> dict[str, Any]:
        rows: dict[str, Any] = {what: self.server.rows(sql) for what, sql in DIGEST_SQL.items()}
        kept = {"aria_log", "ib_", "ibdata", "ibtmp", "undo", "s", "pid", "log", "ddl_recovery"}
        rows["files"] = sorted(
            str(path.relative_to(self.server.folder))
            for path in self.server.folder.rglob("*")
            if not any(path.name.startswith(one) for one in kept) and "#sql" not in path.name
        )
        return rows

    def running(self) -> int:
        sql = (
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST"
            " WHERE USER = 'reader' AND COMMAND <> 'Sleep'"
        )
        return int(self.server.rows(sql)[0][0])

    def series(self, rows: int) -> str:
        return f"SELECT seq AS i FROM seq_1_to_{rows}"

    def text(self, length: int) -> str:
        return f"REPEAT('x', {length})"


@contextmanager
def maria_subject(_: Path) -> Generator[MariaSubject]:
    with running_mariadb() as server:
        server.run(*SOURCE_SQL)
        yield MariaSubject(server)
