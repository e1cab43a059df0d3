"""What an engine needs for writes; sessions of their own, opened for one action and closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

Ending = Literal["committed", "aborted", "in_progress", "unknown"]
ROWS_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """How much one write may do: rows it affects, seconds it takes."""

    rows: int = 10_000
    timeout_s: float = 30.0


class Writer(Protocol):
    """One session with the right to change data. Methods raise WorkerError and nothing else."""

    dialect: Dialect

    async def scope(self) -> Scope:
        """The names a statement may use."""
        ...

    async def admit(self, target: str) -> None:
        """Take the bare name of what is to be changed; refuse what could not be undone.

        It comes before `estimate` and `execute`.
        """
        ...

    async def estimate(self, sql: str) -> int | None:
        """How many rows the database expects the statement to affect, if it can tell.

        The statement is prepared and not executed.
        """
        ...

    async def execute(self, sql: str, limits: WriteLimits) -> int:
        """Execute the statement in a transaction that stays open; how many rows it affected."""
        ...

    async def undo(self) -> None:
        """Roll the open transaction back."""
        ...

    async def mark(self) -> str | None:
        """By what the open transaction can be found again, if by anything."""
        ...

    async def commit(self) -> None:
        """Commit the open transaction.

        Code not_written: the database said that it did not. Any other failure says nothing.
        """
        ...

    async def ending(self, mark: str) -> Ending:
        """How the transaction of a mark ended; an engine without marks is given an empty one.

        Without a mark the answer is unknown, and in_progress as long as the transaction may still
        be open.
        """
        ...

    async def close(self) -> None:
        """End the session; what is not committed is undone."""
        ...


def is_writing(source: Mapping[str, Any]) -> bool:
    """Whether a source's settings are those of its write-enabled connection."""
    return "access" in source
