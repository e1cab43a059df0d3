"""What became of one attack."""

from dataclasses import dataclass, field

from datelier.worker.errors import WorkerError


@dataclass(slots=True)
class Tried:
    """One attempt: refused with an error, or shown rows, or still running when it was stopped.

    Attributes:
        session: What of the session that the next action would get is not as new.
    """

    error: WorkerError | None = None
    shown: str = ""
    ran_on: bool = False
    session: list[str] = field(default_factory=list[str])
