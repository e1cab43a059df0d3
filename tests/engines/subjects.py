"""What the capability suite runs on: one subject per engine, each with a server of its own.

A subject owns its data; the suite sees it through the engine, and through the eyes of the
database itself (`admin`, `digest`, `running`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from datelier.worker.functions import Dialect
from tests.engines.clickhouse_subject import clickhouse_subject
from tests.engines.files_subject import files_subject
from tests.engines.maria_subject import maria_subject
from tests.engines.postgres_subject import postgres_subject
from tests.engines.sqlite_subject import sqlite_subject

Value = tuple[str, str, Any]
Lacking = Literal["process list", "roles", "sign in", "sessions"]


class Subject(Protocol):
    """One engine with data: `orders` (40 rows, a null note in every fifth), `t` (1, 2, 3)."""

    engine: str
    dialect: Dialect
    source: dict[str, Any]
    """The settings of the read-only role, as a worker gets them."""
    slow_sql: str
    """A query that runs for more than a minute unless it is stopped."""
    values: tuple[Value, ...]
    """SQL expression, column type, value as the browser gets it."""
    good: dict[str, Any]
    """A source whose role can only read."""
    weak: tuple[tuple[dict[str, Any], str], ...]
    """Sources whose role can do more, and a word of the reason."""
    lacks: dict[Lacking, str]
    """What this engine has no such thing as, and why."""

    def admin(self, *statements: str) -> None:
        """Run statements as the owner of the data."""
        ...

    def digest(self) -> dict[str, Any]:
        """The state of the database: equal before and after whatever changed nothing."""
        ...

    def running(self) -> int:
        """Statements of our role that the server itself lists as running."""
        ...

    def series(self, rows: int) -> str:
        """A query of one integer column `i` from 1 to `rows`."""
        ...

    def text(self, length: int) -> str:
        """An expression: a text of that many characters."""
        ...


SUBJECTS: Final[dict[str, Callable[[Path], AbstractContextManager[Subject]]]] = {
    "postgresql": postgres_subject,
    "mysql": maria_subject,
    "files": files_subject,
    "sqlite": sqlite_subject,
    "clickhouse": clickhouse_subject,
}
"""By engine. Each skips, saying what is missing, where its server is not installed."""
