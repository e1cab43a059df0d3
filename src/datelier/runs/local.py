"""What the rest of a process may know of its runner without importing LangGraph."""

from typing import Protocol

from datelier.kit.context import Resources
from datelier.runs.claim import Claim


class LocalRunner(Protocol):
    """A runner in this process."""

    @property
    def free(self) -> int:
        """How many more runs it could execute now."""
        ...

    @property
    def owner(self) -> str:
        """Name under which it holds runs."""
        ...

    @property
    def lease(self) -> float:
        """Seconds that a claim lasts without renewal."""
        ...

    @property
    def cap(self) -> int:
        """Most runs of an organization that has no number of its own."""
        ...

    def adopt(self, claim: Claim) -> None:
        """Execute a run that was claimed while it was stored."""
        ...


class LocalRunners:
    """The runner of this process, if it has one."""

    def __init__(self) -> None:
        self.runner: LocalRunner | None = None


def free_runner(resources: Resources) -> LocalRunner | None:
    """Return this process's runner when it could execute a run that is started now."""
    runner = resources.get(LocalRunners).runner
    return runner if runner is not None and runner.free > 0 else None
