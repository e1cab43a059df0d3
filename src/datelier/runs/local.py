"""What the rest of a process may know of its runner without importing LangGraph."""

from typing import Protocol

from datelier.kit.context import Resources


class LocalRunner(Protocol):
    """A runner in this process."""

    @property
    def free(self) -> int:
        """How many more runs it could execute now."""
        ...


class LocalRunners:
    """The runner of this process, if it has one."""

    def __init__(self) -> None:
        self.runner: LocalRunner | None = None


def has_free_slot(resources: Resources) -> bool:
    """Whether a run that is started now may well be executed in this process."""
    runner = resources.get(LocalRunners).runner
    return runner is not None and runner.free > 0
