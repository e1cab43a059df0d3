"""A run in progress in this process."""

import asyncio
from typing import Literal

from datelier.runs.claim import Claim
from datelier.runs.events import RunLog

Reason = Literal["stop", "fenced", "drain"]


class Held:
    """A claim, its log, and the task that executes it."""

    __slots__ = ("claim", "ending", "log", "reason", "task")

    def __init__(self, claim: Claim, run_log: RunLog) -> None:
        self.claim = claim
        self.log = run_log
        self.reason: Reason | None = None
        self.ending = False
        self.task: asyncio.Task[None] | None = None

    def cancel(self, reason: Reason) -> None:
        """End the task early, but never while the end is being written.

        That statement asserts the claim itself; cut off after it has committed, nobody would be
        told that the run has ended.
        """
        if self.task is None or self.reason == "fenced" or self.ending:
            return
        if self.reason != reason:
            self.reason = reason
            self.task.cancel()
