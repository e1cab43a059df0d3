"""What every engine can do, and the small values they exchange with the actions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from datelier.wire.types import Batch, ColumnType
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

SAMPLE_ROWS: Final = 3
SAMPLE_CELL: Final = 60
STEPS: Final = ("resolve", "connect", "tls", "sign_in", "list_schemas", "read_only")
StepName = Literal["resolve", "connect", "tls", "sign_in", "list_schemas", "read_only"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one action may produce. Bytes are of Arrow buffers, seconds of wall clock."""

    rows: int = 10_000
    max_bytes: int = 64 * 1024 * 1024
    max_cell_bytes: int = 1024 * 1024
    batch_rows: int = 5000
    timeout_s: float = 60.0


@dataclass(slots=True)
class Outcome:
    """What became known while a result was streamed."""

    columns: list[tuple[str, ColumnType]] = field(default_factory=list[tuple[str, ColumnType]])
    rows: int = 0
    truncated: bool = False
    database_user: str | None = None
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as the catalog shows it; `type` is the engine's own spelling."""

    name: str
    type: str
    nullable: bool = True
    primary_key: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table, view or file; `rows` is None when nobody knows, never 0 for unknown."""

    schema: str
    name: str
    kind: Literal["table", "view", "file"]
    columns: tuple[ColumnInfo, ...]
    rows: int | None = None
    rows_estimated: bool = False
    comment: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a connection test: ok is None when the step was not reached or not applicable."""

    name: StepName
    ok: bool | None
    elapsed_ms: int = 0
    detail: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A connection test; `weak_role` says why the role can do more than read, with the cure."""

    steps: tuple[Step, ...]
    weak_role: dict[str, object] | None = None

    @property
    def ok(self) -> bool:
        """Every step that was applicable went well."""
        return all(step.ok is not False for step in self.steps)


class Engine(Protocol):
    """One source for one action. Every method raises WorkerError and nothing else on failure."""

    dialect: Dialect

    async def open(self) -> None:
        """Connect; a second call does nothing."""
        ...

    async def scope(self) -> Scope:
        """The names a statement may use."""
        ...

    def stream(self, sql: str, limits: Limits, outcome: Outcome) -> AsyncIterator[Batch]:
        """Run one guarded query; at least one batch comes, without rows if there are none."""
        ...

    async def cancel(self) -> None:
        """Stop what runs, in the database too; safe at any time and from any task."""
        ...

    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        """Tables and columns of the source, or of one table."""
        ...

    async def probe(self) -> Probe:
        """Test the connection step by step; failures are in the steps, not raised."""
        ...

    async def close(self) -> None:
        """Give everything back; safe to call twice."""
        ...
